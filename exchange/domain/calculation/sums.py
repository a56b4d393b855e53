"""The steps of an opened figure as sums, one after the other, that a person follows with a pocket calculator.

`explain` says what happened to a flow as plain data; here each step becomes numbers with signs between them and a
result, so that page and workbook show the same sums. Signs count from left to right, as keys are pressed; `spell` puts
brackets where a written sum needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from operator import add, mul, sub, truediv
from typing import Any, TypeAlias

from exchange.domain.calculation.effects import Column

Document: TypeAlias = Mapping[str, Any]
_OPERATIONS = {"+": add, "-": sub, "*": mul, "/": truediv}


class SumKind(StrEnum):
    """Which step of the way from bill to figure a sum is."""

    BILL = "bill"
    TOTAL = "total"
    READING = "reading"
    WINDOW = "window"
    AMOUNT = "amount"
    PER_UNIT = "per_unit"
    EFFECT = "effect"
    FIGURE = "figure"


@dataclass(frozen=True)
class Term:
    """A number with the sign before it: "" before the first, else + - * or /.

    `unit` is a code of Rec 20, two with a slash between them, or "" for a number without one.
    """

    sign: str
    amount: Decimal
    unit: str = ""


@dataclass(frozen=True)
class Sum:
    """One step. `result` is None where a factor is missing; `step` is what `explain` says of it."""

    kind: SumKind
    terms: tuple[Term, ...]
    result: Decimal | None
    unit: str
    step: Document = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether the terms give the result to the last digit; a division that has no end is rounded."""
        return self.result is not None and reckon(self.terms) == Fraction(self.result)


def reckon(terms: Sequence[Term]) -> Fraction:
    """What a pocket calculator shows that keeps every digit: the terms from left to right."""
    first, *others = terms
    value = -Fraction(first.amount) if first.sign == "-" else Fraction(first.amount)
    for term in others:
        value = _OPERATIONS[term.sign](value, Fraction(term.amount))
    return value


def spell(terms: Iterable[Term], say: Callable[[Term], str]) -> str:
    """The terms as one line, `say` writing each with its sign: what is added up before it is multiplied in brackets."""
    text, is_sum = "", False
    for term in terms:
        if is_sum and term.sign in {"*", "/"}:
            text, is_sum = f"({text})", False
        is_sum = is_sum or (bool(text) and term.sign in {"+", "-"})
        text += say(term)
    return text


def line_sums(steps: Document, columns: Collection[Column]) -> tuple[Sum, ...]:
    """The sums of one flow's part in a product's figure, or in the site's own; of the effects those in `columns`.

    `steps` are those of `explain_line`, or of `explain_entry` where no product is spoken of.
    """
    return tuple(
        (*_flow(steps), *(_product(steps) if "per_unit" in steps else ()), *_effects(steps, columns))
    )


def figure_sum(effects: Iterable[Sum], own: Decimal, unit: str) -> Sum:
    """The last sum: what all flows add to the figure."""
    amounts = [one.result for one in effects if one.kind is SumKind.EFFECT and one.result is not None]
    return Sum(SumKind.FIGURE, added(amounts, unit), own, unit)


def added(amounts: Iterable[Decimal], unit: str) -> tuple[Term, ...]:
    """The amounts one after the other, those below zero taken away."""
    terms = tuple(Term("-" if one < 0 else "+", abs(one), unit) for one in amounts)
    if not terms:
        return (Term("", Decimal(0), unit),)
    first = Term("-" if terms[0].sign == "-" else "", terms[0].amount, unit)
    return (first, *terms[1:])


def _flow(steps: Document) -> Iterator[Sum]:
    """The bills, and what they come to."""
    bills = [_counted(SumKind.BILL, one) for one in steps["bills"]]
    yield from bills
    total = steps["total"]
    if len(bills) != 1:
        amounts = [one.result or Decimal(0) for one in bills]
        yield Sum(
            SumKind.TOTAL, added(amounts, total["unit"]), Decimal(total["amount"]), total["unit"], steps
        )


def _counted(kind: SumKind, step: Document) -> Sum:
    """A bill or a reading: as it says, converted, and for the days inside the period."""
    billed, accounted = step["amount"], step["accounted"]
    terms = [Term("-" if step.get("credit") else "", Decimal(billed["amount"]), billed["unit"])]
    for one in step.get("conversions", ()):
        if "divisor" in one:
            terms.append(Term("/", Decimal(one["divisor"]), _upside_down(one["unit"])))
        else:
            terms.append(Term("*", Decimal(one["multiplier"]), one["unit"]))
    if "inside" in step:
        inside, whole = step["inside"].split("/")
        terms += [Term("*", Decimal(inside), "DAY"), Term("/", Decimal(whole), "DAY")]
    return Sum(kind, tuple(terms), Decimal(accounted["amount"]), accounted["unit"], step)


def _upside_down(unit: str) -> str:
    to, _, of = unit.partition("/")
    return f"{of}/{to}"


def _product(steps: Document) -> Iterator[Sum]:
    """What the product gets of the flow, and that for one unit of it."""
    yield from (_counted(SumKind.READING, one) for one in steps.get("readings", ()))
    unit = steps["amount"]["unit"]
    windows = [_window(one, unit) for one in steps["windows"] if Decimal(one["amount"])]
    yield from windows
    amount, process = Decimal(steps["amount"]["amount"]), steps.get("process_share")
    if len(windows) > 1 or process:
        terms = added([one.result or Decimal(0) for one in windows], unit)
        terms += (Term("*", Decimal(process)),) if process else ()
        yield Sum(SumKind.AMOUNT, terms, amount, unit, steps)
    made = (Term("", amount, unit), Term("/", Decimal(steps["produced"])))
    yield Sum(SumKind.PER_UNIT, made, Decimal(steps["per_unit"]["amount"]), unit, steps)


def _window(step: Document, unit: str) -> Sum:
    """A stretch of time: what is left to spread by weight, and what was metered for the product."""
    terms: list[Term] = []
    if Decimal(step.get("weight", "0")):
        terms += [
            Term("", Decimal(step["to_spread"]), unit),
            Term("*", Decimal(step["weight"])),
            Term("/", Decimal(step["whole"])),
        ]
    if metered := Decimal(step["metered"]):
        terms.append(Term("+" if terms else "", metered, unit))
    return Sum(SumKind.WINDOW, tuple(terms), Decimal(step["amount"]), unit, step)


def _effects(steps: Document, columns: Collection[Column]) -> Iterator[Sum]:
    """What the flow adds to the figure: the amount times the effect of one unit of it."""
    base = steps.get("per_unit") or steps["total"]
    for one in steps["effects"]:
        column = Column(one["column"])
        if column not in columns:
            continue
        terms = [Term("", Decimal(base["amount"]), base["unit"])]
        if "multiplier" in one:
            per = f"{column.unit.value}/{base['unit']}"
            terms.append(Term("*", Decimal(one["multiplier"]), per))
        result = Decimal(one["effect"]["amount"]) if "effect" in one else None
        yield Sum(SumKind.EFFECT, tuple(terms), result, column.unit.value, one)
