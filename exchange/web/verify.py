"""A file dropped onto a page: what the offline verifier says of it, step by step in words. Open to everybody."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import InvalidError
from exchange.services.file_check import check_file, largest_file
from exchange.trust.judgement import Judgement
from exchange.trust.organisation_credential import Assurance
from exchange.trust.trust_root import MAX_BYTES as MAX_TRUST_BYTES
from exchange.web.forms import FieldError
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, visitor
from exchange.web.typed import Blank, Section, marked, refused
from exchange.web.verify_findings import present_findings
from exchange.web.words import ASSURANCES

FORM_BYTES = 65_536  # what the form itself needs around its two files


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/verify", view_func=verify_file, endpoint="verify", methods=["GET", "POST"])


def verify_file() -> Response:
    """Take a bundle or token and, if there is one, a trust root; say what is established and what is not."""
    reader = current_reader()
    most = largest_file(exchange().settings)
    request.max_content_length = most + MAX_TRUST_BYTES + FORM_BYTES
    judgement: Judgement | None = None
    errors: list[FieldError] = []
    if request.method == "POST":
        try:
            judgement = _judge(most)
        except InvalidError as error:
            errors = refused(reader, error, {"/file": "file", "/trust": "trust", "/assurance": "assurance"})
    return render(
        "verify.html",
        status=422 if errors else 200,
        errors=errors,
        sections=marked(_form(reader), errors),
        trust_link=url_for("api.trust_root"),
        found=present_findings(reader, judgement) if judgement else None,
    )


def _judge(most: int) -> Judgement:
    given = request.form.get("assurance", "")
    assurance = Assurance(given) if given in set(Assurance) else Assurance.OPERATOR_CHECKED
    address = request.remote_addr or ""
    return check_file(visitor(), address, _sent("file", most), _sent("trust", MAX_TRUST_BYTES), assurance)


def _sent(name: str, most: int) -> bytes:
    """The bytes of an uploaded file, at most one more than may be; b"" for none."""
    file = request.files.get(name)
    if file is None:
        return b""
    with closing(file):  # a larger one lies in a temporary file
        return file.stream.read(most + 1)


def _form(reader: Reader) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    return (
        Section(
            "",
            (
                blank.ask(
                    "file",
                    _("Bundle or signed file"),
                    _("A file ending in .vcx.json, .sd-jwt or .tlog-proof."),
                    widget="file",
                ),
                blank.ask(
                    "trust",
                    _("Your trust root"),
                    _(
                        "The file vcx-trust.json that you keep. It says which log, witnesses and registrar you believe."
                    ),
                    widget="file",
                    optional=True,
                ),
                blank.choose(
                    "assurance",
                    _("The issuer's identity must be at least"),
                    {one.value: ASSURANCES[one.value] for one in reversed(Assurance)},
                    given=Assurance.OPERATOR_CHECKED.value,
                ),
            ),
        ),
    )
