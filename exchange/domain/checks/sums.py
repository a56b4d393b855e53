"""Identities between figures: totals, shares and parts, all exact unless a tolerance is named."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from exchange.domain.checks.check import (
    REMEMBERED,
    Check,
    Path,
    Subject,
    amount_in,
    at,
    decimal_in,
    decimal_text,
    entries,
    problem,
)
from exchange.domain.errors import Problem
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode

_EXACT = Context(prec=60)
COMPOSITION_TOLERANCE = Decimal("0.02")
# Breakdowns are typed in from statements that round: a thousandth of the whole is let pass.
BREAKDOWN_TOLERANCE = Fraction(1, 1000)
_MARKET = "explains_scope2_market"
# What a recipe line may explain: its name and unit, where the figure stands, which member of the line says its part.
EXPLAINED: tuple[tuple[str, UnitCode, tuple[str, ...], str], ...] = (
    *((one.value, one.unit, ("indicators", one.value, "own"), one.value) for one in Indicator),
    ("market-based Scope 2", Indicator.CO2E.unit, ("breakdown", "co2e", "scope2_market"), _MARKET),
)
SLICES = ("own", "upstream", "total")
QUALITY_SHARES = ("measured", "allocated", "secondary", "unknown")


def _indicator_totals(subject: Subject) -> list[Problem]:
    found = []
    stated = at(subject, "indicators") or {}
    for indicator in Indicator:
        slices = stated.get(indicator.value, {})
        if len(slices) < len(SLICES):
            continue
        own, upstream, total = (amount_in(slices.get(part), indicator.unit) for part in SLICES)
        if own is None or upstream is None or total is None or own + upstream == total:
            continue
        detail = (
            f"Own and upstream make {decimal_text(own + upstream)} {indicator.unit.value}, and the total says "
            f"{decimal_text(total)}."
        )
        place = ("indicators", indicator.value, "total")
        found.append(problem("indicator.total", place, detail, "Correct one of the three figures."))
    return found


def _fractions(subject: Subject) -> list[Problem]:
    materials = at(subject, "composition", "materials")
    if not materials:
        return []
    total = sum(
        [Decimal(entry["mass_fraction"]) for entry in materials], Decimal(0)
    )  # exact: 13 digits at most
    if abs(total - 1) <= COMPOSITION_TOLERANCE:
        return []
    whole = decimal_text(Fraction(total))
    detail = f"The mass fractions of the materials make {whole}, and the whole product is 1."
    advice = "Name the rest as a material of its own; 0.98 to 1.02 is let pass."
    return [problem("fraction.sum", ("composition", "materials"), detail, advice)]


def _quality(subject: Subject) -> list[Problem]:
    found = []
    for name, shares in (at(subject, "quality") or {}).items():
        whole = _whole(*map(shares.__getitem__, QUALITY_SHARES))
        if whole:
            detail = f"Measured, allocated, secondary and unknown make {whole} and not 1."
            advice = "Give what is left to unknown."
            found.append(problem("quality.sum", ("quality", name), detail, advice))
    return found


# Whoever publishes much states the same shares again and again.
@lru_cache(maxsize=REMEMBERED)
def _whole(*shares: str) -> str:
    """What the shares make in a sentence, "" where that is 1."""
    total = sum(map(Decimal, shares), Decimal(0))  # exact: of 13 digits at most
    return "" if total == 1 else decimal_text(Fraction(total))


def _water(subject: Subject) -> list[Problem]:
    water = at(subject, "breakdown", "water") or {}
    if not {"withdrawal", "discharge", "consumption"} <= set(water):
        return []
    withdrawn = _total((line["amount"] for line in water["withdrawal"]), UnitCode.CUBIC_METRE)
    discharged = _total((line["amount"] for line in water["discharge"]), UnitCode.CUBIC_METRE)
    consumed = amount_in(water["consumption"], UnitCode.CUBIC_METRE)
    if consumed is None or abs(withdrawn - discharged - consumed) <= withdrawn * BREAKDOWN_TOLERANCE:
        return []
    detail = (
        f"Withdrawal less discharge is {decimal_text(withdrawn - discharged)} m3, and consumption says "
        f"{decimal_text(consumed)} m3."
    )
    place = ("breakdown", "water", "consumption")
    return [
        problem("water.consumption", place, detail, "Correct one of the three, or leave consumption out.")
    ]


def _total(amounts: Iterable[Subject | None], unit: UnitCode) -> Fraction:
    # Amounts have 27 digits, and documents far fewer amounts than 10^33: none of their sums is rounded.
    sums: dict[str, Decimal] = {}
    for amount in amounts:
        if amount is not None:
            code = amount["unit"]
            sums[code] = _EXACT.add(sums.get(code, Decimal(0)), Decimal(amount["amount"]))
    return sum(
        (found for code, amount in sums.items() if (found := decimal_in(amount, code, unit)) is not None),
        Fraction(0),
    )


def _is_signed(figure: Subject) -> bool:
    """Whether a figure may lie below zero, so that nothing at all is more than it."""
    return str(figure["amount"]).startswith("-")


def _breakdown(subject: Subject) -> list[Problem]:
    return [*_scopes(subject), *_parts(subject)]


def _scopes(subject: Subject) -> list[Problem]:
    if at(subject, "breakdown", "co2e") is None:
        return []
    unit = Indicator.CO2E.unit
    own = amount_in(at(subject, "indicators", "co2e", "own"), unit)
    direct = amount_in(at(subject, "breakdown", "co2e", "scope1"), unit)
    bought = amount_in(at(subject, "breakdown", "co2e", "scope2_location"), unit)
    if own is None or direct is None or bought is None:
        return []
    if abs(direct + bought - own) <= own * BREAKDOWN_TOLERANCE:
        return []
    detail = (
        f"Scope 1 and location-based Scope 2 make {decimal_text(direct + bought)} kg, and the own CO2e is "
        f"{decimal_text(own)} kg."
    )
    return [
        problem("breakdown.sum", ("breakdown", "co2e"), detail, "The two scopes together are the own CO2e.")
    ]


def _parts(subject: Subject) -> list[Problem]:
    """Energy by carrier, waste by code and water by source are parts of the own figure, never more."""
    found = []
    for indicator, path in (
        (Indicator.ENERGY, ("breakdown", "energy")),
        (Indicator.WASTE, ("breakdown", "waste")),
        (Indicator.WATER, ("breakdown", "water", "withdrawal")),
    ):
        figure, lines = at(subject, "indicators", indicator.value, "own"), at(subject, *path)
        if figure is None or not (lines or _is_signed(figure)):
            continue
        own = amount_in(figure, indicator.unit)
        parts = _total((line["amount"] for line in lines or []), indicator.unit)
        if own is None or (not parts and own >= 0) or parts - own <= own * BREAKDOWN_TOLERANCE:
            continue
        unit = indicator.unit.value
        detail = f"The parts make {decimal_text(parts)} {unit}, more than the own {decimal_text(own)} {unit}."
        found.append(
            problem("breakdown.sum", path, detail, "A part belongs to the own figure; correct either.")
        )
    return found


def _recipe(subject: Subject) -> list[Problem]:
    parts = _explained(at(subject, "process", "inputs") or [])
    found = []
    for name, unit, stated, member in EXPLAINED:
        figure = at(subject, *stated)
        if figure is None or not (member in parts or _is_signed(figure)):
            continue
        own, explained = amount_in(figure, unit), _total(parts.get(member, ()), unit)
        if own is None or explained <= own:
            continue
        detail = (
            f"The recipe explains {decimal_text(explained)} {unit.value} of {name}, more than the own "
            f"{decimal_text(own)} {unit.value}."
        )
        advice = "A line explains the part of the own figure that the bought input brings with it."
        found.append(problem("recipe.over_explained", ("process", "inputs"), detail, advice))
    return found


def _explained(lines: Iterable[Subject]) -> dict[str, list[Subject]]:
    """What the lines of a recipe explain of each figure, none of those of which they explain nothing."""
    parts: dict[str, list[Subject]] = {}
    for line in lines:
        for name, amount in line.get("explains", {}).items():
            parts.setdefault(name, []).append(amount)
        if _MARKET in line:
            parts.setdefault(_MARKET, []).append(line[_MARKET])
    return parts


def _recipe_lines(subject: Subject) -> list[Problem]:
    lines = at(subject, "process", "inputs") or []
    if len({line["line"] for line in lines}) == len(lines):
        return []
    seen: set[str] = set()
    found = []
    for path, line in entries(subject, "process", "inputs"):
        if line["line"] in seen:
            detail = f'Two lines of the recipe are called "{line["line"]}".'
            found.append(
                problem("recipe.line_twice", (*path, "line"), detail, "Give each line its own number.")
            )
        seen.add(line["line"])
    return found


def _co_products(subject: Subject) -> list[Problem]:
    outputs = entries(subject, "process", "co_products")
    if not outputs:
        return []
    found = [
        problem(
            "coproduct.shares",
            (*path, "product"),
            "The product itself stands among its co-products.",
            "List only the other outputs; the product keeps what they leave.",
        )
        for path, output in outputs
        if output["product"] == subject["id"]
    ]
    total = sum((Fraction(output["share"]) for _, output in outputs), Fraction(0))
    if total >= 1:
        detail = (
            f"The co-products bear {decimal_text(total)} of the effect and leave nothing for the product."
        )
        place: Path = ("process", "co_products")
        found.append(problem("coproduct.shares", place, detail, "Their shares together stay below 1."))
    return found


def _months(subject: Subject) -> list[Problem]:
    shares = at(subject, "byproducts", "month_shares")
    total = sum([Decimal(share) for share in shares or []], Decimal(0))  # exact: of 13 digits at most
    if shares is None or abs(total - 1) <= COMPOSITION_TOLERANCE:
        return []
    detail = f"The twelve months make {decimal_text(Fraction(total))}, and the whole year is 1."
    place = ("byproducts", "month_shares")
    return [problem("stream.month_shares", place, detail, "Correct the shares; 0.98 to 1.02 is let pass.")]


_PRODUCT = frozenset({"product"})
_RECIPES = frozenset({"product", "delivery"})
CHECKS = (
    Check("indicator.total", _PRODUCT, "Own and upstream make the total, exactly.", _indicator_totals),
    Check("fraction.sum", _PRODUCT, "The mass fractions of the materials make 1 within 0.02.", _fractions),
    Check(
        "quality.sum",
        frozenset({"product", "delivery", "organisation", "stream"}),
        "Measured, allocated, secondary and unknown make 1, exactly.",
        _quality,
    ),
    Check(
        "water.consumption",
        _PRODUCT,
        "Consumption is withdrawal less discharge, within a thousandth of the withdrawal.",
        _water,
        group="breakdown",
    ),
    Check(
        "breakdown.sum",
        _PRODUCT,
        "Scope 1 and location-based Scope 2 are the own CO2e; energy, waste and water parts stay within own.",
        _breakdown,
    ),
    Check("recipe.over_explained", _RECIPES, "The recipe explains no more than the own figure.", _recipe),
    Check("recipe.line_twice", _RECIPES, "Each line of a recipe has its own number.", _recipe_lines),
    Check("coproduct.shares", _PRODUCT, "Co-products bear less than the whole effect.", _co_products),
    Check(
        "stream.month_shares",
        frozenset({"stream"}),
        "The shares of the twelve months make 1 within 0.02.",
        _months,
    ),
)
