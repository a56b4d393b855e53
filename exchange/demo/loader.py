"""Loads the story into an exchange through its services, once; a second run changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from exchange.adapters.clock import SteppingClock
from exchange.adapters.entropy import SeededEntropy
from exchange.bootstrap import Exchange
from exchange.demo.cast import RELATIONS, Cast, assemble, make_clients
from exchange.demo.planning import plan
from exchange.demo.publishing import confirm_suppliers, publish_all
from exchange.demo.result import DemoResult, read_result, write_result
from exchange.demo.sharing import exchange_requests, grant_to_facilitator
from exchange.demo.story.model import YEARS
from exchange.demo.story.organisations import FACILITATOR, OPERATOR
from exchange.demo.story.requests import CHAINS, Chain
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.domain.periods import year as year_period
from exchange.services import jobs
from exchange.services.chains import NewChain, Target, create_chain
from exchange.services.organisations import find_organisations
from workers.run_job import run_job

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SEED = "value-chain exchange demonstration"
DEBOUNCE_SECONDS = 3600.0  # all datasets first, then one roll-up for each year


def load(exchange: Exchange) -> DemoResult:
    """Load the demo and write `demo.json` into the data folder; `exchange` is a worker's, on a migrated database.

    Ids, keys, salts and passwords come from a fixed clock and seed; custody keys alone are the key store's own.
    Raises ConflictError (`demo.partial`) where an earlier load was broken off, UnavailableError
    (`custody.closed`) for an exchange that holds no custody keys.
    """
    if exchange.custody is None:
        raise UnavailableError("This process holds no custody keys.", code="custody.closed")
    if _is_loaded(exchange):
        return _found_again(exchange)
    clock = SteppingClock(START)
    staged = replace(
        exchange,
        clock=clock,
        entropy=SeededEntropy(SEED),
        settings=exchange.settings.model_copy(update={"rollup_debounce_seconds": DEBOUNCE_SECONDS}),
    )
    cast = assemble(staged.context(request_id="demo"))
    clients = make_clients(cast)
    sent = publish_all(cast)
    _work_off(staged)
    confirm_suppliers(cast)
    grant_to_facilitator(cast, sent)
    exchange_requests(cast)
    plan(cast)
    chain_ids = [_create(cast, chain) for chain in CHAINS]
    clock.move(timedelta(seconds=DEBOUNCE_SECONDS))
    _work_off(staged)
    result = DemoResult(exchange.settings.public_url, cast.logins(), clients, chain_ids[0], created=True)
    write_result(exchange.settings.data_dir, result)
    return result


def _create(cast: Cast, chain: Chain) -> str:
    product = cast.registry.products[chain.target]
    targets = tuple(Target(product, year_period(year), chain.amounts[year]) for year in YEARS)
    return create_chain(cast.members[FACILITATOR].ctx, NewChain(chain.name, targets)).id


def _work_off(exchange: Exchange) -> None:
    """Do every job that is due, as the worker would. Raises ConflictError (`demo.job`) when one is refused."""
    while waiting := jobs.due(exchange.context()):
        for job_id in waiting:
            state = run_job(exchange, job_id)
            if state != "done":
                raise ConflictError(
                    f"A job of the demo ended as {state}.",
                    code="demo.job",
                    advice="Start over with an empty data folder.",
                )


def _is_loaded(exchange: Exchange) -> bool:
    reader = Actor("", frozenset({Role.VIEWER}))
    with_number = find_organisations(exchange.context(reader), OPERATOR.cvr)
    return any(one.name == OPERATOR.name for one in with_number.items)


def _found_again(exchange: Exchange) -> DemoResult:
    """The demo that is there; its file follows the exchange to another address."""
    result = read_result(exchange.settings.data_dir)
    if result is None or set(result.clients) != set(RELATIONS):
        raise ConflictError(
            "The demo was loaded in part, or its demo.json is gone.",
            code="demo.partial",
            advice="Start over with an empty data folder.",
        )
    if result.url != exchange.settings.public_url:
        result = replace(result, url=exchange.settings.public_url)
        write_result(exchange.settings.data_dir, result)
    return result
