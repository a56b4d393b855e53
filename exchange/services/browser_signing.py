"""Signing in the browser: the exchange prepares the bytes, the person's own key signs them, there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind
from exchange.services.context import Context
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.keys import SigningKey, list_keys
from exchange.services.ownership import check_ownership, read_subject
from exchange.services.publish import check_submission
from exchange.services.revocation.status_entries import reserve
from exchange.trust import did_key_kid
from exchange.trust.disclosure import SALT_BYTES
from exchange.trust.keys import public_key_from_jwk
from exchange.trust.token import Unsigned, prepare


@dataclass(frozen=True)
class WaysToSign:
    """Who may sign for an organisation: itself in a browser, itself with any program, the exchange on its behalf.

    `in_browser` are the keys a browser can hold. The exchange is left out once an own key is there and no custody
    key is: nobody who keeps the key to themselves should get a second one by a button.
    """

    in_browser: tuple[SigningKey, ...]
    has_own: bool
    has_custody: bool


def keys_to_sign_with(ctx: Context) -> tuple[SigningKey, ...]:
    """The organisation's own Ed25519 keys in force that name themselves (did:key), newest first.

    A browser can hold no other: it makes Ed25519 keys, and works their key id out from the key alone.
    """
    return tuple(key for key in reversed(list_keys(ctx)) if _signs_in_a_browser(key))


def ways_to_sign(ctx: Context) -> WaysToSign:
    """How the actor's organisation may have its content signed."""
    in_force = [key for key in list_keys(ctx) if key.retired_at is None]
    has_own = any(not key.custody for key in in_force)
    return WaysToSign(keys_to_sign_with(ctx), has_own, not has_own or any(key.custody for key in in_force))


def prepare_signing(
    ctx: Context, kind: DatasetKind, subject: Mapping[str, Any], kid: str, *, may_lose: bool = True
) -> Unsigned:
    """The bytes that the key `kid` has to sign to publish this content, with the disclosures that follow them.

    Checked as if it were published. Nothing is stored but the status entry reserved for it, and the signed token
    is published as any other (`publish.publish_token`). Raises InvalidError as that does, `dataset.loses` unless it
    `may_lose` what the version in force says, and `signing.key` for a key that is not the organisation's own, in
    force, and one a browser can hold.
    """
    ctx.who.require(Role.SIGNER)
    check_submission(ctx, kind, subject, may_lose=may_lose)
    key = next((one for one in keys_to_sign_with(ctx) if one.kid == kid), None)
    if key is None:
        raise InvalidError(
            "This is no key of your own that is in force.",
            code="signing.key",
            path="/kid",
            advice="Choose one of your own keys, or make one.",
        )
    with ctx.store.read() as session:
        check_ownership(session, ctx.who.organisation_id, read_subject(kind, subject), subject)
    credential = draft_credential(
        kind,
        subject,
        credential_id=ctx.new_id(),
        issuer=key.did,
        valid_from=ctx.now(),
        status=reserve(ctx),
    )
    salt = partial(ctx.entropy.take, SALT_BYTES)
    public = public_key_from_jwk(key.public_jwk)
    return prepare(credential, groups=groups_of(subject), key=public, kid=kid, salt=salt)


def _signs_in_a_browser(key: SigningKey) -> bool:
    in_force = key.retired_at is None and key.compromised_since is None and not key.custody
    return (
        in_force
        and key.public_jwk.get("crv") == "Ed25519"
        and key.kid == did_key_kid(public_key_from_jwk(key.public_jwk))
    )
