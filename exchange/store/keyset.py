"""Newest first, after a keyset: one shape for every paged query."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel.sql.expression import SelectOfScalar, col

from exchange.store.types import UtcDateTime

T = TypeVar("T")


def older_than(
    statement: SelectOfScalar[T], at: Any, row_id: Any, after: tuple[datetime, str] | None
) -> SelectOfScalar[T]:
    """Order by (`at`, `row_id`) descending and keep the rows behind `after`; served by an index on both."""
    ordered = statement.order_by(col(at).desc(), col(row_id).desc())
    if after is None:
        return ordered
    return ordered.where(
        sa.tuple_(col(at), col(row_id))
        < sa.tuple_(sa.literal(after[0], type_=UtcDateTime()), sa.literal(after[1]))
    )
