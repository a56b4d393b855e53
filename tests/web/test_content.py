"""Any field group becomes facts and tables in the reader's words and numbers."""

from __future__ import annotations

import schemas
from exchange.web.content import Content, take_apart
from exchange.web.formats import NO_BREAK
from exchange.web.member_words import MEMBERS
from exchange.web.reader import reader_of
from schemas import SchemaId


def facts(content: Content) -> dict[str, str]:
    return {fact.name.text: fact.value.text.replace(NO_BREAK, "_") for fact in content.facts}


def test_a_quantity_a_period_and_money_read_as_one_value() -> None:
    group = {
        "mass": {"amount": "1234.50", "unit": "KGM"},
        "period": {"start": "2025-01-01", "end": "2026-01-01"},
        "price": {"amount": "99.95", "currency": "DKK"},
    }
    assert facts(take_apart(reader_of("da"), group)) == {
        "Masse": "1.234,50_kg", "Periode": "2025", "Pris": "99,95_DKK",
    }  # fmt: skip


def test_a_nested_member_is_named_by_its_way() -> None:
    group = {"co2e": {"scope1": {"amount": "1", "unit": "KGM"}}}
    assert facts(take_apart(reader_of("en"), group)) == {"CO2 emissions, Scope 1": "1_kg"}


def test_a_list_of_things_becomes_a_table_with_all_their_columns() -> None:
    group = {
        "materials": [
            {"material": "steel", "mass_fraction": "0.97", "recycled_fraction": "0.355"},
            {"material": "zinc", "mass_fraction": "0.03", "cas": "7440-66-6"},
        ]
    }
    (table,) = take_apart(reader_of("en"), group).tables
    assert [column.text for column in table.columns] == [
        "Material",
        "Share of mass",
        "Recycled share",
        "CAS number",
    ]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["steel", "97%", "35.5%", "–"],
        ["zinc", "3%", "–", "7440-66-6"],
    ]


def test_lists_inside_a_list_become_tables_named_by_their_entry() -> None:
    year = {"start": "2025-01-01", "end": "2026-01-01"}
    kwh = {"amount": "30000", "unit": "KWH"}
    steps = [{"kind": "unit", "multiplier": "1000"}, {"kind": "lower_of_upper", "multiplier": "0.9"}]
    group = {
        "lines": [
            {
                "flow": "Gas",
                "bills": [{"period": year, "amount": kwh, "conversions": steps}],
                "measured": "0",
            },
            {"flow": "Straw", "bills": []},
        ]
    }
    outer, bills = take_apart(reader_of("en"), group).tables
    assert [[cell.text for cell in row] for row in outer.rows] == [["Gas", "0"], ["Straw", "–"]]
    assert bills.name.text == "Lines, Gas: Bills"
    assert [column.text for column in bills.columns] == ["Period", "Amount", "Conversions"]
    assert [[cell.text.replace(NO_BREAK, " ") for cell in row] for row in bills.rows] == [
        ["2025", "30,000 kWh", "unit 1,000 and lower of upper heating value 0.9"]
    ]


def test_a_taxonomy_statement_with_criteria_can_be_read() -> None:
    statement = {"activity_code": "CCM 3.9", "substantial_contribution": [{"criterion": "a", "met": True}]}
    outer, criteria = take_apart(reader_of("en"), {"statements": [statement]}).tables
    assert [[cell.text for cell in row] for row in outer.rows] == [["CCM 3.9"]]
    assert criteria.name.text.startswith("Statements, CCM 3.9: ")
    assert [[cell.text for cell in row] for row in criteria.rows] == [["a", "yes"]]


def test_every_member_added_since_the_first_version_has_words() -> None:
    """Of 0.1.0 members without words show their schema name."""
    paths = schemas.field_paths(schemas.latest("product")) - schemas.field_paths(SchemaId("product", "0.1.0"))
    assert {part for path in paths for part in path.split("/")[1:]} - set(MEMBERS) == set()


def test_yes_no_dates_and_lists_are_words() -> None:
    group = {
        "hazardous": True,
        "reusable": False,
        "standards": ["ISO 14067", "EN 15804+A2"],
        "issued": "2026-03-01",
    }
    said = facts(take_apart(reader_of("da"), group))
    assert said["Farligt"] == "ja"
    assert said["Genbrugelig"] == "nej"
    assert said["Standarder"] == "ISO 14067 og EN 15804+A2"
    assert said["issued"] == "1._marts_2026"


def test_a_member_without_danish_words_is_marked_as_english() -> None:
    (fact,) = take_apart(reader_of("da"), {"pfas": "none_intentionally_added"}).facts
    assert (fact.name.text, fact.name.language) == ("pfas", "en")
    assert (fact.value.text, fact.value.language) == ("none intentionally added", "en")


def test_references_for_machines_are_left_out() -> None:
    assert facts(take_apart(reader_of("en"), {"id": "urn:uuid:1", "name": "Steel"})) == {"Name": "Steel"}
