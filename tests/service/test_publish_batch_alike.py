"""A batch is what its tokens are one by one: the same rows, refusals and follow-up work."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from exchange.adapters.clock import SteppingClock
from exchange.domain.errors import ExchangeError
from exchange.services import keys, publish, publish_batch
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.key_proofs import make_proof
from exchange.services.products import NewProduct, Product, register_product
from exchange.services.revocation.status_entries import reserve
from exchange.store.tables.datasets import DatasetRow, DisclosureRow, FigureRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.requests import AuditRow
from exchange.store.tables.rollup import NetworkRow
from exchange.trust import did_key, did_key_kid
from exchange.trust.keys import new_private_key, public_jwk
from tests.conftest import START, database_copy, settings_over, web_process
from tests.datasets import OwnKey, full_subject, open_year, own_key, product_subject, rows, token_of
from tests.factories import Party, party

YEARS = (2023, 2024, 2025)


@dataclass
class World:
    """A firm with its products and reserved status entries, the same in two exchanges."""

    firm: Party
    key: OwnKey
    products: list[Product]
    foreign: Product
    statuses: list[Any]


def world(ctx: Context, key: OwnKey | None) -> World:
    """The same calls on the same clock and entropy: the same ids."""
    firm = party(ctx, "Nordvind Metal")
    if key is None:
        key = own_key(firm)
    else:
        _register(firm, key)
    products = [_product(firm, number) for number in range(2)]
    for year in YEARS[1:]:
        open_year(firm, year)
    return World(firm, key, products, _product(party(ctx), 2), [reserve(firm.ctx) for _ in range(2)])


def _product(owner: Party, number: int) -> Product:
    return register_product(owner.ctx, NewProduct(f"B-{number}", f"Part {number}", "KGM", "steel-part"))


def _register(firm: Party, key: OwnKey) -> None:
    """As `own_key`, with a key that is there."""
    audience = firm.ctx.settings.public_url
    proof = make_proof(key.private, audience=audience, organisation_id=firm.id, now=firm.ctx.now())
    keys.register_key(firm.ctx, public_jwk(key.private.public_key()), proof, None)


def _same_subject(one: World, what: str, number: int, year: int) -> dict[str, Any]:
    firm, about = one.firm, one.foreign if what == "foreign" else one.products[number]
    subject = (full_subject if what == "full" else product_subject)(firm, about, year=year)
    if what == "sum":
        subject["quality"]["co2e"] = {**subject["quality"]["co2e"], "unknown": "0.1"}
    if what == "schema":
        del subject["identity"]["boundary"]
    return subject


def _stranger() -> OwnKey:
    private = new_private_key()
    return OwnKey(private, did_key_kid(private.public_key()), did_key(private.public_key()))


def _hidden(token: str) -> str:
    return "~".join(token.split("~")[:-2]) + "~"


def _tampered(token: str) -> str:
    jwt, *rest = token.split("~")
    return "~".join([f"{jwt[:-2]}{'A' if jwt[-2] != 'A' else 'B'}{jwt[-1]}", *rest])


SPOILED: dict[str, Callable[[str], str]] = {"hidden": _hidden, "tampered": _tampered}
WHAT = (
    "new", "new", "full", "again", "used_id", "status", "status", "tampered", "stranger", "sum", "foreign", "schema",
    "junk", "hidden",
)  # fmt: skip
MOVE = st.tuples(st.sampled_from(WHAT), st.integers(0, 1), st.sampled_from(YEARS))


def token_for(one: World, move: tuple[str, int, int], before: list[bytes]) -> bytes:
    """The token of a move; "again" is the last one before."""
    what, number, year = move
    if what == "again" and before:
        return before[-1]
    if what == "junk":
        return b"nothing~"
    members: dict[str, dict[str, Any]] = {
        "status": {"credentialStatus": one.statuses[number]},
        "used_id": {"id": f"urn:uuid:{uuid.UUID(int=number)}"},
    }
    key = _stranger() if what == "stranger" else one.key
    token = token_of(one.firm, key, _same_subject(one, what, number, year), **members.get(what, {}))
    return SPOILED.get(what, str)(token).encode()


def verdict(outcome: publish_batch.Outcome, digests: dict[str, str]) -> tuple[Any, ...]:
    """What was said, with digests for ids."""
    if isinstance(outcome, Published):
        before = digests.get(outcome.supersedes_id or "")
        return outcome.digest, outcome.version, before, outcome.custody, outcome.is_new
    return type(outcome), outcome.error_code, outcome.detail, outcome.path, outcome.problems


def single(ctx: Context, token: bytes) -> publish_batch.Outcome:
    """What publishing a token alone returns or raises."""
    try:
        return publish.publish_token(ctx, token)
    except ExchangeError as error:
        return error


def digests_of(one: World) -> dict[str, str]:
    """The digest of each dataset by id."""
    return {row.id: row.digest for row in rows(one.firm.ctx.store, DatasetRow)}


def stored(one: World) -> dict[str, Any]:
    """Everything publishing writes, with digests for ids and without instants."""
    store, digests = one.firm.ctx.store, digests_of(one)
    changing = {"id", "dataset_id", "received_at", "supersedes_id"}

    def plain(row: SQLModel) -> list[tuple[str, str]]:
        return sorted((name, str(value)) for name, value in row.model_dump().items() if name not in changing)

    parts: list[DisclosureRow | FigureRow] = [*rows(store, DisclosureRow), *rows(store, FigureRow)]
    return {
        "dataset": sorted(
            (plain(row), digests.get(row.supersedes_id or "")) for row in rows(store, DatasetRow)
        ),
        "parts": sorted((digests[row.dataset_id], plain(row)) for row in parts),
        "log": [
            (row.event, row.digest) for row in sorted(rows(store, LogPendingRow), key=lambda r: r.id or 0)
        ],
        "audit": sorted(
            (row.action, digests.get(row.target_id, ""), str(row.detail)) for row in rows(store, AuditRow)
        ),
        "job": sorted((row.kind, row.queue, row.state, str(row.payload)) for row in rows(store, JobRow)),
        "network": sorted(
            (str(row.period_start), row.stale_since is None) for row in rows(store, NetworkRow)
        ),
    }


@pytest.fixture
def twins(template: str, tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Two exchanges with the same world."""
    with ExitStack() as stack:
        worlds: list[World] = []
        for name in ("one", "many"):
            folder = tmp_path / name
            folder.mkdir()
            url = stack.enter_context(database_copy(template, folder))
            process = stack.enter_context(web_process(settings_over(folder, url), SteppingClock(START)))
            worlds.append(world(process.context(), worlds[0].key if worlds else None))
        assert worlds[0].firm.id == worlds[1].firm.id
        assert worlds[0].statuses == worlds[1].statuses
        yield worlds[0], worlds[1]


@given(moves=st.lists(st.lists(MOVE, min_size=1, max_size=8), min_size=1, max_size=2))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batch_is_what_its_tokens_are_one_by_one(
    twins: tuple[World, World], moves: list[list[tuple[str, int, int]]]
) -> None:
    """What one example stored stands before the next: batches meet versions, ids and entries in use."""
    one, many = twins
    for part in moves:
        tokens: list[bytes] = []
        for move in part:
            tokens.append(token_for(one, move, tokens))
        alone = [single(one.firm.ctx, token) for token in tokens]
        together = list(publish_batch.publish_batch(many.firm.ctx, tokens))
        assert [verdict(outcome, digests_of(many)) for outcome in together] == [
            verdict(outcome, digests_of(one)) for outcome in alone
        ]
        assert stored(many) == stored(one)
