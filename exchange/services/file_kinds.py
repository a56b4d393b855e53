"""What a file is that is no signed one, so that whoever brings it learns what to bring instead."""

from __future__ import annotations

import re

from exchange.domain.errors import InvalidError

ADVICE = "Bring the bundle (a file ending in .vcx.json), as it was downloaded from the exchange."

# By the bytes a file begins with, as the formats themselves lay them down.
_BEGINNINGS: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"%PDF-",), "verify.pdf", "This is a PDF: a page to read, without the signed figures."),
    (
        (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
        "verify.office",
        "This is a spreadsheet, a text document or a packed folder. If it is a folder, unpack it first.",
    ),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "verify.picture", "This is a picture, which nobody has signed."),
    ((b"<",), "verify.web_page", "This is a web page or an XML file: the page was saved, not the file."),
)
_TRUST_ROOT = re.compile(rb'"v"\s*:\s*"vcx-trust/1"')
# What a judgement is made of: JSON, a compact token (RFC 7515, section 7.1), or a note of the log's (c2sp.org).
_JUDGED = re.compile(rb"[\[{]|c2sp\.org/|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.")


def refuse_others(data: bytes) -> None:
    """Raise InvalidError under `/file` saying what it is that nobody could judge.

    Codes: `verify.pdf`, `verify.office`, `verify.picture`, `verify.web_page`, `verify.trust_root`, `verify.unknown`.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    for beginnings, code, detail in _BEGINNINGS:
        if text.startswith(beginnings):
            raise InvalidError(detail, code=code, path="/file", advice=ADVICE)
    if text.startswith(b"{") and _TRUST_ROOT.search(text):
        raise InvalidError(
            "This is a trust root: it says whom you believe, and proves nothing by itself.",
            code="verify.trust_root",
            path="/file",
            advice="Choose it under 'Your trust root', and the bundle here.",
        )
    if not _JUDGED.match(text):
        raise InvalidError("This is no signed file.", code="verify.unknown", path="/file", advice=ADVICE)
