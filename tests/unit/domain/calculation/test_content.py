"""A whole product dataset out of a calculation: the schema takes it, the checks find nothing, the numbers stand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.calculation.account import Energy, Flow, Material, SiteAccount, Waste, Water
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.content import (
    Figure,
    breakdown_parts,
    calculation_part,
    figures_of,
    indicators_group,
    known_own,
    quality_group,
)
from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import Line, calculate
from exchange.domain.calculation.recipe import (
    byproducts_group,
    composition_group,
    packaging_group,
    process_group,
)
from exchange.domain.calculation.upstream import Supplied, upstream_of
from exchange.domain.checks import run_checks
from exchange.domain.factors import FactorBook, factor_set
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire, exact_decimal
from schemas import latest, problems
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    KWH,
    M3,
    PIECE,
    account,
    bill,
    flow,
    months,
    output,
    own_factor,
    product,
    reading,
)
from tests.unit.worked_companies import (
    BRACKET,
    BUTTER,
    CHEESE,
    CRATE,
    LID,
    SHAFT,
    WHEY,
    dairy,
    machine_shop,
    moulder,
)

Document = dict[str, Any]


def figures(
    site: SiteAccount, name: str, book: FactorBook = BOOK, supplied: dict[str, Supplied] | None = None
) -> tuple[Sequence[Line], dict[Indicator, Figure]]:
    """A product's lines and figures."""
    calculation = calculate(site, book)
    lines = calculation.lines(name)
    found = figures_of(calculation, name, gaps_of(site, book), upstream_of(lines, supplied or {}, book))
    return lines, {one.indicator: one for one in found}


def dataset(site: SiteAccount, name: str) -> Document:
    """The dataset of one product of a site: every group that has something in it."""
    lines, found = figures(site, name)
    made = next(one for one in site.products if one.id == name)
    names = {one.id: one.name for one in site.products}
    produced = Quantity(exact_decimal(lines[0].share.produced), made.unit)
    indicators = indicators_group(found.values())
    steps = calculation_part([explain_line(line) for line in lines], produced, site.period, factor_set())
    subject = {
        "id": f"urn:uuid:{name}",
        "identity": identity(site, name, is_whole="total" in str(indicators)),
        "indicators": indicators,
        "quality": quality_group(lines, found.values()),
        "breakdown": breakdown_parts(lines, found.values()) | {"calculation": steps},
        "composition": composition_group(lines),
        "packaging": packaging_group(lines),
        "process": process_group(site, name, lines),
        "byproducts": byproducts_group(site, name, names),
        "commercial": {"produced": produced.to_wire()},
    }
    return {group: content for group, content in subject.items() if content}


def identity(site: SiteAccount, name: str, *, is_whole: bool) -> Document:
    """Whose product it is, of what period and unit."""
    made = next(one for one in site.products if one.id == name)
    mass = {"mass": {"amount": decimal_to_wire(made.mass), "unit": "KGM"}} if made.mass is not None else {}
    return {
        "kind": "product",
        "organisation": {
            "id": "urn:uuid:00000000-0000-4000-8000-0000000000e1",
            "name": "Example Works",
        },
        "product": {
            "name": made.name, "supplier_product_id": "P-1", "granularity": "model", "category": "part",
        },
        "declared_unit": {"amount": "1", "unit": made.unit.value},
        "period": site.period.to_wire(),
        "boundary": "cradle_to_gate" if is_whole else "gate_to_gate",
        "geography": "DK",
        "gwp_set": "AR5",
        **mass,
    }  # fmt: skip


PRODUCTS = [
    (machine_shop, BRACKET), (machine_shop, SHAFT), (dairy, CHEESE), (dairy, BUTTER), (dairy, WHEY),
    (moulder, CRATE), (moulder, LID),
]  # fmt: skip


@pytest.mark.parametrize(("company", "name"), PRODUCTS)
def test_the_schema_and_the_checks_take_it(company: Any, name: str) -> None:
    subject = dataset(company(), name)
    assert problems(subject, latest("product")) == []
    assert run_checks("product", subject, publishing=True) == []


def test_a_bracket() -> None:
    subject = dataset(machine_shop(), BRACKET)
    assert subject["indicators"]["co2e"] == {
        "own": {"amount": "0.532721112", "unit": "KGM"},
        "upstream": {"amount": "6.291762065965", "unit": "KGM"},
        "total": {"amount": "6.824483177965", "unit": "KGM"},
    }
    assert subject["indicators"]["energy"] == {"own": {"amount": "16.045488", "unit": "3B"}}
    assert "water" not in subject["indicators"] and "water" not in subject["quality"]
    assert subject["quality"]["co2e"] == {
        "measured": "0", "allocated": "1", "secondary": "0", "unknown": "0",
        "measurement_basis": "allocated",
        "allocation": {"method": "machine_hours", "key": "Machine hours", "scope": "site"},
    }  # fmt: skip
    assert subject["breakdown"]["co2e"] == {
        "scope1": {"amount": "0", "unit": "KGM"},
        "scope2_location": {"amount": "0.532721112", "unit": "KGM"},
        "basis": ["life_cycle"],
    }
    assert subject["breakdown"]["waste"] == [
        {
            "code": "120101", "hazardous": False, "treatment": "recycling", "operation": "R4",
            "amount": {"amount": "0.396923", "unit": "KGM"},
        }
    ]  # fmt: skip
    assert [line["flow"] for line in subject["breakdown"]["calculation"]["lines"]] == [
        "Grid electricity", "District heat", "Steel bar", "Steel turnings",
    ]  # fmt: skip


def test_cheese_mixes_two_bases_and_says_so() -> None:
    subject = dataset(dairy(), CHEESE)
    assert subject["breakdown"]["co2e"] == {
        "scope1": {"amount": "0.15551748036", "unit": "KGM"},
        "scope2_location": {"amount": "0.0771444", "unit": "KGM"},
        "basis": ["combustion", "life_cycle"],
    }
    assert subject["breakdown"]["resources"] == {"bio_based": {"amount": "9.524", "unit": "KGM"}}
    assert subject["breakdown"]["water"] == {
        "withdrawal": [{"source": "public_supply", "amount": {"amount": "0.0166237", "unit": "MTQ"}}]
    }
    assert subject["quality"]["resources"]["allocation"]["method"] == "economic"
    assert "total" not in subject["indicators"]["co2e"]  # what came before gas and milk nobody knows


def test_a_crate_is_at_least_and_names_november() -> None:
    subject = dataset(moulder(), CRATE)
    assert subject["quality"]["co2e"] == {
        "measured": "1", "allocated": "0", "secondary": "0", "unknown": "0",
        "measurement_basis": "measured_direct", "is_at_least": True,
        "missing": [
            {"name": "Grid electricity", "period": months(11).to_wire()},
            {"name": "Grid electricity, part given to no product"},
        ],
    }  # fmt: skip
    assert set(subject["indicators"]["co2e"]) == {"own"}
    # 0.626129 x 0.9 = 0.5635161 and x 0.1 = 0.0626129; 0.928065 of the other are virgin
    assert subject["breakdown"]["resources"] == {
        "virgin": {"amount": "0.928065", "unit": "KGM"},
        "secondary_pre_consumer": {"amount": "0.0626129", "unit": "KGM"},
        "secondary_post_consumer": {"amount": "0.5635161", "unit": "KGM"},
    }
    assert [(one["code"], one["hazardous"]) for one in subject["breakdown"]["waste"]] == [
        ("070213", False), ("130110", True),
    ]  # fmt: skip


def test_a_flow_without_a_factor_is_missing_from_the_sum_it_belongs_to_and_named() -> None:
    """Per kg of a 1 kWh of power, 0.135 kg, and 0.1 kWh of steam of which nobody knows: at least 0.135."""
    site = account(
        (bill("400"), bill("40", id="2", of="g")),
        flows=(flow(), flow(Energy("steam"), id="g", name="Steam")),
    )
    lines, found = figures(site, "a")
    assert found[Indicator.CO2E].own == Decimal("0.135")
    assert known_own(lines, HEADLINE[Indicator.ENERGY]) == Decimal("3.96")
    quality = quality_group(lines, found.values())["co2e"]
    assert (quality["is_at_least"], quality["missing"][0]["name"]) == (True, "Steam")
    assert not found[Indicator.CO2E].may_be_declared
    assert set(indicators_group(found.values())["co2e"]) == {"own"}


def test_a_material_without_a_mass_is_missing_from_resources() -> None:
    site = account(
        (bill("400", unit=KG), bill("8", unit=PIECE, id="2", of="g")),
        flows=(flow(Material(), KG), flow(Material(), PIECE, id="g", name="Motors")),
    )
    lines, found = figures(site, "a")
    resources = found[Indicator.RESOURCES]
    assert (resources.own, [gap.name for gap in resources.gaps]) == (1, ["Motors"])
    assert breakdown_parts(lines, found.values())["resources"] == {"virgin": {"amount": "1", "unit": "KGM"}}


def test_biogenic_co2_of_which_a_part_is_unknown_is_not_shown_as_if_whole() -> None:
    """The set knows the CO2 of wood from 2021 on; before, its column would read zero."""
    period = Period(months(1, of=2020).start, months(1, of=2021).start)
    wood = Flow("f", "Wood", Energy("wood"), KWH, "key")
    lines, found = figures(account((bill("400", period),), flows=(wood,), period=period), "a")
    assert [line.effect(Column.BIOGENIC_CO2) for line in lines] == [None]
    assert set(breakdown_parts(lines, found.values())["co2e"]) == {"scope1", "scope2_location", "basis"}


def test_market_based_scope_2_needs_a_contract_for_all_that_is_bought() -> None:
    contract = own_factor("co2e_market.electricity_grid", "0.02")
    site = account((bill("400"),))
    lines, found = figures(site, "a", FactorBook((contract,)))
    assert breakdown_parts(lines, found.values())["co2e"]["scope2_market"]["amount"] == "0.02"
    assert breakdown_parts(lines, found.values())["co2e"]["scope2_location"]["amount"] == "0.135"
    mixed = account(
        (bill("400"), bill("40", id="2", of="g")), flows=(flow(), flow(Energy("district_heat"), id="g"))
    )
    lines, found = figures(mixed, "a", FactorBook((contract,)))
    assert "scope2_market" not in breakdown_parts(lines, found.values())["co2e"]


def test_a_total_that_holds_a_suppliers_figure_stays_in_the_house() -> None:
    """Own known, total minus own is the supplier's figure (method section 10)."""
    steel = Flow("f", "Steel", Material(), KG, "key", "", "s")
    supplied = {"s": Supplied("sha256:1", "Steel", Quantity(Decimal(1), KG), {Indicator.CO2E: Decimal(2)})}
    site = account((bill("400", unit=KG), bill("400", id="2", of="g")), flows=(steel, flow(id="g")))
    _, found = figures(site, "a", supplied=supplied)
    co2e = found[Indicator.CO2E]
    assert (co2e.own, co2e.total, co2e.is_total_at_least) == (Decimal("0.135"), Decimal("2.135"), False)
    assert not co2e.may_be_declared
    assert set(indicators_group(found.values())["co2e"]) == {"own"}


def test_a_total_of_zero_gives_its_reason() -> None:
    """Waste, material and power all booked with zero: nothing could bring any."""
    zero = account(
        (bill("0", unit=KG), bill("0", id="2", of="g"), bill("0", unit=KG, id="3", of="h")),
        flows=(flow(Waste("120101", "recycling"), KG), flow(id="g"), flow(Material(), KG, id="h")),
    )
    _, found = figures(zero, "a")
    assert indicators_group(found.values())["waste"] == {
        "own": {"amount": "0", "unit": "KGM"},
        "upstream": {"amount": "0", "unit": "KGM"},
        "total": {"amount": "0", "unit": "KGM"},
        "zero_reason": "Nothing of it is used or bought for this product.",
    }


def financial_year() -> SiteAccount:
    """July to June: two electricity factors, an estimate, a credit note, a bill over New Year, a sub-meter."""
    period = Period(months(7, of=2024).start, months(7).start)
    halves = (months(7, 12, of=2024), months(1, 6))
    return account(
        (
            bill("6000", months(7, 11, of=2024), id="1"),
            bill("2500", months(12, 13, of=2024), id="2"),
            bill("4000", months(2, 4), id="3", is_estimate=True),
            bill("333", months(3), id="4", is_credit=True),
            bill("1000", months(5, 6), id="5"),
            bill("7", period, UnitCode.TONNE, id="6", of="g"),
        ),
        [output(name, made, half) for half in halves for name, made in ((BRACKET, "300"), (SHAFT, "70"))],
        period=period,
        flows=(flow(), flow(Material(), KG, id="g", category="steel-bar")),
        products=(product(BRACKET), product(SHAFT)),
        readings=(reading(BRACKET, "1200", period),),
    )


@pytest.mark.parametrize("name", [BRACKET, SHAFT])
def test_a_financial_year_makes_a_dataset_too(name: str) -> None:
    """2 500 kWh of December and January are 62 days: 1 250 in either year."""
    subject = dataset(financial_year(), name)
    assert problems(subject, latest("product")) == []
    assert run_checks("product", subject, publishing=True) == []
    lines = subject["breakdown"]["calculation"]["lines"]
    assert [line["total"]["amount"] for line in lines if line["kind"] == "energy"] == ["7250", "5917"]
    assert subject["quality"]["energy"]["measured"] == "0"  # the reading was cut at New Year


def test_no_total_is_whole_while_inputs_are_missing() -> None:
    """Water alone is booked, 400 x 3/4 / 300 = 1 m3 per kg; what came with material and energy nobody can count."""
    water = account((bill("400", unit=M3),), flows=(flow(Water(), M3),))
    _, found = figures(water, "a")
    assert (found[Indicator.WATER].own, found[Indicator.WATER].gaps) == (1, ())
    assert found[Indicator.WATER].is_total_at_least
    assert indicators_group(found.values()) == {"water": {"own": {"amount": "1", "unit": "MTQ"}}}
