"""Small builders that go through the services, so that what they make is what anybody's would be."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from exchange.domain.actors import Actor, Assurance, Role
from exchange.domain.groups import DatasetKind
from exchange.services.accounts import (
    Founded,
    NewUser,
    User,
    appoint_operator,
    found_organisation,
    register_user,
)
from exchange.services.api_clients import create_api_client, issue_token
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.key_proofs import make_proof
from exchange.services.keys import register_key
from exchange.services.organisations import NewOrganisation, Organisation, approve_identity
from exchange.services.own_signature import sign_content
from exchange.services.products import NewProduct, Product, register_product
from exchange.services.publish import publish_token
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk

PASSWORD = "lamp river seven cups"
CVRS = ("10000009", "10000017", "10000025", "10000033", "10000041")  # check digits worked out by hand
_numbers = count(1)


@dataclass(frozen=True)
class Party:
    """An organisation with its first administrator and a Context acting as them."""

    organisation: Organisation
    actor: Actor
    email: str
    ctx: Context

    @property
    def id(self) -> str:
        """The organisation's id."""
        return self.organisation.id


def party(ctx: Context, name: str = "", *, cvr: str | None = None, domain: str | None = None) -> Party:
    """A self-declared organisation fresh from sign-up."""
    number = next(_numbers)
    email = f"anna{number}@firm{number}.example"
    founded: Founded = found_organisation(
        ctx,
        NewOrganisation(name or f"Firm {number}", "DK", "CH", 25, cvr, domain),
        NewUser(email, "Anna Admin", PASSWORD),
    )
    return Party(founded.organisation, founded.actor, email, ctx.acting_as(founded.actor))


def operator(ctx: Context) -> Context:
    """A Context acting as the exchange's operator."""
    staff = party(ctx, "The Exchange")
    appoint_operator(ctx, staff.email)
    return ctx.acting_as(replace(staff.actor, is_operator=True))


def checked_party(ctx: Context, operator_ctx: Context, name: str = "", *, cvr: str = CVRS[0]) -> Party:
    """An organisation whose CVR number an operator has approved."""
    claimant = party(ctx, name, cvr=cvr)
    return replace(
        claimant, organisation=approve_identity(operator_ctx, claimant.id, Assurance.OPERATOR_CHECKED)
    )


def user(admin: Party, *roles: Role) -> User:
    """A colleague of the party's administrator."""
    number = next(_numbers)
    new = NewUser(f"bo{number}@people.example", f"Bo {number}", PASSWORD, "en")
    return register_user(admin.ctx, admin.id, new, roles or (Role.VIEWER,))


def acting(admin: Party, *roles: Role) -> Context:
    """A Context acting for the party's organisation with just these roles."""
    colleague = user(admin, *roles)
    return admin.ctx.acting_as(Actor(admin.id, colleague.roles, user_id=colleague.id))


def bearer(admin: Party, *roles: Role) -> str:
    """A bearer token of a new API client of the party."""
    secret = create_api_client(admin.ctx, "client", roles or (Role.ADMIN,))
    return issue_token(admin.ctx, secret.client_id, secret.client_secret).token


def product(
    admin: Party, name: str = "Steel bracket", *, category: str = "steel-part", unit: str = "KGM"
) -> Product:
    """A registered product of the party."""
    return register_product(admin.ctx, NewProduct(f"P-{next(_numbers)}", name, unit, category))


def content(admin: Party, about: Product, *, own: str = "0.35", year: int = 2025) -> dict[str, Any]:
    """The least a product dataset carries: identity, one indicator (kg CO2e per unit) and its quality."""
    return {
        "id": f"urn:uuid:{about.id}",
        "identity": {
            "kind": "product",
            "organisation": {"id": f"urn:uuid:{admin.id}", "name": admin.organisation.name},
            "product": {
                "name": about.name,
                "supplier_product_id": about.supplier_product_id,
                "granularity": "model",
                "category": about.category,
            },
            "declared_unit": {"amount": "1", "unit": about.unit},
            "mass": {"amount": "1", "unit": "KGM"},
            "period": {"start": f"{year}-01-01", "end": f"{year + 1}-01-01"},
            "boundary": "gate_to_gate",
            "geography": "DK",
            "gwp_set": "AR6",
        },
        "indicators": {"co2e": {"own": {"amount": own, "unit": "KGM"}}},
        "quality": {
            "co2e": {
                "measured": "1",
                "allocated": "0",
                "secondary": "0",
                "unknown": "0",
                "measurement_basis": "measured_direct",
            }
        },
    }


def own_key(admin: Party) -> PrivateKey:
    """A fresh key, registered for the party."""
    key = new_private_key()
    proof = make_proof(
        key, audience=admin.ctx.settings.public_url, organisation_id=admin.id, now=admin.ctx.now()
    )
    register_key(admin.ctx, public_jwk(key.public_key()), proof)
    return key


def signed(admin: Party, key: PrivateKey, subject: dict[str, Any]) -> str:
    """The content as a token signed with the key."""
    raw = json.dumps(subject).encode()
    return sign_content(raw, kind=DatasetKind.PRODUCT, key=key, now=admin.ctx.now()).serialise()


def published(admin: Party, about: Product, key: PrivateKey | None = None, **figures: Any) -> Published:
    """A published dataset about the product."""
    return publish_token(admin.ctx, signed(admin, key or own_key(admin), content(admin, about, **figures)))
