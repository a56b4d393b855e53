"""Documentation requests: what state a line is in follows from the answers to its fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from exchange.domain.errors import ConflictError
from exchange.domain.groups import Answer, FieldGroup


class LineState(StrEnum):
    """Where a request line stands. The last four are answers; only `fulfilled` and `declined` end it."""

    REQUESTED = "requested"
    SEEN = "seen"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    """Why a supplier answers nothing on a line; the customer sees the code."""

    NOT_OUR_PRODUCT = "not_our_product"
    NO_DATA_YET = "no_data_yet"
    CONFIDENTIAL = "confidential"
    DUPLICATE = "duplicate"
    PURPOSE_NOT_JUSTIFIED = "purpose_not_justified"
    BEYOND_VALUE_CHAIN_CAP = "beyond_value_chain_cap"
    COST = "cost"
    OTHER = "other"


MOVES: dict[LineState, frozenset[LineState]] = {
    LineState.REQUESTED: frozenset(
        {LineState.SEEN, LineState.PARTIALLY_FULFILLED, LineState.FULFILLED, LineState.DECLINED}
    ),
    LineState.SEEN: frozenset({LineState.PARTIALLY_FULFILLED, LineState.FULFILLED, LineState.DECLINED}),
    LineState.PARTIALLY_FULFILLED: frozenset({LineState.PARTIALLY_FULFILLED, LineState.FULFILLED}),
    LineState.FULFILLED: frozenset(),
    LineState.DECLINED: frozenset(),
}


def check_move(present: LineState, wanted: LineState) -> None:
    """Raise ConflictError (`line.state`) naming the legal moves unless the move is one of them."""
    legal = MOVES[present]
    if wanted not in legal:
        ways = ", ".join(sorted(legal)) or "none: the line is closed"
        raise ConflictError(
            f"A line that is {present.value} cannot become {wanted.value}.",
            code="line.state",
            advice=f"Possible from here: {ways}.",
        )


def answered_state(answers: Collection[Answer | None]) -> LineState:
    """The state that follows from a line's answers, None meaning not answered yet.

    A refusal over the value-chain cap and "not applicable" count as answers, not as gaps: a line whose
    every field is provided, over the cap or not applicable, with at least one provided, is fulfilled. Where
    something is not available yet the line stays open, so that it can be provided later; where all is
    refused or not applicable it is declined.
    """
    if not {Answer.PROVIDE, Answer.NOT_AVAILABLE} & set(answers):
        return LineState.DECLINED
    closed = {Answer.PROVIDE, Answer.REFUSE_OVER_CAP, Answer.NOT_APPLICABLE}
    return LineState.FULFILLED if set(answers) <= closed else LineState.PARTIALLY_FULFILLED


def torn_group(answers: Iterable[tuple[FieldGroup, Answer]]) -> FieldGroup | None:
    """The first field group of which some fields are provided and others refused, or None.

    A group is disclosed whole, so such an answer would show what it refuses.
    """
    given: dict[FieldGroup, set[Answer]] = {}
    for group, answer in answers:
        given.setdefault(group, set()).add(answer)
    refusals = {Answer.REFUSE_CONFIDENTIAL, Answer.REFUSE_OVER_CAP}
    torn = (
        group for group in FieldGroup if Answer.PROVIDE in given.get(group, ()) and refusals & given[group]
    )
    return next(torn, None)


def request_state(lines: Collection[LineState]) -> LineState:
    """A request's state: the one all lines share, `partially_fulfilled` once some are answered, else the least."""
    states = set(lines)
    if len(states) == 1:
        return next(iter(states))
    if states <= {LineState.REQUESTED, LineState.SEEN}:
        return LineState.SEEN
    return LineState.PARTIALLY_FULFILLED
