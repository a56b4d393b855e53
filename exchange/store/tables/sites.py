"""A supplier's sites and their accounts: flows, bills, readings, production, keys, and the company's years.

Rows of an account are never changed: a correction withdraws one and adds another, so that a stored calculation can
always be held against what it was made from.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import DecimalText, UtcDateTime


class SiteRow(SQLModel, table=True):
    """A place of production; the P-number is the Danish register's."""

    __tablename__ = "site"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    name: str = Field(max_length=200)
    p_number: str | None = Field(default=None, max_length=10)
    address: str = Field(default="", max_length=500)
    postal_code: str = Field(default="", max_length=12)
    city: str = Field(default="", max_length=200)
    country: str = Field(default="DK", max_length=2)
    is_water_stressed: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("organisation_id", "name"),)


class SiteProductRow(SQLModel, table=True):
    """A product made at a site; `mass` is kg per declared unit, None where it has none or its unit is a mass.

    `process_product_id` is set for a by-product: it comes out of the making of that product, and bears its part by
    `rule` (subdivision, physical, economic).
    """

    __tablename__ = "site_product"

    site_id: str = Field(primary_key=True, foreign_key="site.id", max_length=36)
    product_id: str = Field(primary_key=True, foreign_key="product.id", max_length=36)
    mass: Decimal | None = Field(default=None, sa_type=DecimalText)
    process_product_id: str | None = Field(default=None, foreign_key="product.id", max_length=36)
    rule: str = Field(default="", max_length=12)
    share: Decimal | None = Field(default=None, sa_type=DecimalText)
    waste_code: str = Field(default="", max_length=6)
    terms: str = Field(default="", max_length=5)
    processed_before_sale: bool = False


class FlowRow(SQLModel, table=True):
    """A flow of a site. `kind` (energy, water, material, waste) says how `detail` is read, `identity` is what makes
    two entries the same flow.
    """

    __tablename__ = "flow"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36, index=True)
    kind: str = Field(max_length=10)
    name: str = Field(max_length=200)
    unit: str = Field(max_length=3)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    identity: str = Field(max_length=400)
    category: str = Field(default="", max_length=80)
    supplier_product_id: str | None = Field(default=None, max_length=36)
    key_id: str = Field(max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (sa.UniqueConstraint("site_id", "identity"),)


class SpreadingKeyRow(SQLModel, table=True):
    """How a site's flows are spread: a method of METHOD section 2, over some of its products or all (empty list)."""

    __tablename__ = "spreading_key"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36, index=True)
    name: str = Field(max_length=200)
    method: str = Field(max_length=14)
    products: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    shares: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    basis: str = Field(default="subdivision", max_length=30)

    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)


class BillRow(SQLModel, table=True):
    """A bill of a flow over [period_start, period_end); withdrawn rows stay for the calculations made from them."""

    __tablename__ = "bill"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36)
    flow_id: str = Field(foreign_key="flow.id", max_length=36)
    period_start: date
    period_end: date
    amount: Decimal = Field(sa_type=DecimalText)
    unit: str = Field(max_length=3)
    heating_value: str = Field(default="", max_length=5)
    calorific_value: Decimal | None = Field(default=None, sa_type=DecimalText)
    is_credit: bool = False
    is_estimate: bool = False
    is_confirmed: bool = False
    number: str = Field(default="", max_length=100)
    meter: str = Field(default="", max_length=100)
    place: str = Field(default="", max_length=100)
    evidence: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)  # digest, file name
    import_id: str | None = Field(default=None, max_length=36)
    created_by: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (sa.Index("ix_bill_site_period", "site_id", "period_start", "period_end"),)


class ReadingRow(SQLModel, table=True):
    """A sub-meter's or count's amount of a flow for one product, for one delivery where it names one."""

    __tablename__ = "reading"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36)
    flow_id: str = Field(foreign_key="flow.id", max_length=36)
    product_id: str = Field(foreign_key="product.id", max_length=36)
    period_start: date
    period_end: date
    amount: Decimal = Field(sa_type=DecimalText)
    unit: str = Field(max_length=3)
    heating_value: str = Field(default="", max_length=5)
    delivery: str = Field(default="", max_length=100)
    place: str = Field(default="", max_length=100)
    import_id: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (sa.Index("ix_reading_site_period", "site_id", "period_start", "period_end"),)


class OutputRow(SQLModel, table=True):
    """What was made of a product over [period_start, period_end); revenue in DKK."""

    __tablename__ = "output"

    id: str = Field(primary_key=True, max_length=36)
    organisation_id: str = Field(foreign_key="organisation.id", max_length=36)
    site_id: str = Field(foreign_key="site.id", max_length=36)
    product_id: str = Field(foreign_key="product.id", max_length=36)
    period_start: date
    period_end: date
    amount: Decimal = Field(sa_type=DecimalText)
    unit: str = Field(max_length=3)
    machine_hours: Decimal | None = Field(default=None, sa_type=DecimalText)
    revenue: Decimal | None = Field(default=None, sa_type=DecimalText)
    place: str = Field(default="", max_length=100)
    import_id: str | None = Field(default=None, max_length=36)
    created_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    __table_args__ = (sa.Index("ix_output_site_period", "site_id", "period_start", "period_end"),)


class CompanyYearRow(SQLModel, table=True):
    """A financial year of the organisation: DKK in current prices, and employees."""

    __tablename__ = "company_year"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36)
    year: int = Field(primary_key=True)
    value_added: Decimal | None = Field(default=None, sa_type=DecimalText)
    is_proxy: bool = False
    turnover: Decimal | None = Field(default=None, sa_type=DecimalText)
    employees: Decimal | None = Field(default=None, sa_type=DecimalText)
    changed_at: datetime = Field(sa_type=UtcDateTime)
