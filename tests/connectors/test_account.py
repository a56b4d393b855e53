"""Filled-in account templates: what a row says, and what is refused with its reason."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from connectors.account import read_account
from connectors.account_layout import LAYOUTS, MAX_COLUMNS, MAX_ROWS, Layout
from exchange.domain.calculation.account import (
    Energy,
    HeatingValue,
    KeyMethod,
    Material,
    SharingRule,
    Waste,
    Water,
)
from exchange.domain.calculation.account_table import AccountTable, FlowEntry
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
ENERGY = "Energibærer;Mængde;Enhed;Første dag;Sidste dag"


def workbook(**sheets: list[list[object]]) -> bytes:
    """An xlsx file with these sheets; an underscore stands for a space."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(name: str, header: str, *rows: str) -> AccountTable:
    """What a workbook with one sheet of text cells says."""
    return read_account(workbook(**{name: [line.split(";") for line in (header, *rows)]}))


def codes(table: AccountTable) -> list[tuple[str, str, str]]:
    """The issues, short."""
    return [(issue.place, issue.column, issue.code) for issue in table.issues]


def test_energy_bill_is_read_with_everything_on_it() -> None:
    header = "Energibærer;Navn;Mængde;Enhed;Brændværdi;Brændværdi på regningen (kWh pr. enhed);Første dag;Sidste dag;"
    header += "Målernummer;Bilagsnummer;Kreditnota;Anslået;Bekræftet;Fordeles efter"
    table = sheet(
        "Energi",
        header,
        "Naturgas;Kedel;1.250,5;Nm3;øvre brændværdi;11,9;01-03-2025;31-03-2025;M7;F-1;nej;ja;ja;masse",
    )
    assert (table.issues, table.ignored_columns) == ((), ())
    (bill,) = table.bills
    assert bill.flow == FlowEntry(
        "Kedel", Energy("natural_gas", "non_renewable"), UnitCode.KILOWATT_HOUR, key=KeyMethod.MASS
    )
    assert bill.amount == Quantity(Decimal("1250.5"), UnitCode.CUBIC_METRE)
    assert (bill.heating_value, bill.calorific_value) == (HeatingValue.UPPER, Decimal("11.9"))
    assert bill.period == MARCH  # the last day is in it
    assert (bill.meter, bill.number, bill.place) == ("M7", "F-1", "Energi, række 2")
    assert (bill.is_credit, bill.is_estimate, bill.is_confirmed) == (False, True, True)


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2025-03-01", "2025-03-31", MARCH),
        (datetime(2025, 3, 1), date(2025, 3, 31), MARCH),
        ("marts 2025", "", MARCH),
        ("March 2025", "", MARCH),
        ("mar. 2025", None, MARCH),
        ("2025-03", "", MARCH),
        ("03/2025", "", MARCH),
        ("2025-03", "2025-04", Period(date(2025, 3, 1), date(2025, 5, 1))),
        ("december 2025", "", Period(date(2025, 12, 1), date(2026, 1, 1))),
        ("2025", "", year(2025)),
        (2025, None, year(2025)),
        (date(1905, 7, 17), None, year(2025)),  # day 2025 after 1899-12-30: a year in a cell of dates
        ("01.03.2025", "31.03.2025", MARCH),
    ],
    ids=repr,
)
def test_days_months_and_years_are_periods(first: object, last: object, period: Period) -> None:
    assert (date(1905, 7, 17) - date(1899, 12, 30)).days == 2025
    table = read_account(workbook(Energi=[ENERGY.split(";"), ["El", 1, "kWh", first, last]]))
    assert table.issues == ()
    assert [bill.period for bill in table.bills] == [period]


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2025-03-01", "", "cell.missing"),  # one day does not say how many
        ("", "2025-03-31", "cell.missing"),
        ("3/4/2025", "5/6/2025", "date.ambiguous"),
        ("2025-04-01", "2025-03-31", "period.order"),
        (date(1925, 3, 1), date(2025, 3, 31), "date.invalid"),
        (2025.1, None, "date.invalid"),  # October may have lost its zero
        ("marts", "", "date.invalid"),
        ("2025-13", "", "date.invalid"),
    ],
    ids=repr,
)
def test_time_that_is_none_or_two_is_refused(first: object, last: object, code: str) -> None:
    table = read_account(workbook(Energi=[ENERGY.split(";"), ["El", 1, "kWh", first, last]]))
    assert table.bills == ()
    assert code in {issue.code for issue in table.issues}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("kWh", UnitCode.KILOWATT_HOUR), ("MWh", UnitCode.MEGAWATT_HOUR), ("mwh", UnitCode.MEGAWATT_HOUR),
        ("GJ", UnitCode.GIGAJOULE), ("GV", UnitCode.GIGAJOULE), ("3B", UnitCode.MEGAJOULE),
        ("Nm3", UnitCode.CUBIC_METRE), ("Nm³", UnitCode.CUBIC_METRE), ("L", UnitCode.LITRE), ("ton", UnitCode.TONNE),
        ("Stk.", UnitCode.PIECE), ("H87", UnitCode.PIECE), ("løbende meter", UnitCode.METRE),
    ],
)  # fmt: skip
def test_unit_is_known_as_people_write_it(text: str, unit: UnitCode) -> None:
    table = sheet("Energi", ENERGY, f"El;1;{text};2025;")
    assert [bill.amount.unit for bill in table.bills] == [unit]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("Sludder;1;kWh;2025;", "Energibærer", "word.unknown"),
        ("El;-1;kWh;2025;", "Mængde", "bill.negative"),
        ("El;;kWh;2025;", "Mængde", "cell.missing"),
        ("El;1.234;kWh;2025;", "Mængde", "number.ambiguous"),
        ("El;#I/T;kWh;2025;", "Mængde", "number.invalid"),
        ("El;1000000000000000;kWh;2025;", "Mængde", "number.range"),
        ("El;1;tønder;2025;", "Enhed", "unit.unknown"),
        ("El;1;mg;2025;", "Enhed", "unit.unknown"),  # a milligram, or a tonne
    ],
)
def test_faulty_row_is_told_with_place_column_and_code(row: str, column: str, code: str) -> None:
    table = sheet("Energi", ENERGY, row)
    assert (codes(table), table.bills) == ([("Energi, række 2", column, code)], ())


def test_every_fault_of_a_row_is_told_and_the_other_rows_are_read() -> None:
    table = sheet("Energy", "Carrier;Amount;Unit;First day", "Coal;many;barrels;2025", "Coal;0;t;2025")
    assert codes(table) == [
        ("Energy, row 2", "Amount", "number.invalid"),
        ("Energy, row 2", "Unit", "unit.unknown"),
    ]
    assert [(bill.amount, bill.flow.name) for bill in table.bills] == [
        (Quantity(Decimal(0), UnitCode.TONNE), "Coal")
    ]


@pytest.mark.parametrize("amount", ["250", "-250"])
def test_credit_note_is_an_absolute_amount(amount: str) -> None:
    table = sheet("Energi", ENERGY + ";Kreditnota", f"El;{amount};kWh;2025;;ja")
    (bill,) = table.bills
    assert (bill.amount.amount, bill.is_credit) == (Decimal(250), True)


def test_numbers_are_read_by_what_their_column_proves() -> None:
    table = sheet("Energi", ENERGY, "El;1.234;kWh;2025;", "El;7,5;kWh;2025;", "El;1 234,5;kWh;2025;")
    assert [bill.amount.amount for bill in table.bills] == [Decimal(1234), Decimal("7.5"), Decimal("1234.5")]


def test_water_has_its_unit_in_the_header_or_in_a_column() -> None:
    table = sheet("Vand", "Vandkilde;Vandmængde (m3);Første dag", "Egen boring;12;2025", ";3;2025")
    first, second = table.bills
    assert first.flow == FlowEntry("Egen boring (grundvand)", Water("groundwater"), UnitCode.CUBIC_METRE)
    assert second.flow.detail == Water("public_supply")
    assert first.amount == Quantity(Decimal(12), UnitCode.CUBIC_METRE)
    litres = sheet("Water", "Water source;Amount (l);First day", "Rainwater;500;2025")
    assert litres.bills[0].amount == Quantity(Decimal(500), UnitCode.LITRE)
    column = sheet("Water", "Amount;Unit;First day", "500;l;2025", "5;kg;2025")
    assert [bill.amount.unit for bill in column.bills] == [UnitCode.LITRE]
    assert codes(column) == [("Water, row 3", "Unit", "unit.dimension")]
    both = sheet("Water", "Amount (m3);Unit;First day", "500;l;2025", "5;;2025")
    assert codes(both) == [("Water, row 2", "Unit", "unit.disagrees")]
    assert [bill.amount.unit for bill in both.bills] == [UnitCode.CUBIC_METRE]


MATERIAL = (
    "Materiale;Kategori;Mængde;Enhed;Kg pr. enhed;Genanvendt før forbrug (%);Genanvendt efter forbrug (%)"
)
MATERIAL += ";Biobaseret (%);Købt som biprodukt;Oprindelsesland;Leverandør;Leverandørens varenummer"
MATERIAL += ";Første dag;Fordeles efter"


def test_material_is_read_with_shares_and_origin() -> None:
    table = sheet(
        "Materialer", MATERIAL, "Stålplade;steel-sheet;1,5;t;;12,5;30 %;0;nej;Tyskland;Stål A/S;S-9;2025;stk."
    )
    (bill,) = table.bills
    assert bill.flow == FlowEntry(
        "Stålplade",
        Material(None, Decimal("0.125"), Decimal("0.3"), Decimal(0), False, "", "DE", "Stål A/S"),
        UnitCode.KILOGRAM,  # any mass is accounted in kg
        "steel-sheet",
        "S-9",
        KeyMethod.PIECES,
    )
    assert bill.amount == Quantity(Decimal("1.5"), UnitCode.TONNE)


def test_material_counted_in_pieces_keeps_its_unit_and_mass() -> None:
    table = sheet(
        "Emballage",
        "Emballage;Emballageniveau;Mængde;Enhed;Kg pr. enhed;Første dag",
        "Palle;transport;40;stk.;22;2025",
    )
    (bill,) = table.bills
    assert (bill.flow.unit, bill.flow.detail) == (UnitCode.PIECE, Material(Decimal(22), level="transport"))


@pytest.mark.parametrize(
    ("cell", "share"),
    [
        ("30", "0.3"),
        (30, "0.3"),
        ("30 %", "0.3"),
        ("0,3 %", "0.003"),
        (0, "0"),
        ("0", "0"),
        (100, "1"),
        (1.5, "0.015"),
    ],
    ids=repr,
)
def test_percentage_is_a_part_of_one(cell: object, share: str) -> None:
    rows = [["Material", "Amount", "Unit", "Bio-based (%)", "First day"], ["Board", 1, "kg", cell, 2025]]
    (bill,) = read_account(workbook(Materials=rows)).bills
    assert bill.flow.detail == Material(bio_based=Decimal(share))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (0.3, "share.unclear"),
        ("0,3", "share.unclear"),
        (1, "share.unclear"),
        (101, "share.range"),
        (-1, "share.range"),
    ],
)
def test_percentage_that_may_be_a_part_of_one_is_asked_about(cell: object, code: str) -> None:
    rows = [["Material", "Amount", "Unit", "Bio-based (%)", "First day"], ["Board", 1, "kg", cell, 2025]]
    table = read_account(workbook(Materials=rows))
    assert codes(table) == [("Materials, row 2", "Bio-based (%)", code)]


def test_shares_of_a_material_are_together_at_most_the_whole() -> None:
    row = "Plast;;1;kg;;40;40;{};nej;;;;2025;"
    assert sheet("Materialer", MATERIAL, row.format(20)).issues == ()
    assert codes(sheet("Materialer", MATERIAL, row.format(21))) == [
        ("Materialer, række 2", "Genanvendt efter forbrug (%)", "material.shares")
    ]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("A;Steel sheet;1;kg;;;;;;;;;2025;", "Kategori", "category.invalid"),
        ("A;;1;t;900;;;;;;;;2025;", "Kg pr. enhed", "material.mass"),
        ("A;;1;stk.;-2;;;;;;;;2025;", "Kg pr. enhed", "number.negative"),
        ("A;;1;kg;;;;;måske;;;;2025;", "Købt som biprodukt", "flag.unknown"),
        ("A;;1;kg;;;;;;Atlantis;;;2025;", "Oprindelsesland", "country.unknown"),
        ("A" * 201 + ";;1;kg;;;;;;;;;2025;", "Materiale", "text.too_long"),
    ],
)
def test_faulty_material_is_told(row: str, column: str, code: str) -> None:
    assert codes(sheet("Materialer", MATERIAL, row)) == [("Materialer, række 2", column, code)]


WASTE = "EAK-kode;Behandling;Mængde;Enhed;R/D-kode;Farligt affald;Første dag"


@pytest.mark.parametrize(
    "code",
    ["120101", "12 01 01", "12.01.01", "120101*", "EAK 120101", "EAK-kode: 12 01 01", 120101],
    ids=repr,
)
def test_waste_code_is_known_however_it_is_set(code: object) -> None:
    table = read_account(
        workbook(Affald=[WASTE.split(";"), [code, "Genanvendelse", 2, "t", "r 4", "nej", 2025]])
    )
    (bill,) = table.bills
    assert bill.flow == FlowEntry("EAK 12 01 01", Waste("120101", "recycling", "R4"), UnitCode.KILOGRAM)
    assert bill.amount == Quantity(Decimal(2), UnitCode.TONNE)


def test_waste_code_that_lost_its_zero_as_a_number_is_found() -> None:
    table = read_account(
        workbook(Waste=[["EWC code", "Treatment", "Amount (kg)", "First day"], [20304, "Landfill", 5, 2025]])
    )
    assert [bill.flow.detail for bill in table.bills] == [Waste("020304", "landfill")]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (["120199*9", "Deponi", 1, "kg"], "EAK-kode", "waste.code"),
        (["999999", "Deponi", 1, "kg"], "EAK-kode", "waste.code"),
        ([date(2001, 1, 12), "Deponi", 1, "kg"], "EAK-kode", "waste.code"),  # 12.01.01 as Excel takes it
        (["120101", "Deponi", 1, "kg", "", "ja"], "Farligt affald", "waste.hazard"),
        (["130205", "Deponi", 1, "kg", "", "nej"], "Farligt affald", "waste.hazard"),
        (["120101", "Deponi", 1, "kg", "R14", ""], "R/D-kode", "waste.operation"),
        (["120101", "Deponi", 1, "m3"], "Enhed", "unit.dimension"),
    ],
)
def test_faulty_waste_is_told(row: list[object], column: str, code: str) -> None:
    cells = [*row, *[""] * (6 - len(row)), 2025]
    table = read_account(workbook(Affald=[WASTE.split(";"), cells]))
    assert codes(table) == [("Affald, række 2", column, code)]


def test_unit_of_waste_is_looked_at_in_every_row_of_one_flow() -> None:
    table = sheet("Affald", WASTE, "120101;Deponi;1;kg;;;2025", "120101;Deponi;1;m3;;;2025")
    assert codes(table) == [("Affald, række 3", "Enhed", "unit.dimension")]


def test_production_and_by_products_are_read() -> None:
    book = workbook(
        Produktion=[
            ["Produktnummer", "Produktnavn", "Enhed", "Kg pr. enhed", "Produceret mængde", "Maskintimer",
             "Omsætning (DKK)", "Første dag"],
            [4711, "Pumpehus", "stk.", 2.5, 1000, 12, 250000, 2025],
        ],
        Biprodukter=[
            ["Produktnummer", "Enhed", "Mængde", "Opstår ved produktnummer", "Fordelingsregel", "Andel (%)",
             "EAK-kode", "Vilkår", "Bearbejdet før salg", "Omsætning (DKK)", "Første dag"],
            ["SP", "kg", 80, 4711, "opdeling", 5, "120101", "gives væk", "ja", 0, 2025],
            ["SQ", "kg", 80, 4711, "økonomisk", None, None, None, None, 900, 2025],
            ["SR", "kg", 80, 4711, "opdeling", None, None, None, None, 900, 2025],
        ],
    )  # fmt: skip
    table = read_account(book)
    (output,) = table.outputs
    assert (output.product_number, output.name, output.mass) == ("4711", "Pumpehus", Decimal("2.5"))
    assert output.amount == Quantity(Decimal(1000), UnitCode.PIECE)
    assert (output.machine_hours, output.revenue, output.period) == (Decimal(12), Decimal(250000), year(2025))
    given_away, sold = table.by_products
    assert (given_away.process_number, given_away.rule, given_away.share) == (
        "4711",
        SharingRule.SUBDIVISION,
        Decimal("0.05"),
    )
    assert (given_away.waste_code, given_away.terms, given_away.processed_before_sale) == (
        "120101",
        "gives",
        True,
    )
    assert (sold.rule, sold.share, sold.terms, sold.output.revenue) == (
        SharingRule.ECONOMIC,
        None,
        "sells",
        Decimal(900),
    )
    assert codes(table) == [("Biprodukter, række 4", "Andel (%)", "by_product.share")]


METERS = "Hvad;Navn;Produktnummer;Mængde;Enhed;Målerstand ved start;Målerstand ved slut;Første dag"


@pytest.mark.parametrize(
    ("cells", "amount"), [("12;kWh;;", 12), (";kWh;100;350", 250), ("250;kWh;100;350", 250), ("0;kWh;;", 0)]
)
def test_meter_gives_its_amount_or_what_it_ran(cells: str, amount: int) -> None:
    table = sheet("Bimålere", METERS, f"El;;4711;{cells};2025")
    (reading,) = table.readings
    assert (reading.product_number, reading.amount) == (
        "4711",
        Quantity(Decimal(amount), UnitCode.KILOWATT_HOUR),
    )
    assert reading.flow == FlowEntry("El fra nettet", Energy("electricity_grid"), UnitCode.KILOWATT_HOUR)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("El;;4711;;kWh;350;100", "Målerstand ved slut", "meter.backwards"),
        ("El;;4711;200;kWh;100;350", "Mængde", "meter.disagrees"),
        ("El;;4711;;kWh;100;", "Målerstand ved slut", "cell.missing"),
        ("El;;4711;;kWh;;", "Mængde", "cell.missing"),
        ("El;;4711;-1;kWh;;", "Mængde", "quantity.negative"),
        ("Materiale;Guld;4711;1;kg;;", "Navn", "flow.unknown"),
    ],
)
def test_faulty_reading_is_told(cells: str, column: str, code: str) -> None:
    assert codes(sheet("Bimålere", METERS, f"{cells};2025")) == [("Bimålere, række 2", column, code)]


def test_readings_and_shares_are_of_the_flows_of_the_file() -> None:
    """Meters stand before the sheets they are about: the order of sheets means nothing."""
    table = read_account(
        workbook(
            Meters=[
                ["What", "Name", "Product number", "Amount", "Unit", "First day", "Delivery"],
                ["Material", "Steel", "P1", 5, "kg", 2025, "D-1"],
                ["Waste", "12 01 01", "P1", 5, "kg", 2025],
                ["Electricity", "Hall 2", "P1", 5, "kWh", 2025],
                ["Electricity", None, "P1", 5, "kWh", 2025],
            ],
            Shares=[["What", "Name", "Product number", "Share (%)"], ["District heat", None, "P1", 40]],
            Energy=[
                ["Carrier", "Name", "Amount", "Unit", "First day"],
                ["Electricity", "Hall 1", 9, "kWh", 2025],
                ["Electricity", "Hall 2", 9, "kWh", 2025],
            ],
            Materials=[
                ["Material", "Amount", "Unit", "Supplier", "First day"],
                ["Steel", 9, "t", "Mill", 2025],
            ],
            Waste=[
                ["EWC code", "Treatment", "Amount", "Unit", "First day"],
                ["120101", "Recycling", 1, "t", 2025],
            ],
        )
    )
    steel, waste, hall = table.readings
    assert (steel.flow.detail, steel.delivery) == (Material(supplier="Mill"), "D-1")
    assert waste.flow.detail == Waste("120101", "recycling")
    assert hall.flow.name == "Hall 2"
    assert codes(table) == [("Meters, row 5", "Name", "flow.ambiguous")]
    (share,) = table.shares
    assert (share.flow.detail, share.share) == (Energy("district_heat"), Decimal("0.4"))


def test_years_of_the_company_are_read_and_an_empty_one_says_nothing() -> None:
    header = "År;Værditilvækst (DKK);Er det bruttofortjeneste?;Omsætning (DKK);Antal ansatte"
    table = sheet("Virksomhed", header, "2024;-1.234.567;ja;9.000.000;12,5", "2025;;;;", "tolv;1;;;")
    (company,) = table.years
    assert (company.year, company.value_added, company.is_proxy) == (2024, Decimal(-1234567), True)
    assert (company.turnover, company.employees) == (Decimal(9000000), Decimal("12.5"))
    assert codes(table) == [("Virksomhed, række 4", "År", "year.invalid")]


def test_limits_are_those_of_the_template() -> None:
    assert MAX_ROWS * MAX_COLUMNS < 20_000 * 200  # no more memory than the table of deliveries may take


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_raise(content: bytes) -> None:
    assert read_account(content).issues


CELLS = st.one_of(
    st.text("aA1,.%-/ €\u00a0", max_size=8),
    st.sampled_from(["2025", "kg", "El", "Total", "ja", "120101", "1.234", "(kg)"]),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.none(),
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LAYOUTS), st.data())
def test_no_cells_at_all_raise(layout: Layout, data: st.DataObject) -> None:
    rows = st.lists(st.lists(CELLS, max_size=len(layout.columns)), max_size=3)
    table = read_account(
        workbook(**{layout.da: [[column.da for column in layout.columns], *data.draw(rows)]})
    )
    assert all(issue.place.startswith(layout.da) for issue in table.issues)
