"""Names of files people keep: what the file is about, in letters that no header and no file system mistakes."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from urllib.parse import quote

from werkzeug.wrappers import Response

from exchange.domain.periods import Period
from exchange.services.reading import DatasetView
from exchange.web.reader import Reader

MOST = 60  # characters of a name that others chose
_WORDS = re.compile(r"[^\W_]+")
_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def dataset_file(reader: Reader, dataset: DatasetView, what: str, ending: str) -> str:
    """`beslag-b12-2025-v2-bundle.vcx.json`: product, period, version and what the file is (`what`, a msgid)."""
    about = slug(dataset.subject_name)[:MOST].strip("-") or slug(dataset.subject_type)
    period = _period(dataset.period) if dataset.period else ""
    parts = (about, period, f"v{dataset.version}", slug(reader.say(what)))
    return "-".join(part for part in parts if part) + ending


def as_download(document: str | bytes, content_type: str, name: str) -> Response:
    """A file to be kept under this name, whatever letters it has (RFC 6266, section 4.3); nothing caches it."""
    response = Response(document, content_type=content_type)
    header = f'attachment; filename="{ascii_of(name)}"'
    if not name.isascii():
        header += f"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = header
    response.headers["Cache-Control"] = "no-store"
    return response


def slug(text: str) -> str:
    """The letters and digits of a text, small, with a hyphen for whatever stands between: no dot, quote or break."""
    return "-".join(_WORDS.findall(unicodedata.normalize("NFC", text).lower()))


def ascii_of(name: str) -> str:
    """A file's name for programs that read no other letters; what has no likeness is left out."""
    likened = unicodedata.normalize("NFKD", name.translate(_DANISH)).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9.-]+", "", likened)
    return plain.lstrip("-.") or "file"


def _period(period: Period) -> str:
    """`2025`, or the first and last day of another period."""
    last = period.end - timedelta(days=1)
    is_year = (period.start.month, period.start.day, last.month, last.day) == (1, 1, 12, 31)
    if is_year and period.start.year == last.year:
        return str(last.year)
    return f"{period.start}-{last}"
