"""Stored calculations: what a site's account came to, figure by figure, each with its own steps."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import DecimalText, UtcDateTime


class CalculationRow(SQLModel, table=True):
    """A site's account worked out. `identity` is the hash of all that went in, so the same input is stored once.

    `summary` holds the site's own totals, rests, gaps and questions; `factors` the factors used, as they were.
    """

    __tablename__ = "calculation"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36)
    period_start: date
    period_end: date
    identity: str = Field(max_length=71)
    factor_set: str = Field(max_length=40)
    factors: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    summary: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime = Field(sa_type=UtcDateTime)  # the last time the account came to just this

    __table_args__ = (
        sa.UniqueConstraint("site_id", "identity"),
        sa.Index("ix_calculation_page", "organisation_id", "created_at", "id"),
    )


class CalculationFigureRow(SQLModel, table=True):
    """One figure of a calculation. `product_id` is a product's id, or "site" for the site's own total.

    `own` is per declared unit (of the site: in the period), "at least" where `gaps` say what is missing. `upstream`
    holds what came with the inputs, line by line, and whether the total is whole. `shares` are the four kinds of
    quality.
    """

    __tablename__ = "calculation_figure"

    calculation_id: str = Field(primary_key=True, foreign_key="calculation.id", max_length=36)
    product_id: str = Field(primary_key=True, max_length=36)
    indicator: str = Field(primary_key=True, max_length=10)
    own: Decimal = Field(sa_type=DecimalText)
    unit: str = Field(max_length=3)
    shares: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    gaps: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    upstream: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class CalculationLineRow(SQLModel, table=True):
    """The steps of one flow's part in one product's figures (or the site's): opening a figure reads its own alone.

    `kind` (energy, water, material, packaging, waste) says which indicators a flow adds to.
    """

    __tablename__ = "calculation_line"

    calculation_id: str = Field(primary_key=True, foreign_key="calculation.id", max_length=36)
    product_id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(primary_key=True, max_length=10)
    number: int = Field(primary_key=True)
    steps: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


class CalculationProductRow(SQLModel, table=True):
    """What a calculation says of one product beside its figures and steps: the groups of its dataset."""

    __tablename__ = "calculation_product"

    calculation_id: str = Field(primary_key=True, foreign_key="calculation.id", max_length=36)
    product_id: str = Field(primary_key=True, max_length=36)
    produced: Decimal = Field(sa_type=DecimalText)
    content: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    publication_id: str | None = Field(default=None, foreign_key="publication.id", max_length=36)


class OwnFactorRow(SQLModel, table=True):
    """A factor an organisation brings with its source; fields as in the exchange's own set."""

    __tablename__ = "own_factor"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    key: str = Field(max_length=100)
    value: Decimal = Field(sa_type=DecimalText)
    unit: str = Field(max_length=7)
    source: str = Field(max_length=500)
    year: int
    geography: str = Field(max_length=6)
    basis: str = Field(max_length=12)
    gwp_set: str | None = Field(default=None, max_length=3)
    licence: str = Field(max_length=200)
    valid_from: date
    valid_to: date | None = None
    note: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OwnDeflatorRow(SQLModel, table=True):
    """A price index of a branch an organisation brings with its source; `edition` is the source's year and month."""

    __tablename__ = "own_deflator"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36)
    branch: str = Field(primary_key=True, max_length=2)
    year: int = Field(primary_key=True)
    base_year: int = Field(primary_key=True)
    index: Decimal = Field(sa_type=DecimalText)
    source: str = Field(max_length=500)
    licence: str = Field(max_length=200)
    edition: str = Field(max_length=7)
    created_at: datetime = Field(sa_type=UtcDateTime)
