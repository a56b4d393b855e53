"""Any field group becomes facts and tables in the reader's words and numbers."""

from __future__ import annotations

from exchange.web.content import Content, take_apart
from exchange.web.formats import NO_BREAK
from exchange.web.reader import reader_of


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
