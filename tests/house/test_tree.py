"""What lies in the tree: nothing of the machine it was made on, no registry's address, no secret, a licence."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from exchange.domain.errors import ExchangeError
from tests.house import third_party

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Written in two halves so that this file does not find itself.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com", "registry" + ".yarn"]
HOSTS += ["deb." + "debian.org", "security." + "debian.org", "proxy.golang" + ".org"]
MACHINE = re.compile(r"(^|[^A-Za-z0-9_.-])/(" + "|".join(["wo" + "rk", "fa" + "rm", "ro" + "ot"]) + r")/")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----")


@cache
def texts() -> dict[str, str]:
    """Every text file that is or may be committed, by its path."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    found = {}
    for path in filter(None, listed):
        file = ROOT / path
        if file.is_file():
            try:
                found[path] = file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # fonts and pictures
    return found


def holding(pattern: re.Pattern[str]) -> list[str]:
    """The files in which the pattern stands."""
    return [path for path, text in texts().items() if pattern.search(text)]


def test_no_registry_address_stands_in_the_tree() -> None:
    assert len(texts()) > 100
    assert holding(re.compile("|".join(map(re.escape, HOSTS)))) == []


def test_no_path_of_a_machine_stands_in_the_tree() -> None:
    assert holding(MACHINE) == []


def test_no_private_key_lies_in_the_tree() -> None:
    assert holding(PRIVATE_KEY) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_pins_every_package_by_hash_and_names_no_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--?(index-url|extra-index-url|find-links|i |f )", text, re.MULTILINE)
    entries = re.split(r"\n(?=[a-z0-9])", text)
    pinned = [entry for entry in entries if re.match(r"[a-z0-9][a-z0-9._-]*==", entry)]
    assert len(pinned) > 1
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert len(text.splitlines()) > 190
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_third_party_list_is_what_the_locks_and_the_vendored_files_say() -> None:
    written = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert written == third_party.render(), (
        "run: .venv/bin/python -m tests.house.third_party > THIRD_PARTY.md"
    )


def test_every_class_of_errors_has_a_code_of_its_own() -> None:
    def below(kind: type[ExchangeError]) -> list[type[ExchangeError]]:
        return [kind] + [deeper for one in kind.__subclasses__() for deeper in below(one)]

    stated = [kind.code for kind in below(ExchangeError) if "code" in vars(kind)]
    assert len(stated) == len(set(stated))
    assert len(stated) >= 8
