"""A flow's description as the database keeps it (JSON) and as the calculation reads it, and what makes two the same."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from exchange.domain.calculation.account import Energy, FlowDetail, Material, Waste, Water
from exchange.domain.quantities import Dimension, UnitCode

KINDS: Mapping[str, type[FlowDetail]] = {
    "energy": Energy,
    "water": Water,
    "material": Material,
    "waste": Waste,
}
_DECIMALS = frozenset({"mass", "pre_consumer", "post_consumer", "bio_based"})


def kind_of_detail(detail: FlowDetail) -> str:
    """The kind under which a detail is kept: energy, water, material (packaging too) or waste."""
    return next(kind for kind, described in KINDS.items() if isinstance(detail, described))


def stored_detail(detail: FlowDetail) -> dict[str, Any]:
    """The detail as JSON; decimals as plain text."""
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in asdict(detail).items()
    }


def detail_of(kind: str, stored: Mapping[str, Any]) -> FlowDetail:
    """The detail that `stored_detail` wrote."""
    described = KINDS[kind]
    given: dict[str, Any] = {one.name: stored[one.name] for one in fields(described) if one.name in stored}
    decimals = {name: Decimal(given[name]) for name in _DECIMALS if given.get(name) is not None}
    return described(**{**given, **decimals})


def identity_of(name: str, detail: FlowDetail, unit: UnitCode) -> str:
    """What makes two entries the same flow: the same name and description, whatever unit of mass a bill was in.

    Case and spacing of the name do not tell flows apart. The result is a digest, of the same length for all.
    """
    described = {
        key: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for key, value in asdict(detail).items()
    }
    counted = "" if unit.dimension in {Dimension.MASS, Dimension.ENERGY} else unit.value
    plain = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    text = json.dumps([plain, described, counted], sort_keys=True, ensure_ascii=False)
    return f"{kind_of_detail(detail)}:{hashlib.sha256(text.encode()).hexdigest()}"
