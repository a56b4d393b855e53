"""What the rows of a bill sheet are, and the flow each of them names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from connectors.account_cells import Span
from connectors.account_sheets import RowFault
from connectors.account_words import CARRIERS, SOURCES
from connectors.vocabulary import Language
from exchange.domain.calculation.account import Energy, KeyMethod, Material, Waste, Water
from exchange.domain.calculation.account_table import FlowEntry
from exchange.domain.calculation.carriers import origin_of
from exchange.domain.periods import Period
from exchange.domain.quantities import Dimension, UnitCode
from exchange.domain.waste import is_hazardous

ZERO = Decimal(0)
_OPERATION = re.compile(r"(D([1-9]|1[0-5])|R([1-9]|1[0-3]))", re.ASCII)


class EnergyRow(NamedTuple):
    """A row of the sheet Energy; what names the flow comes first."""

    carrier: str
    name: str | None
    key: str | None
    amount: Decimal
    unit: UnitCode
    heating: str | None
    calorific: Decimal | None
    first: Span
    last: Span | None
    meter: str | None
    number: str | None
    credit: bool | None
    estimated: bool | None
    confirmed: bool | None


class WaterRow(NamedTuple):
    """A row of the sheet Water."""

    source: str | None
    name: str | None
    key: str | None
    unit: UnitCode
    amount: Decimal
    first: Span
    last: Span | None
    meter: str | None
    number: str | None
    credit: bool | None
    estimated: bool | None
    confirmed: bool | None


class MaterialRow(NamedTuple):
    """A row of the sheets Materials and Packaging; `level` is for the latter."""

    name: str
    level: str | None
    category: str | None
    unit: UnitCode
    mass: Decimal | None
    pre: Decimal | None
    post: Decimal | None
    bio: Decimal | None
    by_product: bool | None
    country: str | None
    supplier: str | None
    supplier_product: str | None
    key: str | None
    amount: Decimal
    first: Span
    last: Span | None
    number: str | None
    credit: bool | None
    estimated: bool | None
    confirmed: bool | None


class WasteRow(NamedTuple):
    """A row of the sheet Waste."""

    code: str
    treatment: str
    name: str | None
    operation: str | None
    hazardous: bool | None
    key: str | None
    unit: UnitCode
    amount: Decimal
    first: Span
    last: Span | None
    number: str | None
    credit: bool | None
    estimated: bool | None
    confirmed: bool | None


@dataclass
class Flows:
    """The flows the rows of a file name, each once, by what names them; and the periods they state."""

    _known: dict[tuple[object, ...], FlowEntry] = field(default_factory=dict)
    _periods: dict[tuple[Span, Span | None], Period] = field(default_factory=dict)

    def all(self) -> Sequence[FlowEntry]:
        """Every flow once, in the order of the rows."""
        return tuple(dict.fromkeys(self._known.values()))

    def of(
        self,
        language: Language,
        row: tuple[Any, ...],
        length: int,
        make: Callable[[Any, Language], FlowEntry],
    ) -> FlowEntry:
        """The flow that the first `length` cells of a row name. Raises RowFault, as `make` does."""
        named = (language, make, row[:length])
        flow = self._known.get(named)
        if flow is None:
            flow = self._known[named] = make(row, language)
        return flow

    def period(self, first: Span, last: Span | None) -> Period:
        """The days from the first to the last one, the last one included. Raises RowFault."""
        known = self._periods.get((first, last))
        if known is None:
            known = self._periods[first, last] = period_of(first, last)
        return known


def period_of(first: Span, last: Span | None) -> Period:
    """The days a row states; a month or a year in its first cell needs no last one.

    Raises RowFault (`cell.missing`, `period.order`).
    """
    if last is None and not first.is_whole:
        raise RowFault(
            "cell.missing", "The last day is empty: only a whole month or year needs none.", "last"
        )
    end = first.end if last is None else last.end
    if end <= first.start:
        raise RowFault("period.order", "The last day is before the first one.", "last")
    return Period(first.start, end)


def flow_of_energy(carrier: str, name: str, key: KeyMethod | None = None) -> FlowEntry:
    """The flow of a carrier, in kWh."""
    return FlowEntry(name, Energy(carrier, origin_of(carrier)), UnitCode.KILOWATT_HOUR, key=key)


def flow_of_water(source: str, name: str, key: KeyMethod | None = None) -> FlowEntry:
    """The flow of a source of water, in m3."""
    return FlowEntry(name, Water(source), UnitCode.CUBIC_METRE, key=key)


def energy_flow(row: EnergyRow, language: Language) -> FlowEntry:
    """The flow of a row."""
    return flow_of_energy(row.carrier, row.name or CARRIERS.label(row.carrier, language), _key(row.key))


def water_flow(row: WaterRow, language: Language) -> FlowEntry:
    """The flow of a row. Raises RowFault `unit.dimension`."""
    if row.unit.dimension is not Dimension.VOLUME:
        raise RowFault("unit.dimension", "Water is counted in m3 or litres.", "unit")
    source = row.source or "public_supply"
    return flow_of_water(source, row.name or SOURCES.label(source, language), _key(row.key))


def material_flow(row: MaterialRow, language: Language) -> FlowEntry:
    """The flow of a row. Raises RowFault (`material.shares`, `material.mass`)."""
    shares = [row.pre or ZERO, row.post or ZERO, row.bio or ZERO]
    if sum(shares) > 1:
        raise RowFault(
            "material.shares", "Recycled and bio-based shares are together more than 100 %.", "post"
        )
    is_mass = row.unit.dimension is Dimension.MASS
    if is_mass and row.mass is not None and row.mass != row.unit.factor:
        raise RowFault(
            "material.mass", f"The unit is itself a mass of {row.unit.factor} kg: leave this empty.", "mass"
        )
    detail = Material(
        None if is_mass else row.mass,
        shares[0],
        shares[1],
        shares[2],
        bool(row.by_product),
        row.level or "",
        row.country or "",
        row.supplier or "",
    )
    unit = UnitCode.KILOGRAM if is_mass else row.unit
    return FlowEntry(row.name, detail, unit, row.category or "", row.supplier_product or "", _key(row.key))


def waste_flow(row: WasteRow, language: Language) -> FlowEntry:
    """The flow of a row. Raises RowFault (`unit.dimension`, `waste.hazard`, `waste.operation`)."""
    if row.unit.dimension is not Dimension.MASS:
        raise RowFault(
            "unit.dimension", "Waste is weighed: give kg or t, as the carrier's statement does.", "unit"
        )
    if row.hazardous is not None and row.hazardous is not is_hazardous(row.code):
        flag = "hazardous" if is_hazardous(row.code) else "not hazardous"
        raise RowFault("waste.hazard", f"The List of Waste says that {row.code} is {flag}.", "hazardous")
    operation = (row.operation or "").upper().replace(" ", "")
    if operation and not _OPERATION.fullmatch(operation):
        raise RowFault("waste.operation", "An operation is R1 to R13 or D1 to D15.", "operation")
    name = row.name or " ".join(
        ("EAK" if language == "da" else "EWC", row.code[:2], row.code[2:4], row.code[4:])
    )
    return FlowEntry(name, Waste(row.code, row.treatment, operation), UnitCode.KILOGRAM, key=_key(row.key))


def _key(word: str | None) -> KeyMethod | None:
    return KeyMethod(word) if word is not None else None
