"""Publishing signed datasets in batches, against the stack that anybody would put together first.

The rival takes the same tokens into the same database: `json` reads payload and disclosures, `cryptography` checks the
signature, a `jsonschema` validator built beforehand (draft 2020-12 with formats) judges the subject, `session.add` of
one SQLModel row per dataset, one commit per batch; the row has the columns and indexes of the exchange's own, and the
token whole. The exchange does all that and more: strict JSON, digests of the disclosures, key and time, named checks,
ownership, versions, a row for each disclosure and figure, log outbox, stale networks, audit.
Run: python -m benchmarks.publish_batch [--quick]. SQLite, and a database of its own on the PostgreSQL server of
VCX_TEST_DATABASE_URL where that is set. Exits 1 where publishing is below 4 times the rival's speed:
the median over batches of what both took for the same batch, one right after the other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from os import cpu_count
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from jsonschema import Draft202012Validator
from sqlmodel import Field, SQLModel

import schemas
from benchmarks.signed_tokens import database_on, exchange_over, make_tokens
from exchange.services.context import Context
from exchange.services.dataset_entry import Published, candidate
from exchange.services.dataset_gate import open_tokens
from exchange.services.publish import publish_token
from exchange.services.publish_batch import publish_batch
from exchange.trust import VerifiedDataset
from exchange.trust.keys import PublicKey, new_private_key

FACTOR = 4.0
ROUNDS, BATCH = 9, 500
QUICK_ROUNDS, QUICK_BATCH = 3, 100
SINGLES = 20
RIVALS = sa.MetaData()


class RivalRow(SQLModel, table=True):
    """A row like the exchange's own of a dataset, with its indexes; the token whole instead of rows for its parts."""

    metadata = RIVALS
    __tablename__ = "rival_dataset"

    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=12)
    schema_id: str = Field(max_length=200)
    schema_digest: str = Field(max_length=80)
    organisation_id: str = Field(max_length=36)
    subject_type: str = Field(max_length=12)
    subject_id: str = Field(max_length=36)
    recipient_id: str | None = Field(default=None, max_length=36)
    period_start: date
    period_end: date
    version: int
    status: str = Field(max_length=12, default="active")
    supersedes_id: str | None = Field(default=None, max_length=36)
    credential_id: str = Field(max_length=60)
    digest: str = Field(max_length=71, unique=True)
    token: str = Field(sa_type=sa.Text)
    issuer_did: str = Field(max_length=400)
    kid: str = Field(max_length=500)
    custody: bool
    valid_from: str
    valid_until: str | None = None
    received_at: datetime

    __table_args__ = (
        sa.UniqueConstraint("issuer_did", "credential_id"),
        sa.UniqueConstraint("organisation_id", "kind", "subject_id", "period_start", "period_end", "version"),
        sa.Index("ix_rival_subject", "subject_id", "period_start", "period_end"),
        sa.Index("ix_rival_period", "kind", "status", "period_start", "period_end"),
        sa.Index("ix_rival_recipient", "recipient_id", "organisation_id"),
        sa.Index("ix_rival_page", "organisation_id", "received_at", "id"),
    )


@dataclass(frozen=True)
class Timed:
    """Seconds per batch."""

    rival: list[float]
    ours: list[float]
    opening: list[float]
    checking: list[float]
    single: float


def main() -> int:
    """Print speeds and ratios; 1 where a ratio is below the limit."""
    is_quick = "--quick" in sys.argv[1:]
    rounds, size = (QUICK_ROUNDS, QUICK_BATCH) if is_quick else (ROUNDS, BATCH)
    print(f"{platform.python_implementation()} {platform.python_version()}, {cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        held = report("SQLite", "", Path(folder) / "sqlite", rounds, size)
        server = os.environ.get("VCX_TEST_DATABASE_URL", "")
        if not server:
            print("PostgreSQL: not run, VCX_TEST_DATABASE_URL names no server")
            return 0 if held else 1
        with database_on(server) as url:
            held &= report("PostgreSQL", url, Path(folder) / "server", rounds, size)
    return 0 if held else 1


def report(name: str, url: str, folder: Path, rounds: int, size: int) -> bool:
    """Run on one database and print what came of it; whether the limit holds."""
    with exchange_over(url, folder) as ctx:
        key = new_private_key()
        batches = [make_tokens(ctx, key, size, seed=number) for number in range(rounds)]
        alone = make_tokens(ctx, key, SINGLES, seed=rounds)
        print(f"{name}: {rounds} batches of {size} tokens of some {len(batches[0][0])} bytes, each in turn")
        found = run(ctx, key.public_key(), batches, alone)
    rival, ours = median(found.rival), median(found.ours)
    for what, seconds in (
        ("json, jsonschema, cryptography, ORM", rival / size),
        ("publish_batch", ours / size),
        ("  of it parse, verify, schema", median(found.opening) / size),
        ("  of it named checks, rows", median(found.checking) / size),
        ("publish_token, one at a time", found.single),
    ):
        print(f"  {what:<38} median {seconds * 1e6:7,.0f} us a token, {1 / seconds:7,.0f} tokens/s")
    ratios = sorted(one / other for one, other in zip(found.rival, found.ours, strict=True))
    ratio = median(ratios)
    print(f"  ratio median {ratio:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}), at least {FACTOR} wanted")
    return ratio >= FACTOR


def run(ctx: Context, key: PublicKey, batches: Sequence[list[bytes]], alone: Sequence[bytes]) -> Timed:
    """Time both on each batch in turn, and single publications at the end."""
    with ctx.store.write() as session:
        RIVALS.create_all(session.connection())
    validator = Draft202012Validator(
        schemas.load(schemas.latest("product")),
        registry=schemas.registry(),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    assert list(
        Draft202012Validator({"format": "date"}, format_checker=validator.format_checker).iter_errors("x")
    )
    rival: list[float] = []
    ours: list[float] = []
    opening: list[float] = []
    checking: list[float] = []
    for batch in batches:
        rival.append(_timed(partial(rival_batch, ctx, key, validator, batch)))
        ours.append(_timed(partial(our_batch, ctx, batch)))
        opened, checked = read_and_check(ctx, batch)
        opening.append(opened)
        checking.append(checked)
    single = _timed(lambda: [publish_token(ctx, token) for token in alone]) / len(alone)
    return Timed(rival, ours, opening, checking, single)


def read_and_check(ctx: Context, tokens: Sequence[bytes]) -> tuple[float, float]:
    """Seconds of opening the tokens, and of checking and preparing what came out."""
    times = [0.0, 0.0]
    with ctx.store.read() as session:
        found = open_tokens(session, tokens, ctx.now())
        for _ in tokens:
            began = time.perf_counter()
            verified = next(found)
            opened = time.perf_counter()
            assert isinstance(verified, VerifiedDataset)
            candidate(ctx, verified)
            times[0] += opened - began
            times[1] += time.perf_counter() - opened
    return times[0], times[1]


def our_batch(ctx: Context, tokens: Sequence[bytes]) -> None:
    """Publish the batch; every token is to pass."""
    outcomes = list(publish_batch(ctx, tokens))
    assert all(isinstance(one, Published) and one.is_new for one in outcomes)


def rival_batch(ctx: Context, key: PublicKey, validator: Any, tokens: Sequence[bytes]) -> None:
    """Read, verify, validate, add and commit."""
    with ctx.store.write() as session:
        for token in tokens:
            session.add(rival_row(key, validator, token.decode()))


def rival_row(key: PublicKey, validator: Any, token: str) -> RivalRow:
    """The row of one token."""
    jwt, *disclosures = token.rstrip("~").split("~")
    signed, _, signature = jwt.rpartition(".")
    key.verify(_decoded(signature), signed.encode())  # type: ignore[call-arg]
    payload = json.loads(_decoded(signed.partition(".")[2]))
    subject = payload["credentialSubject"]
    del subject["_sd"]
    for disclosure in disclosures:
        _, name, value = json.loads(_decoded(disclosure))
        subject[name] = value
    validator.validate(subject)
    period = subject["identity"]["period"]
    schema = payload["credentialSchema"]
    return RivalRow(
        id=str(uuid.uuid4()),
        kind=subject["identity"]["kind"],
        schema_id=schema["id"],
        schema_digest=schema["digestSRI"],
        organisation_id=subject["identity"]["organisation"]["id"].removeprefix("urn:uuid:"),
        subject_type="product",
        subject_id=subject["id"].removeprefix("urn:uuid:"),
        period_start=date.fromisoformat(period["start"]),
        period_end=date.fromisoformat(period["end"]),
        version=1,
        credential_id=payload["id"].removeprefix("urn:uuid:"),
        digest=f"sha256:{hashlib.sha256(jwt.encode()).hexdigest()}",
        token=token,
        issuer_did=payload["issuer"]["id"],
        kid=json.loads(_decoded(signed.partition(".")[0]))["kid"],
        custody=False,
        valid_from=payload["validFrom"],
        received_at=datetime.now(UTC),
    )


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
