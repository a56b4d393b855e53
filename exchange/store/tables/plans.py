"""What an organisation means to do about its figures: targets and initiatives."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import DecimalText, UtcDateTime


class TargetRow(SQLModel, table=True):
    """A reduction target; `scope` is organisation, site or product, `scope_id` whose."""

    __tablename__ = "target"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    scope: str = Field(max_length=12)
    scope_id: str = Field(max_length=36)
    indicator: str = Field(max_length=10)
    measure: str = Field(max_length=12)  # absolute | productivity
    base_year: int
    target_year: int
    reduction: Decimal = Field(sa_type=DecimalText)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class InitiativeRow(SQLModel, table=True):
    """A sustainability initiative (METHOD section 8). `changes` are the expected changes by flow."""

    __tablename__ = "initiative"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    site_id: str = Field(foreign_key="site.id", max_length=36)
    product_id: str | None = Field(default=None, foreign_key="product.id", max_length=36)
    title: str = Field(max_length=200)
    effort_indicator: str = Field(max_length=60)
    in_force_from: date
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    investment: Decimal | None = Field(default=None, sa_type=DecimalText)
    yearly_saving: Decimal | None = Field(default=None, sa_type=DecimalText)
    motive: str = Field(default="", max_length=40)
    demand_request_id: str | None = Field(default=None, foreign_key="request.id", max_length=36)
    demand_text: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
