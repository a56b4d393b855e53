"""What a table of deliveries says, row by row, before anything of it is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode


class RecipientKind(StrEnum):
    """How a row names the recipient."""

    CVR = "cvr"
    ID = "id"
    NAME = "name"


@dataclass(frozen=True)
class Recipient:
    """Whoever received: a valid CVR number, an organisation's id here, or a name."""

    kind: RecipientKind
    text: str


@dataclass(frozen=True)
class DeliveryRecord:
    """One delivery (or return): `row` counts from 1 with the header, as the sender's program shows it."""

    row: int
    supplier_product_id: str
    recipient: Recipient
    amount: Decimal
    unit: UnitCode
    window: Period
    returned: bool


@dataclass(frozen=True)
class TableIssue:
    """Why a row, or with `row` None the whole table, cannot be taken; `code` is stable."""

    code: str
    detail: str
    row: int | None = None
    column: str = ""


@dataclass(frozen=True)
class DeliveryTable:
    """The rows that could be read, what is wrong with the others, and columns nobody knows."""

    records: tuple[DeliveryRecord, ...]
    issues: tuple[TableIssue, ...]
    ignored_columns: tuple[str, ...] = ()
