"""The schemas' own examples as starting points: each test changes what its rule is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.domain.checks import run_checks

EXAMPLES = Path(schemas.__file__).parent / "examples"
Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]


def _example(kind: str, name: str) -> Document:
    document: Document = json.loads((EXAMPLES / kind / "valid" / f"{name}.json").read_text("utf-8"))
    return document


@pytest.fixture
def product() -> Document:
    return _example("product", "every-group")


@pytest.fixture
def calculated() -> Document:
    return _example("product", "calculated")


@pytest.fixture
def at_least() -> Document:
    return _example("product", "at-least")


@pytest.fixture
def low_entry() -> Document:
    return _example("product", "low-entry")


@pytest.fixture
def delivery() -> Document:
    return _example("delivery", "measured-deliveries")


@pytest.fixture
def organisation() -> Document:
    return _example("organisation", "basic-module")


@pytest.fixture
def stream() -> Document:
    return _example("stream", "wanted-heat")


@pytest.fixture
def request_body() -> Document:
    return _example("request", "product-line")


@pytest.fixture
def codes() -> Codes:
    """(code, path) of every problem the checks find in a document, which its schema must let pass."""

    def find(kind: str, document: Document, *, publishing: bool = True) -> list[tuple[str, str]]:
        assert schemas.explain(document, schemas.latest(kind)) == []
        found = run_checks(kind, document, publishing=publishing)
        assert all(one.detail.endswith(".") and one.advice.endswith(".") for one in found)
        return [(one.code, one.path) for one in found]

    return find
