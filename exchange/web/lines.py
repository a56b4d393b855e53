"""Request lines as either party sees them: what is asked, for which purpose, on what basis, and the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exchange.domain.groups import FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.requests import DeclineReason, LineState
from exchange.services.request_views import Line, RequestedField
from exchange.web import formats
from exchange.web.reader import Reader
from exchange.web.words import ANSWERED, DECLINE_REASONS, PURPOSES, field_name, in_sentence, word

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
            for field in in_order(line.fields)
        ),
    )


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
