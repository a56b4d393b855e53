"""Chains, the runs that solve their network, and the releases that views read."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from exchange.store.types import DecimalText, UtcDateTime


class ChainRow(SQLModel, table=True):
    """A value chain: target products and all upstream of them (`product`), or organisations (`group`, `place`)."""

    __tablename__ = "chain"

    id: str = Field(primary_key=True, max_length=36)
    owner_id: str = Field(foreign_key="organisation.id", max_length=36, index=True)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=10, default="product")
    prefer: str = Field(max_length=10, default="linked")
    created_at: datetime = Field(sa_type=UtcDateTime)


class ChainTargetRow(SQLModel, table=True):
    """A target product of a chain with the amount asked of it in a period (in its declared unit)."""

    __tablename__ = "chain_target"

    chain_id: str = Field(primary_key=True, foreign_key="chain.id", max_length=36)
    product_id: str = Field(primary_key=True, foreign_key="product.id", max_length=36)
    period_start: date = Field(primary_key=True)
    period_end: date = Field(primary_key=True)
    amount: Decimal = Field(sa_type=DecimalText)


class ChainMemberRow(SQLModel, table=True):
    """An organisation that a group or place consists of in a period."""

    __tablename__ = "chain_member"

    chain_id: str = Field(primary_key=True, foreign_key="chain.id", max_length=36)
    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id", max_length=36)
    period_start: date = Field(primary_key=True)
    period_end: date = Field(primary_key=True)


class NetworkRow(SQLModel, table=True):
    """The network of one period under one policy: stale since when, the run in force, and the round of releases.

    `number` names it in the tables of nodes and links. `version` counts the times these changed. `round` is the
    fencing token of the newest round of releases: shards of an older one write nothing; `shards_left` of it are
    still to be released.
    """

    __tablename__ = "network"

    period_start: date = Field(primary_key=True)
    period_end: date = Field(primary_key=True)
    prefer: str = Field(default="linked", primary_key=True, max_length=10)  # linked | declared
    stale_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    current_run_id: str | None = Field(default=None, max_length=36)
    last_error: str = Field(default="", max_length=2000)
    number: int = Field(unique=True)
    version: int = 0
    round: int = 0
    round_run_id: str | None = Field(default=None, max_length=36)
    shards_left: int = 0


class RunRow(SQLModel, table=True):
    """One solve of one network. The identity is the hash of its inputs; its first committed result stands."""

    __tablename__ = "run"

    id: str = Field(primary_key=True, max_length=36)
    identity: str = Field(max_length=64, index=True)
    period_start: date
    period_end: date
    prefer: str = Field(max_length=10)
    method_version: str = Field(max_length=40)
    factor_set: str = Field(max_length=80)
    solver: str = Field(max_length=40)
    code_version: str = Field(max_length=40)
    state: str = Field(max_length=8)  # done | failed
    reason: str = Field(default="", max_length=2000)
    checks: list[dict[str, str]] = Field(default_factory=list, sa_type=sa.JSON)
    inputs: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # sorted dataset digests
    network_version: int = 0  # of the nodes and links it was solved from
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (
        sa.Index(
            "uq_run_identity_done",
            "identity",
            unique=True,
            sqlite_where=sa.text("state = 'done'"),
            postgresql_where=sa.text("state = 'done'"),
        ),
    )


class ReleaseRow(SQLModel, table=True):
    """One published chain cell (chain x indicator x period). Append-only; the newest of a cell is in force."""

    __tablename__ = "release"

    id: str = Field(primary_key=True, max_length=36)
    chain_id: str = Field(foreign_key="chain.id", max_length=36)
    indicator: str = Field(max_length=10)
    period_start: date
    period_end: date
    run_id: str = Field(foreign_key="run.id", max_length=36)
    status: str = Field(max_length=10)  # released | no_data
    value: Decimal | None = Field(default=None, sa_type=DecimalText)
    unit: str = Field(max_length=3)
    per_unit: Decimal | None = Field(default=None, sa_type=DecimalText)
    productivity: Decimal | None = Field(default=None, sa_type=DecimalText)
    productivity_coverage: Decimal | None = Field(default=None, sa_type=DecimalText)
    detail: dict[str, str | None] = Field(default_factory=dict, sa_type=sa.JSON)
    measured: Decimal | None = Field(default=None, sa_type=DecimalText)
    allocated: Decimal | None = Field(default=None, sa_type=DecimalText)
    secondary: Decimal | None = Field(default=None, sa_type=DecimalText)
    unknown: Decimal | None = Field(default=None, sa_type=DecimalText)
    coverage_mass: Decimal | None = Field(default=None, sa_type=DecimalText)
    is_at_least: bool = False
    # what is missing: reason, name, party who could close it, holder whose recipe lacks it
    missing: list[dict[str, str | None]] = Field(default_factory=list, sa_type=sa.JSON)
    panel: dict[str, str] = Field(
        default_factory=dict, sa_type=sa.JSON
    )  # digests: what must match to compare
    created_at: datetime = Field(sa_type=UtcDateTime)

    __table_args__ = (sa.Index("ix_release_cell", "chain_id", "indicator", "period_start", "created_at"),)


class ReleaseContributionRow(SQLModel, table=True):
    """Whose figure is inside a released cell: what a viewer must own or hold an exact grant to.

    `field_group`: indicators, process (a recipe that is followed), commercial (for value added), output (commercial,
    for a group's own total), beside and beside_process (indicators and process, for what is shown beside the total).
    """

    __tablename__ = "release_contribution"

    release_id: str = Field(primary_key=True, foreign_key="release.id", max_length=36)
    dataset_id: str = Field(primary_key=True, foreign_key="dataset.id", max_length=36)
    field_group: str = Field(primary_key=True, max_length=14)
    owner_id: str = Field(max_length=36, index=True)


class ReleasePartRow(SQLModel, table=True):
    """One part of a released cell: what a tier, an organisation or a product adds to it, how a product reads by its
    recipe and by what it declares, or what a cause changed since the reference; append-only.
    """

    __tablename__ = "release_part"

    release_id: str = Field(primary_key=True, foreign_key="release.id", max_length=36)
    position: int = Field(primary_key=True)
    kind: str = Field(max_length=14)
    name: str = Field(default="", max_length=300)
    tier: int | None = None
    organisation_id: str | None = Field(default=None, max_length=36)
    product_id: str | None = Field(default=None, max_length=36)
    is_declared: bool = False
    value: Decimal = Field(sa_type=DecimalText)
    other: Decimal | None = Field(default=None, sa_type=DecimalText)
    many: int = 1  # how many of the smallest are in one row


class ReleaseStatementRow(SQLModel, table=True):
    """The signed statement of all that was in force of one chain and period once a run was released; append-only."""

    __tablename__ = "release_statement"

    id: str = Field(primary_key=True, max_length=36)
    chain_id: str = Field(foreign_key="chain.id", max_length=36, index=True)
    period_start: date
    period_end: date
    run_id: str = Field(foreign_key="run.id", max_length=36)
    jwt: str = Field(sa_type=sa.Text)
    digest: str = Field(max_length=71, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ReleaseStatementCellRow(SQLModel, table=True):
    """A release that a statement states; `is_new` in the one statement that stated it first; append-only."""

    __tablename__ = "release_statement_cell"

    release_id: str = Field(primary_key=True, foreign_key="release.id", max_length=36)
    statement_id: str = Field(primary_key=True, foreign_key="release_statement.id", max_length=36, index=True)
    is_new: bool

    __table_args__ = (
        sa.Index(
            "uq_release_statement_cell_new",
            "release_id",
            unique=True,
            sqlite_where=sa.text("is_new"),
            postgresql_where=sa.text("is_new"),
        ),
    )


class ReleaseInputRow(SQLModel, table=True):
    """One salted input of a statement: shows the dataset's owner, and nobody else, that it was counted; append-only."""

    __tablename__ = "release_input"

    statement_id: str = Field(primary_key=True, foreign_key="release_statement.id", max_length=36)
    position: int = Field(primary_key=True)
    dataset_digest: str = Field(max_length=71, index=True)
    salt: bytes = Field(sa_type=sa.LargeBinary)
