"""A customer reads an answer: the granted field groups, their signature checked, and what is not granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.groups import FieldGroup
from exchange.domain.identifiers import is_valid_urn_uuid
from exchange.services import reading, verification
from exchange.services.context import Context
from exchange.services.reading import DatasetView, GrantedDataset
from exchange.services.receipts import places_of
from exchange.services.verification import SignatureCheck
from exchange.web import formats
from exchange.web.content import Content, take_apart
from exchange.web.figures import declared_unit, figure_rows
from exchange.web.file_names import as_download, dataset_file
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.proofs import ProofView, bundle_name, present_proof, purpose_asked
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.revoking import revoke_form, say_revoked
from exchange.web.session import signed_in
from exchange.web.signature_steps import READ_WORDS
from exchange.web.steps import present_steps
from exchange.web.words import FIELD_GROUPS, PURPOSES, word

SETTLING = timedelta(seconds=30)  # an entry takes a second or two; later it is no matter of looking again
SHOWN_APART = frozenset({FieldGroup.INDICATORS, FieldGroup.QUALITY})


@dataclass(frozen=True)
class GroupView:
    """One granted field group and what is in it."""

    name: str
    content: Content


@dataclass(frozen=True)
class Replaced:
    """What has become of a version that is not in force; `link` "" where there is nothing newer to read."""

    text: str
    link: str = ""
    link_text: str = ""


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/answers/<dataset_id>", view_func=show_answer)
    pages.add_url_rule("/answers/<dataset_id>/file", view_func=download_answer)


def show_answer(dataset_id: str) -> Response:
    """A dataset as granted for one purpose; the read is recorded before the page exists."""
    ctx, reader = signed_in(), current_reader()
    granted = reading.read_dataset(ctx, dataset_id, purpose_asked())
    check = verification.check_shown(ctx, granted)
    dataset = granted.dataset
    period, places = dataset.period, places_of(ctx, [dataset.digest])
    proof = present_proof(reader, places, dataset.id, dataset.digest, request.args.get("purpose", ""))
    return render(
        "answer.html",
        dataset=dataset,
        title=dataset.subject_name or dataset.subject_type,
        period=formats.period(period.start, period.end, reader.language) if period else "",
        purpose=word(reader, PURPOSES, request.args.get("purpose", "")),
        published=formats.moment(dataset.received_at, reader.language),
        signature=_signature(reader, granted, check),
        is_genuine=check.holds and check.by_owner and not check.is_revoked,
        steps=present_steps(reader, check.steps, READ_WORDS),
        proof=proof,
        is_settling=_is_settling(ctx, dataset, proof),
        replaced=_replaced(ctx, reader, dataset),
        revoked=say_revoked(reader, dataset),
        revoking=revoke_form(ctx, reader, dataset, granted.token),
        unit=declared_unit(reader, granted.subject),
        figures=figure_rows(reader, granted.subject),
        groups=_groups(reader, granted),
        file_link=url_for(
            "web.download_answer", dataset_id=dataset.id, purpose=request.args.get("purpose") or None
        ),
        file_name=_file_name(reader, dataset),
        bundle_name=bundle_name(reader, dataset),
        back=_request_link(request.args.get("request", "")),
        withheld=_withheld(reader, granted.withheld),
    )


def download_answer(dataset_id: str) -> Response:
    """The signed token with the granted disclosures, as a file; a read like any other, and recorded so."""
    granted = reading.read_dataset(signed_in(), dataset_id, purpose_asked())
    name = _file_name(current_reader(), granted.dataset)
    return as_download(granted.token, "application/vc+sd-jwt", name)


def _file_name(reader: Reader, dataset: DatasetView) -> str:
    return dataset_file(reader, dataset, _("signed"), ".sd-jwt")


def _is_settling(ctx: Context, dataset: DatasetView, proof: ProofView) -> bool:
    """Whether its owner looks at it in the first moments, before it is logged: the page looks again, each a read."""
    is_owner = dataset.organisation_id == ctx.who.organisation_id
    return is_owner and not proof.receipt_link and ctx.now() - dataset.received_at < SETTLING


def _replaced(ctx: Context, reader: Reader, dataset: DatasetView) -> Replaced | None:
    """What has taken a version's place; None for the one in force."""
    if dataset.status == "active":
        return None
    newer = reading.find_newer(ctx, dataset, purpose_asked())
    if newer is None:
        is_revoked = dataset.revoked_at is not None
        none, some = (
            _("No version is in force for this period."),
            _("This version has been replaced by a newer one."),
        )
        return Replaced(reader.say(none if is_revoked else some))
    said = (
        _("Version %(number)s has taken its place and is in force.")
        if newer.is_in_force
        else _(
            "Version %(number)s took its place and has been revoked since. No version is in force for this period."
        )
    )
    purpose, asked = (request.args.get(name) or None for name in ("purpose", "request"))
    link = url_for("web.show_answer", dataset_id=newer.id, purpose=purpose, request=asked)
    number = newer.version
    return Replaced(
        reader.say(said, number=number), link, reader.say("Open version %(number)s", number=number)
    )


def _request_link(request_id: str) -> str:
    """Back to the request the reader came from, "" where the address names none; opening it checks access."""
    if not is_valid_urn_uuid(f"urn:uuid:{request_id}"):
        return ""
    return url_for("web.show_request", request_id=request_id)


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
    ended = reader.say("Its validity has ended.")
    return f"{said} {ended}" if check.is_expired else said


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
