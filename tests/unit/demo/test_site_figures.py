"""The story's tables worked out by the calculator: one product by hand, and the rules for meters, keys, by-products."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.demo.calculating import stated_shares
from exchange.demo.delivery_dataset import delivery_calculation
from exchange.demo.site_table import account_table
from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.metalworks import BRINKMOSE, LYNGVASE
from exchange.demo.story.model import YEARS, Site
from exchange.demo.story.other_sites import ELLERSLUND, VINDELBO
from exchange.demo.story.supplier_plans import COMPANY_YEARS
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.figures import Line
from exchange.domain.calculation.quality import shares_of
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.own_factors import own_factor
from tests.unit.demo.story_accounts import PRODUCT, calculated, registry, site_account

CALCULATING = tuple(site for site in SITES if site.bills)


def _line(lines: tuple[Line, ...], flow: str) -> Line:
    return next(line for line in lines if line.flow.name == flow)


def test_bearing_housing_of_2025_worked_out_by_hand() -> None:
    calculation, housing = calculated(LYNGVASE, 2025), PRODUCT["bearing-housing"].number
    # Electricity: 1 238 000 kWh less 726 000 and 316 000 on meters leaves 196 000, spread over 17 100 machine
    # hours of which milling has 6 650: 316 000 + 76 222.2 = 392 222.2 kWh for 75 000 housings: 5.22963 kWh.
    # Heat: 403 000 kWh x 6 650 / 17 100 / 75 000 = 2.08963 kWh.
    energy = (Decimal("5.22963") + Decimal("2.08963")) * Decimal("3.6")
    assert calculation.own(housing, HEADLINE[Indicator.ENERGY]) == energy
    # 5.22963 x 0.135 kg/kWh + 2.08963 x 0.0878 kg/kWh
    co2e = Decimal("0.70600005") + Decimal("0.183469514")
    assert calculation.own(housing, HEADLINE[Indicator.CO2E]) == co2e
    # 142 500 kg of castings / 75 000, and 20 500 kg of coolant x 6 650 / 17 100 / 75 000
    assert calculation.own(housing, (Column.RESOURCES,)) == Decimal("1.9") + Decimal("0.106296")
    # 772 m3 x 6 650 / 17 100 / 75 000
    assert calculation.own(housing, (Column.WATER,)) == Decimal("0.00400296")
    # Metered: 316 000 kWh / 75 000 = 4.21333 kWh = 15.168 MJ of 26.349336 MJ
    shares = shares_of(calculation.lines(housing), (Column.ENERGY,))
    assert (shares.measured, shares.allocated) == (Decimal("0.5757"), Decimal("0.4243"))


@pytest.mark.parametrize("site", CALCULATING, ids=lambda site: site.maker)
def test_metered_and_spread_amounts_of_a_site_sum_to_its_bills_in_every_year(site: Site) -> None:
    for year in YEARS:
        for entry, bill in zip(calculated(site, year).entries, site.bills, strict=True):
            given = sum(
                (entry.spreading.amount_of(PRODUCT[one].number) for one in site.produced), Fraction(0)
            )
            assert given == Fraction(bill.total[year])
            assert entry.spreading.rest == 0


@pytest.mark.parametrize("site", CALCULATING, ids=lambda site: site.maker)
def test_no_site_of_the_story_has_a_gap(site: Site) -> None:
    book = FactorBook(tuple(own_factor(one) for one in site.factors))
    assert [gap for year in YEARS for gap in gaps_of(site_account(site, year), book)] == []


def test_by_product_bears_its_share_of_sales_value_and_the_main_product_the_rest() -> None:
    calculation = calculated(LYNGVASE, 2023)
    shaft, chips = (PRODUCT[one].number for one in ("machined-shaft", "steel-chips"))
    # 144 000 kg at 2.90 DKK = 417 600 DKK; 120 000 shafts at 212 DKK = 25 440 000 DKK
    assert calculation.shares[chips].bears == Fraction("0.0161")  # 417 600 / 25 857 600 = 0.016149…
    of_shaft, of_chips = (_line(calculation.lines(one), "Stangstål") for one in (shaft, chips))
    assert of_shaft.per_unit == Decimal("3.54204")  # 432 000 kg x 0.9839 / 120 000
    assert of_chips.per_unit == Decimal("0.0483")  # 432 000 kg x 0.0161 / 144 000
    assert of_shaft.measured == of_chips.measured == 0  # divided by a key


def test_surplus_heat_by_subdivision_bears_its_pumps_alone() -> None:
    calculation, heat = calculated(BRINKMOSE, 2025), PRODUCT["surplus-heat"].number
    # 24 000 kWh of pumping for 1 200 000 kWh of heat
    assert calculation.own(heat, (Column.ENERGY,)) == Decimal("0.02") * Decimal("3.6")
    assert shares_of(calculation.lines(heat), (Column.ENERGY,)).measured == 1


def test_wood_counts_with_methane_and_nitrous_oxide_and_its_carbon_dioxide_stands_apart() -> None:
    lines = calculated(ELLERSLUND, 2025).lines(PRODUCT["district-heat"].number)
    wood = _line(lines, "Træflis")
    assert wood.per_unit == Decimal("0.959276")  # 21 200 000 / 22 100 000 kWh
    assert wood.effect(Column.SCOPE1) == Decimal("0.959276") * Decimal("0.00684")  # 1.9 kg/GJ
    assert wood.effect(Column.BIOGENIC_CO2) == Decimal("0.959276") * Decimal("0.4032")  # 112 kg/GJ


def test_surplus_heat_counts_as_energy_bought_and_its_emissions_are_none() -> None:
    heat = _line(calculated(ELLERSLUND, 2025).lines(PRODUCT["district-heat"].number), "Overskudsvarme")
    assert heat.effect(Column.ENERGY) == Decimal("0.0542986") * Decimal("3.6")  # 1 200 000 / 22 100 000 kWh
    assert heat.effect(Column.SCOPE2_LOCATION) == 0
    assert heat.explained(Indicator.ENERGY) == heat.effect(
        Column.ENERGY
    )  # it arrives with its supplier's product


def test_shares_of_the_painted_area_are_the_years_own_and_whole() -> None:
    # 28 520 of 38 632 m2 in 2025
    shares = stated_shares(VINDELBO.keys["area"], 2025)
    assert shares == {"ventilation-unit": Decimal("0.738248084490"), "roof-unit": Decimal("0.261751915510")}
    # 10 950 kg of coating x 28 520 / 38 632 / 4 600 units
    coating = _line(calculated(VINDELBO, 2025).lines(PRODUCT["ventilation-unit"].number), "Pulverlak")
    assert coating.per_unit == Decimal("1.75735")


def test_the_delivery_with_meters_of_its_own_shares_nothing() -> None:
    delivery = next(one for one in DELIVERIES if one.measured)
    product = PRODUCT[delivery.product]
    calculation = delivery_calculation(registry(), product, delivery, 2025)
    # 284 400 and 182 900 kWh for 478 800 kg: 0.593985 kWh at 0.135 and 0.381997 kWh at 0.20196 kg
    expected = Decimal("0.593985") * Decimal("0.135") + Decimal("0.381997") * Decimal("0.20196")
    assert calculation.own(product.key, HEADLINE[Indicator.CO2E]) == expected
    assert shares_of(calculation.lines(product.key), HEADLINE[Indicator.CO2E]).measured == 1


def test_the_suppliers_years_are_the_sums_of_its_products() -> None:
    for year, added, turnover, _ in COMPANY_YEARS["lyngvase"]:
        made = {product: LYNGVASE.made(product)[year] for product in LYNGVASE.products}
        assert turnover == sum(Decimal(LYNGVASE.prices[one]) * amount for one, amount in made.items())
        values = {one: PRODUCT[one].value_added or {} for one in made}
        assert added == sum(values[one][year] * amount for one, amount in made.items())


def test_rows_say_where_they_stand_and_name_the_supplier_of_what_comes_from_one() -> None:
    table = account_table(registry(), VINDELBO)
    wheel = next(one for one in table.bills if one.flow.name == "Ventilatorhjul 250")
    assert (wheel.place, wheel.flow.product) == ("Materialer, række 5", "TP-250")
    assert wheel.flow.detail.supplier == "Tangmose Plast (demo)"  # type: ignore[union-attr]
    assert [one.place for one in table.bills[:3]] == ["Energi, række 2", "Energi, række 3", "Energi, række 4"]
