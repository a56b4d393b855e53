"""Every threat has a test that is there, or a sentence that says why it has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.splitlines()
    if line.startswith("|") and not line.startswith(("| threat |", "|---"))
]
NAMED = sorted({name for row in ROWS for name in re.findall(r"`(tests/[^`]+)`", row[-1])})


def functions_of(path: Path) -> set[str]:
    """The names of the test functions of a module."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_table_has_every_threat() -> None:
    assert len(ROWS) >= 25
    assert all(len(row) == 3 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_each_threat_has_a_test_or_says_why_not(row: list[str]) -> None:
    assert re.search(r"`tests/[^`]+::test_\w+`", row[2]) or row[2].startswith("No test:"), row[0]


@pytest.mark.parametrize("name", NAMED)
def test_the_tests_it_names_are_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert function in functions_of(ROOT / path)
