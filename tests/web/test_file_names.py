"""Names of downloads: recognisable, and never more than a name, whatever a product is called."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from werkzeug.http import parse_options_header

from exchange.domain.periods import Period, year
from exchange.services.reading import DatasetView
from exchange.web.file_names import as_download, ascii_of, dataset_file, slug
from exchange.web.reader import reader_of


def named(name: str, period: Period | None = None, *, what: str = "bundle", version: int = 1) -> str:
    """The file of a dataset about something of this name."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    about = ("019", "product", "schema", "1", "Firm", "product", "2", name)
    dataset = DatasetView(
        *about, period or year(2025), version, "active", None, "sha256:0", "did:key:z", "z#z", True, at, None, at
    )  # fmt: skip
    return dataset_file(reader_of("en"), dataset, what, ".vcx.json")


def test_a_name_says_product_period_version_and_what_it_is() -> None:
    assert named("Beslag B12") == "beslag-b12-2025-v1-bundle.vcx.json"
    quarter = Period(date(2025, 1, 1), date(2025, 4, 1))
    assert named("Beslag B12", quarter, version=3) == "beslag-b12-2025-01-01-2025-03-31-v3-bundle.vcx.json"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ('a"; filename="evil.exe', "a-filename-evil-exe-2025"),
        ("a\r\nSet-Cookie: x=1\r\n\r\n<script>", "a-set-cookie-x-1-script-2025"),
        ("../../etc/passwd", "etc-passwd-2025"),
        ("..\\..\\CON", "con-2025"),
        ("a\u202egpj.exe", "a-gpj-exe-2025"),  # turns the reading direction round
        ("a\x00b", "a-b-2025"),
        ("", "product-2025"),
        ("...", "product-2025"),
        ("%2F..;x*=UTF-8''y", "2f-x-utf-8-y-2025"),
        ("x" * 500, "x" * 60 + "-2025"),
        ("Rør Ø 40 på mål", "rør-ø-40-på-mål-2025"),
        ("螺栓", "螺栓-2025"),
    ],
)
def test_a_hostile_name_stays_a_name(name: str, begins: str) -> None:
    file = named(name)
    assert file == f"{begins}-v1-bundle.vcx.json"
    header = as_download(b"x", "application/json", file).headers["Content-Disposition"]
    assert header.isascii() and not set("\r\n\x00/\\") & set(header)
    kind, options = parse_options_header(header)
    assert (kind, options) == ("attachment", {"filename": file})


@pytest.mark.parametrize(
    ("file", "plain"),
    [
        ("rør-ø-40-på-mål.txt", "roer-oe-40-paa-maal.txt"),
        ("螺栓-2025-v1.txt", "2025-v1.txt"),
        ("café.txt", "cafe.txt"),
        ("Ω", "file"),
    ],
)
def test_programs_that_read_no_other_letters_get_a_likeness(file: str, plain: str) -> None:
    assert ascii_of(file) == plain
    header = as_download("x", "text/plain", file).headers["Content-Disposition"]
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")


def test_a_plain_name_needs_no_second_one_and_nothing_keeps_a_copy() -> None:
    response = as_download("x", "text/plain", "a.txt")
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert response.headers["Cache-Control"] == "no-store"


def test_a_slug_is_letters_and_digits() -> None:
    assert slug(" Æble_kage -- 2 ") == "æble-kage-2"
