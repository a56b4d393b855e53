"""Value chains: set up, list, and read the released indicators of one."""

from __future__ import annotations

from dataclasses import asdict
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
from exchange.domain.change_causes import ChainCause
from exchange.domain.indicators import Indicator
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period
from exchange.domain.pointers import pointer
from exchange.domain.quantities import parse_decimal
from exchange.services import chain_cells, chains
from exchange.services.context import Context
from exchange.services.rollup.standing import Renewal
from exchange.services.rollup.wanted import ChainKind

resource = Resource(
    "chains", "Totals of everything shared upstream of some products; views read releases only."
)


class TargetOut(Out):
    """A target product with the amount asked of it in a period, in its declared unit; shown to the owner only."""

    product_id: Id
    product_name: str
    maker_name: str
    period: PeriodField
    amount: DecimalText
    unit: str


class MemberOut(Out):
    """An organisation that a group or place consists of in a period; shown to the owner only."""

    organisation_id: Id
    name: str
    period: PeriodField


class ChainOut(Out):
    """A chain: `product` (target products and all upstream), or `group` or `place` (organisations)."""

    id: Id
    name: str
    kind: ChainKind
    prefer: Prefer
    owner_id: Id
    owner_name: str
    is_own: bool
    targets: list[TargetOut]
    members: list[MemberOut]
    created_at: datetime


class ChainsOut(Out):
    """Chains the caller's organisation owns, is a member of, has a target in or has figures in, by name."""

    items: list[ChainOut]


class MissingOut(Out):
    """What makes a total "at least"; `name` and `party_id` are null where the caller may not know who.

    `is_beside`: it is missing from the upstream beside a group's total, not from the total.
    """

    reason: str
    name: str | None
    party_id: Id | None
    is_beside: bool


class CauseOut(Out):
    """What one cause changed since the previous period, in the indicator's unit; the causes sum to the difference."""

    cause: ChainCause
    value: DecimalText


class OriginOut(Out):
    """What a tier (0: the targets; null: all further ones), an organisation or a product adds to a total.

    Those of one kind sum to it. `many` above 1: so many of the smallest in one. `is_declared`: a declared footprint
    with all upstream of it, not opened. Without organisation or product: a default, named.
    """

    kind: Literal["tier", "organisation", "product"]
    name: str
    value: DecimalText
    tier: int | None
    organisation_id: Id | None
    product_id: Id | None
    is_declared: bool
    many: int


class ReadingOut(Out):
    """A product's footprint per `unit_of`, as declared and as its recipe adds up; `counts` is the one in the total."""

    product_id: Id
    name: str
    unit_of: str
    declared: DecimalText
    rolled_up: DecimalText
    counts: Literal["linked", "declared"]


class ChangeOut(Out):
    """A cell against a reference period (index 100), its decoupling class, and why anything is missing.

    `initiative_unseen`: the caller has an initiative in the chain, and where it applies is not measured.
    """

    reference: PeriodField
    effect_index: OptionalDecimalText
    productivity_index: OptionalDecimalText
    decoupling: str | None
    hindrance: str | None
    changes: list[str]
    causes: list[CauseOut]
    initiative_unseen: bool


class CellOut(Out):
    """One indicator in one period. Every figure is null unless `status` is `released`.

    `value` is the absolute amount in `unit`; `productivity` is DKK of value added per `unit`; the four shares
    (measured, allocated, secondary, unknown) sum to 1; `is_at_least` marks a total with something missing. Of a
    group or place `value` is its members' own effect and `upstream` stands beside it.
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
    upstream_is_at_least: bool
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
    origin: list[OriginOut]
    readings: list[ReadingOut]
    released_at: datetime | None


class StaleOut(Out):
    """A period whose figures are out of date since then: they wait for a roll-up, are being renewed, or it was refused.

    `steps_done` of `steps_total` of the `stage`; a total of 0 where it has no count. `refused` is the code of the
    newest refusal, null where there was none; the figures from before it stay.
    """

    period: PeriodField
    since: datetime
    state: Literal["waiting", "running", "refused"]
    stage: str
    steps_done: int
    steps_total: int
    refused: str | None


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


class MembersIn(In):
    """All members of a group or place in a period."""

    period: PeriodIn
    organisation_ids: Annotated[list[Id], Field(min_length=1, max_length=chains.MOST_MEMBERS)]


class ChainIn(In):
    """A chain to set up: `targets` of a product chain, `members` of a group or place."""

    name: Annotated[str, Field(max_length=400)]
    prefer: Prefer = Prefer.LINKED
    kind: ChainKind = ChainKind.PRODUCT
    targets: Annotated[list[TargetIn], Field(max_length=chains.MOST_TARGETS)] = []
    members: Annotated[list[MembersIn], Field(max_length=chains.MOST_PERIODS)] = []


@resource.operation("GET", "/chains")
def list_all(ctx: Context) -> ChainsOut:
    """List the chains the caller's organisation has to do with."""
    return ChainsOut(items=[ChainOut.of(chain) for chain in chains.list_chains(ctx)])


@resource.operation("POST", "/chains", role=Role.EDITOR, status=201)
def create(ctx: Context, body: ChainIn) -> Reply[ChainOut]:
    """Set up a chain and ask for its roll-up."""
    members = tuple(_members(one) for one in body.members)
    new = chains.NewChain(body.name, _targets(body.targets), body.prefer, body.kind, members)
    made = chains.create_chain(ctx, new)
    return Reply(ChainOut.of(made), headers={"Location": f"/api/v1/chains/{made.id}/indicators"})


@resource.operation("POST", "/chains/{chain_id}/targets", role=Role.EDITOR)
def add_targets(ctx: Context, chain_id: Id, body: TargetsIn) -> ChainOut:
    """State targets of one's own product chain and ask for the roll-up of their periods."""
    return ChainOut.of(chains.add_targets(ctx, chain_id, _targets(body.targets)))


@resource.operation("POST", "/chains/{chain_id}/members", role=Role.EDITOR)
def set_members(ctx: Context, chain_id: Id, body: MembersIn) -> ChainOut:
    """State whom one's own group or place consists of in a period and ask for the roll-up of it."""
    return ChainOut.of(chains.set_members(ctx, chain_id, _members(body)))


@resource.operation("GET", "/chains/{chain_id}/indicators")
def indicators(ctx: Context, chain_id: Id) -> ChainCellsOut:
    """Read the released cells of a chain, as far as the caller may see them. Every read is recorded."""
    found = chain_cells.chain_cells(ctx, chain_id)
    return ChainCellsOut(
        chain=ChainOut.of(found.chain),
        cells=[CellOut.of(cell) for cell in found.cells],
        stale=[_stale(period, renewal) for period, renewal in sorted(found.renewals.items())],
    )


def _stale(period: Period, renewal: Renewal) -> StaleOut:
    return StaleOut.model_validate({"period": period, "refused": renewal.code or None, **asdict(renewal)})


def _targets(given: list[TargetIn]) -> tuple[chains.Target, ...]:
    return tuple(
        chains.Target(one.product_id, one.period.to_period(), _amount(one.amount, index))
        for index, one in enumerate(given)
    )


def _members(given: MembersIn) -> chains.Members:
    return chains.Members(given.period.to_period(), tuple(given.organisation_ids))


def _amount(text: str, index: int) -> Decimal:
    return parse_decimal(text, pointer(["targets", index, "amount"]))
