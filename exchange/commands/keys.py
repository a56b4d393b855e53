"""`vcx keys`: make a signing key of one's own and bind it to one's organisation."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.commands.options import EXISTING, OUT, client_options
from exchange.commands.output import json_option, report
from exchange.domain.errors import ConflictError

if TYPE_CHECKING:
    from exchange.commands.client import Credentials
    from exchange.trust.keys import PrivateKey


@click.group()
def keys() -> None:
    """Signing keys of one's own."""


@keys.command()
@click.argument("out", type=OUT)
@json_option
def new(out: Path) -> None:
    """Make an Ed25519 key and write it to OUT, readable by you alone. Nobody else has it: keep a copy safe."""
    from exchange.trust import did_key, did_key_kid, strict_json
    from exchange.trust.keys import new_private_key, private_jwk

    key = new_private_key()
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConflictError(f"{out} exists already and was not touched.", code="keys.exists") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(strict_json.dumps(dict(private_jwk(key))) + b"\n")
    kid, did = did_key_kid(key.public_key()), did_key(key.public_key())
    report({"path": str(out), "kid": kid, "did": did}, [f"Wrote {out}.", f"Key id: {kid}"])


@keys.command()
@click.argument("key_file", type=EXISTING)
@client_options
@json_option
def register(key_file: Path, credentials: Path, client: str | None) -> None:
    """Bind the key in KEY_FILE to your organisation, with a proof that you hold it. Only its public half is sent."""
    import json

    from exchange.commands.client import ApiClient, read_credentials
    from exchange.trust.keys import public_jwk

    key = read_key(key_file)
    who = read_credentials(credentials, client)
    body = {"public_jwk": public_jwk(key.public_key()), "proof": _proof(key, who, None)}
    answer = ApiClient(who).post("/api/v1/keys", json.dumps(body).encode(), "application/json")
    report(answer, [f"Registered {answer['kid']}."])


@keys.command("did-document")
@click.argument("key_file", type=EXISTING)
@click.argument("kid")
@json_option
def show_did_document(key_file: Path, kid: str) -> None:
    """Print the document that lists the key in KEY_FILE under KID (did:web:DOMAIN#NAME), to be served by DOMAIN."""
    import json

    from exchange.trust.did_web import did_document

    document = did_document(kid, read_key(key_file).public_key())
    report(document, [json.dumps(document, indent=2)])


@keys.command()
@click.argument("key_file", type=EXISTING)
@click.option("--kid", help="Key id the key is to have: did:web:DOMAIN#NAME; default its did:key id.")
@client_options
@json_option
def prove(key_file: Path, kid: str | None, credentials: Path, client: str | None) -> None:
    """Print a proof that you hold the key in KEY_FILE, for binding it to your organisation within five minutes."""
    from exchange.commands.client import read_credentials

    proof = _proof(read_key(key_file), read_credentials(credentials, client), kid)
    report({"proof": proof}, [proof])


@keys.command()
@click.argument("key_file", type=EXISTING)
@click.argument("kid")
@client_options
@json_option
def bind(key_file: Path, kid: str, credentials: Path, client: str | None) -> None:
    """Have the exchange look for the key in KEY_FILE under KID (did:web:DOMAIN#NAME) at your domain, and bind it."""
    import json

    from exchange.commands.client import ApiClient, read_credentials

    who = read_credentials(credentials, client)
    body = {"kid": kid, "proof": _proof(read_key(key_file), who, kid)}
    answer = ApiClient(who).post("/api/v1/keys/did-web", json.dumps(body).encode(), "application/json")
    report(answer, [f"The exchange looks for {answer['kid']} at {answer['url']}."])


def _proof(key: PrivateKey, who: Credentials, kid: str | None) -> str:
    from exchange.services.key_proofs import make_proof

    return make_proof(key, audience=who.url, organisation_id=who.organisation, now=datetime.now(UTC), kid=kid)


def read_key(path: Path) -> PrivateKey:
    """The private key in a JWK file; raises TrustError (`json.*`, `key.*`)."""
    from exchange.trust import KeyFormatError, strict_json
    from exchange.trust.keys import private_key_from_jwk

    jwk = strict_json.loads(path.read_bytes(), max_bytes=10_000)
    if not isinstance(jwk, dict):
        raise KeyFormatError("key.malformed", f"{path} holds no JWK.")
    return private_key_from_jwk(jwk)
