"""Where a chain's totals come from, why they changed, and how declared figures and recipes differ, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.change_causes import ChainCause
from exchange.domain.indicators import Indicator
from exchange.services.chain_cells import ChainCell, Change
from exchange.services.chain_parts_view import OriginView, ReadingView
from exchange.web import formats
from exchange.web.chain_amounts import Sum
from exchange.web.formats import Scale
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import INDICATORS, word

TITLES: dict[str, str] = {
    Indicator.RESOURCES: _("Where resource use comes from"),
    Indicator.WATER: _("Where water use comes from"),
    Indicator.CO2E: _("Where CO2 emissions come from"),
    Indicator.ENERGY: _("Where energy use comes from"),
    Indicator.WASTE: _("Where waste generation comes from"),
}
KINDS: dict[str, str] = {
    "tier": _("By distance"),
    "organisation": _("By organisation"),
    "product": _("By product"),
}
TIERS = (
    _("The end products"),
    _("Direct supplies (tier 1)"),
    _("Tier 2"),
    _("Tier 3"),
)
FURTHER = _("Tier 4 and further back")
CAUSES: dict[str, str] = {
    ChainCause.VOLUME: _("Larger or smaller amounts"),
    ChainCause.MIX: _("Other suppliers or another recipe"),
    ChainCause.INTENSITY: _("Own effect per unit"),
    ChainCause.INTENSITY_WHERE: _("Own effect per unit where your initiative applies"),
    ChainCause.INTENSITY_ELSEWHERE: _("Own effect per unit elsewhere"),
    ChainCause.FACTORS: _("Other factors"),
    ChainCause.DATA_BASIS: _("Data basis: links and missing figures"),
    ChainCause.METHOD: _("Another method"),
}
OTHERS: dict[str, str] = {
    "product": _("Other end products"),
    "group": _("Other members"),
    "place": _("Other members"),
}
WHERE_IT_APPLIES = _(
    "Where your initiative applies other things may have changed too: it is not its effect alone."
)
UNSEEN = _("What your initiative changed cannot be seen until the figures where it applies are measured.")
READINGS: dict[str, str] = {
    "linked": _("the recipe counts"),
    "declared": _("the declared figure counts"),
}


@dataclass(frozen=True)
class PartRow:
    """One part of a total: what it is by, how much, and which share of the total ("" where there is none)."""

    name: str
    amount: str
    share: str
    is_declared: bool


@dataclass(frozen=True)
class PartGroup:
    """Parts of one kind, which sum to the total."""

    name: str
    rows: tuple[PartRow, ...]


@dataclass(frozen=True)
class OriginTable:
    """Where one indicator's total comes from, in the unit its tile has; as shown, parts add up to the total."""

    name: str
    title: str
    total: str
    is_at_least: bool
    groups: tuple[PartGroup, ...]


@dataclass(frozen=True)
class CauseTable:
    """Why totals changed since `reference`: rows of a cause, or of the sum, with an amount per indicator.

    `note` is on the viewer's own initiative: what its line means, or that nothing can be seen yet.
    """

    reference: str
    indicators: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    sums: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ReadingRow:
    """A product's footprint by both readings, per its unit."""

    indicator: str
    product: str
    declared: str
    rolled_up: str
    counts: str


@dataclass(frozen=True)
class ReadingsView:
    """Products whose two readings differ, and a sentence on those that agree ("" where there is none)."""

    rows: tuple[ReadingRow, ...]
    agreeing: str


def origin_tables(
    reader: Reader, cells: Iterable[ChainCell], scales: Mapping[Indicator, Scale]
) -> tuple[OriginTable, ...]:
    """One per indicator with a figure, of the cells of one period, in the scales of the page."""
    return tuple(
        _origin(reader, cell, cell.value, scales[cell.indicator])
        for cell in cells
        if cell.value is not None and cell.origin
    )


def cause_table(
    reader: Reader, cells: Sequence[ChainCell], scales: Mapping[Indicator, Scale], kind: str = "product"
) -> CauseTable | None:
    """The causes of all indicators of one period beside each other; None where none could be told apart."""
    told = [(cell, cell.previous) for cell in cells if cell.previous and cell.previous.causes]
    if not told:
        return None
    names = CAUSES | {ChainCause.MEMBERSHIP: OTHERS[kind]}
    found = {one.cause for _, change in told for one in change.causes}
    causes = [cause for cause in names if cause in found]
    sums = [_summed(change, causes, scales[cell.indicator]) for cell, change in told]
    rows = [
        (
            reader.say(names[cause]),
            tuple(one.say_signed(one.parts[number], reader.language) for one in sums),
        )
        for number, cause in enumerate(causes)
    ]
    reference = told[0][1].reference
    return CauseTable(
        formats.period(reference.start, reference.end, reader.language),
        tuple(word(reader, INDICATORS, cell.indicator) for cell, _ in told),
        tuple(rows),
        tuple(one.say_signed(one.total, reader.language) for one in sums),
        _note(reader, [change for _, change in told]),
    )


def _summed(change: Change, causes: Iterable[str], scale: Scale) -> Sum:
    """What each cause changed, 0 where it changed nothing, and all of them together."""
    by_cause = {one.cause: one.value for one in change.causes}
    values = [by_cause.get(cause, Decimal(0)) for cause in causes]
    total = sum(values, Decimal(0))
    return Sum.of(scale, values, total, max(abs(one) for one in (*values, total)))


def _note(reader: Reader, changes: Iterable[Change]) -> str:
    """On the viewer's own initiative; "" where it has none in the chain."""
    several = list(changes)
    if any(one.cause == ChainCause.INTENSITY_WHERE for change in several for one in change.causes):
        return reader.say(
            "Where your initiative applies other things may have changed too: it is not its effect alone."
        )
    if any(change.initiative_unseen for change in several):
        return reader.say(
            "What your initiative changed cannot be seen until the figures where it applies are measured."
        )
    return ""


def readings_view(reader: Reader, cells: Iterable[ChainCell]) -> ReadingsView:
    """Products that declare a figure and show a recipe: those that differ as shown, and how many do not."""
    every = [_reading(reader, cell.indicator, one) for cell in cells for one in cell.readings]
    rows = tuple(row for row in every if row.declared != row.rolled_up)
    agreeing = len(every) - len(rows)
    said = reader.say_many(
        "One declared figure agrees with its recipe.",
        "%(count)s declared figures agree with their recipes.",
        agreeing,
    )
    return ReadingsView(rows, said if agreeing else "")


def _reading(reader: Reader, indicator: str, one: ReadingView) -> ReadingRow:
    scale = formats.choose_scale(indicator, [one.declared, one.rolled_up])
    unit = formats.unit_of_one(one.unit_of, reader.language)
    declared, rolled_up = (
        reader.say("%(amount)s per %(unit)s", amount=scale.show(value, reader.language), unit=unit)
        for value in (one.declared, one.rolled_up)
    )
    name = word(reader, INDICATORS, indicator)
    return ReadingRow(name, one.name, declared, rolled_up, word(reader, READINGS, one.counts))


def _origin(reader: Reader, cell: ChainCell, total: Decimal, scale: Scale) -> OriginTable:
    by_kind = {kind: [one for one in cell.origin if one.kind == kind] for kind in KINDS}
    sums = {
        kind: Sum.of(scale, [one.value for one in parts], total, total)
        for kind, parts in by_kind.items()
        if parts
    }
    decimals = max(one.decimals for one in sums.values())
    groups = [
        PartGroup(
            reader.say(KINDS[kind]),
            tuple(
                PartRow(
                    _name(reader, part),
                    scale.show_scaled(shown, decimals, reader.language) if part.value else "0",
                    formats.share(part.value / total, reader.language) if total > 0 else "",
                    part.is_declared,
                )
                for part, shown in zip(by_kind[kind], one.parts, strict=True)
            ),
        )
        for kind, one in sums.items()
    ]
    whole = next(iter(sums.values())).total
    name, shown = (
        word(reader, INDICATORS, cell.indicator),
        scale.show_scaled(whole, decimals, reader.language),
    )
    return OriginTable(name, reader.say(TITLES[cell.indicator]), shown, cell.is_at_least, tuple(groups))


def _name(reader: Reader, part: OriginView) -> str:
    if part.kind == "tier":
        return reader.say(FURTHER if part.tier is None else TIERS[part.tier])
    if part.many > 1 or not part.name:
        return reader.say_many("one more", "%(count)s more", part.many)
    return part.name
