"""Reduction targets of an organisation, its sites and products, each with how far it has come (method section 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.bill_rules import out_of_range
from exchange.domain.errors import ConflictError, NotFoundError, refuse
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject
from exchange.domain.quantities import Quantity, UnitCode
from exchange.domain.targets import Measure, Progress, Target, progress
from exchange.services.context import Context, audit
from exchange.services.own_development import OwnYears, read_own_years
from exchange.services.sites import own_site
from exchange.services.withdrawals import withdraw
from exchange.store import accounts, products
from exchange.store import plans as query
from exchange.store.tables.plans import TargetRow


@dataclass(frozen=True)
class TargetView:
    """A target as stored, whom it is about by name, and where it stands by the calculations there are."""

    id: str
    target: Target
    name: str
    created_at: datetime
    progress: Progress


def add_target(ctx: Context, new: Target) -> TargetView:
    """Promise a reduction for the organisation (its own id), one of its sites or products.

    Raises NotFoundError for a subject of another organisation, InvalidError `quantity.range`, ConflictError
    `target.exists` where the same subject, indicator and measure has a target of the same two years.
    """
    ctx.who.require(Role.EDITOR)
    found = out_of_range(Quantity(new.reduction, UnitCode.ONE))
    refuse(replace(problem, path="/reduction") for problem in found)
    with ctx.store.write() as session:
        accounts.lock_organisation(session, ctx.who.organisation_id)
        _check_subject(ctx, session, new.subject)
        _check_new(session, ctx.who.organisation_id, new)
        row = TargetRow(
            id=ctx.new_id(),
            organisation_id=ctx.who.organisation_id,
            scope=new.subject.level.value,
            scope_id=new.subject.id,
            indicator=new.indicator.value,
            measure=new.measure.value,
            base_year=new.base_year,
            target_year=new.target_year,
            reduction=new.reduction,
            created_at=ctx.now(),
        )
        session.add(row)
        audit(ctx, session, "target.add", "target", row.id)
    return _present(row, read_own_years(ctx))


def list_targets(ctx: Context) -> tuple[TargetView, ...]:
    """The organisation's targets that stand, oldest first, each with its progress."""
    own = read_own_years(ctx)
    with ctx.store.read() as session:
        return tuple(_present(row, own) for row in query.targets_of(session, ctx.who.organisation_id))


def withdraw_target(ctx: Context, target_id: str) -> None:
    """Take a target back; it is kept with the day of its end. NotFoundError, ConflictError `row.withdrawn`."""
    with ctx.store.write() as session:
        withdraw(ctx, session, TargetRow, target_id, "target")


def _check_subject(ctx: Context, session: Session, subject: Subject) -> None:
    """NotFoundError unless the subject is the actor's own organisation, site or product."""
    own = ctx.who.organisation_id
    match subject.level:
        case Level.ORGANISATION:
            is_own = subject.id == own
        case Level.SITE:
            is_own = bool(own_site(ctx, session, subject.id))
        case Level.PRODUCT:
            is_own = products.find_own_product(session, own, subject.id) is not None
    if not is_own:
        raise NotFoundError


def _check_new(session: Session, organisation_id: str, new: Target) -> None:
    for row in query.targets_of(session, organisation_id):
        if replace(_target(row), reduction=new.reduction) == new:
            raise ConflictError(
                "There is a target of these two years for it already.",
                code="target.exists",
                path="/target_year",
                advice="Withdraw that one first, or choose other years.",
            )


def _target(row: TargetRow) -> Target:
    return Target(
        Indicator(row.indicator),
        Measure(row.measure),
        row.base_year,
        row.target_year,
        row.reduction,
        Subject(Level(row.scope), row.scope_id),
    )


def _present(row: TargetRow, own: OwnYears) -> TargetView:
    target = _target(row)
    return TargetView(
        row.id, target, own.names[target.subject], row.created_at, progress(target, own.figures)
    )
