"""One received request, and the form that answers each of its lines field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.groups import Answer, SubjectType
from exchange.domain.periods import Period, day_after, local_date, parse_date
from exchange.domain.requests import MOVES, DeclineReason, LineState
from exchange.services import reading, requests
from exchange.services.context import Context
from exchange.services.reading import DatasetView
from exchange.services.request_views import Line, Request
from exchange.services.requests import LineAnswer
from exchange.web import formats
from exchange.web.forms import Choice, Field, FieldError, Message, choose, errors_of, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.lines import LineView, in_order, present_line
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import (
    ANSWERS,
    ASSURANCES,
    DECLINE_REASONS,
    RECEIVED_STATES,
    field_name,
    group_names,
    in_sentence,
    word,
)

ONE_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Match:
    """A dataset of one's own that may answer a line."""

    link: str
    text: str


@dataclass(frozen=True)
class LineForm:
    """A line with the fields of its two forms; `can_answer` is False once the line is closed."""

    view: LineView
    answers: tuple[Field, ...]
    until: Field
    reason: Field
    text: Field
    opens: str
    matches: tuple[Match, ...]
    can_answer: bool
    can_decline: bool
    answer_link: str
    decline_link: str
    publish_link: str


@dataclass(frozen=True)
class _Refused:
    """What came with a form that was refused, to be shown again."""

    line_id: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()


_NOTHING = _Refused()


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/requests/<request_id>/lines/<line_id>"
    pages.add_url_rule(f"{base}/answer", view_func=answer_line, methods=["POST"])
    pages.add_url_rule(f"{base}/decline", view_func=decline_line, methods=["POST"])


def show_received(ctx: Context, found: Request) -> Response:
    """The supplier's page of a request; looking at it marks it as seen."""
    requests.mark_seen(ctx, found.id)
    return _page(ctx, requests.get_request(ctx, found.id))


def answer_line(request_id: str, line_id: str) -> Response:
    """Take the answers of one line and grant what was provided."""
    ctx, reader = signed_in(), current_reader()
    found, line, prefix = _find(ctx, request_id, line_id)
    answers = {path: request.form.get(prefix + path, "") for path in _paths(line)}
    errors = [
        FieldError(_id(prefix + path), Message(reader.say("Choose an answer.")))
        for path, given in answers.items()
        if given not in ANSWERS
    ]
    if errors:
        return _page(ctx, found, _Refused(line.id, request.form, tuple(errors)))
    try:
        until = _end_of_day(parse_date(request.form.get(f"{prefix}until"), "/valid_until"))
        requests.answer_line(ctx, line.id, LineAnswer({p: Answer(a) for p, a in answers.items()}, until))
    except (InvalidError, ConflictError) as error:
        fields = {"/valid_until": f"{prefix}until", "/answers": _id(prefix + next(iter(answers)))}
        return _page(ctx, found, _Refused(line.id, request.form, tuple(errors_of(reader, error, fields))))
    return redirect(url_for("web.show_request", request_id=found.id, done="answered"), 303)


def decline_line(request_id: str, line_id: str) -> Response:
    """Answer nothing on one line, with the reason."""
    ctx, reader = signed_in(), current_reader()
    found, line, prefix = _find(ctx, request_id, line_id)
    reason = request.form.get(f"{prefix}reason", "")
    if reason not in DECLINE_REASONS:
        error = FieldError(f"{prefix}reason", Message(reader.say("Choose a reason.")))
        return _page(ctx, found, _Refused(line.id, request.form, (error,)))
    try:
        requests.decline_line(ctx, line.id, DeclineReason(reason), request.form.get(f"{prefix}text", ""))
    except (InvalidError, ConflictError) as refusal:
        errors = errors_of(reader, refusal, {"/text": f"{prefix}text"})
        return _page(ctx, found, _Refused(line.id, request.form, tuple(errors)))
    return redirect(url_for("web.show_request", request_id=found.id, done="declined"), 303)


def _find(ctx: Context, request_id: str, line_id: str) -> tuple[Request, Line, str]:
    found = requests.get_request(ctx, request_id)
    for number, line in enumerate(found.lines, start=1):
        if line.id == line_id and found.supplier.id == ctx.who.organisation_id:
            return found, line, f"line{number}-"
    raise NotFoundError


def _page(ctx: Context, found: Request, refused: _Refused = _NOTHING) -> Response:
    reader = current_reader()
    lines = tuple(
        _line_form(ctx, found.id, line, f"line{number}-", refused if refused.line_id == line.id else _NOTHING)
        for number, line in enumerate(found.lines, start=1)
    )
    return render(
        "request_received.html",
        section="web.inbox",
        status=422 if refused.errors else 200,
        errors=refused.errors,
        requester=found.requester,
        assurance=word(reader, ASSURANCES, found.requester.assurance),
        is_checked=found.requester.assurance in {"operator_checked", "own_domain"},
        sent=formats.moment(found.created_at, reader.language),
        due=formats.day(found.due, reader.language) if found.due else "",
        lines=lines,
    )


def _line_form(ctx: Context, request_id: str, line: Line, prefix: str, refused: _Refused) -> LineForm:
    reader = current_reader()
    today = local_date(ctx.now())
    fields = with_errors(_fields(reader, line, prefix, refused.form, today), refused.errors)
    moves = MOVES[line.state]
    groups = dict.fromkeys(asked.group.value for asked in in_order(line.fields))
    return LineForm(
        view=present_line(reader, line, RECEIVED_STATES),
        answers=tuple(fields[prefix + path] for path in _paths(line)),
        until=fields[f"{prefix}until"],
        reason=fields[f"{prefix}reason"],
        text=fields[f"{prefix}text"],
        opens=in_sentence(group_names(reader, groups)),
        matches=_matches(ctx, reader, line),
        can_answer=bool(moves),
        can_decline=LineState.DECLINED in moves,
        answer_link=url_for("web.answer_line", request_id=request_id, line_id=line.id),
        decline_link=url_for("web.decline_line", request_id=request_id, line_id=line.id),
        publish_link=_publish_link(line),
    )


def _fields(reader: Reader, line: Line, prefix: str, form: Mapping[str, str], today: date) -> list[Field]:
    given = {asked.field: asked.answer.value for asked in line.fields if asked.answer}
    likely = "provide" if line.matches else "not_available"
    answers = [
        Field(
            prefix + path,
            field_name(reader, path),
            choices=choose(ANSWERS, [form.get(prefix + path, given.get(path, likely))], reader),
        )
        for path in _paths(line)
    ]
    until = form.get(f"{prefix}until", (today + ONE_YEAR).isoformat())
    said = form.get(f"{prefix}reason", "")
    reasons = (Choice("", reader.say("Choose a reason")), *choose(DECLINE_REASONS, [said], reader))
    return [
        *answers,
        Field(f"{prefix}until", reader.say("May be read until"), until,
              hint=reader.say("At most 24 months ahead. You can revoke the access any day.")),
        Field(f"{prefix}reason", reader.say("Reason"), choices=reasons),
        Field(f"{prefix}text", reader.say("In your own words"), form.get(f"{prefix}text", ""), optional=True,
              hint=reader.say("The customer reads this.")),
    ]  # fmt: skip


def _publish_link(line: Line) -> str:
    """Where a new version is published of what the line is about, "" for what is no product."""
    is_product = line.subject_type is SubjectType.PRODUCT
    return url_for("web.publish", product_id=line.subject_id) if is_product else ""


def _matches(ctx: Context, reader: Reader, line: Line) -> tuple[Match, ...]:
    """The datasets that may answer the line, newest first."""
    if not line.matches:
        return ()
    link = url_for("web.show_product", product_id=line.subject_id)
    return tuple(
        Match(link, _version(reader, dataset))
        for dataset in reading.list_datasets(ctx, subject_id=line.subject_id).items
        if dataset.id in line.matches
    )


def _version(reader: Reader, dataset: DatasetView) -> str:
    return reader.say(
        "version %(version)s, published %(day)s",
        version=dataset.version,
        day=formats.day(local_date(dataset.received_at), reader.language),
    )


def _end_of_day(day: date) -> datetime:
    return Period(day, day_after(day)).instants()[1]


def _paths(line: Line) -> tuple[str, ...]:
    return tuple(dict.fromkeys(asked.field for asked in in_order(line.fields)))


def _id(name: str) -> str:
    return name.replace("/", "-")
