"""Signing in, signing out, registering a new organisation, and joining one by invitation."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import ConflictError, InvalidError, NotAuthenticatedError
from exchange.services import accounts, invitations, sessions
from exchange.services.accounts import NewUser
from exchange.services.invitations import Offer
from exchange.services.organisations import NewOrganisation
from exchange.services.rate_limits import limit
from exchange.services.sessions import SESSION_COOKIE, SignedIn
from exchange.web.forms import Field, FieldError, errors_of, required, with_errors
from exchange.web.frame import render
from exchange.web.language import as_language, current_reader, remember_language
from exchange.web.reader import Reader
from exchange.web.session import (
    forget_session,
    keep_session,
    local_path,
    visitor,
)

SIGN_UP_PATHS = {
    "/organisation/name": "organisation",
    "/organisation/cvr": "cvr",
    "/user/name": "name",
    "/user/email": "email",
    "/user/password": "password",
    "/password": "password",
}


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    pages.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])
    pages.add_url_rule("/sign-up", view_func=sign_up, methods=["GET", "POST"])
    pages.add_url_rule("/invitations/<secret>", view_func=accept_invitation, methods=["GET", "POST"])


def sign_in() -> Response:
    """The sign-in page; a good password leads to where the visitor wanted to go."""
    reader = current_reader()
    if request.method == "GET":
        return _sign_in_page(reader, {}, [])
    errors = required(reader, request.form, _labels(reader, "email", "password"))
    if errors:
        return _sign_in_page(reader, request.form, errors)
    try:
        opened = _open(request.form["email"], request.form["password"])
    except NotAuthenticatedError as error:
        return _sign_in_page(reader, request.form, errors_of(reader, error, {"": "email"}))
    return _enter(opened, local_path(request.args.get("next")))


def sign_out() -> Response:
    """End the session, here and in the store."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        sessions.sign_out(visitor(), secret)
    response = redirect(url_for("web.sign_in", done="signed_out"), 303)
    forget_session(response)
    return response


def sign_up() -> Response:
    """Register an organisation and its first administrator, then go on signed in."""
    reader = current_reader()
    if request.method == "GET":
        return _sign_up_page(reader, {}, [])
    form = request.form
    errors = required(reader, form, _labels(reader))
    if errors:
        return _sign_up_page(reader, form, errors)
    limit(visitor(), "sign_in", f"address {request.remote_addr}")
    try:
        accounts.found_organisation(
            visitor(),
            NewOrganisation(form["organisation"].strip(), cvr=form.get("cvr", "").strip() or None),
            NewUser(form["email"], form["name"].strip(), form["password"], reader.language),
        )
    except (InvalidError, ConflictError) as error:
        return _sign_up_page(reader, form, errors_of(reader, error, SIGN_UP_PATHS))
    done = "welcome_cvr" if form.get("cvr", "").strip() else "welcome"
    return _enter(_open(form["email"], form["password"]), url_for("web.home", done=done))


def accept_invitation(secret: str) -> Response:
    """Join the organisation that invites, then go on acting for it."""
    ctx, reader, form = visitor(), current_reader(), request.form
    limit(ctx, "sign_in", f"address {request.remote_addr}")
    offer = invitations.read_invitation(ctx, secret)
    if request.method == "GET":
        return _invitation_page(reader, offer, {}, [])
    errors = [] if offer.is_own else required(reader, form, _labels(reader, "password"))
    if errors:
        return _invitation_page(reader, offer, form, errors)
    password = form.get("password")
    try:
        invitations.accept_invitation(ctx, secret, password, form.get("name", ""), reader.language)
    except (InvalidError, ConflictError, NotAuthenticatedError) as error:
        found = errors_of(reader, error, SIGN_UP_PATHS | {"": "password"})
        return _invitation_page(reader, offer, form, found)
    if offer.is_own:
        sessions.switch_organisation(ctx, request.cookies[SESSION_COOKIE], offer.organisation_id)
        return redirect(url_for("web.home", done="joined"), 303)
    opened = _open(offer.email, password or "")
    sessions.switch_organisation(ctx, opened.secret, offer.organisation_id)
    return _enter(opened, url_for("web.home", done="joined"))


def _labels(reader: Reader, *names: str) -> dict[str, str]:
    """What the forms call these fields, or all that registering asks for."""
    labels = {
        "organisation": reader.say("Name of the organisation"),
        "name": reader.say("Your name"),
        "email": reader.say("E-mail"),
        "password": reader.say("Password"),
    }
    return {name: labels[name] for name in names or labels}


def _open(email: str, password: str) -> SignedIn:
    return sessions.sign_in(visitor(), email, password, request.remote_addr or "unknown")


def _enter(opened: SignedIn, path: str) -> Response:
    response = redirect(path, 303)
    keep_session(response, opened.secret)
    language = as_language(opened.locale)
    if language is not None:
        remember_language(response, language)
    return response


def _sign_in_page(reader: Reader, form: Mapping[str, str], errors: list[FieldError]) -> Response:
    labels = _labels(reader)
    fields = (
        Field("email", labels["email"], form.get("email", "")),
        Field("password", labels["password"]),
    )
    return render(
        "sign_in.html", status=422 if errors else 200, errors=errors, fields=with_errors(fields, errors)
    )


def _sign_up_page(reader: Reader, form: Mapping[str, str], errors: list[FieldError]) -> Response:
    labels = _labels(reader)
    fields = (
        Field("organisation", labels["organisation"], form.get("organisation", "")),
        Field("cvr", reader.say("CVR number"), form.get("cvr", ""), optional=True,
              hint=reader.say("Eight digits. The exchange checks it before requests reach you.")),
        Field("name", labels["name"], form.get("name", "")),
        Field("email", labels["email"], form.get("email", "")),
        Field("password", labels["password"], hint=reader.say("At least 12 characters.")),
    )  # fmt: skip
    return render(
        "sign_up.html", status=422 if errors else 200, errors=errors, fields=with_errors(fields, errors)
    )


def _invitation_page(
    reader: Reader, offer: Offer, form: Mapping[str, str], errors: list[FieldError]
) -> Response:
    labels = _labels(reader)
    fields = (
        Field("name", labels["name"], form.get("name", ""), optional=True,
              hint=reader.say("Not needed if you have an account here already.")),
        Field("password", labels["password"],
              hint=reader.say("At least 12 characters. If you have an account here already, its password.")),
    )  # fmt: skip
    return render(
        "invitation.html",
        status=422 if errors else 200,
        errors=errors,
        offer=offer,
        fields=with_errors(fields, errors),
    )
