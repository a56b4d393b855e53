"""How checks read a document: what is looked for without paths is what is found with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exchange.domain.checks import CHECKS, run_checks
from exchange.domain.checks.check import Check, Document, holding, objects, such

NAMES = st.sampled_from(["amount", "unit", "cvr", "start", "end", "lines"])
VALUES = st.recursive(
    st.text(max_size=2) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)


def _is_bare(one: Mapping[str, Any]) -> bool:
    return one.keys() == {"amount", "unit"}


def _is_member(path: tuple[str | int, ...]) -> bool:
    """Whether it stands under a name, and not in a list."""
    return bool(path) and isinstance(path[-1], str)


def _assume_quantities(document: dict[str, Any]) -> None:
    """As in a schema-valid document: nothing stands inside an amount or a unit."""
    nested = [one for _, one in objects(document) if _is_bare(one)]
    assume(not any(isinstance(part, dict | list) for one in nested for part in one.values()))


@given(DOCUMENTS)
def test_the_parts_are_the_document_and_all_objects_in_it_but_bare_quantities(
    document: dict[str, Any],
) -> None:
    _assume_quantities(document)
    expected = [one for path, one in objects(document) if not (_is_member(path) and _is_bare(one))]

    assert sorted(map(repr, Document(document).parts)) == sorted(map(repr, expected))


@given(DOCUMENTS, NAMES)
def test_a_document_finds_what_a_plain_one_does(document: dict[str, Any], name: str) -> None:
    _assume_quantities(document)
    expected = [(path, one) for path, one in objects(document) if name in one]

    assert holding(Document(document), name) == holding(document, name) == expected
    if name not in {"amount", "unit"}:
        assert such(Document(document), lambda one: name in one) == expected


def test_lists_in_lists_are_looked_through() -> None:
    document = Document({"lines": [[{"cvr": "1"}], {"unit": {"cvr": "2"}}, "x"]})

    assert [path for path, _ in holding(document, "cvr")] == [("lines", 0, 0), ("lines", 1, "unit")]


@pytest.mark.parametrize("check", [one for one in CHECKS if one.group], ids=lambda one: one.code)
def test_a_check_with_a_group_finds_nothing_without_it(check: Check, product: Document) -> None:
    for subject in ({}, {name: part for name, part in product.items() if name != check.group}):
        assert check.find(subject) == []


def test_a_figure_below_zero_is_explained_too_much_by_no_line_at_all(product: Document) -> None:
    product["indicators"]["co2e"] = {"own": {"amount": "-1", "unit": "KGM"}}
    product["process"] = {"inputs": []}
    product.pop("breakdown", None)

    found = [one.path for one in run_checks("product", product, publishing=False)]

    assert "/process/inputs" in found
