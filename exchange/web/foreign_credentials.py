"""Other people's signed documents: the list with its upload, and one document with its steps in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError
from exchange.services import foreign_credentials
from exchange.services.context import Context
from exchange.services.foreign_credentials import ForeignCredential, VerifiedStep
from exchange.trust.foreign.data_integrity import PROOF_STEPS
from exchange.web import formats
from exchange.web.foreign_words import FOREIGN_WORDS, FORMS, REASONS, STATES
from exchange.web.forms import Field, FieldError, Message, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import exchange, signed_in
from exchange.web.steps import StepLine, by_code, present_steps
from exchange.web.words import word

SECTION = "web.sites"


@dataclass(frozen=True)
class DocumentItem:
    """One document of the list."""

    link: str
    issuer: str
    form: str
    state: str
    when: str


@dataclass(frozen=True)
class StepTable:
    """The steps of the document as a whole (`title` "") or of one of its proofs."""

    id: str
    title: str
    steps: tuple[StepLine, ...]


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/foreign-credentials"
    pages.add_url_rule(
        base, view_func=list_documents, endpoint="foreign_credentials", methods=["GET", "POST"]
    )
    pages.add_url_rule(f"{base}/<credential_id>", view_func=show_document, endpoint="foreign_credential")
    pages.add_url_rule(
        f"{base}/<credential_id>/content", view_func=download, endpoint="foreign_credential_content"
    )


def list_documents() -> Response:
    """The documents handed in, and the form to hand in another."""
    request.max_content_length = 2 * exchange().settings.max_import_bytes
    ctx, reader = signed_in(), current_reader()
    if request.method == "GET":
        return _list(ctx, reader, [])
    sent = request.files.get("file")
    try:
        taken = foreign_credentials.submit_foreign_credential(ctx, sent.stream.read() if sent else b"")
    except InvalidError as error:
        return _list(ctx, reader, [FieldError("file", _why(reader, error))])
    return redirect(url_for("web.foreign_credential", credential_id=taken.id), 303)


def show_document(credential_id: str) -> Response:
    """What was found about one document; the page reloads itself while the worker checks it."""
    ctx, reader = signed_in(), current_reader()
    found = foreign_credentials.get_foreign_credential(ctx, credential_id)
    return render(
        "foreign_credential.html",
        section=SECTION,
        is_waiting=found.state == foreign_credentials.WAITING,
        is_verified=found.state == foreign_credentials.VERIFIED,
        state=word(reader, STATES, found.state),
        issuer=found.issuer,
        form=word(reader, FORMS, found.form),
        digest=found.digest,
        checked=formats.moment(found.verified_at, reader.language) if found.verified_at else "",
        tables=_tables(reader, found.steps),
        file_link=url_for("web.foreign_credential_content", credential_id=found.id),
        back=url_for("web.foreign_credentials"),
    )


def download(credential_id: str) -> Response:
    """The exact bytes, as a file no browser opens by itself."""
    found = foreign_credentials.foreign_content(signed_in(), credential_id)
    response = Response(found.content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=found.filename)
    response.headers["Cache-Control"] = "no-store"
    return response


def _list(ctx: Context, reader: Reader, errors: list[FieldError]) -> Response:
    page = foreign_credentials.list_foreign_credentials(ctx, request.args.get("cursor"))
    field = Field("file", reader.say("File"), hint=reader.say("JSON or a token, at most 1 MB."))
    return render(
        "foreign_credentials.html",
        section=SECTION,
        status=422 if errors else 200,
        errors=errors,
        field=with_errors([field], errors)["file"],
        items=[_item(reader, one) for one in page.items],
        may_submit=ctx.who.may(Role.EDITOR),
        more=url_for("web.foreign_credentials", cursor=page.next_cursor) if page.next_cursor else "",
    )


def _item(reader: Reader, one: ForeignCredential) -> DocumentItem:
    return DocumentItem(
        url_for("web.foreign_credential", credential_id=one.id),
        one.issuer,
        word(reader, FORMS, one.form),
        word(reader, STATES, one.state),
        formats.moment(one.created_at, reader.language),
    )


def _tables(reader: Reader, steps: Sequence[VerifiedStep]) -> list[StepTable]:
    """First the document's own steps, then those of each proof in it."""
    grouped: dict[str, list[VerifiedStep]] = {"": []}
    for step in steps:
        grouped.setdefault(_proof_of(step), []).append(step)
    proofs = [place for place in grouped if place]
    return [
        StepTable(
            f"steps-{number}",
            reader.say("Proof %(number)s of %(count)s", number=number, count=len(proofs)) if place else "",
            present_steps(reader, items, FOREIGN_WORDS).lines,
        )
        for number, (place, items) in enumerate(grouped.items())
        if items
    ]


def _proof_of(step: VerifiedStep) -> str:
    """Which proof a step is about: `/proof` for the only one, `/proof/0` and so on for several, "" for none."""
    first, second, *_ = [*step.path.split("/")[1:], "", ""]
    if first != "proof" or step.name not in PROOF_STEPS:
        return ""
    return f"/proof/{second}" if second.isdecimal() else "/proof"


def _why(reader: Reader, error: InvalidError) -> Message:
    """The reason in the reader's language where its code has a sentence, else in the check's own English."""
    said = by_code(REASONS, error.error_code)
    return Message(reader.say(said)) if said else Message(f"{error.detail} {error.advice}".strip(), "en")
