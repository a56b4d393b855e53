"""Files and functions stay of a size that a person takes in at once."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
GENERATED = "migrations/versions"
SOURCES = [
    ROOT / "run.py",
    *(
        path
        for package in ("exchange", "workers", "connectors", "schemas")
        for path in sorted((ROOT / package).rglob("*.py"))
        if GENERATED not in path.as_posix()
    ),
]


def name(path: Path) -> str:
    """The path as people say it."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> list[tuple[str, int]]:
    """Every function with its length in lines."""
    return [
        (f"{name(path)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_files_are_short() -> None:
    assert len(SOURCES) > 100
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_functions_are_short() -> None:
    found = [function for path in SOURCES for function in functions(path)]
    assert len(found) > 500
    assert [function for function in found if function[1] > MAX_FUNCTION_LINES] == []
    assert median(lines for _, lines in found) <= 12


def test_every_module_says_what_it_is_for() -> None:
    trees = {name(path): parsed(path) for path in SOURCES}
    assert [path for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert [name(path) for path in SOURCES if path.stem in drawers] == []
