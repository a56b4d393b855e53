"""JSON pointers (RFC 6901): where in a document a problem sits."""

from __future__ import annotations

from collections.abc import Iterable


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer of a path of member names and array positions; "" for the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
