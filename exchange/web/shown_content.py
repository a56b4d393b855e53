"""What a stranger's signed content says, as far as it has the form that the pages' tables can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from exchange.domain.errors import InvalidError
from exchange.domain.groups import FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.trust import VerifiedDataset
from exchange.trust.report import Document
from exchange.trust.strict_json import JsonObject, JsonValue
from exchange.web.charts.quality_bar import QUALITIES
from exchange.web.words import SLICES

LONGEST = 200
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")  # an exponent would let a short text be a long number
_ABOUT: tuple[str, ...] = ("product", "period")
_UNIT = re.compile(r"[A-Z0-9]{1,8}")


def safe_subject(dataset: VerifiedDataset) -> JsonObject:
    """Identity, indicators and quality of the signed bytes; whatever has another form is left out."""
    subject = dataset.subject()
    found: JsonObject = {
        FieldGroup.IDENTITY.value: _identity(_object(subject, FieldGroup.IDENTITY.value)),
        FieldGroup.INDICATORS.value: _each(subject, FieldGroup.INDICATORS.value, _slices),
        FieldGroup.QUALITY.value: _each(subject, FieldGroup.QUALITY.value, _shares),
    }
    return {name: value for name, value in found.items() if value}


def released_subject(release: Mapping[str, Document]) -> JsonObject:
    """What a statement says was released, in the form of a dataset's subject: its period and figures."""
    cells, period = release.get("cells"), release.get("period")
    told = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    about: JsonObject = (
        {name: _plain(text) for name, text in period.items()} if isinstance(period, dict) else {}
    )
    return {
        "identity": {"period": about},
        "indicators": {name: value for cell in told if (value := _cell(cell)) and (name := _indicator(cell))},
        "quality": {
            name: {"is_at_least": cell.get("is_at_least") is True}
            for cell in told
            if (name := _indicator(cell))
        },
    }


def product_of(subject: JsonObject) -> str:
    """The name of the product a subject is about, "" where it is not shown."""
    name = _object(_object(subject, "identity"), "product").get("name")
    return visible(name) if isinstance(name, str) else ""


def period_of(subject: JsonObject) -> Period | None:
    """The period a subject is about, None where it is not shown."""
    written = _object(_object(subject, "identity"), "period")
    try:
        return Period(*(date.fromisoformat(str(written.get(name))) for name in ("start", "end")))
    except (ValueError, InvalidError):
        return None


def visible(text: str) -> str:
    """A text of others on one line, no longer than a line: no letter of it moves or hides another."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[:LONGEST])


def _identity(identity: JsonObject) -> JsonObject:
    kept: JsonObject = {name: identity[name] for name in _ABOUT if name in identity}
    unit = _quantity(identity.get("declared_unit"))
    return {**kept, "declared_unit": unit} if unit else kept


def _each(subject: JsonObject, group: str, read: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """What a group says of each of the five indicators, as far as `read` finds something in it."""
    said = _object(subject, group)
    found = {one.value: read(_object(said, one.value)) for one in Indicator}
    return {name: value for name, value in found.items() if value}


def _slices(slices: JsonObject) -> JsonObject:
    found = {name: _quantity(slices.get(name)) for name in SLICES}
    return {name: value for name, value in found.items() if value}


def _quantity(value: JsonValue) -> JsonObject:
    """An amount with its unit as the wire writes it; {} for anything else."""
    if not isinstance(value, dict):
        return {}
    amount, unit = value.get("amount"), value.get("unit")
    if not (isinstance(amount, str) and _AMOUNT.fullmatch(amount)):
        return {}
    return {"amount": amount, "unit": unit} if isinstance(unit, str) and _UNIT.fullmatch(unit) else {}


def _cell(cell: Mapping[str, Document]) -> JsonObject:
    amounts = {"own": cell.get("own"), "upstream": cell.get("upstream"), "total": cell.get("value")}
    return _slices(
        {name: {"amount": _plain(value), "unit": _plain(cell.get("unit"))} for name, value in amounts.items()}
    )


def _indicator(cell: Mapping[str, Document]) -> str:
    name = cell.get("indicator")
    return name if isinstance(name, str) and name in {one.value for one in Indicator} else ""


def _plain(value: Document) -> str:
    return value if isinstance(value, str) else ""


def _shares(quality: JsonObject) -> JsonObject:
    """Shares of one that add up to no more, and whether something is missing; {} for shares of another form."""
    found: JsonObject = {name: quality[name] for name in QUALITIES if name in quality}
    written = [value for value in found.values() if isinstance(value, str) and _AMOUNT.fullmatch(value)]
    shares = [Decimal(one) for one in written]
    if len(shares) != len(found) or any(one < 0 for one in shares) or sum(shares) > 1:
        return {}
    return {**found, "is_at_least": quality.get("is_at_least") is True}


def _object(value: JsonObject, name: str) -> JsonObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
