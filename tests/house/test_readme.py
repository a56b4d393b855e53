"""The commands a reader is told to type exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click import Context, Group

from exchange.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "operations.md"]
COMMAND = re.compile(r"^(?:\s{4}|\$ )?((?:python3 run\.py|(?:\.venv/bin/)?vcx)\b[^\n#]*)", re.MULTILINE)
PROMISED = [
    "serve", "worker", "db upgrade", "demo", "keys new", "sign", "publish", "verify", "rollup", "import",
    "backup", "restore",
]  # fmt: skip


def told(path: Path) -> list[list[str]]:
    """The commands in the code of a document."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks += ["\n".join(line for line in text.splitlines() if line.startswith("    "))]
    return [shlex.split(command) for block in blocks for command in COMMAND.findall(block)]


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The click command that the words name, and the words that are left."""
    command: Any = main
    while isinstance(command, Group) and words and not words[0].startswith("-"):
        command, words = command.get_command(Context(command), words[0]), words[1:]
    return command, words


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_document_exist(path: Path) -> None:
    commands = told(path)
    assert commands or path.name == "CONTRIBUTING.md"
    for words in commands:
        if words[0] == "python3":
            assert_run_py_takes(words[2:])
            continue
        command, rest = find(words[1:])
        assert command is not None, words
        known = {option for parameter in command.params for option in parameter.opts} | {
            "--help",
            "--version",
        }
        assert {word for word in rest if word.startswith("--")} <= known, words


def assert_run_py_takes(arguments: list[str]) -> None:
    """`run.py` reads these arguments without complaint."""
    script = "import sys, run; sys.argv = ['run.py', *sys.argv[1:]]; run.read_options()"
    subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, check=True)


@pytest.mark.parametrize("promised", PROMISED)
def test_promised_command_exists_and_explains_itself(promised: str) -> None:
    command, rest = find(promised.split())
    assert rest == []
    assert command.help


def test_every_listed_command_loads() -> None:
    for name in COMMANDS:
        assert main.get_command(Context(main), name) is not None


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120
