"""The text of docs/method.md, for tests that take their numbers from it."""

from __future__ import annotations

from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")


def says(*texts: str) -> None:
    """The page still states exactly these calculations."""
    flat = " ".join(PAGE.replace("\n> ", " ").split())
    for text in texts:
        assert text in flat, text
