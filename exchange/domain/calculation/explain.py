"""A figure opened to its sum: bill -> conversion -> factor -> key -> share -> per unit, as plain data.

The same form is stored, shown on the page, signed in a dataset's `breakdown` and written to Excel. Amounts that have an
end as decimals are exact; others are shown with twelve significant digits. From the amount per unit on (six digits) all
is exact, so whoever follows the steps with a pocket calculator gets the same figure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.calculation.account import Energy, Flow, Material, Waste, Water
from exchange.domain.calculation.conversion import Conversion
from exchange.domain.calculation.effects import Column, Effect
from exchange.domain.calculation.figures import Entry, Line, times
from exchange.domain.calculation.site_totals import to_places
from exchange.domain.calculation.spreading import Booked, Counted, Spreading
from exchange.domain.quantities import FRACTION_DIGITS, Quantity, UnitCode, decimal_to_wire

Document: TypeAlias = dict[str, Any]
SHOWN_DIGITS = 12
MOST_BILLS = 36


def explain_line(line: Line, columns: Collection[Column] | None = None) -> Document:
    """The steps of one flow's part in a product's figures; `columns` None keeps every column it adds to."""
    spreading, unit = line.entry.spreading, line.flow.unit
    steps = (
        _explain_flow(spreading, _bills(spreading))
        | _explain_share(spreading, line.share.process)
        | {
            "period": line.entry.period.to_wire(),
            "amount": _quantity(line.amount, unit),
            "produced": shown(line.share.produced),
            "per_unit": {"amount": decimal_to_wire(line.per_unit), "unit": unit.value},
            "measured": _share(line.measured),
            "secondary": _share(line.secondary),
            "effects": [
                _effect(effect, line.per_unit)
                for effect in line.entry.effects
                if columns is None or effect.column in columns
            ],
        }
    )
    if line.share.bears != 1:
        steps["process_share"] = shown(line.share.bears)
    return steps


def explain_entry(entry: Entry) -> Document:
    """The steps of one flow's part in the site's own figures: what the bills say in all, and what no product gets."""
    spreading = entry.spreading
    bills = [_bill(one, spreading.flow.unit) for one in spreading.booked]
    return _explain_flow(spreading, bills) | {
        "flow_id": spreading.flow.id,
        "detail": _detail(spreading.flow),
        "period": entry.period.to_wire(),
        "rest": _quantity(spreading.rest, spreading.flow.unit),
        "effects": [_site_effect(one, spreading.site_amount) for one in entry.effects],
    }


def _detail(flow: Flow) -> Document:
    """What the flow is made of, as plain data."""
    plain = {name: value for name, value in vars(flow.detail).items() if value not in {None, ""}}
    return {
        name: decimal_to_wire(value) if isinstance(value, Decimal) else value for name, value in plain.items()
    }


def _explain_flow(spreading: Spreading, bills: list[Document]) -> Document:
    flow = spreading.flow
    return {
        "flow": flow.name,
        "kind": kind_of(flow),
        "bills": bills,
        "total": _quantity(spreading.site_amount, flow.unit),
        "key": {"name": spreading.weights.key.name, "method": spreading.weights.key.method.value},
    }


def _explain_share(spreading: Spreading, process: str) -> Document:
    """A product's readings, and its part by window."""
    counted = [one for one in spreading.counted if one.reading.product == process]
    readings = {"readings": [_reading(one, spreading.flow.unit) for one in counted]} if counted else {}
    return readings | {"windows": _windows(spreading, process)}


def kind_of(flow: Flow) -> str:
    """energy, water, material, packaging or waste."""
    match flow.detail:
        case Energy():
            return "energy"
        case Water():
            return "water"
        case Material():
            return "packaging" if flow.detail.level else "material"
        case Waste():
            return "waste"


def shown(amount: Fraction) -> str:
    """The amount as text: exact where it ends within twelve places, else with twelve significant digits."""
    places = FRACTION_DIGITS
    if not _ends(amount) and abs(amount) >= 1:
        places = max(0, SHOWN_DIGITS - len(str(abs(int(amount)))))
    return decimal_to_wire(Decimal(round(amount * 10**places)).scaleb(-places))


def _ends(amount: Fraction) -> bool:
    """Whether it is a decimal within the twelve places an amount on the wire has."""
    scaled: Fraction = amount * 10**FRACTION_DIGITS
    return scaled.denominator == 1


def _windows(spreading: Spreading, product: str) -> list[Document]:
    """By window in which anything was used: what was left to spread, the product's weight, and what it got."""
    weights, result = spreading.weights, []
    index = weights.products.index(product) if product in weights.products else None
    metered = spreading.metered.get(product)
    for place, window in enumerate(spreading.windows):
        if not spreading.total[place]:
            continue
        step: Document = {
            "period": window.to_wire(),
            "to_spread": shown(Fraction(spreading.to_spread[place], spreading.scale)),
            "metered": shown(Fraction(metered[place], spreading.scale)) if metered else "0",
            "amount": shown(Fraction(spreading.units_in(product, place), spreading.denominator)),
        }
        if index is not None and weights.whole[place]:
            step["weight"] = shown(Fraction(weights.by_window[place][index], weights.scale))
            step["whole"] = shown(Fraction(weights.whole[place], weights.scale))
        result.append(step)
    return result


def by_share(window: Mapping[str, Any]) -> Document:
    """A window whose weight is the product's share of 1, for readers who may not know what a key counts.

    Weights are revenue or machine hours, and their whole is what other products have. Where twelve decimals of a small
    share would not give the amount to its last digit shown, both are larger by powers of ten.
    """
    if "weight" not in window:
        return dict(window)
    to_spread, amount = Fraction(window["to_spread"]), Fraction(window["amount"])
    share, step = Fraction(window["weight"]) / Fraction(window["whole"]), _last_digit(amount)
    for places in range(FRACTION_DIGITS + 1):
        whole = 10**places
        weight = to_places(share * whole)
        away = to_spread * Fraction(weight) / whole + Fraction(window["metered"]) - amount
        if abs(away) <= step:
            break
    return {**window, "weight": decimal_to_wire(weight), "whole": str(whole)}


def _last_digit(amount: Fraction) -> Fraction:
    """One unit of the last of the digits an amount is shown with."""
    digits = len(str(int(amount))) if amount >= 1 else 0
    return Fraction(1, 10 ** max(0, SHOWN_DIGITS - digits))


def _bills(spreading: Spreading) -> list[Document]:
    """The bills of a flow; a long list as one sum for each window, for it stands whole with the site's own figure."""
    unit = spreading.flow.unit
    if len(spreading.booked) <= MOST_BILLS:
        return [_bill(one, unit) for one in spreading.booked]
    starts = [window.start for window in spreading.windows]  # in order, and no window cuts a bill
    counts = Counter(bisect_right(starts, one.period.start) - 1 for one in spreading.booked)
    sums = []
    for place, window in enumerate(spreading.windows):
        if count := counts[place]:
            amount = _quantity(Fraction(spreading.total[place], spreading.scale), unit)
            number = f"{count} bills, listed with the site's own figure"
            sums.append({"period": window.to_wire(), "amount": amount, "accounted": amount, "number": number})
    return sums


def _bill(booked: Booked, unit: UnitCode) -> Document:
    bill = booked.bill
    step: Document = {
        "period": bill.period.to_wire(),
        "amount": bill.amount.to_wire(),
        "accounted": _quantity(booked.amount, unit, signed=True),
    }
    if bill.place:
        step["place"] = bill.place
    if bill.number:
        step["number"] = bill.number
    if booked.conversions:
        step["conversions"] = [_conversion(one) for one in booked.conversions]
    if booked.inside != 1:
        step["inside"] = f"{booked.period.days}/{bill.period.days}"
    for name, holds in (("credit", bill.is_credit), ("estimate", bill.is_estimate)):
        if holds:
            step[name] = True
    return step


def _reading(counted: Counted, unit: UnitCode) -> Document:
    reading = counted.reading
    step: Document = {
        "period": reading.period.to_wire(),
        "amount": reading.amount.to_wire(),
        "accounted": _quantity(counted.amount, unit),
    }
    if reading.place:
        step["place"] = reading.place
    if reading.delivery:
        step["delivery"] = reading.delivery
    if counted.conversions:
        step["conversions"] = [_conversion(one) for one in counted.conversions]
    return step


def _conversion(one: Conversion) -> Document:
    step: Document = {
        "kind": one.kind.value,
        "multiplier": shown(one.multiplier),
        "unit": f"{one.to_unit.value}/{one.from_unit.value}",
    }
    inverse = 1 / one.multiplier
    if inverse != 1 and _ends(inverse) and (inverse.denominator == 1 or not _ends(one.multiplier)):
        step["divisor"] = shown(inverse)
    if one.factor is not None:
        step |= {"reference": one.factor.reference, "source": one.factor.source}
    return step


def _site_effect(effect: Effect, amount: Fraction) -> Document:
    """What the whole amount of a flow adds to a column, rounded once to the last place there is."""
    step = _multiplication(effect)
    if effect.value is None:
        return step
    whole = to_places(amount * Fraction(effect.value))
    return step | {"effect": Quantity(whole, effect.column.unit).to_wire()}


def _effect(effect: Effect, per_unit: Decimal) -> Document:
    step = _multiplication(effect)
    if effect.value is None:
        return step
    return step | {"effect": Quantity(times(per_unit, effect) or Decimal(0), effect.column.unit).to_wire()}


def _multiplication(effect: Effect) -> Document:
    """By what an amount is multiplied, and where that comes from; nothing but the column where nobody knows."""
    step: Document = {"column": effect.column.value}
    if effect.value is None:
        return step
    step["multiplier"] = decimal_to_wire(effect.value)
    if effect.factor is not None:
        factor = effect.factor
        step["factor"] = {
            "value": decimal_to_wire(factor.value),
            "unit": f"{factor.result.value}/{factor.activity.value}",
            "reference": factor.reference,
            "source": factor.source,
            "year": str(factor.year),
            "basis": factor.basis.value,
            **({"gwp_set": factor.gwp_set} if factor.gwp_set else {}),
        }
    return step


def _quantity(amount: Fraction, unit: UnitCode, *, signed: bool = False) -> Document:
    if amount < 0 and not signed:
        raise ValueError("an amount below zero where none can be")
    return {"amount": shown(amount), "unit": unit.value}


def _share(share: Fraction) -> str:
    return shown(Fraction(round(share * 10**6), 10**6))
