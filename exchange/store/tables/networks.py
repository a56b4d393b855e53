"""Linked networks as they are stored: nodes, links and gaps by number, and arrays ready for the engine.

Internal: no view reads them. Node numbers are given once per network and never used again.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import UtcDateTime


class NetworkNodeRow(SQLModel, table=True):
    """A node of a network with all that linking says of it; one that is gone keeps its number.

    `facts`, `links` (into it) and `gaps` are JSON with exact fractions. What has the same `digest` of all of it, with
    its numbers for the engine, is not written again.
    """

    __tablename__ = "network_node"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    node_number: int = Field(primary_key=True)
    key: str = Field(max_length=300)
    product_id: str | None = Field(default=None, max_length=36)
    organisation_id: str | None = Field(default=None, max_length=36)
    is_present: bool = True
    facts: str = Field(sa_type=sa.Text)
    links: str = Field(sa_type=sa.Text)
    gaps: str = Field(sa_type=sa.Text)
    digest: bytes = Field(sa_type=sa.LargeBinary)

    __table_args__ = (
        sa.Index("uq_network_node_key", "network_number", "key", unique=True),
        sa.Index("ix_network_node_product", "network_number", "product_id"),
        sa.Index("ix_network_node_organisation", "network_number", "organisation_id"),
    )


class NetworkNumbersRow(SQLModel, table=True):
    """The same node as numbers for the engine: apart, so that all of a network's are read without its texts."""

    __tablename__ = "network_numbers"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    node_number: int = Field(primary_key=True)
    effects: bytes = Field(sa_type=sa.LargeBinary)
    declared: bytes = Field(sa_type=sa.LargeBinary)
    suppliers: bytes = Field(sa_type=sa.LargeBinary)


class NetworkArrayRow(SQLModel, table=True):
    """A piece of what the engine loads: all arrays at the least version kept, what changed at each one after it."""

    __tablename__ = "network_array"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    version: int = Field(primary_key=True)
    piece: int = Field(primary_key=True)
    content: bytes = Field(sa_type=sa.LargeBinary)


class RunArrayRow(SQLModel, table=True):
    """A piece of a run's solved arrays: footprints, parts by kind, certified bounds. Written once with the run."""

    __tablename__ = "run_array"

    run_id: str = Field(primary_key=True, foreign_key="run.id", max_length=36)
    piece: int = Field(primary_key=True)
    content: bytes = Field(sa_type=sa.LargeBinary)


class ReleaseShardRow(SQLModel, table=True):
    """A shard of a network's newest round of releases: the chains with ids from `first_chain` to `last_chain`.

    `done_at` is set once, in the transaction that released its chains: no shard counts twice.
    """

    __tablename__ = "release_shard"

    network_number: int = Field(primary_key=True, foreign_key="network.number")
    round: int = Field(primary_key=True)
    shard: int = Field(primary_key=True)
    first_chain: str = Field(max_length=36)
    last_chain: str = Field(max_length=36)
    chains: int
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
