"""How a figure came about, in the words of a dataset's quality and evidence groups (method section 5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from exchange.demo import figures
from exchange.demo.figures import Use
from exchange.demo.registry import Document
from exchange.demo.story.model import Declared
from exchange.domain.factors import factor_set
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import decimal_to_wire

BASIS_TEXT = (
    "Invented bills of a demonstration. Electricity and bought heat by BR18 annex 2 table 8 (life-cycle "
    "basis, projected), fuels by Regulation (EU) 2018/2066 annex VI (combustion basis); the supply of fuels "
    "is not in these figures. Factor set {factors}."
)
DECLARED_TEXT = (
    "Fictional: invented cradle-to-gate values of a demonstration, of the size that published ones have."
)


def own_shares(uses: Iterable[Use], indicator: Indicator, year: int, is_divided: bool = False) -> Document:
    """Quality of an own figure; `is_divided`: its process shares its effect with a by-product by sales value."""
    uses = tuple(uses)
    shares = figures.shares(uses, indicator, year)
    result: Document = {kind: decimal_to_wire(share) for kind, share in shares.items()}
    result["measurement_basis"] = _measurement_basis(shares)
    if shares["allocated"]:
        result["allocation"] = _allocation(uses, indicator, year, is_divided)
    return result


def _measurement_basis(shares: Mapping[str, Decimal]) -> str:
    if shares["measured"] == 1:
        return "measured_direct"
    return "measured_submetered_activity" if shares["measured"] else "allocated"


def _allocation(uses: tuple[Use, ...], indicator: Indicator, year: int, is_divided: bool) -> Document:
    if is_divided:
        return {"method": "economic", "key": "Sales value of product and by-product", "scope": "process"}
    key = figures.allocating_key(uses, indicator, year)
    if key is None:
        raise ValueError(f"{indicator.value} is allocated and no key spread it")
    return {"method": key.method, "key": key.name, "scope": "site"}


def declared_shares(stated: Declared) -> Document:
    """Quality of a declared value: what of it came from databases, the rest from the maker's own records."""
    secondary = Decimal(stated.secondary_share)
    return {
        "measured": decimal_to_wire(1 - secondary),
        "allocated": "0",
        "secondary": decimal_to_wire(secondary),
        "unknown": "0",
        "measurement_basis": "modelled_secondary",
    }


def evidence(uses: Iterable[Use], year: int) -> Document:
    """The calculation by its digest, and on which basis its factors stand."""
    steps = [
        {"amount": decimal_to_wire(use.exact), "bill": str(use.bill.what), "measured": str(use.measured)}
        for use in uses
    ]
    sheet = json.dumps({"factors": factor_set(), "steps": steps, "year": year}, sort_keys=True)
    return {
        "items": [
            {
                "kind": "calculation",
                "sha256": hashlib.sha256(sheet.encode()).hexdigest(),
                "description": BASIS_TEXT.format(factors=factor_set()),
                "concerns": ["indicators/co2e"],
            }
        ]
    }


def declared_evidence(declared: Iterable[Declared], year: int) -> Document:
    """The declared values by their digest, and that they are invented."""
    stated = {one.indicator: decimal_to_wire(one.total[year]) for one in declared}
    return {
        "items": [
            {
                "kind": "other",
                "sha256": hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest(),
                "description": DECLARED_TEXT,
                "concerns": [f"indicators/{indicator}" for indicator in sorted(stated)],
            }
        ]
    }
