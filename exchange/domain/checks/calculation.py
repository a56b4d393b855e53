"""A calculation given beside its figures adds up: bills, windows, amount per unit, factors, effects, own figure.

What is exact is compared exactly. Amounts shown with twelve significant digits are compared within one unit of the last
digit shown, for each amount added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.explain import SHOWN_DIGITS
from exchange.domain.calculation.figures import DIGITS
from exchange.domain.checks.check import Check, Path, Subject, amount_in, at, decimal_text, entries, problem
from exchange.domain.errors import Problem
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import FRACTION_DIGITS, Quantity, UnitCode, in_unit

CALCULATION = ("breakdown", "calculation")
SHARE_STEP = Fraction(1, 10**6)  # shares of a process are shown with six decimals
_KEPT_APART = ("scope1", "scope2_location", "scope2_market", "biogenic_co2")


def _lines(subject: Subject) -> list[tuple[Path, Subject]]:
    return entries(subject, "breakdown", "calculation", "lines")


def _effects(subject: Subject, columns: Iterable[Column]) -> list[tuple[Path, Subject]]:
    """The effects on any of the columns, with their paths."""
    wanted = frozenset(columns)
    return [
        ((*path, "effects", number), effect)
        for path, line in _lines(subject)
        for number, effect in enumerate(line["effects"])
        if effect["column"] in wanted
    ]


def _sums(subject: Subject) -> list[Problem]:
    produced = at(subject, *CALCULATION, "produced")
    if produced is None:
        return []
    per = amount_in(at(subject, "identity", "declared_unit"), UnitCode(produced["unit"]))
    if per is None:
        return []
    return [
        problem(
            "calculation.sum",
            path,
            f"The lines of the calculation make {decimal_text(total)} {unit.value}, and the figure says "
            f"{decimal_text(stated)} {unit.value}.",
            "Take the figure from the calculation, or calculate again.",
        )
        for path, columns, unit in _figures()
        if (stated := amount_in(at(subject, *path), unit)) is not None
        and (effects := _effects(subject, columns))
        and (path[0] == "indicators" or all("effect" in effect for _, effect in effects))
        and (total := per * _total(effects, unit)) != stated
    ]


def _figures() -> Iterator[tuple[tuple[str, ...], tuple[Column, ...], UnitCode]]:
    """Where a figure stands, the columns it is the sum of, and the unit it is compared in."""
    for indicator, columns in HEADLINE.items():
        yield ("indicators", indicator.value, "own"), columns, indicator.unit
    for name in _KEPT_APART:
        yield ("breakdown", "co2e", name), (Column(name),), Column(name).unit


def _total(effects: Iterable[tuple[Path, Subject]], unit: UnitCode) -> Fraction:
    return sum((amount_in(one.get("effect"), unit) or Fraction(0) for _, one in effects), Fraction(0))


def _each_effect(subject: Subject) -> list[Problem]:
    return [
        problem("calculation.effect", (*path, "effects", number), detail, "Calculate again.")
        for path, line in _lines(subject)
        for number, effect in enumerate(line["effects"])
        if (detail := _wrong_effect(line["per_unit"], effect))
    ]


def _wrong_effect(per_unit: Subject, effect: Subject) -> str:
    """What is wrong with an effect in a sentence, "" where nothing is."""
    unit = Column(effect["column"]).unit
    if "multiplier" not in effect:
        is_gap = "effect" not in effect and "factor" not in effect
        return "" if is_gap else "The effect has no multiplier."
    if at(effect, "effect", "unit") != unit.value:
        return f"The effect on {effect['column']} is not given in {unit.value}."
    multiplier, amount = Fraction(effect["multiplier"]), Fraction(effect["effect"]["amount"])
    if amount != _twelve_places(Fraction(per_unit["amount"]) * multiplier):
        return f"{per_unit['amount']} x {effect['multiplier']} is not {effect['effect']['amount']}."
    if "factor" in effect and _worth(effect["factor"], UnitCode(per_unit["unit"]), unit) != multiplier:
        return (
            f"The factor {effect['factor']['value']} {effect['factor']['unit']} is not the multiplier "
            f"{effect['multiplier']}."
        )
    return ""


def _twelve_places(amount: Fraction) -> Fraction:
    """Half to even, as an effect is rounded where the product has more places than the wire."""
    return Fraction(round(amount * 10**FRACTION_DIGITS), 10**FRACTION_DIGITS)


def _worth(factor: Subject, activity: UnitCode, result: UnitCode) -> Fraction | None:
    """A factor for one unit of the activity, in the unit of the result; None where its units do not fit."""
    try:
        to, of = map(UnitCode, factor["unit"].split("/"))
    except ValueError:
        return None
    if (to.dimension, of.dimension) != (result.dimension, activity.dimension):
        return None
    return in_unit(Quantity(Decimal(1), activity), of) * in_unit(
        Quantity(Decimal(factor["value"]), to), result
    )


def _bills(subject: Subject) -> list[Problem]:
    found = []
    for path, line in _lines(subject):
        unit, total = UnitCode(line["total"]["unit"]), line["total"]["amount"]
        accounted = [one["accounted"] for one in line["bills"]]
        summed = sum((amount_in(one, unit) or Fraction(0) for one in accounted), Fraction(0))
        slack = _step(total) + sum(_step(one["amount"]) for one in accounted)
        if any(one["unit"] != unit.value for one in accounted) or abs(summed - Fraction(total)) > slack:
            detail = f"The bills of {line['flow']} make {decimal_text(summed)} {unit.value}, and the total is {total}."
            found.append(problem("calculation.bills", (*path, "total"), detail, "Calculate again."))
    return found


def _windows(subject: Subject) -> list[Problem]:
    found = []
    for path, line in _lines(subject):
        parts = [one["amount"] for one in line["windows"]]
        summed, amount = sum(map(Fraction, parts), Fraction(0)), line["amount"]["amount"]
        slack = _step(amount) + sum(map(_step, parts))
        if "process_share" in line:
            slack += summed * SHARE_STEP
            summed *= Fraction(line["process_share"])
        if abs(summed - Fraction(amount)) > slack:
            detail = f"The windows of {line['flow']} make {decimal_text(summed)}, and the amount is {amount}."
            found.append(problem("calculation.windows", (*path, "amount"), detail, "Calculate again."))
    return found


def _step(shown: str) -> Fraction:
    """One unit of the last digit an amount is shown with, where it was rounded at all."""
    whole = shown.lstrip("-").partition(".")[0]
    digits = len(whole) if whole != "0" else 0
    return Fraction(1, 10 ** max(0, SHOWN_DIGITS - digits))


def _per_unit(subject: Subject) -> list[Problem]:
    found = []
    for path, line in _lines(subject):
        per_unit, produced = Decimal(line["per_unit"]["amount"]), Fraction(line["produced"])
        amount = Fraction(line["amount"]["amount"])
        place = max(per_unit.adjusted() - DIGITS + 1 if per_unit else -FRACTION_DIGITS, -FRACTION_DIGITS)
        shown = (_step(line["amount"]["amount"]) + amount / produced * _step(line["produced"])) / produced
        is_near = abs(amount / produced - Fraction(per_unit)) <= Fraction(10) ** place / 2 + shown
        if not is_near or line["per_unit"]["unit"] != line["amount"]["unit"]:
            said = line["per_unit"]["amount"]
            detail = f"{line['amount']['amount']} / {line['produced']} is not {said} to six digits."
            found.append(problem("calculation.per_unit", (*path, "per_unit"), detail, "Calculate again."))
        if produced != Fraction(at(subject, *CALCULATION, "produced", "amount")):
            detail = "The line divides by another amount produced than the calculation gives."
            found.append(problem("calculation.per_unit", (*path, "produced"), detail, "Calculate again."))
    return found


def _periods(subject: Subject) -> list[Problem]:
    period = at(subject, *CALCULATION, "period")
    if period is None:
        return []
    found = []
    if period != at(subject, "identity", "period"):
        detail = "The calculation is of another period than the dataset."
        place: Path = (*CALCULATION, "period")
        found.append(problem("calculation.period", place, detail, "Calculate the dataset's own period."))
    for path, line in _lines(subject):
        if line["period"]["start"] < period["start"] or period["end"] < line["period"]["end"]:
            detail = "The line reaches outside the period of the calculation."
            found.append(problem("calculation.period", (*path, "period"), detail, "Calculate again."))
    return found


def _gaps(subject: Subject) -> list[Problem]:
    if not _lines(subject):
        return []
    return [
        problem(
            "calculation.gap",
            path,
            f"No factor says what this flow adds to {indicator.value}, and the figure does not say it is at least.",
            "Add the factor, or name it under quality, missing, with is_at_least.",
        )
        for indicator, columns in HEADLINE.items()
        if at(subject, "quality", indicator.value) is not None
        and at(subject, "indicators", indicator.value, "own") is not None
        and at(subject, "quality", indicator.value, "is_at_least") is None
        for path, effect in _effects(subject, columns)
        if "multiplier" not in effect
    ]


def _basis(subject: Subject) -> list[Problem]:
    stated = at(subject, "breakdown", "co2e", "basis") or []
    place: Path = ("breakdown", "co2e", "basis")
    if len(set(stated)) < len(stated):
        return [problem("co2e.basis", place, "A basis is named twice.", "Name each basis once.")]
    if at(subject, "breakdown", "co2e") is None:
        return []
    effects = _effects(subject, HEADLINE[Indicator.CO2E])
    used = {effect["factor"]["basis"] for _, effect in effects if "factor" in effect}
    if unnamed := sorted(used - set(stated)):
        detail = (
            f"The calculation uses factors that count {', '.join(unnamed)}, and the figure does not say so."
        )
        return [problem("co2e.basis", place, detail, "Name every basis the factors in the figure have.")]
    return []


_PRODUCT = frozenset({"product"})
_GROUP = "breakdown"
CHECKS = (
    Check(
        "calculation.sum",
        _PRODUCT,
        "The effects of a calculation's lines make the figures they belong to, exactly.",
        _sums,
        group=_GROUP,
    ),
    Check(
        "calculation.effect",
        _PRODUCT,
        "Each effect is the amount per unit times its factor, to twelve decimals.",
        _each_effect,
        group=_GROUP,
    ),
    Check("calculation.bills", _PRODUCT, "The bills of a line make its total.", _bills, group=_GROUP),
    Check("calculation.windows", _PRODUCT, "The windows of a line make its amount.", _windows, group=_GROUP),
    Check(
        "calculation.per_unit",
        _PRODUCT,
        "The amount per unit is the amount over what was produced, to six digits.",
        _per_unit,
        group=_GROUP,
    ),
    Check(
        "calculation.period", _PRODUCT, "A calculation is of the dataset's period.", _periods, group=_GROUP
    ),
    Check(
        "calculation.gap",
        _PRODUCT,
        "A figure with a line that no factor covers says that it is at least.",
        _gaps,
        group=_GROUP,
    ),
    Check(
        "co2e.basis",
        _PRODUCT,
        "The bases of the factors in the own CO2e are named, each once.",
        _basis,
        group=_GROUP,
    ),
)
