"""What crosses the wire: strict inputs, explicit outputs, replies with headers. Rows and services stay behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from exchange.domain.errors import Problem
from exchange.domain.periods import Period, parse_period
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire, parse_decimal, parse_quantity
from exchange.services.paging import MAX_LIMIT, Page

JSON = "application/json"
NDJSON = "application/x-ndjson"
SD_JWT = "application/vc+sd-jwt"
PLAIN_JWT = "application/vc+jwt"
TLOG_PROOF = "text/plain; charset=utf-8"

M = TypeVar("M")
R = TypeVar("R")


def _as_utc(instant: datetime) -> datetime:
    # Years at the ends of the calendar cannot be moved to UTC, and no dataset lives there.
    if not 1900 <= instant.year <= 9000:
        raise ValueError("the year lies outside 1900 to 9000")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    Field(examples=["01986e2f-1f00-7000-8000-000000000000"]),
]
AmountText = Annotated[str, Field(max_length=40, examples=["1200"])]
UnitText = Annotated[str, Field(max_length=3, examples=["KWH"])]
DateText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    Field(json_schema_extra={"format": "date"}),
]


def _wire_decimal(value: object) -> object:
    return decimal_to_wire(value) if isinstance(value, Decimal) else value


def _derived(value: object) -> object:
    if not isinstance(value, Decimal | Fraction):
        return value
    ratio = Fraction(value)
    rounded = _DERIVED.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return format(rounded.normalize(_DERIVED), "f") if rounded else "0"


_DERIVED = Context(prec=12)
DecimalText = Annotated[str, BeforeValidator(_wire_decimal)]
OptionalDecimalText = Annotated[str | None, BeforeValidator(_wire_decimal)]
# Indices, productivities, shares: figures worked out of others, with twelve significant digits where they have no end.
OptionalDerivedText = Annotated[str | None, BeforeValidator(_derived)]


class In(BaseModel):
    """A JSON body: exact types, nothing unknown. Members named in `documents` keep the strict reader's values."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    documents: ClassVar[tuple[str, ...]] = ()


class Query(BaseModel):
    """A query string; every parameter occurs at most once and none is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """Which page: the cursor of the page before, and how many items."""

    cursor: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class Out(BaseModel):
    """A JSON answer, made from a service's result by the names of its members."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def of(cls, result: object) -> Self:
        """The outward form of a service's result."""
        return cls.model_validate(result)


class PageOut(Out, Generic[M]):
    """Some items; `next_cursor` is null on the last page."""

    items: list[M]
    next_cursor: str | None


class PeriodOut(Out):
    """Half-open local dates [start, end) in Europe/Copenhagen."""

    start: str = Field(json_schema_extra={"format": "date"})
    end: str = Field(json_schema_extra={"format": "date"})

    @classmethod
    def from_period(cls, period: object) -> object:
        """The wire form of a domain Period; anything else is left to Pydantic."""
        return period.to_wire() if isinstance(period, Period) else period


PeriodField = Annotated[PeriodOut, BeforeValidator(PeriodOut.from_period)]
OptionalPeriodField = Annotated[PeriodOut | None, BeforeValidator(PeriodOut.from_period)]


class PeriodIn(In):
    """Half-open local dates [start, end) in Europe/Copenhagen."""

    start: date
    end: date

    def to_period(self) -> Period:
        """The domain's period; raises InvalidError `period.order`."""
        return Period(self.start, self.end)


class PeriodQuery(Query):
    """Which days: half-open local dates [start, end) in Europe/Copenhagen."""

    start: DateText
    end: DateText

    def to_period(self) -> Period:
        """The domain's period; raises InvalidError `date.invalid`, `period.order`."""
        return parse_period({"start": self.start, "end": self.end})


class QuantityIn(In):
    """A decimal string with its unit (UN/CEFACT Rec 20)."""

    amount: AmountText
    unit: UnitText

    def to_quantity(self, path: str) -> Quantity:
        """The domain's quantity, below zero too; raises InvalidError `quantity.amount`, `unit.unknown`."""
        return parse_quantity(self.model_dump(), path, signed=True)


class QuantityOut(Out):
    """A decimal string with its unit (UN/CEFACT Rec 20)."""

    amount: DecimalText
    unit: UnitCode


class ProblemOut(Out):
    """One thing wrong with an input: stable code, JSON pointer, words."""

    code: str
    detail: str
    path: str = ""
    advice: str = ""


def decimal_of(text: str | None, path: str) -> Decimal | None:
    """The exact number of an amount, None as it is; what may be below zero is for the services to say.

    Raises InvalidError `quantity.amount`.
    """
    return None if text is None else parse_decimal(text, path, signed=True)


def page_of(page: Page[R], present: Callable[[R], M]) -> PageOut[M]:
    """The outward form of a page."""
    return PageOut(items=[present(item) for item in page.items], next_cursor=page.next_cursor)


def problems_of(found: Iterable[Problem]) -> list[ProblemOut]:
    """The outward form of problems."""
    return [ProblemOut.of(problem) for problem in found]


@dataclass(frozen=True)
class Reply(Generic[M]):
    """An answer with more to it than its content: another status, a Location, another media type."""

    content: M
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON


@dataclass(frozen=True)
class SignedToken:
    """A body that is a signed token, kept as the bytes received."""

    data: bytes
    media_types: ClassVar[tuple[str, ...]] = (SD_JWT, PLAIN_JWT)


@dataclass(frozen=True)
class Lines:
    """A body of JSON values, one a line (NDJSON), kept as the bytes received."""

    data: bytes
    media_types: ClassVar[tuple[str, ...]] = (NDJSON,)


@dataclass(frozen=True)
class Table:
    """A body that is an uploaded table, kept as the bytes received."""

    data: bytes
    media_types: ClassVar[tuple[str, ...]] = (
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/octet-stream",
    )


@dataclass(frozen=True)
class File:
    """A body that is a file of any kind, kept as the bytes received."""

    data: bytes
    media_types: ClassVar[tuple[str, ...]] = ("application/octet-stream",)


@dataclass(frozen=True)
class Document:
    """A body that is a JSON object governed by one of the exchange's own schemas, strictly read."""

    value: dict[str, Any]
    media_types: ClassVar[tuple[str, ...]] = (JSON,)
