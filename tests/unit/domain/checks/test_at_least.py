"""A figure that something is missing from says so, and is not declared as a total."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]


def test_missing_and_at_least_go_together(at_least: Document, codes: Codes) -> None:
    shares = at_least["quality"]["co2e"]
    assert codes("product", at_least) == []
    missing = shares.pop("missing")
    assert codes("product", at_least) == [("quality.at_least", "/quality/co2e/missing")]
    del shares["is_at_least"]
    assert codes("product", at_least) == []
    shares["missing"] = missing
    assert codes("product", at_least) == [("quality.at_least", "/quality/co2e/is_at_least")]


@pytest.mark.parametrize("part", ["upstream", "total"])
def test_a_figure_that_is_at_least_is_not_declared_from_cradle_to_gate(
    part: str, at_least: Document, codes: Codes
) -> None:
    at_least["identity"]["boundary"] = "cradle_to_gate"
    at_least["indicators"]["co2e"][part] = {"amount": "9", "unit": "KGM"}
    at_least["indicators"]["resources"][part] = {"amount": "2", "unit": "TNE"}
    assert codes("product", at_least) == [("total.at_least", f"/indicators/co2e/{part}")]


def test_a_reader_without_the_quality_group_is_told_nothing_of_it(at_least: Document, codes: Codes) -> None:
    at_least["identity"]["boundary"] = "cradle_to_gate"
    at_least["indicators"]["co2e"]["total"] = {"amount": "9", "unit": "KGM"}
    del at_least["quality"]
    assert codes("product", at_least, publishing=False) == []
