"""No code reaches a page without words."""

from __future__ import annotations

from enum import StrEnum

import pytest

from exchange.domain.actors import Assurance
from exchange.domain.groups import Answer, FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.requests import DeclineReason, LineState
from exchange.services.organisations import RejectReason
from exchange.web import words
from exchange.web.operator import REJECT_REASONS
from exchange.web.reader import reader_of


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (Indicator, words.INDICATORS),
        (Purpose, words.PURPOSES),
        (FieldGroup, words.FIELD_GROUPS),
        (Answer, words.ANSWERS),
        (Answer, words.ANSWERED),
        (LineState, words.SENT_STATES),
        (LineState, words.RECEIVED_STATES),
        (DeclineReason, words.DECLINE_REASONS),
        (Assurance, words.ASSURANCES),
        (RejectReason, REJECT_REASONS),
    ],
)
def test_every_code_has_words(codes: type[StrEnum], sentences: dict[str, str]) -> None:
    assert set(sentences) == {code.value for code in codes}


def test_what_is_listed_keeps_the_order_of_the_vocabulary() -> None:
    assert list(words.INDICATORS) == ["resources", "water", "co2e", "energy", "waste"]
    assert list(words.FIELD_GROUPS) == [group.value for group in FieldGroup]


def test_a_code_without_words_is_shown_rather_than_hidden() -> None:
    assert words.word(reader_of("da"), words.PURPOSES, "SOMETHING_NEW") == "SOMETHING_NEW"


def test_a_field_path_reads_as_words() -> None:
    danish = reader_of("da")
    assert words.field_name(danish, "indicators/co2e") == "CO2-udledning"
    assert words.field_name(danish, "quality") == "Tallenes kvalitet"
    assert words.field_name(danish, "composition/recycled_share") == "Materialer: recycled share"


def test_inside_a_sentence_only_words_get_a_small_letter() -> None:
    assert words.in_sentence("Materialer") == "materialer"
    assert words.in_sentence("CO2-udledning") == "CO2-udledning"
    assert words.in_sentence("EU Taxonomy") == "EU Taxonomy"
