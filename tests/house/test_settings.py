"""Every setting is documented with its default, and nothing is documented that is no setting."""

from __future__ import annotations

import re
from pathlib import Path

from exchange.config import SECRET_FIELDS, Settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(VCX_[A-Z_]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, str]]:
    """Name, default and meaning of every row of the settings table."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return {name: (default, meaning) for name, default, meaning in ROW.findall(text)}


def test_settings_table_says_what_the_settings_say() -> None:
    expected = {
        f"VCX_{name.upper()}": (
            f"`{field.default}`" if field.default not in {None, ""} else "",
            str(field.description).replace("|", "\\|"),
        )
        for name, field in Settings.model_fields.items()
    }
    assert documented() == expected


def test_every_secret_may_come_from_a_file() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in SECRET_FIELDS:
        assert f"`VCX_{name.upper()}_FILE`" in text


def test_environment_names_in_the_tree_are_settings() -> None:
    known = {f"VCX_{name.upper()}" for name in Settings.model_fields}
    known |= {f"VCX_{name.upper()}_FILE" for name in SECRET_FIELDS}
    for path in ("docker-compose.yml", "Dockerfile"):
        used = set(re.findall(r"\bVCX_[A-Z_]+\b", (ROOT / path).read_text(encoding="utf-8")))
        assert used <= known, path
