"""What a filled-in template says, row by row, before anything of it is looked up or stored.

`place` is where a row stands as its sender sees it ("Energy, row 7"). Products are named by the maker's own numbers,
flows by what they are: the same carrier and name, the same material, the same waste code and treatment is one flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.calculation.account import FlowDetail, HeatingValue, KeyMethod, SharingRule
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode


@dataclass(frozen=True)
class FlowEntry:
    """How a row names its flow; `key` is how it wants it spread, None where it does not say."""

    name: str
    detail: FlowDetail
    unit: UnitCode
    category: str = ""
    product: str = ""
    key: KeyMethod | None = None


@dataclass(frozen=True)
class BillEntry:
    """A bill, or a line of a carrier's statement, as in `account.Bill`; `is_confirmed`: meant so, however odd."""

    place: str
    flow: FlowEntry
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    calorific_value: Decimal | None = None
    is_credit: bool = False
    is_estimate: bool = False
    number: str = ""
    meter: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True)
class ReadingEntry:
    """What a sub-meter or count gave of a flow to one product."""

    place: str
    flow: FlowEntry
    product_number: str
    period: Period
    amount: Quantity
    heating_value: HeatingValue | None = None
    delivery: str = ""


@dataclass(frozen=True)
class OutputEntry:
    """What was made of a product. Name, unit, category and mass tell of a product that is not registered yet."""

    place: str
    product_number: str
    period: Period
    amount: Quantity
    name: str = ""
    category: str = ""
    mass: Decimal | None = None
    machine_hours: Decimal | None = None
    revenue: Decimal | None = None


@dataclass(frozen=True)
class ByProductEntry:
    """A by-product sold or given: an output that comes out of `process_number`, by its giver's rule."""

    output: OutputEntry
    process_number: str
    rule: SharingRule
    share: Decimal | None = None
    waste_code: str = ""
    terms: str = "sells"
    processed_before_sale: bool = False


@dataclass(frozen=True)
class ShareEntry:
    """A stated share of a flow for a product (a part of 1)."""

    place: str
    flow: FlowEntry
    product_number: str
    share: Decimal


@dataclass(frozen=True)
class YearEntry:
    """A year of the company: DKK, and people. `is_proxy`: bruttofortjeneste stands for value added."""

    place: str
    year: int
    value_added: Decimal | None = None
    is_proxy: bool = False
    turnover: Decimal | None = None
    employees: Decimal | None = None


@dataclass(frozen=True)
class RowIssue:
    """Why a row (or, with `place` "", the whole file) cannot be taken; `code` is stable."""

    code: str
    detail: str
    place: str = ""
    column: str = ""


@dataclass(frozen=True)
class AccountTable:
    """The rows that could be read, what is wrong with the others, and columns nobody knows."""

    bills: tuple[BillEntry, ...] = ()
    readings: tuple[ReadingEntry, ...] = ()
    outputs: tuple[OutputEntry, ...] = ()
    by_products: tuple[ByProductEntry, ...] = ()
    shares: tuple[ShareEntry, ...] = ()
    years: tuple[YearEntry, ...] = ()
    issues: tuple[RowIssue, ...] = ()
    ignored_columns: tuple[str, ...] = ()
