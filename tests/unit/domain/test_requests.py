"""The states of a request line: which moves are legal, and how states follow from answers."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.errors import ConflictError
from exchange.domain.groups import Answer, FieldGroup
from exchange.domain.requests import LineState, answered_state, check_move, request_state, torn_group

REQUESTED, SEEN, PARTIAL, FULFILLED, DECLINED = LineState
LEGAL = {
    (REQUESTED, SEEN),
    (REQUESTED, PARTIAL),
    (REQUESTED, FULFILLED),
    (REQUESTED, DECLINED),
    (SEEN, PARTIAL),
    (SEEN, FULFILLED),
    (SEEN, DECLINED),
    (PARTIAL, PARTIAL),
    (PARTIAL, FULFILLED),
}
PROVIDE, OVER_CAP, CONFIDENTIAL, NOT_AVAILABLE, NOT_APPLICABLE = Answer


@pytest.mark.parametrize(("present", "wanted"), sorted(LEGAL))
def test_legal_move_passes(present: LineState, wanted: LineState) -> None:
    check_move(present, wanted)


@pytest.mark.parametrize(("present", "wanted"), sorted(set(product(LineState, LineState)) - LEGAL))
def test_illegal_move_is_refused_and_the_legal_ones_are_named(present: LineState, wanted: LineState) -> None:
    with pytest.raises(ConflictError) as refusal:
        check_move(present, wanted)
    assert refusal.value.error_code == "line.state"
    ways = sorted(to.value for start, to in LEGAL if start is present)
    assert refusal.value.advice == f"Possible from here: {', '.join(ways) or 'none: the line is closed'}."


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([PROVIDE], FULFILLED),
        ([PROVIDE, OVER_CAP], FULFILLED),
        ([PROVIDE, NOT_APPLICABLE, OVER_CAP], FULFILLED),
        ([PROVIDE, CONFIDENTIAL], PARTIAL),
        ([PROVIDE, NOT_AVAILABLE], PARTIAL),
        ([PROVIDE, None], PARTIAL),
        ([OVER_CAP, OVER_CAP], DECLINED),
        ([NOT_AVAILABLE], PARTIAL),
        ([NOT_AVAILABLE, CONFIDENTIAL], PARTIAL),
        ([CONFIDENTIAL, NOT_APPLICABLE], DECLINED),
    ],
)
def test_state_of_a_line_follows_from_its_answers(answers: list[Answer | None], state: LineState) -> None:
    assert answered_state(answers) is state


@given(st.lists(st.sampled_from([*Answer, None]), min_size=1), st.sampled_from([*Answer, None]))
def test_nothing_provided_is_never_fulfilled_and_something_provided_never_declined(
    answers: list[Answer | None], more: Answer | None
) -> None:
    assert (answered_state([*answers, more]) is DECLINED) is not bool(
        {PROVIDE, NOT_AVAILABLE} & {*answers, more}
    )


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([REQUESTED, REQUESTED], REQUESTED),
        ([REQUESTED, SEEN], SEEN),
        ([FULFILLED, FULFILLED], FULFILLED),
        ([DECLINED], DECLINED),
        ([FULFILLED, DECLINED], PARTIAL),
        ([FULFILLED, REQUESTED], PARTIAL),
        ([SEEN, PARTIAL], PARTIAL),
    ],
)
def test_state_of_a_request_follows_from_its_lines(lines: list[LineState], state: LineState) -> None:
    assert request_state(lines) is state
    assert request_state(lines[::-1]) is state


@pytest.mark.parametrize("refusal", [CONFIDENTIAL, OVER_CAP])
def test_group_provided_in_part_and_refused_in_part_is_torn(refusal: Answer) -> None:
    water, co2e = (FieldGroup.INDICATORS, refusal), (FieldGroup.INDICATORS, PROVIDE)
    assert torn_group([co2e, (FieldGroup.SITE, refusal), water]) is FieldGroup.INDICATORS


@pytest.mark.parametrize("other", [PROVIDE, NOT_AVAILABLE, NOT_APPLICABLE])
def test_group_without_a_refused_field_may_be_provided(other: Answer) -> None:
    assert torn_group([(FieldGroup.INDICATORS, PROVIDE), (FieldGroup.INDICATORS, other)]) is None


def test_refusing_one_group_and_providing_another_tears_none() -> None:
    assert torn_group([(FieldGroup.INDICATORS, PROVIDE), (FieldGroup.SITE, CONFIDENTIAL)]) is None
