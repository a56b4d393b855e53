"""The shared lists keep their order and content; the waste list is the 842 codes of 2014/955/EU."""

from __future__ import annotations

import pytest

from exchange.domain.groups import Answer, DatasetKind, FieldGroup, Purpose, SubjectType
from exchange.domain.indicators import Indicator
from exchange.domain.pointers import pointer
from exchange.domain.quantities import UnitCode
from exchange.domain.waste import is_hazardous, is_known_code, waste_codes


def test_indicators_keep_their_order_and_units() -> None:
    assert [(one.value, one.unit) for one in Indicator] == [
        ("resources", UnitCode.KILOGRAM),
        ("water", UnitCode.CUBIC_METRE),
        ("co2e", UnitCode.KILOGRAM),
        ("energy", UnitCode.MEGAJOULE),
        ("waste", UnitCode.KILOGRAM),
    ]


def test_field_groups_keep_their_order() -> None:
    assert " ".join(FieldGroup) == (
        "identity indicators breakdown quality composition substances circularity packaging site process "
        "byproducts taxonomy evidence commercial"
    )


def test_every_purpose_but_csrd_reporting_rests_on_a_basis() -> None:
    assert len(Purpose) == 16
    assert [one for one in Purpose if not one.needs_basis] == [Purpose.CSRD_REPORTING]


def test_answers_are_the_five_of_the_request() -> None:
    assert " ".join(Answer) == ("provide refuse_over_cap refuse_confidential not_available not_applicable")


def test_dataset_kinds_name_their_credential_and_subject() -> None:
    assert DatasetKind.PRODUCT.credential_type == "ProductDataset"
    assert DatasetKind.STREAM.subject_type is SubjectType.STREAM
    assert DatasetKind.EFFORT.subject_type is SubjectType.ORGANISATION


def test_list_of_waste_has_842_codes_of_which_408_are_hazardous() -> None:
    assert len(waste_codes()) == 842
    assert sum(waste_codes().values()) == 408


def test_hazard_flag_of_codes_looked_up_in_the_decision() -> None:
    assert not is_hazardous("120101")  # ferrous metal filings and turnings
    assert is_hazardous("120109")  # machining emulsions and solutions free of halogens
    assert is_hazardous("130205")  # mineral-based non-chlorinated engine oils
    assert not is_hazardous("150101")  # paper and cardboard packaging
    assert not is_known_code("120122")
    with pytest.raises(KeyError):
        is_hazardous("999999")


def test_json_pointer_escapes_slash_and_tilde() -> None:
    assert pointer([]) == ""
    assert pointer(["lines", 0, "a/b~c"]) == "/lines/0/a~1b~0c"
