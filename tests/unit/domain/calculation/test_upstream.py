"""Before the gate: what links and factors bring, what is taken out for it, and what nobody knows."""

from __future__ import annotations

from decimal import Decimal

from exchange.domain.calculation.account import Energy, Flow, FlowDetail, Material, Waste, Water
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.figures import Calculation
from exchange.domain.calculation.upstream import Supplied, Upstream, upstream_of
from exchange.domain.factors import FactorBasis, FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import Quantity, UnitCode
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    KWH,
    M3,
    MWH,
    PIECE,
    account,
    bill,
    flow,
    output,
    own_factor,
    product,
    worked,
)

RESOURCES, WATER, CO2E, ENERGY, WASTE = Indicator
SUPPLY_CHAIN = FactorBasis.SUPPLY_CHAIN


def supplied(unit: UnitCode = KG, declared: str = "1", **totals: str) -> dict[str, Supplied]:
    """The supplier's product `s` with these totals."""
    stated = {Indicator(name): Decimal(total) for name, total in totals.items()}
    return {"s": Supplied("sha256:1", "S", Quantity(Decimal(declared), unit), stated)}


def using(*flows: tuple[FlowDetail, str, UnitCode, str], made: str = "100", **named: str) -> Calculation:
    """100 chairs and what went into them, by flow: detail, amount, unit, category; `named` are suppliers' products."""
    return worked(
        account(
            [
                bill(amount, unit=unit, id=str(number), of=f"f{number}")
                for number, (_, amount, unit, _) in enumerate(flows)
            ],
            (output("a", made, unit=PIECE),),
            flows=tuple(
                Flow(f"f{number}", f"F{number}", detail, unit, "key", category, named.get(f"f{number}", ""))
                for number, (detail, _, unit, category) in enumerate(flows)
            ),
            products=(product("a", PIECE, "5"),),
        )
    )


def before(
    calculation: Calculation, links: dict[str, Supplied] | None = None, book: FactorBook = BOOK
) -> dict[Indicator, Upstream]:
    """The part before the gate."""
    return upstream_of(calculation.lines("a"), links or {}, book)


def total(calculation: Calculation, indicator: Indicator, part: Upstream) -> Decimal:
    """Own and upstream."""
    own = calculation.own("a", HEADLINE[indicator])
    assert own is not None
    return own + part.amount


STEEL_AND_WOOD = (
    (Material(), "400", KG, "steel-bar"),
    (Material(), "100", KG, "wood"),
)


def test_a_linked_supplier_brings_its_total_and_takes_out_what_it_explains() -> None:
    """A chair's own 5 kg, 4 of steel at 1.2 kg per kg: 5 - 4 + 4.8 = 5.8. The wood is nobody's: at least."""
    chairs = using(*STEEL_AND_WOOD, f0="s")
    found = before(chairs, supplied(resources="1.2", co2e="2"))
    assert total(chairs, RESOURCES, found[RESOURCES]) == Decimal("5.8")
    assert total(chairs, CO2E, found[CO2E]) == 8
    assert found[RESOURCES].is_at_least and found[RESOURCES].holds_others
    assert [one.is_gap for one in found[RESOURCES].lines] == [False, True]


def test_a_figure_the_supplier_does_not_state_takes_nothing_out() -> None:
    found = before(using(*STEEL_AND_WOOD, f0="s"), supplied(co2e="2"))
    assert (found[RESOURCES].amount, found[RESOURCES].is_at_least) == (0, True)
    assert not found[RESOURCES].holds_others


def test_a_cradle_to_gate_factor_counts_no_kilogram_twice() -> None:
    """The same 1.2 kg per kg from a factor: 5 - 4 + 4.8, and 5 - 1 + 1.1 for the wood: 5.9, whole."""
    chairs = using(*STEEL_AND_WOOD)
    own = FactorBook(
        tuple(
            own_factor(f"resources.material.{name}", value, KG, KG, SUPPLY_CHAIN)
            for name, value in (("steel_bar", "1.2"), ("wood", "1.1"))
        )
    )
    found = before(chairs, book=own)[RESOURCES]
    assert total(chairs, RESOURCES, found) == Decimal("5.9")
    assert not found.is_at_least and not found.holds_others


def test_a_link_and_a_factor_beside_each_other() -> None:
    """Steel from its maker, 4 x 2 = 8 kg CO2e; wood by the set's factor, 1 x 0.26950416."""
    links = {"s": supplied(co2e="2")["s"]}
    chairs = using((Material(), "400", KG, "steel-bar"), (Material(), "100", KG, "wood-primary"), f0="s")
    found = before(chairs, links)[CO2E]
    assert (found.amount, found.is_at_least) == (Decimal("8.26950416"), False)


def test_suppliers_and_factors_in_other_units() -> None:
    """Per tonne declared: 4 kg of 1 200 kg per 1 t = 4.8. Steel counted in pieces of 2 kg: 2 pieces are 4 kg."""
    for steel in ((Material(), "400", KG, ""), (Material(Decimal(2)), "200", PIECE, "")):
        found = before(using(steel, f0="s"), supplied(UnitCode.TONNE, "1", resources="1200"))
        assert found[RESOURCES].amount == Decimal("0.8")
    found = before(using((Material(), "400", KG, ""), f0="s"), supplied(KG, "1000", co2e="2000"))
    assert found[CO2E].amount == 8


def test_a_supplier_that_counts_otherwise_is_a_gap_and_stops_nobody() -> None:
    found = before(using((Material(), "400", KG, ""), f0="s"), supplied(PIECE, co2e="2"))
    assert found[CO2E].is_at_least and not found[CO2E].holds_others


def test_linked_heat_takes_its_energy_and_scope_2_out() -> None:
    """1 kWh per piece: 3.6 MJ and 0.0878 kg out, 1.05 x 3.6 = 3.78 MJ and 0.09 kg in."""
    heat = using((Energy("district_heat"), "100", KWH, ""), f0="s")
    found = before(heat, supplied(MWH, energy="3780", co2e="90"))
    assert total(heat, ENERGY, found[ENERGY]) == Decimal("3.78")
    assert total(heat, CO2E, found[CO2E]) == Decimal("0.09")


def test_linked_fuel_is_still_burnt_here() -> None:
    """10 kWh of oil per piece: 2.6676 kg and 36 MJ of its own; its refiner's 0.05 kg and 0.4 MJ per kWh come on top."""
    oil = using((Energy("gas_diesel_oil"), "1000", KWH, ""), f0="s")
    found = before(oil, supplied(KWH, co2e="0.05", energy="0.4"))
    assert total(oil, CO2E, found[CO2E]) == Decimal("2.6676") + Decimal("0.5")
    assert total(oil, ENERGY, found[ENERGY]) == 36 + 4


def test_what_came_before_a_fuel_by_its_factor_or_not_at_all() -> None:
    oil = using((Energy("gas_diesel_oil"), "1000", KWH, ""))
    assert before(oil)[CO2E].is_at_least
    own = FactorBook((own_factor("co2e.gas_diesel_oil", "0.06", basis=SUPPLY_CHAIN),))
    found = before(oil, book=own)[CO2E]
    assert (found.amount, found.is_at_least) == (Decimal("0.6"), False)


def test_a_life_cycle_factor_holds_all_of_bought_power_and_the_other_indicators_are_gaps() -> None:
    power = using((Energy("electricity_grid"), "100", KWH, ""))
    found = before(power)
    assert found[CO2E].lines == ()
    assert [one for one in Indicator if found[one].is_at_least] == [RESOURCES, WATER, ENERGY, WASTE]


def test_a_supplier_nobody_may_read_is_no_gap_of_what_the_life_cycle_factor_holds() -> None:
    power = using((Energy("electricity_grid"), "100", KWH, ""), f0="unread")
    assert before(power)[CO2E].lines == ()


def test_an_own_factor_of_burning_alone_leaves_what_came_before_open() -> None:
    burnt = own_factor("co2e.district_heat", "0.05", basis=FactorBasis.COMBUSTION)
    site = account(
        (bill("100"),), (output("a", "100"),), flows=(flow(Energy("district_heat")),), products=(product("a"),)
    )  # fmt: skip
    book = FactorBook((burnt,))
    lines = worked(site, book).lines("a")
    assert upstream_of(lines, {}, book)[CO2E].is_at_least
    both = FactorBook((burnt, own_factor("co2e.district_heat", "0.01", basis=SUPPLY_CHAIN)))
    found = upstream_of(worked(site, both).lines("a"), {}, both)[CO2E]
    assert (found.amount, found.is_at_least) == (Decimal("0.01"), False)


def test_own_power_water_and_waste_bring_nothing() -> None:
    outside = using(
        (Energy("electricity_self", "renewable"), "100", KWH, ""),
        (Water(), "100", M3, ""),
        (Waste("120101", "recycling"), "100", KG, ""),
        f1="s", f2="s",
    )  # fmt: skip
    assert all(not part.lines for part in before(outside, supplied(M3, co2e="1")).values())


def test_an_absurd_figure_of_a_supplier_is_a_gap_and_stops_nobody() -> None:
    """A chair takes 4 kg: 4 x 999 999 999 999 999 has sixteen digits, and so has 4 x 2 / 0.000000000001 with unit."""
    chairs = using(*STEEL_AND_WOOD, f0="s")
    for links in (supplied(co2e="999999999999999"), supplied(declared="0.000000000001", co2e="2000")):
        found = before(chairs, links)[CO2E]
        steel = found.lines[0]
        assert (steel.is_gap, steel.brought, found.is_at_least, found.holds_others) == (True, 0, True, False)
