"""One figure opened: every sum from bill to figure in words, with the numbers a pocket calculator needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.sums import Sum, SumKind, Term, added, figure_sum, line_sums, spell
from exchange.domain.indicators import Indicator
from exchange.services.calculation_views import FigureView, OpenedFigure
from exchange.web import formats
from exchange.web.member_words import MEMBERS, VALUES
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import word

SIGNS: dict[str, dict[str, str]] = {  # in Danish the sign of division is a colon, and ÷ may be read as minus
    "da": {"+": "+", "-": formats.MINUS, "*": "×", "/": ":"},
    "en": {"+": "+", "-": formats.MINUS, "*": "×", "/": "÷"},
}
CO2E = frozenset(HEADLINE[Indicator.CO2E])
CONVERSIONS: dict[str, str] = {
    "unit": _("conversion of units"),
    "calorific_value": _("calorific value on the bill"),
    "density": _("density"),
    "heating_value": _("heating value"),
    "lower_of_upper": _("lower of upper heating value"),
}
STEPS: dict[str, str] = {
    "reading": _("Reading for the product"),
    "window": _("The product's part"),
    "total": _("All bills"),
    "amount": _("The product's part in all"),
    "figure": _("The figure"),
    "total_figure": _("The total"),
}


@dataclass(frozen=True)
class SumLine:
    """One sum as it is read: `20 MWh × 1,000 kWh/MWh` `=` `20,000 kWh`; the sign is ≈ where digits were rounded.

    `sum` holds the exact numbers, `unit` is that of the result as it is printed.
    """

    step: str
    text: str
    sign: str
    result: str
    source: str
    sum: Sum
    unit: str


@dataclass(frozen=True)
class FlowPart:
    """What one flow adds to the figure: its sums from the bills on; `rest` is what of it no product explains."""

    name: str
    period: str
    key: str
    rest: str
    lines: tuple[SumLine, ...]


@dataclass(frozen=True)
class OpenedSums:
    """A figure taken apart: flow by flow, the sum that puts it together, and the total with what came upstream.

    `total` is None where nothing is known of what came upstream, so that there is nothing to add.
    """

    parts: tuple[FlowPart, ...]
    figure: SumLine
    total: SumLine | None


def open_sums(reader: Reader, opened: OpenedFigure, unit: str) -> OpenedSums:
    """The sums of an opened figure in the reader's words; `unit` is what one of the product is counted in."""
    columns = HEADLINE[opened.figure.indicator]
    flows = [(steps, line_sums(steps, columns)) for steps in opened.steps]
    whole = figure_sum((one for _, sums in flows for one in sums), opened.figure.own, opened.figure.unit)
    parts = tuple(_part(reader, steps, sums, unit) for steps, sums in flows)
    of_what = _of_what(opened.figure.indicator is Indicator.CO2E)
    line = _line(reader, word(reader, STEPS, "figure"), whole, "", of_what)
    return OpenedSums(parts, line, _total(reader, opened.figure, of_what))


def _total(reader: Reader, figure: FigureView, of_what: str) -> SumLine | None:
    """Own, and for each input what it brought less what of the own figure comes through it."""
    changes = [one for part in figure.upstream for one in (part.brought, -part.netted) if one]
    if not changes:
        return None
    terms = added([figure.own, *changes], figure.unit)
    whole = Sum(SumKind.FIGURE, terms, figure.total, figure.unit)
    return _line(reader, word(reader, STEPS, "total_figure"), whole, "", of_what)


def _part(reader: Reader, steps: Mapping[str, Any], sums: Iterable[Sum], unit: str) -> FlowPart:
    names = _Names(reader, steps, unit)
    lines = tuple(_line(reader, names.step(one), one, names.source(one), _carries(one)) for one in sums)
    key = names.key() if "windows" in steps else ""
    return FlowPart(steps["flow"], _period(reader, steps["period"]), key, _rest(reader, steps), lines)


def _rest(reader: Reader, steps: Mapping[str, Any]) -> str:
    rest = steps.get("rest", {"amount": "0"})
    if not Decimal(rest["amount"]):
        return ""
    amount = formats.quantity(Decimal(rest["amount"]), rest["unit"], reader.language)
    return reader.say("Of this no product explains %(amount)s.", amount=amount)


def _carries(one: Sum) -> str:
    return _of_what(one.kind is SumKind.EFFECT and Column(one.step["column"]) in CO2E)


def _of_what(is_co2e: bool) -> str:
    return f"{formats.NO_BREAK}CO₂e" if is_co2e else ""


def _line(reader: Reader, step: str, one: Sum, source: str, of_what: str = "") -> SumLine:
    language = reader.language
    unit = say_unit(reader, one.unit) + of_what

    def said(term: Term) -> str:
        sign = f" {SIGNS[language][term.sign]} " if term.sign else ""
        named = _per(say_unit(reader, term.unit), of_what) if term.unit else ""
        return f"{sign}{_number(reader, term.amount)}{formats.NO_BREAK if named else ''}{named}"

    if one.result is None:
        result, sign = reader.say("not known: a factor is missing"), ""
    else:
        result = f"{_number(reader, one.result)}{formats.NO_BREAK}{unit}"
        sign = "=" if one.is_exact else "≈"
    return SumLine(step, spell(one.terms, said).strip(), sign, result, source, one, unit)


def _per(unit: str, of_what: str) -> str:
    """kg of CO2e for one kWh, where the sum is about CO2e."""
    effect, slash, of = unit.partition("/")
    return f"{effect}{of_what}{slash}{of}" if effect == "kg" and (slash or of_what) else unit


def say_unit(reader: Reader, code: str) -> str:
    """A unit, or one for each of another: `kWh/MWh`."""
    return "/".join(formats.unit(one, reader.language) for one in code.split("/"))


def _number(reader: Reader, amount: Decimal) -> str:
    return formats.number(amount.normalize(), reader.language)


def _period(reader: Reader, stored: Mapping[str, str]) -> str:
    start, end = date.fromisoformat(stored["start"]), date.fromisoformat(stored["end"])
    return formats.period(start, end, reader.language)


@dataclass(frozen=True)
class _Names:
    """What the sums of one flow are called and stand on."""

    reader: Reader
    steps: Mapping[str, Any]
    unit: str

    def step(self, one: Sum) -> str:
        """The words before a sum."""
        match one.kind:
            case SumKind.BILL:
                return self._bill(one.step)
            case SumKind.READING | SumKind.WINDOW:
                period = _period(self.reader, one.step["period"])
                return f"{self.reader.say(STEPS[one.kind.value])}, {period}"
            case SumKind.EFFECT:
                column = word(self.reader, MEMBERS, one.step["column"])
                return column[:1].upper() + column[1:]
            case SumKind.PER_UNIT:
                return self.reader.say("Per %(unit)s: divided by what was made", unit=self.unit)
            case _:
                return self.reader.say(STEPS[one.kind.value])

    def _bill(self, step: Mapping[str, Any]) -> str:
        period, number = _period(self.reader, step["period"]), step.get("number", "")
        if step.get("estimate"):
            return self.reader.say("Estimate without a bill, %(period)s", period=period)
        if step.get("credit"):
            return self.reader.say("Credit note %(number)s", number=number).strip() + f", {period}"
        return self.reader.say("Bill %(number)s", number=number).strip() + f", {period}"

    def source(self, one: Sum) -> str:
        """Where a sum's numbers come from."""
        match one.kind:
            case SumKind.BILL | SumKind.READING:
                return self._entered(one.step)
            case SumKind.WINDOW if "weight" in one.step:
                return self.reader.say("Key: %(key)s", key=self.key())
            case SumKind.EFFECT if "factor" in one.step:
                return self._factor(one.step["factor"])
            case _:
                return ""

    def _entered(self, step: Mapping[str, Any]) -> str:
        said = [step["place"]] if "place" in step else []
        for one in step.get("conversions", ()):
            kind = self.reader.say(CONVERSIONS[one["kind"]])
            said.append(f"{kind}: {one['source']} ({one['reference']})" if "source" in one else kind)
        if "inside" in step:
            said.append(self.reader.say("days of the bill inside the period"))
        return "; ".join(said)

    def _factor(self, factor: Mapping[str, str]) -> str:
        return self.reader.say(
            "Factor: %(value)s %(unit)s, %(source)s, %(year)s, %(basis)s (%(reference)s)",
            value=_number(self.reader, Decimal(factor["value"])),
            unit=say_unit(self.reader, factor["unit"]),
            source=factor["source"],
            year=factor["year"],
            basis=word(self.reader, VALUES, factor["basis"]),
            reference=factor["reference"],
        )

    def key(self) -> str:
        """The key that spreads the flow: its name, and its method where that says more."""
        name, method = self.steps["key"]["name"], self.steps["key"]["method"]
        said = word(self.reader, VALUES, method)
        return said if name == method else f"{name} ({said})"
