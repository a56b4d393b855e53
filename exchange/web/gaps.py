"""What a figure lacks, in words: what is missing, and whom to ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from exchange.domain.calculation.completeness import GapKind
from exchange.domain.indicators import Indicator
from exchange.domain.periods import parse_period
from exchange.services.calculation_views import CalculationView, FigureView
from exchange.web.account_steps import say_days
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import INDICATORS, in_sentence, word

NOTHING_BOOKED: dict[str, str] = {
    "resources": _(
        "Materials are missing: the suppliers' invoices or delivery notes say how much was bought."
    ),
    "water": _("Water is missing: ask your waterworks for the year's statement. If none was used, enter 0."),
    "co2e": _("Energy is missing: ask your electricity and heat supplier for the year's bills."),
    "energy": _("Energy is missing: ask your electricity and heat supplier for the year's bills."),
    "waste": _("Waste is missing: ask your waste carrier for a statement by EAK code."),
}

GAP_SENTENCES: dict[str, str] = {
    "no_electricity": _("No electricity is entered: add its bills. If none was used, enter 0."),
    "days_missing": _("%(name)s: %(days)s has no bill. Look for it, or ask the supplier."),
    "factor_missing": _("No factor for %(name)s in %(days)s: add one with its source."),
    "unallocated": _(
        "%(name)s: part of it is given to no product, and may belong to this one. Choose a key, or add meters."
    ),
    "mass_missing": _("%(name)s: what one unit weighs is not known. Ask the supplier, or weigh it."),
}


def say_gap(reader: Reader, indicator: Indicator, gap: Mapping[str, Any]) -> str:
    """One gap as a sentence with the way out."""
    if gap["kind"] == GapKind.NOTHING_BOOKED:
        return reader.say(NOTHING_BOOKED[indicator.value])
    days = say_days(parse_period(gap["period"]), reader.language) if "period" in gap else ""
    return reader.say(GAP_SENTENCES[gap["kind"]], name=gap["name"], days=days)


def say_gaps(reader: Reader, figures: Iterable[FigureView]) -> tuple[str, ...]:
    """Every gap of some figures, each said once though energy and CO2e both lack it."""
    return _once(say_gap(reader, figure.indicator, gap) for figure in figures for gap in figure.gaps)


def say_missing(reader: Reader, calculation: CalculationView) -> tuple[str, ...]:
    """Everything a site's calculation lacks: indicators of which nothing is booked first."""
    told = {figure.indicator for figure in calculation.site}
    silent = [reader.say(NOTHING_BOOKED[one.value]) for one in Indicator if one not in told]
    return _once((*silent, *say_gaps(reader, calculation.site)))


def say_upstream_gaps(reader: Reader, figures: Iterable[FigureView]) -> tuple[str, ...]:
    """For each input of which nobody has said what came with it: in which indicators it is missing."""
    missing: dict[str, list[str]] = {}
    for figure in figures:
        name = in_sentence(word(reader, INDICATORS, figure.indicator))
        for part in figure.upstream:
            if not part.source and name not in missing.setdefault(part.flow, []):
                missing[part.flow].append(name)
    return tuple(
        reader.say(
            "%(flow)s: what came with it before it reached you is not known for %(indicators)s. "
            "Ask the supplier for a dataset.",
            flow=flow,
            indicators=reader.list_of(indicators),
        )
        for flow, indicators in missing.items()
        if indicators
    )


def _once(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))
