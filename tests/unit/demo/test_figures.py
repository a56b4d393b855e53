"""Figures from bills: one product worked out by hand, and the rules for meters, keys and by-products."""

from decimal import Decimal
from fractions import Fraction

from exchange.demo import figures
from exchange.demo.story.metalworks import BRINKMOSE, KVISTHOLM, LYNGVASE
from exchange.demo.story.other_sites import ELLERSLUND
from exchange.domain.indicators import Indicator


def test_bearing_housing_of_2025_worked_out_by_hand() -> None:
    uses = figures.uses(LYNGVASE, "bearing-housing", 2025)
    # Electricity: 1 238 000 kWh less 726 000 and 316 000 on meters leaves 196 000, spread over 17 100 machine
    # hours of which milling has 6 650: 316 000 + 76 222.2 = 392 222.2 kWh for 75 000 housings: 5.22963 kWh.
    # Heat: 403 000 kWh x 6 650 / 17 100 / 75 000 = 2.08963 kWh.
    assert figures.own(uses, Indicator.ENERGY, 2025) == (Decimal("5.22963") + Decimal("2.08963")) * Decimal(
        "3.6"
    )
    # 5.22963 x 0.135 kg/kWh + 2.08963 x 0.0878 kg/kWh
    assert figures.own(uses, Indicator.CO2E, 2025) == Decimal("0.70600005") + Decimal("0.183469514")
    # 142 500 kg of castings / 75 000, and 20 500 kg of coolant x 6 650 / 17 100 / 75 000
    assert figures.own(uses, Indicator.RESOURCES, 2025) == Decimal("1.9") + Decimal("0.106296")
    # 772 m3 x 6 650 / 17 100 / 75 000
    assert figures.own(uses, Indicator.WATER, 2025) == Decimal("0.00400296")
    # Metered: 316 000 kWh / 75 000 = 4.21333 kWh = 15.168 MJ of 26.349336 MJ
    assert figures.shares(uses, Indicator.ENERGY, 2025) == {
        "measured": Decimal("0.5757"),
        "allocated": Decimal("0.4243"),
        "secondary": Decimal(0),
        "unknown": Decimal(0),
    }


def test_metered_and_spread_amounts_of_a_site_sum_to_its_bill() -> None:
    for site in (KVISTHOLM, BRINKMOSE, LYNGVASE):
        for number, bill in enumerate(site.bills):
            for year in bill.total:
                parts = [figures._use(site, bill, product, year) for product in site.produced]
                assert sum(use.amount for use in parts if use) == Fraction(bill.total[year]), (
                    site.maker,
                    number,
                )


def test_by_product_bears_its_share_of_sales_value_and_the_main_product_the_rest() -> None:
    by_product = LYNGVASE.by_products[0]
    # 144 000 kg at 2.90 DKK = 417 600 DKK; 120 000 shafts at 212 DKK = 25 440 000 DKK
    share = figures.economic_share(LYNGVASE, by_product, 2023)
    assert share == Decimal("0.0161")  # 417 600 / 25 857 600 = 0.016149…
    shaft = next(
        use for use in figures.uses(LYNGVASE, "machined-shaft", 2023) if use.bill.category == "steel-bar"
    )
    chips = next(
        use for use in figures.uses(LYNGVASE, "steel-chips", 2023) if use.bill.category == "steel-bar"
    )
    assert shaft.exact == Decimal("3.54204")  # 432 000 kg x 0.9839 / 120 000
    assert chips.exact == Decimal("0.0483")  # 432 000 kg x 0.0161 / 144 000
    assert shaft.measured == chips.measured == 0  # divided by a key


def test_surplus_heat_by_subdivision_bears_its_pumps_alone() -> None:
    uses = figures.uses(BRINKMOSE, "surplus-heat", 2025)
    # 24 000 kWh of pumping for 1 200 000 kWh of heat
    assert figures.own(uses, Indicator.ENERGY, 2025) == Decimal("0.02") * Decimal("3.6")
    assert figures.shares(uses, Indicator.ENERGY, 2025)["measured"] == 1


def test_wood_counts_with_methane_and_nitrous_oxide_and_its_carbon_dioxide_stands_apart() -> None:
    uses = figures.uses(ELLERSLUND, "district-heat", 2025)
    wood = next(use for use in uses if getattr(use.bill.what, "carrier", "") == "wood")
    assert wood.exact == Decimal("0.959276")  # 21 200 000 / 22 100 000 kWh
    assert figures.emission(wood, "scope1", 2025) == Decimal("0.959276") * Decimal("0.00684")  # 1.9 kg/GJ
    assert figures.emission(wood, "biogenic_co2", 2025) == Decimal("0.959276") * Decimal(
        "0.4032"
    )  # 112 kg/GJ


def test_rounding_keeps_six_digits_half_to_even() -> None:
    assert figures.rounded(Fraction(1, 3)) == Decimal("0.333333")
    assert figures.rounded(Fraction(2469135, 10**7)) == Decimal("0.246914")
    assert figures.rounded(Fraction(2469125, 10**7)) == Decimal("0.246912")
    assert figures.rounded(Fraction(0)) == 0
