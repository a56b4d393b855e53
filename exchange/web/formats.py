"""Numbers, dates and units in the reader's convention: Danish, or British English.

Danish groups thousands with a full stop and writes a decimal comma (`1.234,56`); English is en_GB
(`1,234.56`). A number never leaves its unit at a line break: a no-break space stands between them.
Everything here is pure and takes exact Decimals; rounding is half up and for display only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from exchange.domain.periods import COPENHAGEN

Language = Literal["da", "en"]

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


MONTHS: dict[Language, tuple[str, ...]] = {
    "da": ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september",
           "oktober", "november", "december"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip

# UN/CEFACT Recommendation 20 code -> symbol as printed
SYMBOLS: dict[str, str] = {
    "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t",
    "MLT": "ml", "LTR": "l", "HLT": "hl", "MTQ": "m³",
    "JOU": "J", "KJO": "kJ", "3B": "MJ", "GV": "GJ", "D30": "TJ", "KWH": "kWh", "MWH": "MWh", "GWH": "GWh",
    "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km", "MTK": "m²", "KMK": "km²", "HAR": "ha",
    "SEC": "s", "MIN": "min", "TKM": "tkm",
}  # fmt: skip
WORDS: dict[str, dict[Language, str]] = {
    "H87": {"da": "stk.", "en": "pcs"},
    "C62": {"da": "enhed", "en": "unit"},
    "PR": {"da": "par", "en": "pairs"},
    "SET": {"da": "sæt", "en": "sets"},
    "HUR": {"da": "timer", "en": "hours"},
    "DAY": {"da": "døgn", "en": "days"},
}

ONES: dict[str, dict[Language, str]] = {
    "H87": {"da": "stk.", "en": "piece"},
    "PR": {"da": "par", "en": "pair"},
    "SET": {"da": "sæt", "en": "set"},
    "HUR": {"da": "time", "en": "hour"},
    "DAY": {"da": "døgn", "en": "day"},
}


def number(value: Decimal, language: Language, decimals: int | None = None) -> str:
    """The number with its thousands grouped; `decimals` None keeps every digit that was given."""
    exact = value if decimals is None else value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    grouped = f"{abs(exact):,f}"
    if language == "da":
        grouped = grouped.translate(str.maketrans(",.", ".,"))
    return MINUS + grouped if exact < 0 else grouped


def figure(value: Decimal, language: Language, significant: int = 3) -> str:
    """The number at a glance: always three significant digits (`0,490`), whole from a hundred on."""
    if value == 0:
        return "0"
    leading = value.quantize(Decimal(1).scaleb(value.adjusted() + 1 - significant), ROUND_HALF_UP).adjusted()
    return number(value, language, max(0, significant - 1 - leading))


def share(value: Decimal, language: Language, decimals: int = 0) -> str:
    """A share of one as a percentage with at most `decimals`: `12,5 %` in Danish, `12.5%` in English.

    A share that is there never reads 0, and one that is not whole never reads 100: `<1 %`, `>99 %`.
    """
    step = Decimal(1).scaleb(-decimals)
    percent = (value * 100).quantize(step, ROUND_HALF_UP)
    sign = ""
    if percent == 0 and value > 0:
        sign, percent = "<", step
    elif percent == 100 and value < 1:
        sign, percent = ">", 100 - step
    whole = percent == percent.to_integral_value()
    return f"{sign}{number(percent, language, 0 if whole else None)}{NO_BREAK if language == 'da' else ''}%"


def unit(code: str, language: Language) -> str:
    """How a unit is printed; a code without a printed form stays a code."""
    return WORDS[code][language] if code in WORDS else SYMBOLS.get(code, code)


def unit_of_one(code: str, language: Language) -> str:
    """The unit after "per": `pr. stk.`, `per piece`."""
    return ONES[code][language] if code in ONES else unit(code, language)


def quantity(value: Decimal, code: str, language: Language) -> str:
    """An exact quantity with its unit, every digit kept: `1.234,5 kg`."""
    return f"{number(value, language)}{NO_BREAK}{unit(code, language)}"


def short_quantity(value: Decimal, code: str, language: Language, significant: int = 4) -> str:
    """A quantity with its unit, rounded where it has more than so many significant digits."""
    if len(value.normalize().as_tuple().digits) <= significant:
        return quantity(value, code, language)
    return f"{figure(value, language, significant)}{NO_BREAK}{unit(code, language)}"


@dataclass(frozen=True)
class Scale:
    """What to divide a headline quantity by, and how the result's unit is printed."""

    divisor: Decimal
    symbol: str

    def show(self, value: Decimal, language: Language) -> str:
        """The value at a glance in this scale: `12,3 MWh`."""
        return f"{figure(value / self.divisor, language)}{NO_BREAK}{self.symbol}"

    def show_scaled(self, value: Decimal, decimals: int, language: Language) -> str:
        """A value that is in this scale's unit already, with so many decimals: `12,30 MWh`."""
        return f"{number(value, language, decimals)}{NO_BREAK}{self.symbol}"


_SCALES: dict[str, tuple[tuple[Decimal, Scale], ...]] = {
    # indicator -> (from this size on, scale), largest first; sizes and divisors in the headline unit
    "resources": ((Decimal(1000), Scale(Decimal(1000), "t")), (Decimal("0.1"), Scale(Decimal(1), "kg")),
                  (Decimal(0), Scale(Decimal("0.001"), "g"))),
    "water": ((Decimal("0.1"), Scale(Decimal(1), "m³")), (Decimal(0), Scale(Decimal("0.001"), "l"))),
    "co2e": ((Decimal(1000), Scale(Decimal(1000), "t CO₂e")), (Decimal("0.1"), Scale(Decimal(1), "kg CO₂e")),
             (Decimal(0), Scale(Decimal("0.001"), "g CO₂e"))),
    "energy": ((Decimal(3600), Scale(Decimal(3600), "MWh")), (Decimal("0.36"), Scale(Decimal("3.6"), "kWh")),
               (Decimal(0), Scale(Decimal("0.0036"), "Wh"))),
}  # fmt: skip
_SCALES["waste"] = _SCALES["resources"]
GIGAJOULES = Scale(Decimal(1000), "GJ")


def choose_scale(indicator: str, values: Iterable[Decimal]) -> Scale:
    """One scale for figures that stand beside each other, by the largest of them.

    Headline units are kg, m3, kg CO2e and MJ (METHOD section 1); energy reads as kWh or MWh.
    """
    largest = max((abs(value) for value in values), default=Decimal(0))
    steps = _SCALES[indicator]
    if largest == 0:
        return next(scale for _, scale in steps if scale.divisor in {Decimal(1), Decimal("3.6")})
    return next(scale for size, scale in steps if largest >= size)


def day(value: date, language: Language) -> str:
    """`21. november 2026` or `21 November 2026`."""
    dot = "." if language == "da" else ""
    return f"{value.day}{dot}{NO_BREAK}{MONTHS[language][value.month - 1]}{NO_BREAK}{value.year}"


def moment(value: datetime, language: Language, *, with_seconds: bool = False) -> str:
    """An instant on Copenhagen wall clocks: `21. november 2026 kl. 14.05`, `21 November 2026, 14:05`."""
    local = value.astimezone(COPENHAGEN)
    if language == "da":
        return f"{day(local.date(), language)} kl.{NO_BREAK}{local:{'%H.%M.%S' if with_seconds else '%H.%M'}}"
    return f"{day(local.date(), language)}, {local:{'%H:%M:%S' if with_seconds else '%H:%M'}}"


def by_name(text: str) -> str:
    """Sorts as the Danish alphabet does: å is its last letter, after æ and ø."""
    return text.casefold().replace("å", "ø\N{COMBINING RING ABOVE}")


def last_day(end: datetime) -> date | None:
    """The last whole day before an instant that is midnight in Copenhagen; None for any other instant."""
    local = end.astimezone(COPENHAGEN)
    return local.date() - timedelta(days=1) if local.time() == time() else None


def period(start: date, end: date, language: Language) -> str:
    """A half-open period [start, end) as people say it: `2026`, or its first and last day."""
    last = end - timedelta(days=1)
    if (start.month, start.day) == (1, 1) and (last.month, last.day) == (12, 31):
        return str(start.year) if start.year == last.year else f"{start.year}–{last.year}"
    return f"{day(start, language)} – {day(last, language)}"
