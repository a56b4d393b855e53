"""An organisation on an exchange of its own, and tokens it signed about its products."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from exchange.adapters.entropy import uuid7
from exchange.bootstrap import open_exchange
from exchange.config import Settings
from exchange.domain.actors import Actor, Role
from exchange.domain.groups import DatasetKind
from exchange.services.context import Context
from exchange.services.credentials import draft_credential, groups_of
from exchange.store import migrate
from exchange.store.tables.accounts import OrganisationRow, SigningKeyRow
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.rollup import NetworkRow
from exchange.trust import sign
from exchange.trust.did import did_key, did_key_kid
from exchange.trust.keys import PrivateKey, public_jwk

LINES = 7
ORGANISATION = "01970000-0000-7000-8000-000000000001"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@contextmanager
def exchange_over(url: str, folder: Path) -> Iterator[Context]:
    """A web process on an empty, migrated database, acting for one organisation; its limits out of the way."""
    folder.mkdir()
    settings = Settings(
        data_dir=folder, head_guard=folder / "heads", database_url=url, rate_import="100000/minute"
    )
    migrate.upgrade(settings.database)
    exchange = open_exchange(settings, "web")
    with exchange.store.write() as session:
        session.add(OrganisationRow(id=ORGANISATION, name="Nordvind Metal", country="DK", created_at=START))
        session.add(
            NetworkRow(prefer="linked", period_start=date(2025, 1, 1), period_end=date(2026, 1, 1), number=1)
        )
    try:
        yield exchange.context(Actor(ORGANISATION, frozenset(Role), user_id="somebody"))
    finally:
        exchange.store.close()


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """The URL of a database of its own on a PostgreSQL server, for a while."""
    name = f"vcx_bench_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        try:
            yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def make_tokens(ctx: Context, key: PrivateKey, size: int, *, seed: int) -> list[bytes]:
    """Signed datasets about as many new products, with figures of their own."""
    random_ = random.Random(seed)
    products = [
        ProductRow(
            id=uuid7(ctx.now(), ctx.entropy),
            organisation_id=ORGANISATION,
            supplier_product_id=f"P-{seed}-{number}",
            name=f"Bracket {number}",
            category="steel-part",
            unit="KGM",
            created_at=START,
        )
        for number in range(size)
    ]
    with ctx.store.write() as session:
        _bind(session, key)
        session.add_all(products)
        return [_token(ctx, key, subject_of(product, random_)) for product in products]


def _bind(session: Session, key: PrivateKey) -> None:
    public = key.public_key()
    if session.get(SigningKeyRow, did_key_kid(public)) is None:
        session.add(
            SigningKeyRow(
                kid=did_key_kid(public),
                organisation_id=ORGANISATION,
                did=did_key(public),
                public_jwk=public_jwk(public),
                custody=False,
                bound_at=START,
            )
        )


def _token(ctx: Context, key: PrivateKey, subject: dict[str, Any]) -> bytes:
    public = key.public_key()
    credential = draft_credential(
        DatasetKind.PRODUCT,
        subject,
        credential_id=str(uuid.uuid4()),
        issuer=did_key(public),
        valid_from=ctx.now(),
    )
    return sign(credential, groups=groups_of(subject), key=key, kid=did_key_kid(public)).serialise().encode()


def subject_of(product: ProductRow, random_: random.Random) -> dict[str, Any]:
    """A product's dataset with five indicators and a recipe of seven lines: some 3 kB of JSON."""

    def amount(unit: str, most: float) -> dict[str, str]:
        return {"amount": f"{random_.uniform(most / 2, most):.4f}", "unit": unit}

    own = {"resources": "KGM", "water": "LTR", "co2e": "KGM", "energy": "KWH", "waste": "GRM"}
    shares = {"measured": "0.7", "allocated": "0", "secondary": "0.2", "unknown": "0.1"}
    lines = [
        {
            "line": str(number),
            "category": "steel-sheet",
            "name": f"Steel sheet {number}",
            "amount": amount("KGM", 1.5),
            "measured_share": "1",
            "explains": {"resources": amount("KGM", 0.2)},
        }
        for number in range(LINES)
    ]
    return {
        "id": f"urn:uuid:{product.id}",
        "identity": {
            "kind": "product",
            "organisation": {"id": f"urn:uuid:{ORGANISATION}", "name": "Nordvind Metal"},
            "product": {
                "name": product.name,
                "supplier_product_id": product.supplier_product_id,
                "granularity": "model",
                "category": product.category,
            },
            "declared_unit": {"amount": "1", "unit": "KGM"},
            "period": {"start": "2025-01-01", "end": "2026-01-01"},
            "boundary": "cradle_to_gate",
            "geography": "DK",
            "gwp_set": "AR6",
        },
        "indicators": {name: {"own": amount(unit, 20.0)} for name, unit in own.items()},
        "quality": dict.fromkeys(own, shares),
        "composition": {
            "materials": [{"material": "Steel", "mass_fraction": "1", "recycled_fraction": "0.4"}]
        },
        "circularity": {"recyclable": "0.95"},
        "process": {"inputs": lines},
        "commercial": {"produced": amount("KGM", 1000.0)},
    }
