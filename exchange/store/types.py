"""Column types that keep what SQLite would lose, and the naming of constraints."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite returns naive values, so the zone is put back; naive input is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware instant to naive UTC for the column."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Naive column value to aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal kept as text: SQLite's NUMERIC silently rounds past 15 digits."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Plain notation, never an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The same digits back."""
        return None if value is None else Decimal(value)


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Alembic hook: migrations name plain SQLAlchemy types, not ours."""
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime()"
        if isinstance(item, DecimalText):
            return "sa.String()"
        if type(item).__name__ == "AutoString":
            return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False
