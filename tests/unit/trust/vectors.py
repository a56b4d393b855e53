"""The published vectors, where a copy is at hand (VCX_REFERENCE_DIR)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = os.environ.get("VCX_REFERENCE_DIR", "")
VECTORS = Path(ROOT) / "vectors"
needed = pytest.mark.skipif(
    not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here"
)


def load(path: str) -> Any:
    """A JSON file below the vectors."""
    return json.loads((VECTORS / path).read_text(encoding="utf-8"))


def names(pattern: str) -> list[str]:
    """The matching files below the vectors; one placeholder when they are not there (the test is skipped then)."""
    found = sorted(str(path.relative_to(VECTORS)) for path in VECTORS.glob(pattern)) if ROOT else []
    return found or ["absent"]
