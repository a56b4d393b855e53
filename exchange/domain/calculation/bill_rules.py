"""What a bill may say beside the other bills of its flow: one rule for form, interface and table.

Overlaps and doubles are looked up, not searched for, so that fifty thousand rows are checked in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeAlias

from exchange.domain.calculation.account import Bill, Energy, Flow
from exchange.domain.calculation.flow_rules import is_metered, supply_of
from exchange.domain.calculation.stretches import Stretches
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.own_factors import FUELS
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, decimal_to_wire

MAX_TEXT = 100
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2101, 1, 1)

Likeness: TypeAlias = tuple[object, ...]


@dataclass
class KnownBills:
    """Bills taken so far, by what a further one could clash with. A bill is added once it has been taken.

    A metered supply is one supply under whatever name it was entered: its meters and bill numbers are the supplier's.
    """

    _by_number: dict[tuple[str, str, str, bool], list[Bill]] = field(default_factory=dict)
    _alike: dict[Likeness, Bill] = field(default_factory=dict)
    _metered: Stretches = field(default_factory=Stretches)

    def add(self, bill: Bill, flow: Flow) -> None:
        """Take a bill in."""
        self._alike.setdefault(likeness(bill, supply_of(flow)), bill)
        if bill.number:
            self._by_number.setdefault(_numbered(bill, flow), []).append(bill)
        if is_metered(flow.detail) and not bill.is_credit:
            self._metered.take(_meter_of(bill, flow), bill.period, label(bill))

    def clash(self, bill: Bill, flow: Flow, *, is_confirmed: bool = False) -> Problem | None:
        """Why the bill cannot stand beside those taken: `bill.twice` or `bill.overlap`."""
        return self._twice(bill, flow, is_confirmed=is_confirmed) or self._overlap(bill, flow)

    def _twice(self, bill: Bill, flow: Flow, *, is_confirmed: bool) -> Problem | None:
        same = self._alike.get(likeness(bill, supply_of(flow)))
        if same is not None and not bill.number and not is_confirmed:
            return Problem(
                "bill.twice",
                f"{headed(bill)} says just what {label(same)} says: the same time and the same amount.",
                "/number",
                "Leave one out; where both are meant, give each its own bill number, or confirm it.",
            )
        for other in self._by_number.get(_numbered(bill, flow), ()):
            if other.period.overlap_days(bill.period):
                return Problem(
                    "bill.twice",
                    f"{headed(bill)} has the number {bill.number}, as {label(other)} has for the same days.",
                    "/number",
                    "Leave one out; lines of one bill are added together, or numbered 123/1 and 123/2.",
                )
        return None

    def _overlap(self, bill: Bill, flow: Flow) -> Problem | None:
        if bill.is_credit or not is_metered(flow.detail):
            return None
        other = self._metered.clash(_meter_of(bill, flow), bill.period)
        if other is None:
            return None
        return Problem(
            "bill.overlap",
            f"{headed(bill)} covers days that {other} covers already.",
            "/period",
            "Correct the dates. A corrected bill replaces the first one: withdraw that, or enter its credit note. "
            "Two meters are told apart by their numbers.",
        )


def bill_problems(
    bill: Bill, flow: Flow, others: Iterable[Bill], *, is_confirmed: bool = False
) -> list[Problem]:
    """Everything wrong with a bill by itself and beside the flow's others.

    Codes: `period.range`, `bill.negative`, `quantity.range`, `bill.calorific_value`, `bill.text`, `bill.twice`,
    `bill.overlap`.
    """
    known = KnownBills()
    for other in others:
        known.add(other, flow)
    clash = known.clash(bill, flow, is_confirmed=is_confirmed)
    return [*own_problems(bill, flow), *([clash] if clash else [])]


def own_problems(bill: Bill, flow: Flow) -> Iterator[Problem]:
    """What is wrong with a bill by itself."""
    yield from bad_period(bill.period)
    yield from out_of_range(bill.amount)
    if bill.amount.amount.is_finite() and bill.amount.amount < 0:
        yield Problem(
            "bill.negative",
            f"{headed(bill)} has an amount below zero.",
            "/amount",
            "Mark it as a credit note if it takes back what was billed before.",
        )
    for name, text in (("number", bill.number), ("meter", bill.meter)):
        yield from bad_text("bill.text", f"/{name}", text)
    given = bill.calorific_value
    is_fuel = isinstance(flow.detail, Energy) and flow.detail.carrier in FUELS
    if given is not None and not (is_fuel and given.is_finite() and given > 0):
        yield Problem(
            "bill.calorific_value",
            "A calorific value is the kWh of one billed unit of a fuel, above zero.",
            "/calorific_value",
            "Leave it empty, or take it from the gas bill, such as 11.9 kWh for one m3.",
        )


def bad_period(period: Period) -> Iterator[Problem]:
    """`period.range` for a slip of the century."""
    if period.start < FIRST_DAY or period.end > LAST_DAY:
        detail = f"{period.start} to {period.end - timedelta(days=1)} is not within 1990 to 2100."
        yield Problem("period.range", detail, "/period", "Look for a mistyped year.")


def out_of_range(amount: Quantity) -> Iterator[Problem]:
    """`quantity.range` for an amount of more digits than are kept."""
    try:
        decimal_to_wire(amount.amount)
    except InvalidError as error:
        yield Problem(error.error_code, error.detail, "/amount", error.advice)


def bad_text(code: str, path: str, text: str) -> Iterator[Problem]:
    """A short text that is too long, or has what cannot be seen."""
    if len(text) > MAX_TEXT or not text.isprintable():
        detail = f"A number or name here has at most {MAX_TEXT} visible characters."
        yield Problem(code, detail, path, "Leave out line breaks and control characters.")


def as_booked(amount: Quantity, *, is_credit: bool) -> Quantity:
    """The amount as the account keeps it: a credit note printed with a minus takes away once, not twice."""
    return replace(amount, amount=abs(amount.amount)) if is_credit else amount


def likeness(bill: Bill, of: str) -> Likeness:
    """What makes two bills say the same thing of a flow or supply."""
    amount = bill.amount
    said = (amount.amount, amount.unit, bill.heating_value, bill.calorific_value, bill.is_credit)
    return (of, bill.period, *said, bill.number, bill.meter)


def label(bill: Bill) -> str:
    """How a message names a bill: where it was entered, else its number, else its time."""
    if bill.place:
        return bill.place
    if bill.number:
        return f"the bill {bill.number}"
    return f"the bill of {bill.period.start} to {bill.period.end - timedelta(days=1)}"


def headed(bill: Bill) -> str:
    """The label at the head of a sentence."""
    text = label(bill)
    return text[:1].upper() + text[1:]


def _numbered(bill: Bill, flow: Flow) -> tuple[str, str, str, bool]:
    """Bills that must not have the same number for the same days; a credit note may cite the bill it corrects."""
    return (supply_of(flow), bill.number, bill.meter, bill.is_credit)


def _meter_of(bill: Bill, flow: Flow) -> tuple[str, str]:
    """Whose days must not be billed twice: a meter's, or the flow's where no meter is named."""
    return (supply_of(flow), bill.meter) if bill.meter else (flow.id, "")
