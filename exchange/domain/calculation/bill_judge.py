"""Whether a bill may be entered: what its rules, its conversion and its size say, one answer for every way in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from exchange.domain.calculation.account import Bill, Flow
from exchange.domain.calculation.bill_rules import KnownBills, out_of_range, own_problems
from exchange.domain.calculation.conversion import Converter
from exchange.domain.calculation.plausibility import Usual, compared, question
from exchange.domain.errors import InvalidError, Problem

IMPLAUSIBLE = "bill.implausible"


class BillJudge:
    """Knows the bills there are, and judges further ones; what is taken counts for the next."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._known = KnownBills()
        self._usual: dict[str, Usual] = {}

    def expect(self, bills: Iterable[tuple[Bill, Flow]]) -> None:
        """Let bills count as what is usual, also those that are yet to be judged."""
        amounts: dict[str, list[Fraction]] = {}
        for bill, flow in bills:
            amount = self._comparable(bill, flow)
            if amount is not None:
                amounts.setdefault(flow.id, []).append(amount)
        for flow_id, added in amounts.items():
            self._usual.setdefault(flow_id, Usual()).add_all(added)

    def take(self, bill: Bill, flow: Flow) -> None:
        """From now on the bill is there."""
        self._known.add(bill, flow)

    def take_all(self, bills: Sequence[tuple[Bill, Flow]]) -> None:
        """Bills that are there already, and count as what is usual."""
        for bill, flow in bills:
            self.take(bill, flow)
        self.expect(bills)

    def problems(self, bill: Bill, flow: Flow, *, is_confirmed: bool) -> list[Problem]:
        """Everything that keeps the bill out.

        Codes of `bill_rules.bill_problems`, `unit.dimension`, `bill.heating_value` and `factor.missing` where it
        cannot be converted, and, unless it is confirmed, `bill.implausible` with the question to ask.
        """
        found = list(own_problems(bill, flow))
        if found:
            return found
        clash = self._known.clash(bill, flow, is_confirmed=is_confirmed)
        found = [clash] if clash else []
        try:
            self._converter.convert(flow, bill.amount, bill.period, bill.heating_value, bill.calorific_value)
        except InvalidError as error:
            return [*found, Problem(error.error_code, error.detail, "/amount", error.advice)]
        asked = None if is_confirmed else self._question(bill, flow)
        return [*found, asked] if asked else found

    def _question(self, bill: Bill, flow: Flow) -> Problem | None:
        amount = self._comparable(bill, flow)
        if amount is None:
            return None
        asked = question(bill, flow, amount, self._usual.get(flow.id, Usual()).without(amount))
        if asked is None:
            return None
        return Problem(
            IMPLAUSIBLE, asked, "/amount", "Correct the amount or its unit, or confirm that it is meant so."
        )

    def _comparable(self, bill: Bill, flow: Flow) -> Fraction | None:
        if bill.is_credit or any(out_of_range(bill.amount)):
            return None
        try:
            accounted, _ = self._converter.convert(
                flow, bill.amount, bill.period, bill.heating_value, bill.calorific_value
            )
        except InvalidError:  # told where the bill itself is judged
            return None
        return compared(flow, accounted, bill.period)
