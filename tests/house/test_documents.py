"""The documents name what is there: every table, every room, every command, and what is not built yet."""

from __future__ import annotations

import re
from pathlib import Path

from exchange.cli import COMMANDS
from exchange.store import migrate
from exchange.store.types import metadata
from tests.house.test_sizes import MAX_FILE_LINES, MAX_FUNCTION_LINES

ROOT = Path(__file__).parents[2]
NOT_BUILT = {"bench", "export"}


def text(path: str) -> str:
    """A document."""
    return (ROOT / path).read_text(encoding="utf-8")


def rows(document: str) -> list[list[str]]:
    """The cells of every table row of a document."""
    return [line.strip("|").split("|") for line in document.splitlines() if line.startswith("|")]


def code(cell: str) -> set[str]:
    """What stands in backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def test_data_model_lists_exactly_the_tables_there_are() -> None:
    assert migrate.ALL_TABLES
    listed = [name for row in rows(text("docs/data-model.md")) for name in sorted(code(row[1]))]
    assert sorted(listed) == sorted(metadata.tables)


def test_architecture_has_every_part_of_the_exchange_in_a_room() -> None:
    parts = {path.name for path in (ROOT / "exchange").iterdir() if not path.name.startswith(("_", "."))}
    rooms = {
        name.removeprefix("exchange/").rstrip("/")
        for row in rows(text("docs/architecture.md"))
        for name in code(row[0])
    }
    assert rooms == parts | {"workers", "connectors", "schemas"}


def test_operations_names_only_commands_that_exist_or_says_that_they_do_not_yet() -> None:
    before, after = text("docs/operations.md").split("## Not there yet")
    assert set(re.findall(r"\bvcx ([a-z]+)", before)) <= set(COMMANDS)
    assert set(re.findall(r"`vcx ([a-z]+)`", after)) == NOT_BUILT
    assert set(COMMANDS).isdisjoint(NOT_BUILT)


def test_operations_says_what_every_refusal_of_the_log_asks_for() -> None:
    refusals = {
        name for row in rows(text("docs/operations.md")) for name in code(row[0]) if name.startswith("log.")
    }
    assert refusals == {
        "log.damaged",
        "log.epoch_unfinished",
        "log.guard_behind",
        "log.guard_damaged",
        "log.guard_missing",
        "log.guard_unusable",
        "log.rolled_back",
    }


def test_contributing_states_the_sizes_that_are_checked() -> None:
    stated = " ".join(text("CONTRIBUTING.md").split())
    files, functions = (
        f"files have at most {MAX_FILE_LINES} lines",
        f"functions at most {MAX_FUNCTION_LINES}.",
    )
    assert f"Outside tests and migrations {files} and {functions}" in stated
