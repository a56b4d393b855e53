"""Where a chain's totals come from, why they changed, and how declared figures and recipes differ, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.change_causes import ChainCause
from exchange.services.chain_cells import ChainCell, Change
from exchange.services.chain_parts_view import OriginView, ReadingView
from exchange.web import formats
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import INDICATORS, word

KINDS: dict[str, str] = {
    "tier": _("By distance"),
    "organisation": _("By organisation"),
    "product": _("By product"),
}
TIERS = (
    _("The products asked for"),
    _("What goes into them"),
    _("What goes into that"),
    _("One step further"),
)
FURTHER = _("Everything behind that")
CAUSES: dict[str, str] = {
    ChainCause.VOLUME: _("More or less was asked for or made"),
    ChainCause.MIX: _("Other suppliers or another recipe"),
    ChainCause.INTENSITY: _("Own effect per unit"),
    ChainCause.INTENSITY_WHERE: _("Own effect per unit where your initiative applies"),
    ChainCause.INTENSITY_ELSEWHERE: _("Own effect per unit elsewhere"),
    ChainCause.FACTORS: _("Other factors"),
    ChainCause.DATA_BASIS: _("Linking, data basis and coverage"),
    ChainCause.METHOD: _("Another method"),
    ChainCause.MEMBERSHIP: _("Other targets or members"),
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
    """Where one indicator's total comes from, in its unit and all released digits, so that parts can be added up."""

    name: str
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


def origin_tables(reader: Reader, cells: Iterable[ChainCell]) -> tuple[OriginTable, ...]:
    """One per indicator with a figure, of the cells of one period."""
    return tuple(
        _origin(reader, cell, cell.value) for cell in cells if cell.value is not None and cell.origin
    )


def cause_table(reader: Reader, cells: Sequence[ChainCell]) -> CauseTable | None:
    """The causes of all indicators of one period beside each other; None where none could be told apart."""
    told = [(cell, cell.previous) for cell in cells if cell.previous and cell.previous.causes]
    if not told:
        return None
    by_cell = [{one.cause: one.value for one in change.causes} for _, change in told]
    units = [cell.unit for cell, _ in told]
    rows = [
        (
            reader.say(text),
            tuple(_signed(reader, one.get(cause), unit) for one, unit in zip(by_cell, units, strict=True)),
        )
        for cause, text in CAUSES.items()
        if any(cause in one for one in by_cell)
    ]
    sums = (sum(one.values(), Decimal(0)) for one in by_cell)
    reference = told[0][1].reference
    return CauseTable(
        formats.period(reference.start, reference.end, reader.language),
        tuple(word(reader, INDICATORS, cell.indicator) for cell, _ in told),
        tuple(rows),
        tuple(_signed(reader, one, unit) for one, unit in zip(sums, units, strict=True)),
        _note(reader, [change for _, change in told]),
    )


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


def _origin(reader: Reader, cell: ChainCell, total: Decimal) -> OriginTable:
    groups = []
    for kind, name in KINDS.items():
        rows = tuple(_part(reader, one, total, cell.unit) for one in cell.origin if one.kind == kind)
        if rows:
            groups.append(PartGroup(reader.say(name), rows))
    return OriginTable(
        word(reader, INDICATORS, cell.indicator),
        formats.quantity(total, cell.unit, reader.language),
        cell.is_at_least,
        tuple(groups),
    )


def _part(reader: Reader, part: OriginView, total: Decimal, unit: str) -> PartRow:
    share = formats.share(part.value / total, reader.language) if total > 0 else ""
    amount = formats.quantity(part.value, unit, reader.language)
    return PartRow(_name(reader, part), amount, share, part.is_declared)


def _name(reader: Reader, part: OriginView) -> str:
    if part.kind == "tier":
        return reader.say(FURTHER if part.tier is None else TIERS[part.tier])
    if part.many > 1 or not part.name:
        return reader.say_many("one more", "%(count)s more", part.many)
    return part.name


def _signed(reader: Reader, value: Decimal | None, unit: str) -> str:
    """An amount that says its sign; "–" where the cause changed nothing."""
    if value is None:
        return "–"
    text = formats.quantity(value, unit, reader.language)
    return f"+{text}" if value > 0 else text
