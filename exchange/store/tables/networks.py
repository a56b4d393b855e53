"""Linked networks as they are stored: nodes, links and gaps by number, and arrays ready for the engine.

Internal: no view reads them. Node numbers are given once per network and never used again.
"""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class NetworkNodeRow(SQLModel, table=True):
    """A node of a network. `facts` is what linking says of it, exactly; a node that is gone keeps its number."""

    __tablename__ = "network_node"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    node_number: int = Field(primary_key=True)
    key: str = Field(max_length=300)
    product_id: str | None = Field(default=None, max_length=36)
    organisation_id: str | None = Field(default=None, max_length=36)
    is_present: bool = True
    facts: str = Field(sa_type=sa.Text)  # JSON; amounts as exact fractions "numerator/denominator"
    digest: str = Field(max_length=64)  # of facts, links and gaps: what did not change is not written again

    __table_args__ = (
        sa.Index("uq_network_node_key", "network_number", "key", unique=True),
        sa.Index("ix_network_node_product", "network_number", "product_id"),
        sa.Index("ix_network_node_organisation", "network_number", "organisation_id"),
    )


class NetworkLinkRow(SQLModel, table=True):
    """`per_unit` units of a supplier node in one unit of a customer node; `measured` share of that amount."""

    __tablename__ = "network_link"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    customer_number: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    supplier_number: int
    per_unit: float
    measured: float
    mass: float | None = None
    origin: str = Field(max_length=20)
    line: str = Field(default="", max_length=40)
    key: str = Field(default="", max_length=20)


class NetworkGapRow(SQLModel, table=True):
    """What is not known at a node, for the columns named; totals downstream are "at least"."""

    __tablename__ = "network_gap"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    node_number: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    columns: list[str] = Field(sa_type=sa.JSON)
    reason: str = Field(max_length=30)
    name: str = Field(max_length=300)
    party: str | None = Field(default=None, max_length=36)
    line: str = Field(default="", max_length=40)
    mass: float | None = None


class NetworkArrayRow(SQLModel, table=True):
    """A piece of the arrays of a network at its present version (compressed sparse rows, effects, shares)."""

    __tablename__ = "network_array"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    piece: int = Field(primary_key=True)
    version: int
    content: bytes = Field(sa_type=sa.LargeBinary)


class RunArrayRow(SQLModel, table=True):
    """A piece of a run's solved arrays: footprints, parts by kind, certified bounds. Written once with the run."""

    __tablename__ = "run_array"

    run_id: str = Field(primary_key=True, foreign_key="run.id", max_length=36)
    piece: int = Field(primary_key=True)
    content: bytes = Field(sa_type=sa.LargeBinary)


class ReleaseShardRow(SQLModel, table=True):
    """A shard of chains that a round of releases has done: no shard counts twice."""

    __tablename__ = "release_shard"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    round: int = Field(primary_key=True)
    shard: int = Field(primary_key=True)
