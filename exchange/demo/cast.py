"""The story's organisations, people, keys and products, entered as anybody's would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.adapters.entropy import Entropy
from exchange.demo.registry import Registry
from exchange.demo.result import Client, Login
from exchange.demo.story.model import Organisation
from exchange.demo.story.organisations import CUSTOMER, FACILITATOR, OPERATOR, ORGANISATIONS, SUPPLIER
from exchange.demo.story.products import PRODUCTS
from exchange.domain.actors import Assurance, Role
from exchange.services.accounts import Founded, NewUser, appoint_operator, found_organisation
from exchange.services.api_clients import create_api_client
from exchange.services.context import Context
from exchange.services.key_proofs import make_proof
from exchange.services.keys import register_key
from exchange.services.organisations import NewOrganisation, approve_identity
from exchange.services.products import NewProduct, register_product
from exchange.trust.keys import PrivateKey, public_jwk

RELATIONS = {"supplier": SUPPLIER, "customer": CUSTOMER, "facilitator": FACILITATOR}
_CONSONANTS, _VOWELS = "bdfghjklmnprstv", "aeiou"
_KEY_BYTES = 32


@dataclass(frozen=True)
class Member:
    """An organisation of the story with a Context acting as its administrator; `key`: the one it signs with."""

    story: Organisation
    id: str
    ctx: Context
    login: Login
    key: PrivateKey | None


@dataclass(frozen=True)
class Cast:
    """Everybody, by the story's keys, and the ids the exchange gave them."""

    members: dict[str, Member]
    registry: Registry

    def logins(self) -> tuple[Login, ...]:
        """The log-ins that are shown to whoever tries the demo."""
        return tuple(
            replace(self.members[key].login, relation=relation) for relation, key in RELATIONS.items()
        )


def assemble(ctx: Context) -> Cast:
    """Found all organisations, have the operator check them, register keys and products."""
    operator = _found(ctx, OPERATOR, appoint_operator)
    members = {story.key: _found(ctx, story, found_organisation) for story in ORGANISATIONS}
    for member in (operator, *members.values()):
        story = member.story
        approve_identity(operator.ctx, member.id, _assurance(story), story.cvr, story.domain)
    products = {
        product.key: register_product(
            members[product.maker].ctx,
            NewProduct(product.number, product.name, product.unit, product.category),
        ).id
        for product in PRODUCTS
    }
    registry = Registry(
        organisations={key: member.id for key, member in members.items()},
        products=products,
        people={story.key: story for story in ORGANISATIONS},
        goods={product.key: product for product in PRODUCTS},
    )
    return Cast(members, registry)


def make_clients(cast: Cast) -> dict[str, Client]:
    """One API client for each relation."""
    clients = {}
    for relation, key in RELATIONS.items():
        member = cast.members[key]
        secret = create_api_client(member.ctx, f"Demo {relation}", {Role.SIGNER})
        clients[relation] = Client(member.id, secret.client_id, secret.client_secret)
    return clients


def make_password(entropy: Entropy) -> str:
    """Four short invented words: easy to type, too many to guess over a network."""
    letters = entropy.take(16)
    words = [
        "".join(
            (_VOWELS if place % 2 else _CONSONANTS)[byte % (5 if place % 2 else 15)]
            for place, byte in enumerate(letters[start : start + 4])
        )
        for start in range(0, 16, 4)
    ]
    return "-".join(words)


def _found(ctx: Context, story: Organisation, founding: Callable[..., Founded]) -> Member:
    password = make_password(ctx.entropy)
    email = f"demo@{story.domain}"
    founded = founding(
        ctx,
        NewOrganisation(story.name, "DK", story.branch, story.employees, story.cvr, story.domain),
        NewUser(email, "Demobruger", password, "da"),
        is_demo=True,
    )
    own = ctx.acting_as(founded.actor)
    login = Login("", story.name, email, password)
    return Member(story, founded.organisation.id, own, login, _own_key(own) if story.own_key else None)


def _own_key(ctx: Context) -> PrivateKey:
    key = Ed25519PrivateKey.from_private_bytes(ctx.entropy.take(_KEY_BYTES))
    organisation_id = ctx.who.organisation_id
    proof = make_proof(key, audience=ctx.settings.public_url, organisation_id=organisation_id, now=ctx.now())
    register_key(ctx, public_jwk(key.public_key()), proof)
    return key


def _assurance(story: Organisation) -> Assurance:
    return Assurance.OWN_DOMAIN if story.own_key else Assurance.OPERATOR_CHECKED
