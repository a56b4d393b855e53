"""Publishing many signed tokens: each is judged as if it came alone, and together they cost a fraction.

What publishing asks of a single token is asked of each; keys, products, versions and status entries are looked up once
for all, and rows are written by one statement per table.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, ExchangeError, InvalidError
from exchange.services.context import Context
from exchange.services.dataset_entry import Candidate, Published, candidate, enter_datasets
from exchange.services.dataset_gate import open_tokens
from exchange.services.publish import publish_opened
from exchange.services.rate_limits import limit
from exchange.services.signed_drafts import names_calculation
from exchange.trust import VerifiedDataset

MOST_AT_ONCE = 500
MOST_BYTES_AT_ONCE = 8 * 1024 * 1024

Outcome: TypeAlias = Published | ExchangeError
_Prepared: TypeAlias = Candidate | VerifiedDataset | InvalidError


def publish_batch(ctx: Context, tokens: Iterable[bytes | InvalidError]) -> Iterator[Outcome]:
    """Publish tokens signed with keys of the actor's organisation; for each in order what came of it.

    That is what `publish_token` returns or raises; for what could not be read as a token, the error handed in. Tokens
    are taken, and what passed is stored, in chunks of at most 500 and 8 MiB: a chunk is one transaction (a dataset
    that names a calculation is one of its own), so that a failure leaves whole chunks stored, and the same batch sent
    again finds them published. The batch counts as one publication. Raises NotPermittedError and RateLimitedError
    before any is taken.
    """
    ctx.who.require(Role.SIGNER)
    limit(ctx, "import", ctx.who.organisation_id)
    return (outcome for chunk in _chunks(tokens) for outcome in _published(ctx, chunk))


def _chunks(tokens: Iterable[bytes | InvalidError]) -> Iterator[list[bytes | InvalidError]]:
    chunk: list[bytes | InvalidError] = []
    size = 0
    for token in tokens:
        added = len(token) if isinstance(token, bytes) else 0
        if chunk and (len(chunk) == MOST_AT_ONCE or size + added > MOST_BYTES_AT_ONCE):
            yield chunk
            chunk, size = [], 0
        chunk.append(token)
        size += added
    if chunk:
        yield chunk


def _published(ctx: Context, chunk: Sequence[bytes | InvalidError]) -> list[Outcome]:
    # Documents hold no cycles: the collector would spend a tenth of the whole time on them and find nothing.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return list(_publish_chunk(ctx, chunk))
    finally:
        if was_on:
            gc.enable()


def _publish_chunk(ctx: Context, chunk: Sequence[bytes | InvalidError]) -> Iterator[Outcome]:
    with ctx.store.read() as session:  # and no lock: signatures, disclosures, schemas, named checks
        found = open_tokens(session, [one for one in chunk if isinstance(one, bytes)], ctx.now())
        opened = [_prepared(ctx, next(found) if isinstance(one, bytes) else one) for one in chunk]
    for is_draft, run in groupby(opened, lambda one: isinstance(one, VerifiedDataset)):
        yield from (_publish_drafts if is_draft else _enter)(ctx, list(run))


def _prepared(ctx: Context, one: VerifiedDataset | InvalidError) -> _Prepared:
    """What to enter of a token, or the dataset itself where it may be the draft of a calculation."""
    if isinstance(one, InvalidError) or names_calculation(one.subject()):
        return one
    return candidate(ctx, one)


def _publish_drafts(ctx: Context, run: Sequence[_Prepared]) -> Iterator[Outcome]:
    """Calculations keep track of their drafts: each is looked up by itself."""
    for one in run:
        if isinstance(one, VerifiedDataset):
            try:
                yield publish_opened(ctx, one)
            except (InvalidError, ConflictError) as error:
                yield error


def _enter(ctx: Context, run: Sequence[_Prepared]) -> Iterator[Outcome]:
    candidates = [one for one in run if isinstance(one, Candidate)]
    outcomes: list[Outcome] = []
    if candidates:
        with ctx.store.write() as session:
            outcomes += enter_datasets(ctx, session, candidates)
    entered = iter(outcomes)
    return (one if isinstance(one, InvalidError) else next(entered) for one in run)
