"""Signed statements of what was released of a chain, and the proof that one's own data are in it."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import SD_JWT, Id, Out, PageOut, PageQuery, PeriodField, Reply, page_of
from exchange.services import release_bundles, release_statements
from exchange.services.context import Context
from exchange.services.release_statements import OwnInputs
from exchange.trust.log.spelling import encode_base64

resource = Resource(
    "releases", "Statements signed by the exchange's registrar of the figures it released of a chain."
)


class StatementOut(Out):
    """A statement on one chain and period; `digest` is over its JWT, as in the log's entry of event `rollup`."""

    id: Id
    chain_id: Id
    period: PeriodField
    digest: str
    created_at: datetime


class StatementsOut(Out):
    """Statements, newest first."""

    items: list[StatementOut]


class OwnInputOut(Out):
    """Proof of one input: leaf = SHA-256(0x00 ‖ JCS {"digest","salt"}), path from its sibling upwards, in base64."""

    dataset_id: Id
    digest: str
    salt: str
    index: int
    path: list[str]


class OwnInputsOut(Out):
    """The caller's own inputs of a statement; `token` is the statement's signed commitment without its figures."""

    statement: StatementOut
    token: str
    inputs: list[OwnInputOut]


@resource.operation("GET", "/chains/{chain_id}/releases")
def list_of(ctx: Context, chain_id: Id) -> StatementsOut:
    """List the newest statements on a chain, those whose every figure is open to the caller."""
    found = release_statements.list_statements(ctx, chain_id)
    return StatementsOut(items=[StatementOut.of(one) for one in found])


@resource.operation("GET", "/releases/{statement_id}", produces=(SD_JWT,), answers={200: str})
def get(ctx: Context, statement_id: Id) -> Reply[str]:
    """Get a statement with its figures, if every one of them is open to the caller. Every read is recorded."""
    return Reply(release_statements.read_statement(ctx, statement_id).token, media_type=SD_JWT)


@resource.operation("GET", "/releases/{statement_id}/bundle")
def bundle(ctx: Context, statement_id: Id) -> Reply[str]:
    """Get a statement with its place in the log and the proofs of the caller's own inputs, for `vcx verify`.

    One `vcx-release-bundle/1` file: with the figures where every one is open to the caller, which is recorded like any
    read; without them for who owns an input. Of the caller's own inputs it holds as many as fit, 1469 at least; where
    some are left out, the file's name says so (`<id>.5554-of-6000-inputs.vcx.json`) and `/inputs` gives them all. 404
    `receipt.pending` for the second or so until the log covers it.
    """
    made = release_bundles.make_release_bundle(ctx, statement_id)
    disposition = f'attachment; filename="{made.name}"'
    return Reply(made.data.decode(), headers={"Content-Disposition": disposition})


@resource.operation("GET", "/releases/{statement_id}/inputs")
def inputs(ctx: Context, statement_id: Id) -> OwnInputsOut:
    """Get the proofs that a statement counts datasets of the caller's organisation."""
    return _own_inputs(release_statements.own_inputs(ctx, statement_id))


@resource.operation("GET", "/release-inputs")
def list_counting(ctx: Context, query: PageQuery) -> PageOut[StatementOut]:
    """List the statements that count datasets of the caller's organisation, newest first."""
    return page_of(release_statements.list_counting(ctx, query.cursor, query.limit), StatementOut.of)


def _own_inputs(found: OwnInputs) -> OwnInputsOut:
    return OwnInputsOut(
        statement=StatementOut.of(found.statement),
        token=found.token,
        inputs=[
            OwnInputOut(
                dataset_id=one.dataset_id,
                digest=one.proof.input.digest,
                salt=encode_base64(one.proof.input.salt),
                index=one.proof.index,
                path=[encode_base64(step) for step in one.proof.path],
            )
            for one in found.inputs
        ],
    )
