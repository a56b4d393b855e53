"""Request lines as either party sees them: what is asked, for which purpose, on what basis, and the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exchange.domain.groups import Answer, FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.requests import DeclineReason, LineState
from exchange.services.request_views import Line, RequestedField
from exchange.web import formats
from exchange.web.reader import Reader
from exchange.web.words import (
    ANSWERED,
    DECLINE_REASONS,
    PURPOSES,
    RECEIVED_STATES,
    REVOKED,
    REVOKED_ADVICE,
    field_name,
    in_sentence,
    word,
)

OPEN_STATES = frozenset({LineState.REQUESTED, LineState.SEEN})
GROUPS, INDICATORS = list(FieldGroup), [indicator.value for indicator in Indicator]


@dataclass(frozen=True)
class AskedField:
    """One requested field in words."""

    name: str
    purpose: str
    basis: str
    must: str
    answer: str


@dataclass(frozen=True)
class LineView:
    """One line in words."""

    id: str
    title: str
    period: str
    due: str
    note: str
    state: str
    badge: str
    revoked: str
    declined: str
    fields: tuple[AskedField, ...]


def present_line(reader: Reader, line: Line, states: Mapping[str, str]) -> LineView:
    """A line in the reader's language; `states` are the words of the side that reads."""
    return LineView(
        id=line.id,
        title=line.subject_name or line.subject_type.value,
        period=formats.period(line.period.start, line.period.end, reader.language),
        due=formats.day(line.due, reader.language) if line.due else "",
        note=line.note,
        state=word(reader, REVOKED, "all") if line.revoked_at else word(reader, states, line.state.value),
        badge="error" if line.revoked_at else badge_of(line.state),
        revoked=_revoked(reader, line, states),
        declined=_declined(reader, line.decline_reason, line.decline_text),
        fields=tuple(
            AskedField(
                name=field_name(reader, field.field),
                purpose=word(reader, PURPOSES, field.purpose.value),
                basis=field.basis_reference,
                must=reader.say("must have") if field.mandatory else reader.say("nice to have"),
                answer=_answer(reader, line, field.answer),
            )
            for field in in_order(line.fields)
        ),
    )


def _answer(reader: Reader, line: Line, answer: Answer | None) -> str:
    """The answer in words, "" where there is none yet; what was provided and revoked is provided no more."""
    if answer is Answer.PROVIDE and line.revoked_at:
        return reader.say("provided, revoked since")
    return word(reader, ANSWERED, answer.value) if answer else ""


def _revoked(reader: Reader, line: Line, states: Mapping[str, str]) -> str:
    """When the answer was revoked, and what the side that reads can do; "" where it stands."""
    if line.revoked_at is None:
        return ""
    advice = REVOKED_ADVICE["supplier" if states is RECEIVED_STATES else "customer"]
    when = formats.moment(line.revoked_at, reader.language)
    revoked = reader.say("The answer was revoked %(when)s.", when=when)
    return f"{revoked} {reader.say(advice)}"


def badge_of(state: LineState) -> str:
    """The design system's badge colour of a state; the words beside it say the same."""
    colours = {LineState.FULFILLED: "success", LineState.PARTIALLY_FULFILLED: "info"}
    return colours.get(state, "warning" if state in OPEN_STATES else "")


def in_order(fields: Iterable[RequestedField]) -> list[RequestedField]:
    """Fields in the order of the vocabulary: groups first, then the five indicators, then by name."""
    return sorted(fields, key=lambda field: (GROUPS.index(field.group), _place(field.field), field.field))


def _place(path: str) -> int:
    member = path.rpartition("/")[2]
    return INDICATORS.index(member) if member in INDICATORS else len(INDICATORS)


def _declined(reader: Reader, reason: DeclineReason | None, text: str) -> str:
    if reason is None:
        return ""
    said = word(reader, DECLINE_REASONS, reason.value)
    declined = reader.say("Declined (%(reason)s)", reason=in_sentence(said))
    return f"{declined}: {text}" if text else declined
