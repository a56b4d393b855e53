"""A customer reads an answer: the granted field groups, their signature checked, and what is not granted."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import NotFoundError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.identifiers import is_valid_urn_uuid
from exchange.services import reading, verification
from exchange.services.reading import GrantedDataset
from exchange.services.verification import SignatureCheck
from exchange.web import formats
from exchange.web.content import Content, take_apart
from exchange.web.figures import declared_unit, figure_rows
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import FIELD_GROUPS, PURPOSES, word

SHOWN_APART = frozenset({FieldGroup.INDICATORS, FieldGroup.QUALITY})


@dataclass(frozen=True)
class GroupView:
    """One granted field group and what is in it."""

    name: str
    content: Content


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/answers/<dataset_id>", view_func=show_answer)
    pages.add_url_rule("/answers/<dataset_id>/file", view_func=download_answer)


def show_answer(dataset_id: str) -> Response:
    """A dataset as granted for one purpose; the read is recorded before the page exists."""
    ctx, reader = signed_in(), current_reader()
    granted = reading.read_dataset(ctx, dataset_id, _purpose(request.args.get("purpose")))
    check = verification.check_shown(ctx, granted)
    dataset = granted.dataset
    period = dataset.period
    return render(
        "answer.html",
        dataset=dataset,
        title=dataset.subject_name or dataset.subject_type,
        period=formats.period(period.start, period.end, reader.language) if period else "",
        purpose=word(reader, PURPOSES, request.args.get("purpose", "")),
        published=formats.moment(dataset.received_at, reader.language),
        signature=_signature(reader, granted, check),
        is_genuine=check.holds and check.by_owner,
        is_replaced=dataset.status != "active",
        unit=declared_unit(reader, granted.subject),
        figures=figure_rows(reader, granted.subject),
        groups=_groups(reader, granted),
        file_link=url_for(
            "web.download_answer", dataset_id=dataset.id, purpose=request.args.get("purpose") or None
        ),
        file_name=_file_name(granted),
        back=_request_link(request.args.get("request", "")),
        withheld=_withheld(reader, granted.withheld),
    )


def download_answer(dataset_id: str) -> Response:
    """The signed token with the granted disclosures, as a file; a read like any other, and recorded so."""
    granted = reading.read_dataset(signed_in(), dataset_id, _purpose(request.args.get("purpose")))
    response = Response(granted.token, mimetype="application/vc+sd-jwt")
    response.headers.set("Content-Disposition", "attachment", filename=_file_name(granted))
    response.headers["Cache-Control"] = "no-store"
    return response


def _file_name(granted: GrantedDataset) -> str:
    return f"{granted.dataset.id}.sd-jwt"


def _request_link(request_id: str) -> str:
    """Back to the request the reader came from, "" where the address names none; opening it checks access."""
    if not is_valid_urn_uuid(f"urn:uuid:{request_id}"):
        return ""
    return url_for("web.show_request", request_id=request_id)


def _purpose(text: str | None) -> Purpose | None:
    if not text:
        return None
    try:
        return Purpose(text)
    except ValueError:
        raise NotFoundError from None


def _signature(reader: Reader, granted: GrantedDataset, check: SignatureCheck) -> str:
    owner = granted.dataset.organisation_name
    if not check.holds:
        return reader.say("The signature does not hold (%(code)s). Do not rely on this.", code=check.failure)
    if not check.by_owner:
        return reader.say("The signature holds, but its key does not belong to %(owner)s.", owner=owner)
    if granted.dataset.custody:
        said = reader.say("Signed by the exchange on behalf of %(owner)s, unchanged since.", owner=owner)
    else:
        said = reader.say("Signed by %(owner)s with its own key, unchanged since.", owner=owner)
    return f"{said} {reader.say('Its validity has ended.')}" if check.is_expired else said


def _groups(reader: Reader, granted: GrantedDataset) -> tuple[GroupView, ...]:
    return tuple(
        GroupView(word(reader, FIELD_GROUPS, group), take_apart(reader, granted.subject[group]))
        for group in granted.groups
        if group not in SHOWN_APART
    )


def _withheld(reader: Reader, count: int) -> str:
    if not count:
        return reader.say("You see everything this dataset holds.")
    return reader.say_many(
        "One further part of this dataset is not granted to you.",
        "%(count)s further parts of this dataset are not granted to you.",
        count,
    )
