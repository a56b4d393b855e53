"""DID documents as a firm's web server would serve them, and a fetcher that serves them without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from exchange.adapters.fetcher import FetchFailedError
from exchange.bootstrap import Exchange
from exchange.services.identities import did_web
from exchange.services.identities.did_web import KeyBinding
from exchange.services.key_proofs import make_proof
from exchange.trust.keys import PrivateKey, public_jwk
from tests.datasets import further_password
from tests.factories import Party

DOMAIN = "vestmoelle.example"
DID = f"did:web:{DOMAIN}"
KID = f"{DID}#key-1"
URL = f"https://{DOMAIN}/.well-known/did.json"


@dataclass
class Web:
    """What stands at which address; an address without a document does not answer."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def get(self, url: str, *, media_types: frozenset[str], max_bytes: int) -> bytes:
        """The document; see Fetcher."""
        self.asked.append(url)
        self.meanwhile()
        if url not in self.documents:
            raise FetchFailedError("Nothing answers.", code="fetch.connection")
        return self.documents[url]

    def serve(self, url: str = URL, **keys: PrivateKey) -> bytes:
        """Put a document with these keys (fragment=key, `_` for `-`) at an address of the DID."""
        did = DID if url == URL else f"did:web:{url.split('/')[2]}"
        methods = [_method(did, name.replace("_", "-"), key) for name, key in keys.items()]
        document = {
            "id": did,
            "verificationMethod": methods,
            "assertionMethod": [one["id"] for one in methods],
        }
        self.documents[url] = json.dumps(document).encode()
        return self.documents[url]

    def worker(self, worker: Exchange) -> Exchange:
        """The worker that reaches this web and no other."""
        return replace(worker, fetcher=self)


def proof_of(firm: Party, key: PrivateKey, **wrong: Any) -> str:
    """The firm's proof that it holds the key KID; `wrong` replaces some of what it says."""
    right = {
        "audience": firm.ctx.settings.public_url,
        "organisation_id": firm.id,
        "now": firm.ctx.now(),
        "kid": KID,
    }
    return make_proof(key, **{**right, **wrong})


def request(firm: Party, key: PrivateKey, kid: str = KID, **wrong: Any) -> KeyBinding:
    """The firm's request to bind a key."""
    proof = proof_of(firm, key, kid=kid, **wrong)
    return did_web.request_binding(firm.ctx, kid, proof, further_password(firm))


def _method(did: str, fragment: str, key: PrivateKey) -> dict[str, Any]:
    return {
        "id": f"{did}#{fragment}",
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": public_jwk(key.public_key()),
    }
