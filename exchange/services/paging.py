"""Keyset pages: the cursor says after which row to go on, never how many to skip."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar

from exchange.domain.errors import InvalidError

T = TypeVar("T")
R = TypeVar("R")

MAX_LIMIT = 200
ROW_ID = re.compile(r"[0-9A-Za-z-]{1,40}")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items in order, and the opaque cursor of the next page (None on the last)."""

    items: tuple[T, ...]
    next_cursor: str | None


class Keyset(NamedTuple):
    """The sort key of the last row shown: an instant and the row's id."""

    at: datetime
    id: str


def read_cursor(cursor: str | None) -> Keyset | None:
    """Open a cursor; raises InvalidError (`paging.cursor`) on anything not made by `write_cursor`."""
    if cursor is None or cursor == "":
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        micros, row_id = json.loads(raw)
        if not isinstance(micros, int) or not isinstance(row_id, str) or not ROW_ID.fullmatch(row_id):
            raise ValueError
        return Keyset(
            datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000), row_id
        )
    except (ValueError, TypeError, OverflowError, OSError, binascii.Error, RecursionError) as error:
        raise InvalidError(
            "This cursor was not made here.",
            code="paging.cursor",
            path="/cursor",
            advice="Use the next_cursor of the page before, unchanged, or leave it out.",
        ) from error


def write_cursor(keyset: Keyset) -> str:
    """The opaque form of a keyset."""
    micros = int(keyset.at.timestamp()) * 1_000_000 + keyset.at.microsecond
    return base64.urlsafe_b64encode(json.dumps([micros, keyset.id]).encode()).decode().rstrip("=")


def make_page(
    rows: Sequence[R], limit: int, key: Callable[[R], Keyset], present: Callable[[R], T]
) -> Page[T]:
    """A page out of `limit + 1` rows asked for: one row more means there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(present(row) for row in shown), write_cursor(key(shown[-1])) if more else None)


def check_limit(limit: int) -> int:
    """Between 1 and 200, else InvalidError (`paging.limit`)."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidError(f"A page holds 1 to {MAX_LIMIT} items.", code="paging.limit", path="/limit")
    return limit
