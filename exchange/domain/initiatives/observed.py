"""What an initiative is seen to have changed after the next period, and when nothing can be seen (section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from exchange.domain.initiatives.decomposition import Cause, decompose
from exchange.domain.initiatives.initiative import Place
from exchange.domain.initiatives.period_model import REST, PeriodModel, Use, comparable


class Naming(StrEnum):
    """What the observed change may be called.

    Other things than the initiative may have happened in the same place; only where the initiative itself
    was metered apart from them is the change called its effect.
    """

    CHANGE_WHERE_IT_APPLIES = "change_where_it_applies"
    EFFECT = "effect"


class Unseen(StrEnum):
    """Why it cannot be seen until it is measured."""

    NOT_USED = "not_used"
    NOT_COVERED = "not_covered"
    NOT_PRODUCED = "not_produced"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Observation:
    """The change from one period to the next by cause, in the indicator's unit; the causes sum to it exactly.

    `is_mix_by_key`: some of the place's use was spread to products by a key, so where the line between mix
    and intensity runs rests on that key. The sum does not.
    """

    naming: Naming
    total_change: Fraction
    by_cause: Mapping[Cause, Fraction]
    is_mix_by_key: bool

    @property
    def change(self) -> Fraction:
        """The change where the initiative applies: of the use per unit there, and of nothing else."""
        return self.by_cause[Cause.INTENSITY_WHERE]


@dataclass(frozen=True)
class Unobservable:
    """Cannot be seen until it is measured: why, and of which flows; the total change is known all the same."""

    reason: Unseen
    total_change: Fraction
    flows: tuple[str, ...] = ()


def observe(
    before: PeriodModel, after: PeriodModel, place: Place, *, is_metered_separately: bool = False
) -> Observation | Unobservable:
    """What changed where the initiative applies (`Initiative.reach`) between two periods of equal length.

    One that applies to all of a site's use of a flow is seen by the site's own meter or bills. One that
    applies to a product is seen only where, in both periods, all of the product's amount of the flow is
    measured for it: an amount spread by a key follows the key and not the initiative. None at all counts as
    measured only where everything else of that flow is, for else the key may have given the product nothing.
    """
    total_change = after.total - before.total
    there = [use for use in (*before.uses, *after.uses) if use.amount and place.holds(use.product, use.flow)]
    if not there:
        return Unobservable(Unseen.NOT_USED, total_change, place.flows)
    uncovered = _uncovered(before, after, there)
    if uncovered:
        return Unobservable(Unseen.NOT_COVERED, total_change, uncovered)
    if bool(before.volume(place.product)) != bool(after.volume(place.product)):
        return Unobservable(Unseen.NOT_PRODUCED, total_change)
    unmeasured = _unmeasured(before, after, place, there)
    if unmeasured:
        return Unobservable(Unseen.NOT_MEASURED, total_change, unmeasured)
    naming = Naming.EFFECT if is_metered_separately else Naming.CHANGE_WHERE_IT_APPLIES
    is_mix_by_key = any(use.product != REST and not use.is_measured for use in there)
    return Observation(naming, total_change, decompose(before, after, place), is_mix_by_key)


def _uncovered(before: PeriodModel, after: PeriodModel, there: Iterable[Use]) -> tuple[str, ...]:
    """The place's flows of which nothing is covered in both periods."""
    covered = {use.flow for uses in comparable(before, after) for use in uses}
    return tuple(sorted({use.flow for use in there} - covered))


def _unmeasured(
    before: PeriodModel, after: PeriodModel, place: Place, there: Iterable[Use]
) -> tuple[str, ...]:
    """The place's flows that are not measured there in both periods."""
    flows = sorted({use.flow for use in there})
    return tuple(
        flow for flow in flows if not all(_is_measured(model, place, flow) for model in (before, after))
    )


def _is_measured(model: PeriodModel, place: Place, flow: str) -> bool:
    if place.product is None:
        return flow in model.site_metered
    used = [use for use in model.uses if use.flow == flow and use.amount]
    own = [use for use in used if use.product == place.product]
    return all(use.is_measured for use in own or used)
