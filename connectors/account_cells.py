"""A column of cells of the account template to values: parsed once per distinct cell, doubt refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from connectors.account_layout import Column, Kind
from connectors.account_words import COUNTRIES
from connectors.conventions import ConventionError, DateConvention, NumberConvention
from connectors.vocabulary import FLAGS, UNITS, Vocabulary, plain
from connectors.workbooks import RawCell
from exchange.domain.periods import day_after
from exchange.domain.quantities import INTEGER_DIGITS, UnitCode
from exchange.domain.waste import is_known_code

_Value = TypeVar("_Value")
_MONTHS = (
    ("januar", "january", "jan"), ("februar", "february", "feb"), ("marts", "march", "mar"), ("april", "apr"),
    ("maj", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"), ("august", "aug"),
    ("september", "sep", "sept"), ("oktober", "october", "okt", "oct"), ("november", "nov"),
    ("december", "dec"),
)  # fmt: skip
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_NAMED_MONTH = re.compile(r"([a-z]+)\.?[ -](\d{4})")
_WASTE_CODE = re.compile(
    r"(?:(?:EAK|EWC|LOW)[- ]?(?:kode|code|nr)?\.?:?)?\s*(\d\d)[ .]?(\d\d)[ .]?(\d\d)\s*\*?", re.I | re.A
)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)  # a spreadsheet's day 0
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_MOST = 10**INTEGER_DIGITS
_LONGEST_NUMBER = 28  # digits a decimal is computed with


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be taken; `code` is stable."""

    code: str
    detail: str


_OUT_OF_RANGE = Fault("number.range", f"The number has more than {INTEGER_DIGITS} digits before the point.")


class Span(NamedTuple):
    """The days a cell names, [start, end); `is_whole`: a month or a year, which needs no last day."""

    start: date
    end: date
    is_whole: bool


class _Known(dict[RawCell, object]):
    """What the cells of a column mean, worked out once for each distinct one."""

    def __init__(self, read: Callable[[RawCell], object], blank: Fault | None) -> None:
        super().__init__()
        self._read, self._blank = read, blank

    def __missing__(self, cell: RawCell) -> object:
        text = cell.strip() if isinstance(cell, str) else cell
        value = self[cell] = self._blank if text == "" else self._read(text)
        return value


def read_column(column: Column, cells: Sequence[RawCell]) -> list[object]:
    """The value of each cell: None where it is empty, a Fault where it cannot be taken.

    Numbers and dates are read by what the column's cells together prove about its conventions.
    """
    kinds = set(map(type, cells))
    if bool in kinds:  # true equals 1, and a column may hold both
        cells = [str(cell).lower() if isinstance(cell, bool) else cell for cell in cells]
    texts = {cell.strip() for cell in set(cells) if isinstance(cell, str)} if str in kinds else set()
    blank = Fault("cell.missing", "The cell is empty.") if column.is_needed else None
    return list(map(_Known(_reader(column, texts), blank).__getitem__, cells))


def _reader(column: Column, texts: Iterable[str]) -> Callable[[RawCell], object]:
    match column.kind:
        case Kind.NUMBER:
            return partial(_number, NumberConvention.of(texts), column.is_signed)
        case Kind.PERCENT:
            return partial(_percent, NumberConvention.of(text.rstrip("% ") for text in texts))
        case Kind.DAY:
            return partial(_span, DateConvention.of(texts))
        case Kind.TEXT:
            return partial(_name, column.longest)
        case Kind.WORD:
            return partial(_word, column.vocabulary)
        case _:
            return _READERS[column.kind]


def _plain_text(cell: RawCell) -> str:
    """A cell as its sender sees it."""
    if isinstance(cell, float | int):
        return format(Decimal(format(cell, ".15g")), "f")  # the digits a spreadsheet itself keeps
    return cell if isinstance(cell, str) else str(cell)


def _found(value: _Value | None, cell: RawCell, code: str, advice: str) -> _Value | Fault:
    if value is None:
        return Fault(code, f"{_plain_text(cell)[:60]!r} is not known here: {advice}.")
    return value


def _word(vocabulary: Vocabulary | None, cell: RawCell) -> str | Fault:
    found = vocabulary.find(_plain_text(cell)) if vocabulary is not None else None
    return _found(found, cell, "word.unknown", "choose from the list")


def _name(longest: int, cell: RawCell) -> str | Fault:
    if isinstance(cell, date | timedelta):
        return Fault(
            "text.date", "The spreadsheet has made a date of it: format the cell as text and write it again."
        )
    text = _plain_text(cell)
    if len(text) > longest:
        return Fault("text.too_long", f"The text has more than {longest} characters.")
    if not text.isprintable():
        text = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return text


def _number(convention: NumberConvention, is_signed: bool, cell: RawCell) -> Decimal | Fault:
    if isinstance(cell, float | int):
        if not -_MOST < cell < _MOST:  # not a number is not between them either
            return _OUT_OF_RANGE
        number = Decimal(format(cell, ".15g"))
    elif not isinstance(cell, str) or len(cell) > _LONGEST_NUMBER:
        return Fault("number.invalid", f"{_plain_text(cell)[:60]!r} is not a number.")
    else:
        try:
            number = convention.read(cell)
        except ConventionError as error:
            return Fault(error.code, error.detail)
        if not -_MOST < number < _MOST:
            return _OUT_OF_RANGE
    if number < 0 and not is_signed:
        return Fault("number.negative", "This is never below zero.")
    return number


def _percent(convention: NumberConvention, cell: RawCell) -> Decimal | Fault:
    """The share as a part of 1.

    30 is 30 %. A spreadsheet keeps 30 % as 0.3 and does not show which was meant, so a number above 0 and up to 1 is
    asked about; written as text with its sign, "0,3 %" is as it says. 0 is nothing either way.
    """
    is_signed = isinstance(cell, str) and cell.endswith("%")
    number = _number(convention, True, cell.rstrip("% ") if isinstance(cell, str) else cell)
    if isinstance(number, Fault):
        return number
    if not 0 <= number <= 100:
        return Fault("share.range", "A share is between 0 and 100 %.")
    if 0 < number <= 1 and not is_signed:
        written = _plain_text(cell)
        whole = format((number * 100).normalize(), "f")
        return Fault(
            "share.unclear",
            f"{written} can be {written} % or {whole} %: write {whole}, or {written} % as text with its sign.",
        )
    return number.scaleb(-2)


def _span(convention: DateConvention, cell: RawCell) -> Span | Fault:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _days_of(cell)
    text = _plain_text(cell)
    if isinstance(cell, float) and not cell.is_integer():  # 2025.1 may have been typed as 2025.10
        return Fault("date.invalid", f"{text!r} is not a date: write it as 2025-12-31.")
    whole = _whole(text)
    if whole is not None:
        return whole
    try:
        return _days_of(convention.read(text))
    except ConventionError as error:
        return Fault(error.code, error.detail)


def _days_of(day: date) -> Span | Fault:
    """One day. A year typed into a cell formatted as a date comes as that many days after 1899-12-30 (in 1905)."""
    if (serial := (day - _SERIAL_ZERO).days) in range(_FIRST_YEAR, _LAST_YEAR):
        return _year(serial)
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        return Fault("date.invalid", f"{day} is out of reach: is the year right?")
    return Span(day, day_after(day), False)


def _whole(text: str) -> Span | None:
    """A year or a month, in figures or by name; None for what is neither."""
    if _YEAR.fullmatch(text):
        return _year(int(text))
    if found := _YEAR_MONTH.fullmatch(text):
        return _month(int(found[1]), int(found[2]))
    if found := _MONTH_YEAR.fullmatch(text):
        return _month(int(found[2]), int(found[1]))
    if found := _NAMED_MONTH.fullmatch(text.casefold()):
        return _month(int(found[2]), _MONTH_NUMBERS.get(found[1], 0))
    return None


def _year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number + 1, 1, 1), True)


def _month(year: int, month: int) -> Span | None:
    if not (1 <= month <= 12 and _FIRST_YEAR <= year < _LAST_YEAR):
        return None
    return Span(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1), True)


def _flag(cell: RawCell) -> bool | Fault:
    found = _found(FLAGS.find(_plain_text(cell)), cell, "flag.unknown", "write yes or no")
    return found if isinstance(found, Fault) else found == "yes"


def _unit(cell: RawCell) -> UnitCode | Fault:
    text = _plain_text(cell)
    found = _found(
        UNITS.find(text), cell, "unit.unknown", "choose from the list, or use a code such as KGM or H87"
    )
    return found if isinstance(found, Fault) else UnitCode(found)


def _category(cell: RawCell) -> str | Fault:
    text = _plain_text(cell)
    if _SLUG.fullmatch(text) and len(text) <= 80:
        return text
    return Fault(
        "category.invalid", "Use only small letters a-z, digits and single hyphens, such as steel-sheet."
    )


def _country(cell: RawCell) -> str | Fault:
    text = _plain_text(cell)
    code = COUNTRIES.find(text) or (text.upper() if _COUNTRY.fullmatch(text) else None)
    return _found(code, cell, "country.unknown", "write its code of two letters, such as DE")


def _waste_code(cell: RawCell) -> str | Fault:
    """The six digits of the European List of Waste, however they are set; a number has lost its leading zero."""
    text = _plain_text(cell)
    if isinstance(cell, float | int):
        text = text.zfill(6)
    if isinstance(cell, date):
        return Fault("waste.code", "The spreadsheet has made a date of the code: format the cell as text.")
    found = _WASTE_CODE.fullmatch(text)
    if found is None or not is_known_code("".join(found.groups())):
        return Fault(
            "waste.code", f"{text[:60]!r} is no code of the European List of Waste: ask the carrier for it."
        )
    return "".join(found.groups())


def _year_number(cell: RawCell) -> int | Fault:
    whole = _span(DateConvention(None), cell)
    if (
        isinstance(whole, Span)
        and whole.is_whole
        and whole.end.year == whole.start.year + 1
        and whole.end.month == 1
    ):
        return whole.start.year
    return Fault("year.invalid", f"{_plain_text(cell)[:60]!r} is no year: write it as 2025.")


_READERS: dict[Kind, Callable[[RawCell], object]] = {
    Kind.FLAG: _flag,
    Kind.UNIT: _unit,
    Kind.CATEGORY: _category,
    Kind.COUNTRY: _country,
    Kind.WASTE_CODE: _waste_code,
    Kind.YEAR: _year_number,
}


def is_total(cell: RawCell) -> bool:
    """Whether the first cell of a row says that it sums up the others."""
    return isinstance(cell, str) and plain(cell).rstrip(":") in _TOTALS


_TOTALS = frozenset(
    {"i alt", "ialt", "total", "totalt", "sum", "subtotal", "samlet", "grand total", "in total"}
)
