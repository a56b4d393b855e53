"""What a new version no longer says or says otherwise is named; a changed amount of an indicator is neither."""

from __future__ import annotations

from exchange.domain.replacing import Changed, what_changes, what_disappears

AMOUNT = {"own": {"amount": "1", "unit": "KGM"}}
OLD = {
    "id": "urn:uuid:1",
    "identity": {},
    "indicators": {"water": AMOUNT, "co2e": AMOUNT},
    "quality": {"co2e": {}},
    "composition": {},
    "commercial": {},
}


def test_each_indicator_and_group_that_goes_is_named_in_order() -> None:
    new = {"identity": {}, "indicators": {"co2e": AMOUNT}, "composition": {}}
    assert what_disappears(OLD, new) == ("/indicators/water", "/quality", "/commercial")


def test_a_group_of_indicators_that_goes_is_told_indicator_by_indicator() -> None:
    new = {name: value for name, value in OLD.items() if name != "indicators"}
    assert what_disappears(OLD, new) == ("/indicators/water", "/indicators/co2e")


def test_other_amounts_and_more_groups_lose_nothing() -> None:
    other = {"own": {"amount": "2", "unit": "KGM"}}
    new = {**OLD, "indicators": {"water": other, "co2e": other, "waste": AMOUNT}, "packaging": {}}
    assert what_disappears(OLD, new) == ()
    assert what_disappears({}, OLD) == ()


ALUMINIUM = {"material": "aluminium", "mass_fraction": "0.6", "recycled_fraction": "0.94"}
STEEL = {"material": "steel", "mass_fraction": "0.4"}
STATED = {
    "composition": {"materials": [ALUMINIUM, STEEL]},
    "substances": {"pfas": "none_intentionally_added", "svhc": [{"name": "Lead"}]},
    "circularity": {"recyclable": "0.9"},
    "packaging": {"items": [{"level": "sales", "material": "cardboard", "mass": AMOUNT["own"]}]},
    "commercial": {"produced": {"amount": "1", "unit": "C62"}, "value_added": {"amount": "7"}},
}


def test_what_an_owner_states_and_the_new_version_says_otherwise_is_named_with_what_goes() -> None:
    new = {
        "composition": {"materials": [STEEL, {"material": "castings", "mass_fraction": "0.6"}]},
        "substances": {"pfas": "unknown", "svhc": []},
        "circularity": {"recyclable": "0.8"},
        "packaging": {"items": [{**STATED["packaging"]["items"][0], "reusable": True}]},  # type: ignore[index]
        "commercial": {"produced": {"amount": "1", "unit": "C62"}},
    }
    assert what_changes(STATED, new) == (
        Changed("/composition", ("aluminium",)),
        Changed("/substances", ("Lead",)),
        Changed("/circularity", ()),
        Changed("/packaging", ()),
        Changed("/commercial/value_added", ()),
    )


def test_other_figures_another_order_and_more_are_no_change() -> None:
    same = {**STATED, "composition": {"materials": [STEEL, ALUMINIUM]}, "commercial": {
        "produced": {"amount": "2", "unit": "C62"}, "value_added": {"amount": "7"}}}  # fmt: skip
    assert what_changes(STATED, {**same, "indicators": {"water": AMOUNT}, "quality": {}}) == ()
    assert what_changes({"commercial": {}, "indicators": {}}, STATED) == ()
    assert what_changes(STATED, {}) == ()  # gone altogether is a loss
