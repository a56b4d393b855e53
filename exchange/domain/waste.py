"""The European List of Waste (Decision 2000/532/EC as amended by 2014/955/EU): codes and the hazard flag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def waste_codes() -> Mapping[str, bool]:
    """Every six-digit code of the list (842), and whether it is hazardous (408 are)."""
    text = resources.files("exchange.domain").joinpath("data/list_of_waste.txt").read_text("ascii")
    codes: dict[str, bool] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        subchapter, _, entries = line.partition(": ")
        codes.update({subchapter + entry[:2]: entry.endswith("*") for entry in entries.split()})
    return MappingProxyType(codes)


def is_known_code(code: str) -> bool:
    """Whether the six digits are a code of the list."""
    return code in waste_codes()


def is_hazardous(code: str) -> bool:
    """Whether the list marks the code as hazardous; `KeyError` for a code that is not on it."""
    return waste_codes()[code]
