"""What a reader of the dataset must know beside its figures: what is left out, and what is not in them."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.domain.voluntary_standard.accounts import Lack, LackKind

MOST_NAMES = 10
MOST_SIGNS = 4000  # of a text in the schema
FIRST = (
    "The environmental datapoints are calculated from the bills of the sites. Scope 1 counts fuels burnt; process "
    "emissions and refrigerants are not in it."
)
_SENTENCES = {
    LackKind.NO_CALCULATION: "No calculation covers these sites, and nothing of them is in the figures: {names}.",
    LackKind.NOTHING_BOOKED: "{datapoint} is left out, for nothing of it is booked{at}.",
    LackKind.DAYS_MISSING: "{datapoint} is left out, for bills of some days are missing: {names}.",
    LackKind.FACTOR_MISSING: "{datapoint} is left out, for a factor is missing: {names}.",
    LackKind.MASS_MISSING: "{datapoint} is left out, for the weight is not known of: {names}.",
    LackKind.ORIGIN_UNKNOWN: "{datapoint} is not split by origin, for it is not known of: {names}.",
    LackKind.MARKET_FACTOR_MISSING: "{datapoint} is left out, for there is no contract's factor for: {names}.",
    LackKind.TREATMENT_UNKNOWN: "Waste of unknown treatment counts neither as recycled nor as disposed of: {names}.",
    LackKind.OTHER_TREATMENT: "Waste recovered otherwise, as by incineration with energy recovery, counts neither as "
    "recycled nor as disposed of: {names}.",
    LackKind.HEAT_IN_TOTAL_ONLY: "{datapoint} includes bought heat, steam and cooling, which none of its rows does: "
    "{names}.",
    LackKind.YEAR_MISSING: "Turnover, employees and value added are not stated.",
    LackKind.BASE_MISSING: "The target's amounts are left out, for there is no whole figure of its base year {names}.",
}


def in_words(lacks: Iterable[Lack]) -> str:
    """The text that goes into the dataset; where it would grow too long, its end is cut off with dots."""
    sentences = [FIRST, *dict.fromkeys(map(_sentence, lacks))]
    text = " ".join(sentences)
    return text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 2] + " …"


def _sentence(lack: Lack) -> str:
    shown = ", ".join(lack.names[:MOST_NAMES])
    if len(lack.names) > MOST_NAMES:
        shown += f" and {len(lack.names) - MOST_NAMES} more"
    concept = lack.datapoint.rpartition("/")[2]
    at = f" at {shown}" if shown else ""
    return _SENTENCES[lack.kind].format(datapoint=concept, names=shown, at=at)
