"""Units as people write them: symbols for the codes of UN/CEFACT Recommendation 20 that figures are signed with."""

from __future__ import annotations

_SYMBOLS = {
    "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t",
    "MLT": "ml", "LTR": "l", "HLT": "hl", "MTQ": "m³",
    "JOU": "J", "KJO": "kJ", "3B": "MJ", "GV": "GJ", "D30": "TJ", "KWH": "kWh", "MWH": "MWh", "GWH": "GWh",
    "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km", "MTK": "m²", "KMK": "km²", "HAR": "ha",
    "SEC": "s", "MIN": "min", "HUR": "hours", "DAY": "days", "TKM": "tkm",
    "H87": "pcs", "C62": "unit", "PR": "pairs", "SET": "sets",
}  # fmt: skip
_ONE = {"H87": "piece", "PR": "pair", "SET": "set", "HUR": "hour", "DAY": "day"}


def symbol(code: str) -> str:
    """How a unit is written after an amount; a code without a symbol stays a code."""
    return _SYMBOLS.get(code, code)


def symbol_of_one(code: str) -> str:
    """How it is written after "per" or "1"."""
    return _ONE.get(code) or symbol(code)
