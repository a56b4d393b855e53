"""Chains: which products at the end of a value chain are looked at, and how much of each in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.rate_limits import limit
from exchange.services.rollup.staleness import open_network
from exchange.store import chains as query
from exchange.store import parties
from exchange.store.tables.rollup import ChainRow, ChainTargetRow

MOST_TARGETS = 1000
MOST_PERIODS = 40  # each period is a network of its own to solve
FIRST_DAY, LAST_END = date(2000, 1, 1), date(2101, 1, 1)


@dataclass(frozen=True)
class Target:
    """A target product with the amount asked of it in a period, in its declared unit."""

    product_id: str
    period: Period
    amount: Decimal


@dataclass(frozen=True)
class NewChain:
    """A product chain to set up. `prefer`: which reading counts where a product declares and shows its recipe."""

    name: str
    targets: tuple[Target, ...]
    prefer: Prefer = Prefer.LINKED


@dataclass(frozen=True)
class TargetView:
    """A target as its chain's owner sees it."""

    product_id: str
    product_name: str
    period: Period
    amount: Decimal
    unit: str


@dataclass(frozen=True)
class ChainView:
    """A chain. `targets` are shown to its owner only: how much is bought is the owner's own business."""

    id: str
    name: str
    kind: str
    prefer: str
    owner_id: str
    owner_name: str
    is_own: bool
    targets: tuple[TargetView, ...]
    created_at: datetime


def create_chain(ctx: Context, new: NewChain) -> ChainView:
    """Set up a product chain and ask for its roll-up.

    Raises InvalidError (`name.invalid`, `chain.targets`, `chain.periods`, `chain.amount`), NotFoundError for a
    product that is not there to be asked about, and RateLimitedError.
    """
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.write() as session:
        row = ChainRow(
            id=ctx.new_id(),
            owner_id=ctx.who.organisation_id,
            name=check_name(new.name, "/name"),
            prefer=new.prefer.value,
            created_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        _add_targets(ctx, session, row, new.targets)
        audit(ctx, session, "chain.create", "chain", row.id)
        return present_chains(ctx, session, [row])[0]


def add_targets(ctx: Context, chain_id: str, targets: Sequence[Target]) -> ChainView:
    """State targets of one's own chain, of a further period or anew; asks for the periods' roll-up."""
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.write() as session:
        row = query.find_chain(session, chain_id)
        if row is None or row.owner_id != ctx.who.organisation_id:
            raise NotFoundError
        _add_targets(ctx, session, row, targets)
        audit(ctx, session, "chain.targets", "chain", row.id)
        return present_chains(ctx, session, [row])[0]


def list_chains(ctx: Context) -> tuple[ChainView, ...]:
    """Chains the actor's organisation owns, has a target or figures in, or was granted figures of, by name."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        rows = query.related_chains(session, ctx.who.organisation_id)
        return tuple(present_chains(ctx, session, rows))


def present_chains(ctx: Context, session: Session, rows: Sequence[ChainRow]) -> list[ChainView]:
    """The outward form of chain rows for the actor."""
    owners = parties.organisations_by_id(session, {row.owner_id for row in rows})
    own = [row.id for row in rows if row.owner_id == ctx.who.organisation_id]
    targets = query.targets_of(session, own)
    products = query.products_by_id(session, [target.product_id for target in targets])
    return [
        ChainView(
            row.id,
            row.name,
            row.kind,
            row.prefer,
            row.owner_id,
            owners[row.owner_id].name,
            row.id in own,
            tuple(
                TargetView(
                    one.product_id,
                    products[one.product_id].name,
                    Period(one.period_start, one.period_end),
                    one.amount,
                    products[one.product_id].unit,
                )
                for one in targets
                if one.chain_id == row.id
            ),
            row.created_at,
        )
        for row in rows
    ]


def _add_targets(ctx: Context, session: Session, row: ChainRow, targets: Sequence[Target]) -> None:
    keys = {(one.product_id, one.period) for one in targets}
    if not 1 <= len(targets) <= MOST_TARGETS or len(keys) != len(targets):
        raise InvalidError(
            f"A chain has 1 to {MOST_TARGETS} targets, each product once per period.",
            code="chain.targets",
            path="/targets",
            advice="Name each product once for each period, with the whole amount.",
        )
    _check_periods(session, row, {one.period for one in targets})
    _check_products(ctx, session, targets)
    for one in targets:
        if not one.amount.is_finite() or one.amount <= 0:
            raise InvalidError(
                "The amount of a target is above zero.",
                code="chain.amount",
                path="/targets",
                advice="Give more.",
            )
        session.merge(
            ChainTargetRow(
                chain_id=row.id,
                product_id=one.product_id,
                period_start=one.period.start,
                period_end=one.period.end,
                amount=one.amount,
            )
        )
    session.flush()
    for period in sorted({one.period for one in targets}):
        open_network(ctx, session, period.start, period.end, row.prefer)


def _check_periods(session: Session, row: ChainRow, asked: set[Period]) -> None:
    known = {Period(one.period_start, one.period_end) for one in query.targets_of(session, [row.id])}
    if any(period.start < FIRST_DAY or period.end > LAST_END for period in asked):
        reason, advice = "Periods lie in the years 2000 to 2100.", "Check the dates."
    elif len(known | asked) > MOST_PERIODS:
        reason, advice = f"A chain has at most {MOST_PERIODS} periods.", "Set up another chain for more."
    else:
        return
    raise InvalidError(reason, code="chain.periods", path="/targets", advice=advice)


def _check_products(ctx: Context, session: Session, targets: Sequence[Target]) -> None:
    """Listed products of anybody, and one's own: what a customer may ask about."""
    found = query.products_by_id(session, [one.product_id for one in targets])
    for one in targets:
        product = found.get(one.product_id)
        if product is None or not (product.listed or product.organisation_id == ctx.who.organisation_id):
            raise NotFoundError
