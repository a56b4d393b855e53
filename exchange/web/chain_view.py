"""A chain's cells in words: five tiles of one period, and one table of every measure, indicator and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup

from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.services.chain_cells import CONFIDENTIAL, ChainCell, Change
from exchange.services.chain_viewing import NO_DATA, RELEASED
from exchange.web import formats
from exchange.web.chain_amounts import scales_of
from exchange.web.charts.quality_bar import QUALITIES, quality_bar
from exchange.web.charts.trend import trend
from exchange.web.figures import say_shares
from exchange.web.formats import NO_BREAK, Scale
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import (
    CHANGES,
    CLASS_MEANINGS,
    CLASSES,
    GAPS,
    HINDRANCES,
    INDICATORS,
    PRICE_BASES,
    in_sentence,
    word,
)

PER_SHOWN = {Indicator.ENERGY: (Decimal("3.6"), "kWh")}  # productivity is per MJ, read per kWh
PER_SYMBOL = {
    Indicator.RESOURCES: "kg", Indicator.WATER: "m³", Indicator.CO2E: "kg CO₂e", Indicator.WASTE: "kg",
}  # fmt: skip

OTHER_MEMBERS: dict[str, str] = {
    "product": _("the products asked for are not the same in the two periods"),
    "group": _("the group does not have the same members in the two periods"),
    "place": _("the place does not have the same members in the two periods"),
}


@dataclass(frozen=True)
class CellView:
    """One indicator in one period; every text is "" where there is nothing to say."""

    name: str
    period: str
    status: str
    is_confidential: bool
    value: str
    is_at_least: bool
    also: str
    per_unit: str
    own: str
    upstream: str
    quality: str
    measured: str
    bar: Markup
    trend: Markup
    coverage: str
    productivity: str
    productivity_covers: str
    reference: str
    effect_index: str
    productivity_index: str
    decoupling: str
    meaning: str
    why_none: str


@dataclass(frozen=True)
class IndicatorView:
    """One indicator's rows of the table, oldest period first; `reference` is the index's base year."""

    name: str
    reference: str
    rows: tuple[CellView, ...]


@dataclass(frozen=True)
class GapView:
    """What is missing from a period's totals, and how often; `name` only where the viewer may know it.

    `is_beside`: it is missing from a group's upstream alone.
    """

    reason: str
    name: str
    times: str
    is_beside: bool


def cell_views(
    reader: Reader, cells: Sequence[ChainCell], kind: str = "product", pending: Container[Period] = ()
) -> tuple[CellView, ...]:
    """All cells of a chain of this kind, by indicator and then period, an indicator's scale shared by its periods.

    `pending` are the periods whose figures are being worked out for the first time.
    """
    views, scales = [], scales_of(cells)
    for indicator in Indicator:
        mine = sorted((cell for cell in cells if cell.indicator is indicator), key=lambda cell: cell.period)
        for cell in mine:
            alike = [one for one in mine if one.period.is_as_long_as(cell.period)]
            line = _trend(reader, alike, scales[indicator])
            view = _view(reader, cell, scales[indicator], line, kind)
            is_pending = cell.status == NO_DATA and cell.period in pending
            views.append(replace(view, status=reader.say("Being worked out")) if is_pending else view)
    return tuple(views)


def by_indicator(views: Iterable[CellView]) -> tuple[IndicatorView, ...]:
    """The views under their indicators, whose order they keep."""
    grouped: dict[str, list[CellView]] = {}
    for view in views:
        grouped.setdefault(view.name, []).append(view)
    return tuple(
        IndicatorView(name, next((row.reference for row in rows if row.effect_index), ""), tuple(rows))
        for name, rows in grouped.items()
    )


def price_basis(reader: Reader, cells: Iterable[ChainCell]) -> str:
    """What value added is counted in, once for all cells."""
    bases = dict.fromkeys(cell.price_basis for cell in cells if cell.price_basis)
    return reader.list_of([word(reader, PRICE_BASES, basis) for basis in bases])


def gap_views(reader: Reader, cells: Iterable[ChainCell]) -> tuple[GapView, ...]:
    """Why totals are "at least", each reason once."""
    found = Counter((part.is_beside, part.reason, part.name or "") for cell in cells for part in cell.missing)
    return tuple(
        GapView(
            word(reader, GAPS, reason),
            name,
            reader.say_many("in one indicator", "in %(count)s indicators", count),
            is_beside,
        )
        for (is_beside, reason, name), count in sorted(found.items())
    )


def _view(reader: Reader, cell: ChainCell, scale: Scale, line: Markup, kind: str) -> CellView:
    language = reader.language
    shares = {name: share for name in QUALITIES if (share := getattr(cell, name)) is not None}
    said = say_shares(reader, shares)
    change = cell.base or cell.previous
    return CellView(
        name=word(reader, INDICATORS, cell.indicator),
        period=say_period(reader, cell.period),
        status=_status(reader, cell),
        is_confidential=cell.status == CONFIDENTIAL,
        value=_amount(reader, cell.value, scale),
        is_at_least=cell.is_at_least,
        also=_gigajoules(reader, cell),
        per_unit=_at_least(reader, _per_unit(reader, cell), cell.is_at_least),
        own=_amount(reader, cell.own, scale),
        upstream=_at_least(reader, _amount(reader, cell.upstream, scale), cell.upstream_is_at_least),
        quality=said,
        measured=formats.share(shares["measured"], language) if shares else "",
        bar=quality_bar(shares, said) if shares else Markup(""),
        trend=line if cell.status == RELEASED else Markup(""),
        coverage=formats.share(cell.coverage_mass, language) if cell.coverage_mass is not None else "",
        productivity=_productivity(reader, cell),
        productivity_covers=_covers(reader, cell),
        reference=say_period(reader, change.reference) if change else "",
        effect_index=_index(reader, change.effect_index if change else None),
        productivity_index=_index(reader, change.productivity_index if change else None),
        decoupling=word(reader, CLASSES, change.decoupling) if change and change.decoupling else "",
        meaning=_meaning(reader, change),
        why_none=_why_none(reader, cell, change, kind),
    )


def say_period(reader: Reader, period: Period) -> str:
    """A period as people say it."""
    return formats.period(period.start, period.end, reader.language)


def _status(reader: Reader, cell: ChainCell) -> str:
    if cell.status == RELEASED:
        return ""
    return reader.say("Confidential") if cell.status == CONFIDENTIAL else reader.say("No data")


def _amount(reader: Reader, value: Decimal | None, scale: Scale) -> str:
    return "" if value is None else scale.show(value, reader.language)


def _at_least(reader: Reader, text: str, is_at_least: bool) -> str:
    """What follows from a lower limit is one too."""
    return reader.say("at least %(amount)s", amount=text) if text and is_at_least else text


def _gigajoules(reader: Reader, cell: ChainCell) -> str:
    if cell.indicator is not Indicator.ENERGY or cell.value is None:
        return ""
    return formats.GIGAJOULES.show(cell.value, reader.language)


def _per_unit(reader: Reader, cell: ChainCell) -> str:
    if cell.per_unit is None or cell.per_unit_of is None:
        return ""
    scale = formats.choose_scale(cell.indicator, [cell.per_unit])
    return reader.say(
        "%(amount)s per %(unit)s",
        amount=scale.show(cell.per_unit, reader.language),
        unit=formats.unit_of_one(cell.per_unit_of, reader.language),
    )


def _productivity(reader: Reader, cell: ChainCell) -> str:
    if cell.productivity is None:
        return ""
    factor, symbol = PER_SHOWN.get(cell.indicator) or (Decimal(1), PER_SYMBOL[cell.indicator])
    amount = formats.figure(cell.productivity * factor, reader.language)
    money = f"{amount}{NO_BREAK}{'kr.' if reader.language == 'da' else 'DKK'}"
    return f"{money}/{symbol}"


def _covers(reader: Reader, cell: ChainCell) -> str:
    """The share of the effect that productivity speaks for, or why there is none."""
    if cell.productivity_hidden:
        return reader.say("confidential")
    covered = formats.share(cell.productivity_coverage or Decimal(0), reader.language)
    if cell.productivity is not None:
        return reader.say("covers %(share)s of the effect", share=covered)
    return word(reader, HINDRANCES, cell.productivity_hindrance) if cell.productivity_hindrance else ""


def _index(reader: Reader, value: Decimal | None) -> str:
    return "" if value is None else formats.number(value, reader.language, 1)


def _meaning(reader: Reader, change: Change | None) -> str:
    """What the class means, or what keeps it from being one."""
    if change is None or not change.decoupling:
        return ""
    if change.hindrance is None:
        return word(reader, CLASS_MEANINGS, change.decoupling)
    reason = word(reader, HINDRANCES, change.hindrance)
    return f"{reason[:1].upper()}{reason[1:]}."


def _why_none(reader: Reader, cell: ChainCell, change: Change | None, kind: str) -> str:
    """Why there is no class: what hinders it, or that value added is not for this viewer."""
    if cell.status != RELEASED or (change and change.decoupling):
        return ""
    if change is None:
        return ""
    if change.hindrance is None:
        return reader.say("No class: value added is confidential.") if cell.productivity_hidden else ""
    if "membership" in change.changes:  # what else differs may follow from that
        return reader.say("Not compared: %(reason)s.", reason=word(reader, OTHER_MEMBERS, kind))
    reasons = [
        word(reader, HINDRANCES, change.hindrance),
        *(word(reader, CHANGES, one) for one in change.changes),
    ]
    return reader.say("Not compared: %(reason)s.", reason=in_sentence(", ".join(reasons)))


def _trend(reader: Reader, cells: Sequence[ChainCell], scale: Scale) -> Markup:
    values = [cell.value for cell in cells]
    said = ", ".join(
        f"{say_period(reader, cell.period)}: {_amount(reader, cell.value, scale) or reader.say('no figure')}"
        for cell in cells
    )
    return trend(values, said, [False, *(_is_compared(here, before) for before, here in pairwise(cells))])


def _is_compared(cell: ChainCell, before: ChainCell) -> bool:
    """Whether a cell's change since the one before it could be told: only then does a line lead there."""
    change = cell.previous
    return change is not None and change.reference == before.period and change.effect_index is not None
