"""The account template: what is in it, and that it reads back the same in both languages and both formats."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from connectors.account import read_account
from connectors.account_layout import LAYOUTS, MAX_COLUMNS, Column, Kind, Layout
from connectors.account_template import write_csv_template, write_template
from connectors.account_words import CARRIERS
from connectors.vocabulary import FLAGS, UNITS, Language
from exchange.domain.calculation.account_table import AccountTable
from exchange.domain.quantities import UnitCode

Rows = Mapping[str, Sequence[Mapping[str, object]]]
LANGUAGES: tuple[Language, ...] = ("da", "en")
DAYS = {"first": date(2025, 1, 1), "last": date(2025, 12, 31)}
EVERYTHING: Rows = {
    "energy": [
        {"carrier": "natural_gas", "name": "Boiler", "amount": Decimal("1250.50"), "unit": "MTQ", "heating": "upper",
         "calorific": Decimal("11.95"), **DAYS, "meter": "M7", "number": "F-1", "credit": False, "estimated": True,
         "confirmed": True, "key": "machine_hours"},
        {"carrier": "electricity_grid", "name": "Hall", "amount": Decimal("31.25"), "unit": "MWH", **DAYS,
         "credit": True},
    ],
    "water": [{"source": "groundwater", "name": "Well", "amount": Decimal("99.75"), **DAYS, "key": "mass"}],
    "materials": [
        {"name": "Steel", "category": "steel-sheet", "amount": Decimal("12.50"), "unit": "TNE", "pre": Decimal("12.50"),
         "post": Decimal("37.50"), "bio": Decimal("0.00"), "by_product": False, "country": "DE", "supplier": "Mill",
         "supplier_product": "S-1", **DAYS, "key": "economic"},
    ],
    "packaging": [
        {"name": "Pallet", "level": "transport", "amount": Decimal("40.00"), "unit": "H87", "mass": Decimal("22.25"),
         "bio": Decimal("100.00"), **DAYS, "key": "pieces"},
    ],
    "waste": [
        {"code": "130205", "name": "Oil", "treatment": "incineration_energy", "amount": Decimal("0.25"), "unit": "TNE",
         "operation": "R1", "hazardous": True, **DAYS, "key": "metered"},
    ],
    "production": [
        {"product": "4711", "name": "Housing", "category": "pump", "unit": "H87", "mass": Decimal("2.50"),
         "amount": Decimal("1000.00"), "hours": Decimal("12.25"), "revenue": Decimal("250000.00"), **DAYS},
    ],
    "by_products": [
        {"product": "S1", "name": "Turnings", "unit": "KGM", "amount": Decimal("80.50"), "process": "4711",
         "rule": "subdivision", "share": Decimal("5.50"), "code": "120101", "terms": "gives", "processed": True,
         "revenue": Decimal("0.00"), **DAYS},
    ],
    "meters": [
        {"subject": "electricity_grid", "name": "Hall", "product": "4711", "unit": "MWH", "start": Decimal("100.25"),
         "end": Decimal("112.50"), **DAYS, "delivery": "D-1"},
        {"subject": "waste", "name": "13 02 05", "product": "4711", "unit": "KGM", "amount": Decimal("2.50"), **DAYS},
    ],
    "shares": [{"subject": "packaging", "name": "Pallet", "product": "4711", "share": Decimal("62.50")}],
    "company": [
        {"year": 2025, "value_added": Decimal("-1234567.50"), "is_proxy": True, "turnover": Decimal("9000000.00"),
         "employees": Decimal("12.50")},
    ],
}  # fmt: skip


def shown(column: Column, value: object, language: Language) -> object:
    """A value as somebody fills it in with the template's own words."""
    if column.kind is Kind.FLAG:
        return FLAGS.label("yes" if value else "no", language)
    if column.kind is Kind.UNIT:
        return UNITS.label(UnitCode(str(value)), language)
    return column.vocabulary.label(str(value), language) if column.vocabulary is not None else value


def cells(layout: Layout, row: Mapping[str, object], language: Language) -> dict[str, object]:
    """A row by header."""
    columns = {column.key: column for column in layout.columns}
    return {columns[key].header(language): shown(columns[key], value, language) for key, value in row.items()}


def filled(language: Language, rows: Rows) -> bytes:
    """The workbook template with these rows in it."""
    book = load_workbook(io.BytesIO(write_template(language)))
    for layout in LAYOUTS:
        sheet = book[layout.name(language)]
        places = {cell.value: cell.column for cell in sheet[1]}
        for number, row in enumerate(rows.get(layout.key, ()), 2):
            for header, value in cells(layout, row, language).items():
                sheet.cell(number, places[header], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled_csv(language: Language, rows: Rows) -> bytes:
    """The text template with these rows, numbers and dates as the language writes them."""
    template = write_csv_template(language).decode("utf-8-sig")
    header = template.strip().split(";")
    out = io.StringIO(template, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.DictWriter(out, header, delimiter=";", restval="")
    for layout in LAYOUTS:
        for row in rows.get(layout.key, ()):
            texts = {name: written(value, language) for name, value in cells(layout, row, language).items()}
            writer.writerow({header[0]: layout.name(language), **texts})
    return out.getvalue().encode("utf-8-sig")


def written(value: object, language: Language) -> str:
    """A value as a person in the language writes it."""
    if isinstance(value, Decimal):
        text = f"{value:,.2f}"
        return text.translate(str.maketrans(",.", ".,")) if language == "da" else text
    if isinstance(value, date):
        return value.strftime("%d-%m-%Y" if language == "da" else "%Y-%m-%d")
    return str(value)


def without_places(table: AccountTable) -> dict[str, Any]:
    """Everything but where it stood, which differs by language and format."""
    strip = {
        name: tuple(replace(entry, place="") for entry in getattr(table, name))
        for name in ("bills", "readings", "outputs", "shares", "years", "issues")
    }
    by_products = tuple(replace(one, output=replace(one.output, place="")) for one in table.by_products)
    return {**strip, "by_products": by_products, "ignored": table.ignored_columns}


def test_everything_reads_back_the_same_in_both_languages_and_formats() -> None:
    first = read_account(filled("da", EVERYTHING))
    assert (first.issues, first.ignored_columns) == ((), ())
    assert [len(part) for part in (first.bills, first.readings, first.outputs, first.by_products)] == [
        6,
        2,
        1,
        1,
    ]
    assert [len(part) for part in (first.shares, first.years)] == [1, 1]
    assert first.readings[0].amount.amount == Decimal("12.25")  # 112.50 - 100.25
    assert first.readings[1].flow is first.bills[5].flow
    for other in (filled("en", EVERYTHING), filled_csv("da", EVERYTHING), filled_csv("en", EVERYTHING)):
        assert without_places(read_account(other)) == without_places(first)


ENERGY_ROWS = st.fixed_dictionaries(
    {
        "carrier": st.sampled_from([word.code for word in CARRIERS.words]),
        "name": st.sampled_from(["A", "B"]),
        "amount": st.decimals(0, 10**9, places=2),
        "unit": st.sampled_from(
            [UNITS.find(unit) for unit in ("kWh", "MWh", "GJ", "MJ", "Nm3", "l", "kg", "t")]
        ),
        "first": st.dates(date(2020, 1, 1), date(2025, 6, 30)),
        "last": st.dates(date(2025, 7, 1), date(2030, 1, 1)),
    }
)


@settings(max_examples=12, deadline=None)
@given(st.lists(ENERGY_ROWS, min_size=1, max_size=4))
def test_whatever_is_filled_in_reads_back_the_same(rows: list[dict[str, object]]) -> None:
    first = read_account(filled("da", {"energy": rows}))
    assert (first.issues, len(first.bills)) == ((), len(rows))
    assert [bill.amount.amount for bill in first.bills] == [row["amount"] for row in rows]
    for other in (filled_csv("da", {"energy": rows}), filled_csv("en", {"energy": rows})):
        assert without_places(read_account(other)) == without_places(first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_template_says_nothing_and_nothing_is_wrong_with_it(language: Language) -> None:
    assert read_account(write_template(language, year=2025)) == AccountTable()


@pytest.mark.parametrize("language", LANGUAGES)
def test_products_and_year_are_filled_in(language: Language) -> None:
    content = write_template(language, products=[("4711", "=1+1", "H87"), ("4712", "A\nB", "KGM")], year=2025)
    table = read_account(content)
    assert [issue.code for issue in table.issues] == ["cell.missing", "cell.missing"]  # the amounts
    book = load_workbook(io.BytesIO(content))
    layout = next(one for one in LAYOUTS if one.key == "production")
    sheet = book[layout.name(language)]
    place = [cell.value for cell in sheet[1]].index(
        next(c for c in layout.columns if c.key == "amount").header(language)
    ) + 1
    sheet.cell(2, place, 5)
    sheet.cell(3, place, 7)
    out = io.BytesIO()
    book.save(out)
    one, other = read_account(out.getvalue()).outputs
    assert (one.name, other.name) == ("=1+1", "A B")  # text, no formula, on one line
    assert (one.period.start, one.period.end) == (date(2025, 1, 1), date(2026, 1, 1))
    assert (one.amount.unit, other.amount.unit) == (UnitCode.PIECE, UnitCode.KILOGRAM)


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_helps_while_one_fills_it_in(language: Language) -> None:
    book = load_workbook(io.BytesIO(write_template(language)))
    names = [layout.name(language) for layout in LAYOUTS]
    guide, lists = ("Vejledning", "Lister") if language == "da" else ("Guide", "Lists")
    assert book.sheetnames == [guide, *names, lists]
    assert [sheet.title for sheet in book if sheet.sheet_state == "hidden"] == [lists]
    for layout in LAYOUTS:
        sheet = book[layout.name(language)]
        assert (sheet.freeze_panes, sheet.max_row) == ("A2", 1)  # no example where it would be read
        assert all(sheet.column_dimensions[cell.column_letter].width >= 14 for cell in sheet[1])
    energy = book[names[0]]
    by_column = {str(rule.sqref).split("2:")[0]: rule for rule in energy.data_validations.dataValidation}
    headers = {cell.value: cell.column_letter for cell in energy[1]}
    offered = [
        by_column[headers[name]].formula1.partition("!")[2]
        for name in (energy["A1"].value, energy["D1"].value)
    ]
    shown_words = [[cell.value for row in book[lists][where] for cell in row] for where in offered]
    assert shown_words[0] == CARRIERS.labels(language)
    assert shown_words[1] == ["kWh", "MWh", "GJ", "MJ", "Nm3", "m3", "l", "kg", "t"]
    assert (
        energy.column_dimensions[headers["Første dag" if language == "da" else "First day"]].number_format
        == "yyyy-mm-dd"
    )


def test_text_template_names_its_columns_once_and_fits_the_reader() -> None:
    header = write_csv_template("da").decode("utf-8-sig").strip().split(";")
    assert header[:4] == ["Ark", "Energibærer", "Navn", "Mængde"]
    assert len(header) == len(set(header)) <= MAX_COLUMNS
    assert write_csv_template("en").startswith(b"\xef\xbb\xbfSheet;Carrier;")


def test_every_word_of_a_drop_down_is_understood() -> None:
    """No word of one code is taken for another in its column, in either language."""
    for layout in LAYOUTS:
        for column in layout.columns:
            for word in column.vocabulary.words if column.vocabulary is not None else ():
                assert column.vocabulary is not None
                assert {
                    column.vocabulary.find(name) for name in (word.code, word.da, word.en, *word.also)
                } == {word.code}
            assert None not in {UNITS.find(unit) for unit in column.units}
    assert {UNITS.find(unit) for unit in UnitCode} == set(UnitCode)
