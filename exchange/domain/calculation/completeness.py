"""What a site's account does not say: the gaps a figure is honest about, and whom to ask.

A gap is never filled and never a silent zero (method section 3). Whether something was not used at all is for the
supplier to say: an account without water bills has a gap until the flow is booked, with zero if it is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from exchange.domain.calculation.account import Energy, Flow, Material, SiteAccount, Waste, Water
from exchange.domain.calculation.effects import HEADLINE, effects_of, factor_name, mass_per_unit
from exchange.domain.calculation.flow_rules import is_metered
from exchange.domain.calculation.windows import clipped, pieces, windows
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import BOUGHT, FUELS
from exchange.domain.periods import Period

CUT_OFF = Fraction(1, 100)
ELECTRICITY = frozenset({"electricity_grid", "electricity_self"})


class GapKind(StrEnum):
    """What kind of thing is missing."""

    NOTHING_BOOKED = "nothing_booked"
    NO_ELECTRICITY = "no_electricity"
    DAYS_MISSING = "days_missing"
    FACTOR_MISSING = "factor_missing"
    MASS_MISSING = "mass_missing"
    UNALLOCATED = "unallocated"


@dataclass(frozen=True)
class Gap:
    """Something an indicator lacks, so that its figure is "at least".

    `name` and `flow` say of which flow, "" where nothing at all is booked; `period` are the days concerned.
    """

    kind: GapKind
    indicator: Indicator
    name: str = ""
    flow: str = ""
    period: Period | None = None


def gaps_of(account: SiteAccount, book: FactorBook) -> tuple[Gap, ...]:
    """Every gap of a site's account, by indicator in their fixed order."""
    found = [
        *_nothing_booked(account),
        *_no_electricity(account),
        *_missing_days(account),
        *_missing_factors(account, book),
    ]
    order = list(Indicator)
    return tuple(
        sorted(found, key=lambda gap: (order.index(gap.indicator), gap.kind, gap.name, gap.flow, _start(gap)))
    )


def missing_days(flow: Flow, account: SiteAccount) -> tuple[Period, ...]:
    """The stretches of the account's period for which a metered supply has no bill; a credit note is none.

    A supply the site has is missed for as long as nothing is booked for it: what has ended is booked with zero.
    """
    if not is_metered(flow.detail):
        return ()
    bills = (bill for bill in account.bills if bill.flow == flow.id and not bill.is_credit)
    parts = (clipped(bill.period, account.period) for bill in bills)
    covered = windows(part for part in parts if part is not None)
    joined, free = account.period.start, []
    for part in covered:
        if joined < part.start:
            free.append(Period(joined, part.start))
        joined = part.end
    if joined < account.period.end:
        free.append(Period(joined, account.period.end))
    return tuple(free)


def unallocated(flow: Flow, rest: Fraction, total: Fraction) -> tuple[Gap, ...]:
    """What neither meters nor the key give to any product may belong to each: more than 1 % is a gap of every one.

    1 % is the cut-off of EN 15804, 6.3.6, for an input of a unit process.
    """
    if rest <= total * CUT_OFF:
        return ()
    return tuple(Gap(GapKind.UNALLOCATED, one, flow.name, flow.id) for one in _indicators(flow))


def _indicators(flow: Flow) -> tuple[Indicator, ...]:
    match flow.detail:
        case Energy():
            without = flow.detail.carrier not in BOUGHT | FUELS
            return (Indicator.ENERGY,) if without else (Indicator.CO2E, Indicator.ENERGY)
        case Water():
            return (Indicator.WATER,)
        case Material():
            return (Indicator.RESOURCES,)
        case Waste():
            return (Indicator.WASTE,)


def _billed(account: SiteAccount) -> set[str]:
    """The flows of which something is booked for the period itself."""
    return {bill.flow for bill in account.bills if clipped(bill.period, account.period)}


def _nothing_booked(account: SiteAccount) -> Iterable[Gap]:
    billed = _billed(account)
    told = {indicator for flow in account.flows if flow.id in billed for indicator in _indicators(flow)}
    return [Gap(GapKind.NOTHING_BOOKED, one) for one in Indicator if one not in told]


def _no_electricity(account: SiteAccount) -> Iterable[Gap]:
    """No site makes anything without electricity: energy bills without one are not the whole energy."""
    billed = _billed(account)
    carriers = {
        one.detail.carrier for one in account.flows if one.id in billed and isinstance(one.detail, Energy)
    }
    if not carriers or carriers & ELECTRICITY:
        return []
    return [Gap(GapKind.NO_ELECTRICITY, one, "electricity") for one in (Indicator.CO2E, Indicator.ENERGY)]


def _missing_days(account: SiteAccount) -> Iterable[Gap]:
    return [
        Gap(GapKind.DAYS_MISSING, indicator, flow.name, flow.id, part)
        for flow in account.flows
        for part in missing_days(flow, account)
        for indicator in _indicators(flow)
    ]


def _missing_factors(account: SiteAccount, book: FactorBook) -> Iterable[Gap]:
    billed = _billed(account)
    for flow in account.flows:
        if flow.id not in billed:
            continue
        if isinstance(flow.detail, Material) and mass_per_unit(flow) is None:
            yield Gap(GapKind.MASS_MISSING, Indicator.RESOURCES, flow.name, flow.id)
        for piece in pieces(account.period, book.boundaries(factor_name(flow))):
            if isinstance(flow.detail, Energy) and _lacks_factor(flow, book, piece):
                yield Gap(GapKind.FACTOR_MISSING, Indicator.CO2E, flow.name, flow.id, piece)


def _lacks_factor(flow: Flow, book: FactorBook, piece: Period) -> bool:
    """Whether an emission has no factor; market-based Scope 2 is a column of its own and no gap of the headline."""
    effects = effects_of(flow, book, piece)
    return any(one.value is None and one.column in HEADLINE[Indicator.CO2E] for one in effects)


def _start(gap: Gap) -> date:
    return gap.period.start if gap.period else date.min
