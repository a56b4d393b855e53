"""Styles, scripts, fonts and icons: an address that changes with the content, so that browsers may keep the file."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, request, url_for

STATIC = Path(__file__).parent / "static"
ONE_YEAR, ONE_HOUR = 365 * 24 * 3600, 3600


class PagesBlueprint(Blueprint):
    """A blueprint whose files may be kept a year where their address names their content, else an hour.

    Scripts are asked for anew each time: they import each other by name alone, and must be of one release.
    """

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Seconds a browser may use a file without asking again."""
        if filename is not None and filename.endswith(".js"):
            return 0
        return ONE_YEAR if "v" in request.args else ONE_HOUR


def asset(name: str) -> str:
    """The address of a file of ours with the beginning of its SHA-256."""
    return url_for("web.static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
