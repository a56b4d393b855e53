"""The page of an organisation's signing keys: what they are, who they show, and keys named by one's own domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, RateLimitedError
from exchange.services import keys, organisations
from exchange.services.context import Context
from exchange.services.identities import custody, did_web, organisation_credentials
from exchange.services.identities.organisation_credentials import OrganisationCredential
from exchange.services.keys import SigningKey
from exchange.services.organisations import CvrStatus, Organisation
from exchange.trust.did_web import url_of
from exchange.web import formats
from exchange.web.browser_keys import browser_keys, read_jwk
from exchange.web.forms import FieldError, Message, errors_of, say_problem
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, marked
from exchange.web.words import ASSURANCES, in_sentence, word

BINDING_STATES: dict[str, str] = {
    "waiting": _("Being looked for"),
    "bound": _("Bound"),
    "refused": _("Not bound"),
}
DOMAIN_PATHS = {"/organisation/domain": "domain", "": "domain"}
BINDING_PATHS = {"/kid": "kid", "/proof": "proof", "/password": "binding_password", "": "kid"}
BROWSER_PATHS = {"": "browser_password"}
CUSTODY_PATHS = {"/password": "custody_password"}


@dataclass(frozen=True)
class KeyItem:
    """A key in words; `registrar` is what the exchange has signed of it, `end_link` "" where it has ended."""

    kid: str
    kind: str
    state: str
    is_in_force: bool
    bound: str
    registrar: str
    end_link: str


@dataclass(frozen=True)
class BindingItem:
    """A request for a key named by the domain, in words."""

    kid: str
    url: str
    asked: str
    state: str
    problems: tuple[Message, ...]


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/keys", view_func=signing_keys)
    pages.add_url_rule("/keys/browser", view_func=register_browser_key, methods=["POST"])
    pages.add_url_rule("/keys/custody", view_func=reopen_custody, methods=["POST"])
    pages.add_url_rule("/keys/domain", view_func=declare_domain, methods=["POST"])
    pages.add_url_rule("/keys/did-web", view_func=bind_did_web, methods=["POST"])


def signing_keys() -> Response:
    """Every key of the organisation, with what can be done about it."""
    return _page(signed_in(), {}, ())


def register_browser_key() -> Response:
    """Register the key the browser made, with the proof it made."""
    ctx, form = signed_in(), request.form
    try:
        keys.register_key(ctx, read_jwk(form), form.get("proof", ""), form.get("browser_password") or None)
    except (InvalidError, ConflictError) as error:
        if error.path != "/password":
            raise
        return _page(ctx, {}, errors_of(current_reader(), error, BROWSER_PATHS))
    return redirect(url_for("web.signing_keys", done="browser_key"), 303)


def reopen_custody() -> Response:
    """A key kept by the exchange, after the organisation ended the last one or made one of its own."""
    ctx = signed_in()
    try:
        custody.reopen_custody(ctx, request.form.get("custody_password", ""))
    except InvalidError as error:
        return _page(ctx, {}, errors_of(current_reader(), error, CUSTODY_PATHS))
    return redirect(url_for("web.signing_keys", done="custody"), 303)


def declare_domain() -> Response:
    """Which domain is the organisation's own."""
    ctx = signed_in()
    try:
        organisations.declare_domain(ctx, request.form.get("domain", ""))
    except InvalidError as error:
        return _page(ctx, request.form, errors_of(current_reader(), error, DOMAIN_PATHS))
    return redirect(url_for("web.signing_keys", done="domain"), 303)


def bind_did_web() -> Response:
    """A key the organisation's domain names, to be looked for there."""
    ctx, form = signed_in(), request.form
    try:
        kid, proof = form.get("kid", "").strip(), form.get("proof", "").strip()
        did_web.request_binding(ctx, kid, proof, form.get("binding_password") or None)
    except (InvalidError, ConflictError, RateLimitedError) as error:
        return _page(ctx, form, errors_of(current_reader(), error, BINDING_PATHS))
    return redirect(url_for("web.signing_keys", done="binding"), 303)


def _page(ctx: Context, form: Mapping[str, str], errors: Sequence[FieldError]) -> Response:
    reader, own = current_reader(), organisations.get_organisation(ctx, ctx.who.organisation_id)
    known, bindings = keys.list_keys(ctx), did_web.list_bindings(ctx)
    said = {one.did: one for one in organisation_credentials.list_credentials(ctx) if one.revoked_at is None}
    may_sign, may_decide = ctx.who.may(Role.SIGNER), ctx.who.may(Role.ADMIN)
    blank = Blank(reader, form)
    has_own = any(not one.custody and one.retired_at is None for one in known)
    password = partial(_password, blank, errors)
    return render(
        "signing_keys.html",
        status=422 if errors else 200,
        errors=errors,
        items=[_item(reader, one, own, said.get(one.did), may_sign=may_sign) for one in known],
        can_reopen=may_decide and (_has_ended(known) or (has_own and not any(one.custody for one in known))),
        has_ended=_has_ended(known),
        custody_password=password("custody_password"),
        browser_password=password("browser_password") if has_own else (),
        browser=browser_keys(ctx),
        may_sign=may_sign,
        may_decide=may_decide,
        domain=own.domain or "",
        document_url=url_of(f"did:web:{own.domain}") if own.domain else "",
        domain_fields=marked(_domain_fields(blank, own), errors),
        binding_fields=(
            *marked(_binding_fields(blank, own), errors),
            *(password("binding_password") if has_own else ()),
        ),
        bindings=[_binding(reader, one) for one in bindings],
        is_looking=any(one.state == "waiting" for one in bindings),
    )


def _has_ended(known: Sequence[SigningKey]) -> bool:
    """Whether the exchange kept a key for the organisation and keeps none now."""
    kept = [one for one in known if one.custody]
    return bool(kept) and all(one.retired_at is not None for one in kept)


def _item(
    reader: Reader,
    key: SigningKey,
    own: Organisation,
    said: OrganisationCredential | None,
    *,
    may_sign: bool,
) -> KeyItem:
    is_reported = key.compromised_since is not None
    return KeyItem(
        kid=key.kid,
        kind=_kind(reader, key),
        state=_state(reader, key),
        is_in_force=key.retired_at is None,
        bound=formats.moment(key.bound_at, reader.language),
        registrar=_registrar(reader, own, said),
        end_link="" if is_reported or not may_sign else url_for("web.end_key", kid=key.kid),
    )


def _kind(reader: Reader, key: SigningKey) -> str:
    if key.custody:
        return reader.say("Kept by the exchange for you")
    if key.did.startswith("did:web:"):
        return reader.say("Your own, named by your domain")
    return reader.say("Your own")


def _state(reader: Reader, key: SigningKey) -> str:
    if key.compromised_since is not None:
        since = formats.moment(key.compromised_since, reader.language)
        return reader.say("Reported: nothing since %(when)s is accepted", when=since)
    if key.retired_at is not None:
        return reader.say("Ended %(when)s", when=formats.moment(key.retired_at, reader.language))
    return reader.say("In force")


def _registrar(reader: Reader, own: Organisation, said: OrganisationCredential | None) -> str:
    if said is not None:
        how = in_sentence(word(reader, ASSURANCES, said.assurance))
        return reader.say("The exchange certifies that it is %(name)s's: %(how)s.", name=said.name, how=how)
    if own.cvr_status is CvrStatus.REJECTED:
        return reader.say("The exchange certifies nothing: your CVR number was not confirmed.")
    return reader.say("The exchange is about to certify whose it is.")


def _password(blank: Blank, errors: Sequence[FieldError], name: str) -> tuple[Section, ...]:
    hint = _("Asked again, so that an open browser alone is not enough.")
    asked = blank.ask(name, _("Your password"), hint, widget="password")
    return marked((Section("", (asked,)),), errors)


def _domain_fields(blank: Blank, own: Organisation) -> tuple[Section, ...]:
    hint = _(
        "Without protocol and path, such as firm.example. What the exchange checked of another one ends."
    )
    return (Section("", (blank.ask("domain", _("Your domain"), hint, given=own.domain or ""),)),)


def _binding_fields(blank: Blank, own: Organisation) -> tuple[Section, ...]:
    kid_hint = _("As in the document. A key id that was bound before is never bound to another key.")
    proof_hint = _("What vcx keys prove printed, at most five minutes ago.")
    given = f"did:web:{own.domain}#key-1"
    kid = blank.ask("kid", _("Key id"), kid_hint, given=given)
    return (Section("", (kid, blank.ask("proof", _("Proof"), proof_hint, widget="area"))),)


def _binding(reader: Reader, one: did_web.KeyBinding) -> BindingItem:
    return BindingItem(
        kid=one.kid,
        url=one.url,
        asked=formats.moment(one.created_at, reader.language),
        state=word(reader, BINDING_STATES, one.state),
        problems=tuple(say_problem(reader, problem) for problem in one.problems),
    )
