"""Writes THIRD_PARTY.md from the lock files, the installed packages' own metadata and the vendored files.

.venv/bin/python -m tests.house.third_party > THIRD_PARTY.md
"""

from __future__ import annotations

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK_LINE = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)
# Packages of the locks that are installed on other systems only, by what their metadata say there.
ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "gunicorn": "MIT",
    "pyreadline3": "BSD-3-Clause",
}
HEAD = """# What others made

This product is under Apache-2.0 (LICENSE). It installs the packages below, each under its own licence, and contains
the files listed last. Made by `python -m tests.house.third_party`; a test keeps it true.
"""


def locked(name: str) -> list[str]:
    """The packages a lock file pins."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    return sorted(set(LOCK_LINE.findall(text)))


def licence_of(package: str) -> str:
    """The licence a package states: SPDX expression, else classifiers, else the free field."""
    try:
        stated = metadata(package)
    except PackageNotFoundError:
        return ELSEWHERE[package]
    if stated.get("License-Expression"):
        return str(stated["License-Expression"])
    found = [c.split(" :: ")[-1] for c in stated.get_all("Classifier") or [] if c.startswith("License ::")]
    if found:
        return " or ".join(sorted(found))
    free = str(stated.get("License") or "").strip()
    if not free or "\n" in free:
        raise LookupError(f"{package} states no licence")
    return free


def table(packages: list[str]) -> list[str]:
    """Two columns."""
    rows = [f"| {package} | {licence_of(package)} |" for package in packages]
    return ["| package | licence |", "| --- | --- |", *rows]


def vendored() -> list[str]:
    """The front-end files that lie in the tree."""
    path = ROOT / "exchange" / "web" / "static" / "vendor" / "vendor.json"
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    rows = [f"| {p['name']} | {p['version']} | {p['licence']} |" for p in packages]
    return ["| package | version | licence |", "| --- | --- | --- |", *rows]


def render() -> str:
    """The whole document."""
    run = locked("run")
    scale = [package for package in locked("scale") if package not in run]
    return "\n".join(
        [
            HEAD,
            "## Installed to run it",
            "",
            *table(run),
            "",
            "## Installed besides when scaled out",
            "",
            *table(scale),
            "",
            "## Contained in `exchange/web/static/vendor`",
            "",
            *vendored(),
            "",
        ]
    )


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201
