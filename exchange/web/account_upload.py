"""A filled-in template handed in: the template to download, the file on its way, and how every row fared.

A file that comes in is read by the worker alone; the empty template that goes out is the one the API gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import InvalidError, NotFoundError, Problem
from exchange.services import imports, sites
from exchange.services.account_templates import TemplateFormat, account_template
from exchange.services.imports import ImportProblem, ImportStatus
from exchange.web.account_steps import chosen_period, query_of, way
from exchange.web.formats import Language
from exchange.web.forms import Message
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import NAMES, Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused, say_entry_problem

SOURCE = "account"
FORMATS = {TemplateFormat.XLSX: "Excel", TemplateFormat.CSV: "CSV"}


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row, and where its sender finds it."""

    place: str
    column: str
    message: Message


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/sites/<site_id>"
    pages.add_url_rule(f"{base}/upload", view_func=upload_account, methods=["GET", "POST"])
    pages.add_url_rule(f"{base}/uploads/<import_id>", view_func=show_upload)
    pages.add_url_rule(f"{base}/template/<language>.<kind>", view_func=download_template)


def upload_account(site_id: str) -> Response:
    """Take a filled-in template; the worker reads it."""
    request.max_content_length = 2 * exchange().settings.max_import_bytes
    ctx, reader = signed_in(), current_reader()
    site, period = sites.get_site(ctx, site_id), chosen_period(ctx)
    hint = _("The filled-in template, xlsx or csv. All of it is taken, or nothing and you see why.")
    sections = (Section("", (Blank(reader, {}).ask("file", _("File"), hint, widget="file"),)),)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        sent = request.files.get("file")
        try:
            content = sent.stream.read() if sent is not None else b""
            filename = (sent.filename if sent else "") or ""
            taken = imports.submit_import(ctx, SOURCE, filename, content, site_id)
        except InvalidError as error:
            typed.errors += refused(reader, error, {"": "file"})
        else:
            link = url_for("web.show_upload", site_id=site_id, import_id=taken.id, **query_of(period))
            return redirect(link, 303)
    return render(
        "upload.html",
        section="web.sites",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        site=site,
        way=way(ctx, site_id, period, 1),
        sections=marked(sections, typed.errors),
        templates=_templates(site_id, period.start.year),
        back=url_for("web.show_site", site_id=site_id, **query_of(period)),
    )


def show_upload(site_id: str, import_id: str) -> Response:
    """How far a file has come; the page reloads itself while it waits."""
    ctx, reader = signed_in(), current_reader()
    site, period, found = sites.get_site(ctx, site_id), chosen_period(ctx), imports.get_import(ctx, import_id)
    if found.site_id != site_id:
        raise NotFoundError
    query = query_of(period) | {"site_id": site_id}
    return render(
        "upload_result.html",
        section="web.sites",
        site=site,
        way=way(ctx, site_id, period, 1),
        filename=found.filename,
        is_waiting=found.state == "waiting",
        is_entered=found.state == "entered",
        taken=_taken(reader, found),
        problems=[_problem(reader, one) for one in found.problems],
        is_cut=len(found.problems) >= imports.MAX_PROBLEMS,
        ignored=found.ignored_columns,
        account_link=url_for("web.show_site", **query),
        again_link=url_for("web.upload_account", **query),
    )


def download_template(site_id: str, language: str, kind: str) -> Response:
    """The template to fill in, with the site's own products and the year."""
    ctx = signed_in()
    spoken: Language | None = next((one for one in get_args(Language) if one == language), None)
    wanted = next((one for one in TemplateFormat if one == kind), None)
    if spoken is None or wanted is None:
        raise NotFoundError
    file = account_template(ctx, spoken, wanted, site_id, chosen_period(ctx).start.year)
    response = Response(file.content, mimetype=file.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=file.filename)
    response.headers["Cache-Control"] = "no-store"
    return response


def _templates(site_id: str, chosen: int) -> list[tuple[str, str]]:
    return [
        (
            f"{NAMES[language]}, {FORMATS[kind]}",
            url_for(
                "web.download_template", site_id=site_id, language=language, kind=kind.value, year=chosen
            ),
        )
        for language in get_args(Language)
        for kind in TemplateFormat
    ]


def _taken(reader: Reader, found: ImportStatus) -> list[str]:
    entered = found.row_count - found.known_count
    return [
        reader.say_many("%(count)s row was entered.", "%(count)s rows were entered.", entered),
        reader.say_many(
            "%(count)s row was there already and was left out.",
            "%(count)s rows were there already and were left out.",
            found.known_count,
        ),
    ]


def _problem(reader: Reader, one: ImportProblem) -> RowProblem:
    message = say_entry_problem(reader, Problem(one.code, one.detail))
    return RowProblem(one.place or reader.say("The whole file"), one.column, message)
