"""How a file writes numbers and dates, told from the file as a whole; what stays ambiguous is refused, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

_PLAIN = re.compile(r"[+-]?\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,])\d{3}")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})[.-](\d{1,2})[.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?")


class ConventionError(Exception):
    """A number or date that cannot be read, or that can be read in two ways; `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class NumberConvention:
    """The decimal mark of a column, or None when its cells do not tell."""

    mark: Literal[",", "."] | None

    @classmethod
    def of(cls, texts: Iterable[str]) -> NumberConvention:
        """What the cells agree on: one `1.234,5` or `12,5` settles a whole column; a contradiction settles nothing."""
        marks = {mark for text in texts if (mark := _decimal_mark(_SPACES.sub("", text))) is not None}
        return cls(marks.pop()) if len(marks) == 1 else cls(None)

    def read(self, text: str) -> Decimal:
        """The number, exactly. Raises ConventionError (`number.invalid`, `number.ambiguous`)."""
        compact = _SPACES.sub("", text)
        own = _decimal_mark(compact)
        if _PLAIN.fullmatch(compact):
            return Decimal(compact)
        if own is None and not _GROUPED.fullmatch(compact):
            raise ConventionError("number.invalid", f"{text!r} is not a number.")
        mark = self.mark or own
        if mark is None:
            raise ConventionError(
                "number.ambiguous", f"{text!r} can be thousands or decimals: write it plainly."
            )
        if own is not None and own != mark:
            raise ConventionError(
                "number.ambiguous", f"{text!r} is written otherwise than the rest of the column."
            )
        group = "." if mark == "," else ","
        return Decimal(compact.replace(group, "").replace(mark, "."))


def _decimal_mark(text: str) -> Literal[",", "."] | None:
    """The decimal mark a single number proves, or None where it proves nothing or is no number."""
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text) or re.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}", text):
        return ","
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d+", text) or re.fullmatch(r"[+-]?\d{1,3}(,\d{3}){2,}", text):
        return "."
    found = re.fullmatch(r"[+-]?(\d+)([.,])(\d+)", text)
    if found is None or (_GROUPED.fullmatch(text) and found[1] not in {"0", "00", "000"}):
        return None
    return "," if found[2] == "," else "."


@dataclass(frozen=True)
class DateConvention:
    """Whether `3/4/2025` puts the day first, or None when the cells do not tell."""

    day_first: bool | None

    @classmethod
    def of(cls, texts: Iterable[str]) -> DateConvention:
        """What the cells prove: a first part above 12 is a day, a second part above 12 too."""
        orders = set()
        for found in filter(None, map(_SLASHED.fullmatch, texts)):
            first, second = int(found[1]), int(found[2])
            if (first > 12) != (second > 12):
                orders.add(first > 12)
        return cls(orders.pop()) if len(orders) == 1 else cls(None)

    def read(self, text: str) -> date:
        """The day. Raises ConventionError (`date.invalid`, `date.ambiguous`)."""
        if iso := _ISO.fullmatch(text):
            return _day(text, iso[1], iso[2], iso[3])
        if dotted := _DAY_FIRST.fullmatch(text):  # day first wherever points or hyphens are written
            return _day(text, dotted[3], dotted[2], dotted[1])
        if slashed := _SLASHED.fullmatch(text):
            return self._read_slashed(text, slashed[1], slashed[2], slashed[3])
        raise ConventionError("date.invalid", f"{text!r} is not a date: write it as 2025-12-31.")

    def _read_slashed(self, text: str, first: str, second: str, year: str) -> date:
        if int(first) == int(second):
            return _day(text, year, first, second)
        day_first = True if int(first) > 12 else False if int(second) > 12 else self.day_first
        if day_first is None or (self.day_first is not None and day_first != self.day_first):
            raise ConventionError("date.ambiguous", f"{text!r} can be two days: write it as 2025-12-31.")
        return _day(text, year, second, first) if day_first else _day(text, year, first, second)


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ConventionError("date.invalid", f"{text!r} is not a day of the calendar.") from error
