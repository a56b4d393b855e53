"""Builders around datasets: products, keys of one's own, signed tokens, published datasets, requests, grants."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlmodel import SQLModel, select

from exchange.bootstrap import Exchange
from exchange.domain.groups import Answer, DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year as year_period
from exchange.services import grants, keys, products, publish, requests
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_entry import Published
from exchange.services.grants import GrantView, NewGrant
from exchange.services.identities.custody import reopen_custody
from exchange.services.key_proofs import make_proof
from exchange.services.products import NewProduct, Product
from exchange.services.request_views import Request
from exchange.store.engine import Store
from exchange.store.tables.rollup import NetworkRow
from exchange.store.types import metadata
from exchange.trust import Token, did_key, did_key_kid, sign
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk
from tests.factories import PASSWORD, Party
from workers.run_job import run_job

Row = TypeVar("Row", bound=SQLModel)
Document = dict[str, Any]
_numbers = count(1)


def quantity(amount: str, unit: str) -> Document:
    """A quantity as the wire writes it."""
    return {"amount": amount, "unit": unit}


def product(
    party: Party,
    name: str = "Steel bracket",
    *,
    unit: str = "KGM",
    category: str = "steel-part",
    listed: bool = True,
) -> Product:
    """A registered product of the party."""
    new = NewProduct(f"P-{next(_numbers)}", name, unit, category, listed=listed)
    return products.register_product(party.ctx, new)


def product_subject(party: Party, about: Product, *, year: int = 2025, **groups: Any) -> Document:
    """The least a product dataset must have: identity, 2.5 kg CO2e per unit, half of it measured.

    `groups` adds or replaces field groups.
    """
    shares = {"measured": "0.5", "allocated": "0", "secondary": "0.3", "unknown": "0.2"}
    identity = {
        "kind": "product",
        "organisation": {"id": f"urn:uuid:{party.id}", "name": party.organisation.name},
        "product": {
            "name": about.name,
            "supplier_product_id": about.supplier_product_id,
            "granularity": "model",
            "category": about.category,
        },
        "declared_unit": quantity("1", about.unit),
        "period": year_period(year).to_wire(),
        "boundary": "cradle_to_gate",
        "geography": "DK",
        "gwp_set": "AR6",
    }
    return {
        "id": f"urn:uuid:{about.id}",
        "identity": identity,
        "indicators": {"co2e": {"own": quantity("2.5", "KGM")}},
        "quality": {"co2e": shares},
        **groups,
    }


def full_subject(party: Party, about: Product, *, year: int = 2025) -> Document:
    """A product dataset with all five indicators and most field groups."""
    measured = {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}
    names = ("resources", "water", "co2e", "energy", "waste")
    line = {
        "line": "1",
        "category": "steel-sheet",
        "name": "Steel sheet",
        "amount": quantity("1.05", "KGM"),
        "measured_share": "1",
        "explains": {"resources": quantity("1.05", "KGM")},
    }
    return product_subject(
        party,
        about,
        year=year,
        indicators={
            "resources": {"own": quantity("1.05", "KGM")},
            "water": {"own": quantity("12.5", "LTR")},
            "co2e": {
                "own": quantity("0.25", "KGM"),
                "upstream": quantity("2.1", "KGM"),
                "total": quantity("2.35", "KGM"),
            },
            "energy": {"own": quantity("1.5", "KWH")},
            "waste": {"own": quantity("50", "GRM")},
        },
        breakdown={"co2e": {"scope1": quantity("0.1", "KGM"), "scope2_location": quantity("0.15", "KGM")}},
        quality=dict.fromkeys(names, measured),
        composition={"materials": [{"material": "Steel", "mass_fraction": "1", "recycled_fraction": "0.4"}]},
        circularity={"recyclable": "0.95"},
        process={"inputs": [line]},
        commercial={"produced": quantity("1000", "KGM")},
    )


@dataclass(frozen=True)
class OwnKey:
    """A key the party keeps itself and has registered."""

    private: PrivateKey
    kid: str
    did: str


def further_password(party: Party) -> str | None:
    """What binding one more key of its own takes: a password where one is in force."""
    has_own = any(not one.custody and one.retired_at is None for one in keys.list_keys(party.ctx))
    return PASSWORD if has_own else None


def keep_key(party: Party, worker: Exchange) -> None:
    """Have the exchange keep a key for a party that has one of its own."""
    run_job(worker, reopen_custody(party.ctx, PASSWORD))


def own_key(party: Party) -> OwnKey:
    """A fresh key, registered with its proof."""
    private = new_private_key()
    proof = make_proof(
        private,
        audience=party.ctx.settings.public_url,
        organisation_id=party.id,
        now=party.ctx.now(),
    )
    keys.register_key(party.ctx, public_jwk(private.public_key()), proof, further_password(party))
    return OwnKey(private, did_key_kid(private.public_key()), did_key(private.public_key()))


def credential(key: OwnKey, subject: Mapping[str, Any], *, at: datetime, **members: Any) -> Document:
    """An unsigned product credential valid from `at`; `members` replaces some of it."""
    draft = draft_credential(
        DatasetKind.PRODUCT, subject, credential_id=str(uuid.uuid4()), issuer=key.did, valid_from=at
    )
    return {**draft, **members}


def signed(
    key: OwnKey,
    subject: Mapping[str, Any],
    *,
    at: datetime,
    groups: Sequence[str] | None = None,
    **members: Any,
) -> Token:
    """The product credential signed; `groups` disclosed apart (default: all)."""
    draft = credential(key, subject, at=at, **members)
    return sign(draft, groups=groups_of(subject) if groups is None else groups, key=key.private, kid=key.kid)


def published(party: Party, subject: Mapping[str, Any], key: OwnKey | None = None) -> Published:
    """The product dataset signed with the party's own key and published."""
    token = signed(key or own_key(party), subject, at=party.ctx.now())
    return publish.publish_token(party.ctx, token.serialise())


def granted(
    owner: Party,
    grantee: Party,
    about: Product,
    *groups: FieldGroup,
    purpose: Purpose = Purpose.CSRD_REPORTING,
    days: int = 365,
) -> GrantView:
    """A grant on all periods of a product."""
    until = owner.ctx.now() + timedelta(days=days)
    opened = frozenset(groups or {FieldGroup.INDICATORS})
    return grants.give_grant(
        owner.ctx, NewGrant(grantee.id, DatasetKind.PRODUCT, about.id, opened, purpose, until)
    )


def field(path: str, purpose: str = "CSRD_REPORTING", *, mandatory: bool = True) -> Document:
    """A requested field; every purpose but CSRD reporting names its basis."""
    basis = {} if purpose == "CSRD_REPORTING" else {"basis_reference": "Contract 7, clause 3"}
    return {
        "field": path,
        "group": path.split("/")[0],
        "purpose": purpose,
        "mandatory": mandatory,
        **basis,
    }


def request_line(about: Product, *fields: Document, year: int = 2025, **members: Any) -> Document:
    """A line about a product and a year; asks for CO2e unless told otherwise."""
    return {
        "subject": {"type": "product", "id": f"urn:uuid:{about.id}"},
        "period": year_period(year).to_wire(),
        "fields": list(fields or [field("indicators/co2e")]),
        **members,
    }


def request_document(supplier: Party, *lines: Document) -> Document:
    """A request to the supplier."""
    return {"supplier": f"urn:uuid:{supplier.id}", "lines": list(lines)}


def sent(customer: Party, supplier: Party, *lines: Document) -> Request:
    """A request sent by the customer."""
    return requests.send_request(customer.ctx, request_document(supplier, *lines))


def answer(party: Party, answers: Mapping[str, Answer], *, days: int = 365) -> requests.LineAnswer:
    """Answers whose grants end after `days`."""
    return requests.LineAnswer(answers, party.ctx.now() + timedelta(days=days))


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: equal before and after an act that stored nothing."""
    with store.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(table.select()).all()), key=repr)
            for table in metadata.sorted_tables
        }


def rows(store: Store, table: type[Row]) -> list[Row]:
    """Every row of one table."""
    with store.read() as session:
        return list(session.exec(select(table)).all())


def open_year(firm: Party, year: int) -> None:
    """A network of the year that nobody waits for at the moment."""
    period = year_period(year)
    with firm.ctx.store.write() as session:
        session.add(
            NetworkRow(prefer="linked", period_start=period.start, period_end=period.end, number=year)
        )


def token_of(firm: Party, key: OwnKey, subject: dict[str, Any], **members: Any) -> str:
    """The serialised token of a subject, signed now."""
    return signed(key, subject, at=firm.ctx.now(), **members).serialise()
