"""Which suppliers a customer has confirmed or refused."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class SupplierRelationRow(SQLModel, table=True):
    """A customer's decision on a supplier; without a row nothing is decided and its deliveries take no part."""

    __tablename__ = "supplier_relation"

    customer_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36)
    supplier_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36)
    state: str = Field(max_length=10)  # confirmed | refused
    decided_by: str | None = Field(default=None, max_length=36)  # the person, or the API client
    decided_at: datetime = Field(sa_type=UtcDateTime)
