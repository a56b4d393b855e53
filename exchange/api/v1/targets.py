"""Reduction targets of the organisation, its sites and products, with how far each has come."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import AmountText, Id, In, OptionalDerivedText, Out
from exchange.domain.actors import Role
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject
from exchange.domain.quantities import decimal_to_wire, parse_decimal
from exchange.domain.targets import Measure, Obstacle, Target
from exchange.services import targets
from exchange.services.context import Context

resource = Resource("targets", "Promises to reduce an effect, or to raise value added per effect, by a year.")


class SubjectIn(In):
    """The organisation itself, one of its sites or products, by its id."""

    level: Level
    id: Id


class SubjectOut(Out):
    """The organisation, one of its sites or products."""

    level: Level
    id: Id


class ProgressOut(Out):
    """Where a target stands, in the indicator's unit, or DKK per that unit for a productivity.

    `achieved`: 1 is the target reached, below 0 the wrong way; `expected` lies on the straight line. `obstacle` says
    why something is null, `obstacle_year` where; `passed_over` are later years without a figure fit to compare.
    """

    base: OptionalDerivedText
    needed: OptionalDerivedText
    latest_year: int | None
    latest: OptionalDerivedText
    achieved: OptionalDerivedText
    expected: OptionalDerivedText
    on_track: bool | None
    obstacle: Obstacle | None
    obstacle_year: int | None
    changes: list[str]
    passed_over: list[int]


class ReductionTargetOut(Out):
    """A target that stands; `name` is its subject's, `reduction` a part of 1 of the base year's figure."""

    id: Id
    indicator: Indicator
    measure: Measure
    base_year: int
    target_year: int
    reduction: str
    subject: SubjectOut
    name: str
    created_at: datetime
    progress: ProgressOut


class ReductionTargetsOut(Out):
    """All targets of the organisation that stand, oldest first."""

    items: list[ReductionTargetOut]


class ReductionTargetIn(In):
    """A target: `reduction` is a part of 1, such as 0.3; a productivity rises by it."""

    indicator: Indicator
    measure: Measure
    base_year: int
    target_year: int
    reduction: AmountText
    subject: SubjectIn

    def to_target(self) -> Target:
        """The domain's target; raises InvalidError (`quantity.amount`, `target.years`, `target.reduction`)."""
        return Target(
            self.indicator,
            self.measure,
            self.base_year,
            self.target_year,
            parse_decimal(self.reduction, "/reduction", signed=True),
            Subject(self.subject.level, self.subject.id),
        )


@resource.operation("GET", "/targets")
def list_own(ctx: Context) -> ReductionTargetsOut:
    """List the organisation's targets with their progress."""
    return ReductionTargetsOut(items=list(map(_present, targets.list_targets(ctx))))


@resource.operation("POST", "/targets", role=Role.EDITOR, status=201)
def add(ctx: Context, body: ReductionTargetIn) -> ReductionTargetOut:
    """Set a target."""
    return _present(targets.add_target(ctx, body.to_target()))


@resource.operation("DELETE", "/targets/{target_id}", role=Role.EDITOR, status=204)
def withdraw(ctx: Context, target_id: Id) -> None:
    """Take a target back."""
    targets.withdraw_target(ctx, target_id)


def _present(view: targets.TargetView) -> ReductionTargetOut:
    target = view.target
    return ReductionTargetOut(
        id=view.id,
        indicator=target.indicator,
        measure=target.measure,
        base_year=target.base_year,
        target_year=target.target_year,
        reduction=decimal_to_wire(target.reduction),
        subject=SubjectOut.of(target.subject),
        name=view.name,
        created_at=view.created_at,
        progress=ProgressOut.of(view.progress),
    )
