"""Value chains: set up, list, and read the released indicators of one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    DecimalText,
    Id,
    In,
    OptionalDecimalText,
    Out,
    PeriodField,
    PeriodIn,
    Reply,
)
from exchange.domain.actors import Role
from exchange.domain.indicators import Indicator
from exchange.domain.linking import Prefer
from exchange.domain.pointers import pointer
from exchange.domain.quantities import parse_decimal
from exchange.services import chain_cells, chains
from exchange.services.context import Context

resource = Resource(
    "chains", "Totals of everything shared upstream of some products; views read releases only."
)


class TargetOut(Out):
    """A target product with the amount asked of it in a period, in its declared unit; shown to the owner only."""

    product_id: Id
    product_name: str
    period: PeriodField
    amount: DecimalText
    unit: str


class ChainOut(Out):
    """A chain."""

    id: Id
    name: str
    kind: str
    prefer: Prefer
    owner_id: Id
    owner_name: str
    is_own: bool
    targets: list[TargetOut]
    created_at: datetime


class ChainsOut(Out):
    """Chains the caller's organisation owns, has a target in or has figures in, by name."""

    items: list[ChainOut]


class MissingOut(Out):
    """What makes a total "at least"; `name` and `party_id` are null where the caller may not know who."""

    reason: str
    name: str | None
    party_id: Id | None


class ChangeOut(Out):
    """A cell against a reference period (index 100), its decoupling class, and why anything is missing."""

    reference: PeriodField
    effect_index: OptionalDecimalText
    productivity_index: OptionalDecimalText
    decoupling: str | None
    hindrance: str | None
    changes: list[str]


class CellOut(Out):
    """One indicator in one period. Every figure is null unless `status` is `released`.

    `value` is the absolute amount in `unit`; `productivity` is DKK of value added per `unit`; the four shares
    (measured, allocated, secondary, unknown) sum to 1; `is_at_least` marks a total with something missing.
    """

    indicator: Indicator
    period: PeriodField
    status: Literal["released", "confidential", "no_data"]
    value: OptionalDecimalText
    unit: str
    is_at_least: bool
    per_unit: OptionalDecimalText
    per_unit_of: str | None
    own: OptionalDecimalText
    upstream: OptionalDecimalText
    measured: OptionalDecimalText
    allocated: OptionalDecimalText
    secondary: OptionalDecimalText
    unknown: OptionalDecimalText
    coverage_mass: OptionalDecimalText
    productivity: OptionalDecimalText
    productivity_coverage: OptionalDecimalText
    productivity_hindrance: str | None
    productivity_hidden: bool
    price_basis: str | None
    base: ChangeOut | None
    previous: ChangeOut | None
    missing: list[MissingOut]
    released_at: datetime | None


class StaleOut(Out):
    """A period whose figures are being renewed, and since when."""

    period: PeriodField
    since: datetime


class ChainCellsOut(Out):
    """A chain with every cell, by period and indicator."""

    chain: ChainOut
    cells: list[CellOut]
    stale: list[StaleOut]


class TargetIn(In):
    """A product and how much of it, as a decimal string in its declared unit."""

    product_id: Id
    period: PeriodIn
    amount: Annotated[str, Field(max_length=40, examples=["1200"])]


class TargetsIn(In):
    """Targets to state, of a further period or anew."""

    targets: Annotated[list[TargetIn], Field(min_length=1, max_length=chains.MOST_TARGETS)]


class ChainIn(TargetsIn):
    """A product chain to set up."""

    name: Annotated[str, Field(max_length=400)]
    prefer: Prefer = Prefer.LINKED


@resource.operation("GET", "/chains")
def list_all(ctx: Context) -> ChainsOut:
    """List the chains the caller's organisation has to do with."""
    return ChainsOut(items=[ChainOut.of(chain) for chain in chains.list_chains(ctx)])


@resource.operation("POST", "/chains", role=Role.EDITOR, status=201)
def create(ctx: Context, body: ChainIn) -> Reply[ChainOut]:
    """Set up a chain and ask for its roll-up."""
    made = chains.create_chain(ctx, chains.NewChain(body.name, _targets(body.targets), body.prefer))
    return Reply(ChainOut.of(made), headers={"Location": f"/api/v1/chains/{made.id}/indicators"})


@resource.operation("POST", "/chains/{chain_id}/targets", role=Role.EDITOR)
def add_targets(ctx: Context, chain_id: Id, body: TargetsIn) -> ChainOut:
    """State targets of one's own chain and ask for the roll-up of their periods."""
    return ChainOut.of(chains.add_targets(ctx, chain_id, _targets(body.targets)))


@resource.operation("GET", "/chains/{chain_id}/indicators")
def indicators(ctx: Context, chain_id: Id) -> ChainCellsOut:
    """Read the released cells of a chain, as far as the caller may see them. Every read is recorded."""
    found = chain_cells.chain_cells(ctx, chain_id)
    return ChainCellsOut(
        chain=ChainOut.of(found.chain),
        cells=[CellOut.of(cell) for cell in found.cells],
        stale=[
            StaleOut.model_validate({"period": period, "since": since})
            for period, since in sorted(found.stale_since.items())
        ],
    )


def _targets(given: list[TargetIn]) -> tuple[chains.Target, ...]:
    return tuple(
        chains.Target(one.product_id, one.period.to_period(), _amount(one.amount, index))
        for index, one in enumerate(given)
    )


def _amount(text: str, index: int) -> Decimal:
    return parse_decimal(text, pointer(["targets", index, "amount"]))
