"""How long a materials sheet of 50 000 rows takes to read, against the bare read of the same bytes.

    python -m benchmarks.materials_sheet

The bare read is python-calamine's: workbook opened, first sheet to Python values. Ours checks the archive first, then
reads the same way, and turns every row into a bill with its flow, period and exact amount. The sheet is written both
ways spreadsheets are: with shared texts, as Excel saves, and with texts in the cells, as libraries write. Runs
alternate, so that what else the machine does falls on both. Exit 1 where a ratio of medians is above 4.
"""

from __future__ import annotations

import io
import os
import platform
import random
import sys
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from time import perf_counter
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from connectors.account import read_account
from connectors.account_layout import LAYOUTS

ROWS, RUNS, LIMIT = 50_000, 9, 4.0
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
LAYOUT = next(layout for layout in LAYOUTS if layout.key == "materials")
Value = str | float | date | None


def rows() -> list[list[Value]]:
    """300 materials of 40 suppliers, bought day by day: numbers and dates as such, some cells empty."""
    chance = random.Random(3)
    found: list[list[Value]] = [[column.da for column in LAYOUT.columns]]
    for number in range(ROWS):
        material, day = number % 300, date(2025, 1, 1) + timedelta(days=number % 365)
        row: dict[str, Value] = {
            "name": f"Stålplade {material}", "category": "steel-sheet", "amount": round(chance.uniform(1, 9999), 2),
            "unit": "kg", "pre": material % 3 * 10.0, "post": material % 4 * 12.5, "bio": 0.0, "by_product": "nej",
            "country": "DE", "supplier": f"Leverandør {material % 40}", "supplier_product": f"L-{material}",
            "first": day, "last": day, "number": f"F-{number}", "key": "masse",
        }  # fmt: skip
        found.append([row.get(column.key) for column in LAYOUT.columns])
    return found


def workbook(table: list[list[Value]], *, has_shared_texts: bool) -> bytes:
    """The sheet alone as xlsx."""
    shared: dict[str, int] = {}

    def cell(place: str, value: Value) -> str:
        if isinstance(value, date):
            return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, str) and has_shared_texts:
            return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{place}"><v>{value!r}</v></c>'

    letters = [get_column_letter(number) for number in range(1, len(table[0]) + 1)]
    lines = []
    for number, values in enumerate(table, 1):
        named = zip(letters, values, strict=True)
        cells = "".join(cell(f"{letter}{number}", value) for letter, value in named if value is not None)
        lines.append(f'<row r="{number}" spans="1:{len(letters)}">{cells}</row>')
    dimension = f'<dimension ref="A1:{letters[-1]}{len(table)}"/>'
    data, texts = "".join(lines), "".join(f"<si><t>{escape(one)}</t></si>" for one in shared)
    parts = {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SPACE}">{dimension}<sheetData>{data}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{SPACE}">{texts}</sst>',
        **FRAME,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, DECLARATION + text)
    return out.getvalue()


def _type(part: str, kind: str) -> str:
    return f'<Override PartName="/xl/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'


FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    + '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    + _type("workbook.xml", "spreadsheetml.sheet.main") + _type("styles.xml", "spreadsheetml.styles")
    + _type("worksheets/sheet1.xml", "spreadsheetml.worksheet")
    + _type("sharedStrings.xml", "spreadsheetml.sharedStrings") + "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    + _relation(1, "officeDocument", "xl/workbook.xml") + "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    + _relation(1, "worksheet", "worksheets/sheet1.xml") + _relation(2, "styles", "styles.xml")
    + _relation(3, "sharedStrings", "sharedStrings.xml") + "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{OFFICE}"><sheets>'
    + f'<sheet name="{LAYOUT.da}" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{SPACE}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    + '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    + '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
}  # fmt: skip


def bare(content: bytes) -> None:
    """What python-calamine does by itself."""
    CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def seconds(act: Callable[[bytes], object], content: bytes) -> float:
    """How long one run takes, its result let go of within."""
    start = perf_counter()
    act(content)
    return perf_counter() - start


def measure(name: str, content: bytes) -> float:
    """Print both times of a file; the ratio of medians."""
    table = read_account(content)
    if len(table.bills) != ROWS or table.issues or table.ignored_columns:
        raise SystemExit(f"{name}: {len(table.bills)} bills, {table.issues[:3]}")
    del table
    pairs = [(seconds(bare, content), seconds(read_account, content)) for _ in range(RUNS)]
    bares, ours = [one for one, _ in pairs], [other for _, other in pairs]
    for word, of in (("best", min), ("median", median)):
        times = f"bare {of(bares):.3f} s  read_account {of(ours):.3f} s"
        print(f"{name:>13} {word:>7}  {times}  ratio {of(ours) / of(bares):.2f}")
    return median(ours) / median(bares)


def main() -> int:
    """0 where both files keep within the limit."""
    print(f"{ROWS} rows, {len(LAYOUT.columns)} columns, {RUNS} alternating runs; {os.cpu_count()} CPUs, "
          f"Python {platform.python_version()}")  # fmt: skip
    table = rows()
    ratios = [
        measure(name, workbook(table, has_shared_texts=is_shared))
        for name, is_shared in (("shared texts", True), ("inline texts", False))
    ]
    print(f"limit {LIMIT}: {'kept' if max(ratios) <= LIMIT else 'broken'}")
    return 0 if max(ratios) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
