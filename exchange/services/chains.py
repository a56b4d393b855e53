"""Chains: which products at the end of a value chain, or which organisations, are looked at in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period
from exchange.services.account_rules import check_name
from exchange.services.chain_views import ChainView, present_chains
from exchange.services.context import Context, audit
from exchange.services.rate_limits import limit
from exchange.services.rollup.staleness import open_network
from exchange.services.rollup.wanted import ChainKind
from exchange.store import chains as query
from exchange.store import parties
from exchange.store.tables.rollup import ChainMemberRow, ChainRow, ChainTargetRow

MOST_TARGETS = 1000
MOST_MEMBERS = 500
MOST_PERIODS = 40  # of one chain
MOST_NETWORKS = (
    60  # of an organisation: each period it asks about, by each reading, is a network of its own to solve
)
FIRST_DAY, LAST_END = date(2000, 1, 1), date(2101, 1, 1)


@dataclass(frozen=True)
class Target:
    """A target product with the amount asked of it in a period, in its declared unit."""

    product_id: str
    period: Period
    amount: Decimal


@dataclass(frozen=True)
class Members:
    """All organisations that a group or place consists of in a period."""

    period: Period
    organisation_ids: tuple[str, ...]


@dataclass(frozen=True)
class NewChain:
    """A chain to set up: a product chain with `targets`, or a group or place with `members` (method section 7).

    `prefer`: which reading counts where a product declares and shows its recipe.
    """

    name: str
    targets: tuple[Target, ...] = ()
    prefer: Prefer = Prefer.LINKED
    kind: ChainKind = ChainKind.PRODUCT
    members: tuple[Members, ...] = ()


def create_chain(ctx: Context, new: NewChain) -> ChainView:
    """Set up a chain and ask for its roll-up.

    Raises InvalidError (`name.invalid`, `chain.kind`, `chain.targets`, `chain.members`, `chain.periods`,
    `chain.amount`), NotFoundError for a product that is not there to be asked about and for an organisation that
    is not there, and RateLimitedError.
    """
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.write() as session:
        row = ChainRow(
            id=ctx.new_id(),
            owner_id=ctx.who.organisation_id,
            name=check_name(new.name, "/name"),
            kind=new.kind.value,
            prefer=new.prefer.value,
            created_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        _check_kind(new)
        if new.kind is ChainKind.PRODUCT:
            _add_targets(ctx, session, row, new.targets)
        else:
            _set_members(ctx, session, row, new.members)
        audit(ctx, session, "chain.create", "chain", row.id)
        return present_chains(ctx, session, [row])[0]


def add_targets(ctx: Context, chain_id: str, targets: Sequence[Target]) -> ChainView:
    """State targets of one's own product chain, of a further period or anew; asks for the periods' roll-up."""
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.write() as session:
        row = _own_chain(ctx, session, chain_id, of_products=True)
        _add_targets(ctx, session, row, targets)
        audit(ctx, session, "chain.targets", "chain", row.id)
        return present_chains(ctx, session, [row])[0]


def set_members(ctx: Context, chain_id: str, members: Members) -> ChainView:
    """State whom one's own group or place consists of in a period, a further one or anew; asks for its roll-up.

    Other periods keep their members: a change of membership is a line of its own in the development.
    """
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    with ctx.store.write() as session:
        row = _own_chain(ctx, session, chain_id, of_products=False)
        _set_members(ctx, session, row, (members,))
        audit(ctx, session, "chain.members", "chain", row.id)
        return present_chains(ctx, session, [row])[0]


def list_chains(ctx: Context) -> tuple[ChainView, ...]:
    """Chains the actor's organisation owns, has a target or figures in, or was granted figures of, by name."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        rows = query.related_chains(session, ctx.who.organisation_id)
        return tuple(present_chains(ctx, session, rows))


def _own_chain(ctx: Context, session: Session, chain_id: str, *, of_products: bool) -> ChainRow:
    row = query.find_chain(session, chain_id)
    if row is None or row.owner_id != ctx.who.organisation_id:
        raise NotFoundError
    if (row.kind == ChainKind.PRODUCT) is not of_products:
        raise _wrong_kind()
    return row


def _check_kind(new: NewChain) -> None:
    if new.members if new.kind is ChainKind.PRODUCT else new.targets:
        raise _wrong_kind()


def _wrong_kind() -> InvalidError:
    return InvalidError(
        "A product chain has target products; a group or place has members.",
        code="chain.kind",
        path="/kind",
        advice="Give targets with amounts to a product chain, organisations to a group or place.",
    )


def _set_members(ctx: Context, session: Session, row: ChainRow, periods: Sequence[Members]) -> None:
    if not periods or len({one.period for one in periods}) != len(periods):
        raise _members_error()
    _check_periods(session, row, {one.period for one in periods}, "/members")
    for one in periods:
        wanted = set(one.organisation_ids)
        if not 1 <= len(wanted) <= MOST_MEMBERS or len(wanted) != len(one.organisation_ids):
            raise _members_error()
        if len(parties.organisations_by_id(session, wanted)) != len(wanted):
            raise NotFoundError
        query.clear_members(session, row.id, one.period.start, one.period.end)
        session.add_all(
            ChainMemberRow(
                chain_id=row.id,
                organisation_id=member,
                period_start=one.period.start,
                period_end=one.period.end,
            )
            for member in sorted(wanted)
        )
    session.flush()
    for one in periods:
        open_network(ctx, session, one.period.start, one.period.end, row.prefer)


def _members_error() -> InvalidError:
    return InvalidError(
        f"A group or place has 1 to {MOST_MEMBERS} members in a period, each once.",
        code="chain.members",
        path="/members",
        advice="Name each organisation once, and each period once with all its members.",
    )


def _add_targets(ctx: Context, session: Session, row: ChainRow, targets: Sequence[Target]) -> None:
    keys = {(one.product_id, one.period) for one in targets}
    if not 1 <= len(targets) <= MOST_TARGETS or len(keys) != len(targets):
        raise InvalidError(
            f"A chain has 1 to {MOST_TARGETS} targets, each product once per period.",
            code="chain.targets",
            path="/targets",
            advice="Name each product once for each period, with the whole amount.",
        )
    _check_periods(session, row, {one.period for one in targets}, "/targets")
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


def _check_periods(session: Session, row: ChainRow, asked: set[Period], path: str) -> None:
    known = {Period(start, end) for start, end in query.periods_of(session, row.id)}
    if any(period.start < FIRST_DAY or period.end > LAST_END for period in asked):
        reason, advice = "Periods lie in the years 2000 to 2100.", "Check the dates."
    elif len(known | asked) > MOST_PERIODS:
        reason, advice = f"A chain has at most {MOST_PERIODS} periods.", "Set up another chain for more."
    elif _are_too_many_networks(session, row, asked):
        reason = f"The chains of an organisation ask about at most {MOST_NETWORKS} different periods."
        advice = "Use the periods of a chain there is, with the same reading."
    else:
        return
    raise InvalidError(reason, code="chain.periods", path=path, advice=advice)


def _are_too_many_networks(session: Session, row: ChainRow, asked: set[Period]) -> bool:
    """Whether the owner's chains would ask about more networks, a reading and a period each, than is taken."""
    found = query.networks_of_owner(session, row.owner_id)
    known = {(prefer, Period(start, end)) for prefer, start, end in found}
    wanted = {(row.prefer, one) for one in asked}
    return not wanted <= known and len(known | wanted) > MOST_NETWORKS


def _check_products(ctx: Context, session: Session, targets: Sequence[Target]) -> None:
    """Listed products of anybody, and one's own: what a customer may ask about."""
    found = query.products_by_id(session, [one.product_id for one in targets])
    for one in targets:
        product = found.get(one.product_id)
        if product is None or not (product.listed or product.organisation_id == ctx.who.organisation_id):
            raise NotFoundError
