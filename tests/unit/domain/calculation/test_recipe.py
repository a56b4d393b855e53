"""Recipe, composition, packaging and by-products of a dataset."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange.domain.calculation.account import CoProduct, Energy, Flow, Material, SharingRule
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.calculation.recipe import (
    byproducts_group,
    composition_group,
    packaging_group,
    process_group,
    recipe_lines,
)
from exchange.domain.factors import FactorBook
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    KWH,
    PIECE,
    account,
    bill,
    output,
    own_factor,
    product,
    reading,
    worked,
)
from tests.unit.worked_companies import BRACKET, CHEESE, CRATE, WHEY, dairy, machine_shop, moulder

STEEL_MAKER = "00000000-0000-4000-8000-0000000000d1"


def quantity(amount: str, unit: str) -> dict[str, str]:
    """A quantity as the wire writes it."""
    return {"amount": amount, "unit": unit}


def material(id: str, detail: Material, **named: str) -> Flow:
    """A flow of material, by mass."""
    return Flow(id, id.capitalize(), detail, KG, "key", named.get("category", ""), named.get("product", ""))


def test_a_linked_line_says_amount_mass_origin_and_what_it_explains() -> None:
    """a: 100 read of 400, 225 spread: 325 kg over 300 kg = 1.08333; measured 100 / 325."""
    steel = material("f", Material(country="SE"), category="steel-bar", product=STEEL_MAKER)
    site = account((bill("400", unit=KG),), flows=(steel,), readings=(reading("a", "100", unit=KG),))
    assert recipe_lines(worked(site).lines("a")) == [
        {
            "line": "1",
            "name": "F",
            "product": f"urn:uuid:{STEEL_MAKER}",
            "category": "steel-bar",
            "amount": quantity("1.08333", "KGM"),
            "mass": quantity("1.08333", "KGM"),
            "origin": "SE",
            "measured_share": "0.307692",
            "explains": {"resources": quantity("1.08333", "KGM")},
        }
    ]


def test_heat_explains_energy_and_scope_2_and_turnings_are_no_input() -> None:
    (heat, steel) = recipe_lines(calculate(machine_shop(), BOOK).lines(BRACKET))
    assert (heat["line"], heat["category"], steel["line"]) == ("1", "district-heat", "2")
    assert heat["explains"] == {"co2e": quantity("0.128323212", "KGM"), "energy": quantity("5.261544", "3B")}
    assert "mass" not in heat
    assert steel["mass"] == quantity("2.19692", "KGM")


def fuel_line(carrier: str, book: FactorBook = BOOK) -> dict[str, Any]:
    """The recipe line of an energy flow."""
    supply = Flow("f", "Supply", Energy(carrier), KWH, "key", "fuel")
    (line,) = recipe_lines(worked(account((bill("400"),), flows=(supply,)), book).lines("a"))
    return line


def test_a_fuel_explains_nothing_of_what_its_burning_is() -> None:
    """Netted against its supplier's figure, 1 kWh of oil would take the 0.26676 kg of its own smoke with it."""
    assert "explains" not in fuel_line("gas_diesel_oil")


def test_a_contract_is_explained_in_its_own_column() -> None:
    contract = FactorBook((own_factor("co2e_market.electricity_grid", "0.02"),))
    line = fuel_line("electricity_grid", contract)
    assert line["explains_scope2_market"] == quantity("0.02", "KGM")
    assert line["explains"]["co2e"] == quantity("0.135", "KGM")
    assert "explains_scope2_market" not in fuel_line("electricity_grid")


def test_the_dairys_process_and_its_whey() -> None:
    calculation = calculate(dairy(), BOOK)
    group = process_group(calculation.account, CHEESE, calculation.lines(CHEESE))
    assert [line["name"] for line in group["inputs"]] == ["Milk"]
    assert group["inputs"][0]["measured_share"] == "0"
    assert group["co_products"] == [
        {"product": f"urn:uuid:{WHEY}", "share": "0.0476", "rule": "economic", "divided": True}
    ]
    assert "co_products" not in process_group(calculation.account, WHEY, calculation.lines(WHEY))


def test_by_products_are_given_per_unit_of_what_they_come_out_of() -> None:
    """3 200 000 / 400 000 = 8 kg of whey with each kg of cheese."""
    site = dairy()
    (whey,) = byproducts_group(site, CHEESE, {WHEY: "Whey"})["outputs"]
    assert whey["amount"] == quantity("8", "KGM")
    assert (whey["material"], whey["status"], whey["waste_code"], whey["terms"]) == (
        "Whey", "by_product", "020501", "sells",
    )  # fmt: skip
    assert byproducts_group(site, WHEY, {WHEY: "Whey"}) == {}


def test_a_process_that_made_nothing_gives_nothing_per_unit() -> None:
    relation = CoProduct("w", "a", SharingRule.SUBDIVISION, Decimal("0.1"))
    site = account(
        (bill("1"),), (output("a", "0"), output("w", "7")), products=(product("a"), product("w")),
        co_products=(relation,),
    )  # fmt: skip
    assert byproducts_group(site, "a", {"w": "W"}) == {}


def test_composition_is_by_mass_and_says_what_was_recycled() -> None:
    """0.928065 and 0.626129 of 1.554194 kg: 0.597136 and 0.402864."""
    found = composition_group(calculate(moulder(), BOOK).lines(CRATE))["materials"]
    assert found == [
        {
            "material": "Polypropylene", "mass_fraction": "0.597136", "recycled_fraction": "0",
            "bio_based_fraction": "0",
        },
        {
            "material": "Recycled polypropylene", "mass_fraction": "0.402864", "recycled_fraction": "1",
            "bio_based_fraction": "0",
        },
    ]  # fmt: skip


def packed() -> Calculation:
    """Steel, and boxes of 0.25 kg as transport packaging."""
    boxes = Flow(
        "g", "Boxes",
        Material(Decimal("0.25"), pre_consumer=Decimal("0.1"), post_consumer=Decimal("0.6"), level="transport"),
        PIECE, "key",
    )  # fmt: skip
    return worked(
        account(
            (bill("400", unit=KG), bill("80", unit=PIECE, id="2", of="g")),
            flows=(material("f", Material()), boxes),
        )
    )


def test_packaging_has_its_level_and_is_no_part_of_the_composition() -> None:
    """80 x 3/4 / 300 = 0.2 boxes of 0.25 kg for a kg of a: 0.05 kg."""
    lines = packed().lines("a")
    assert packaging_group(lines) == {
        "items": [
            {
                "level": "transport", "material": "Boxes", "mass": quantity("0.05", "KGM"),
                "recycled_fraction": "0.7",
            }
        ]
    }  # fmt: skip
    assert [one["material"] for one in composition_group(lines)["materials"]] == ["F"]


def test_nothing_known_is_no_group() -> None:
    lines = worked(account((bill("400"),))).lines("a")
    assert (composition_group(lines), packaging_group(lines)) == ({}, {})
    assert process_group(account((bill("400"),)), "a", lines) == {}


def test_material_without_a_mass_is_in_the_recipe_and_in_no_fraction() -> None:
    parts = Flow("f", "Motors", Material(), PIECE, "key", "motor")
    lines = worked(account((bill("400", unit=PIECE),), flows=(parts,))).lines("a")
    (line,) = recipe_lines(lines)
    assert "mass" not in line and "explains" not in line
    assert composition_group(lines) == {}
