"""Request lines as either party sees them: what is asked, for which purpose, on what basis, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.domain.requests import DeclineReason
from exchange.services.request_views import Line
from exchange.web import formats
from exchange.web.inbox import badge_of
from exchange.web.reader import Reader
from exchange.web.words import ANSWERED, DECLINE_REASONS, PURPOSES, field_name, word


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
    declined: str
    fields: tuple[AskedField, ...]


def present_line(reader: Reader, line: Line, states: dict[str, str]) -> LineView:
    """A line in the reader's language; `states` are the words of the side that reads."""
    return LineView(
        id=line.id,
        title=line.subject_name or line.subject_type.value,
        period=formats.period(line.period.start, line.period.end, reader.language),
        due=formats.day(line.due, reader.language) if line.due else "",
        note=line.note,
        state=word(reader, states, line.state.value),
        badge=badge_of(line.state),
        declined=_declined(reader, line.decline_reason, line.decline_text),
        fields=tuple(
            AskedField(
                name=field_name(reader, field.field),
                purpose=word(reader, PURPOSES, field.purpose.value),
                basis=field.basis_reference,
                must=reader.say("must have") if field.mandatory else reader.say("nice to have"),
                answer=word(reader, ANSWERED, field.answer.value) if field.answer else "",
            )
            for field in line.fields
        ),
    )


def _declined(reader: Reader, reason: DeclineReason | None, text: str) -> str:
    if reason is None:
        return ""
    said = word(reader, DECLINE_REASONS, reason.value)
    return f"{said}: {text}" if text else said
