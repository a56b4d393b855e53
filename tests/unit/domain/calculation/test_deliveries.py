"""A delivery's own figures: what its readings say, the average for the rest, and never more than the product has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.account import (
    CoProduct,
    Energy,
    KeyMethod,
    Material,
    Reading,
    SharingRule,
    SiteAccount,
    Water,
)
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.content import known_own
from exchange.domain.calculation.deliveries import MeasuredDelivery, delivery_groups, measured_delivery
from exchange.domain.calculation.effects import HEADLINE
from exchange.domain.calculation.figures import Calculation
from exchange.domain.calculation.recipe import recipe_lines
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.linking.records import Effect, ProductDataset, RecipeLine
from exchange.domain.linking.remainder import remainder
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from tests.unit.domain.calculation.cases import (
    BOOK,
    KG,
    KWH,
    M3,
    PIECE,
    YEAR,
    account,
    bill,
    flow,
    key,
    months,
    output,
    own_factor,
    product,
    reading,
    worked,
)

HEAT = Energy("district_heat")
D = Decimal


def read(
    amount: str, delivery: str = "7", *, of: str = "f", period: Period = YEAR, unit: UnitCode = KWH
) -> Reading:
    """A reading of product `a` that names a delivery."""
    named = f"{of} {delivery} {period.start}"
    return replace(reading("a", amount, period, unit, id=named), flow=of, delivery=delivery)


def press(*readings: Reading) -> SiteAccount:
    """1 000 pieces of one product, which used 10 000 kWh of electricity (`f`) and 500 kWh of heat (`h`)."""
    return account(
        [bill("10000"), bill("500", id="h", of="h")],
        [output("a", "1000", unit=PIECE)],
        flows=(flow(name="Electricity"), flow(HEAT, id="h", name="Heat")),
        keys=(key(KeyMethod.PIECES),),
        products=(product("a", PIECE),),
        readings=readings,
    )


def per_unit(delivery: MeasuredDelivery) -> dict[str, Decimal]:
    return {f"{line.flow.id} {line.entry.period.start:%m}": line.per_unit for line in delivery.lines}


def refusal(calculation: Calculation, name: str, quantity: int) -> str:
    with pytest.raises(InvalidError) as refused:
        measured_delivery(calculation, "a", name, Fraction(quantity))
    return refused.value.error_code


def test_a_flow_is_what_its_readings_say_and_the_others_stand_at_the_average() -> None:
    calculation = worked(press(read("800")))
    delivery = measured_delivery(calculation, "a", "7", Fraction(100))
    # 800 / 100 = 8 kWh, and the product's 500 / 1 000 = 0.5 kWh of heat
    assert per_unit(delivery) == {"f 01": D(8), "h 01": D("0.5")}
    assert [line.amount for line in delivery.lines] == [800, 50]
    assert delivery.indicators == (Indicator.CO2E, Indicator.ENERGY)
    groups = delivery_groups(delivery, ())
    # (8 + 0.5) x 3.6 = 30.6 MJ; 8 x 0.135 + 0.5 x 0.0878 = 1.1239 kg
    assert groups["indicators"] == {
        "co2e": {"own": {"amount": "1.1239", "unit": "KGM"}},
        "energy": {"own": {"amount": "30.6", "unit": "3B"}},
    }
    assert groups["process"] == {
        "activities": [
            {
                "activity": "Electricity", "window": YEAR.to_wire(), "share_to_delivery": "1",
                "amount": {"amount": "800", "unit": "KWH"},
            }
        ]
    }  # fmt: skip


def test_the_rest_is_the_total_less_the_delivery_and_the_product_is_not_changed() -> None:
    named, unnamed = worked(press(read("800"))), worked(press(replace(read("800"), delivery="")))
    assert named.figures == unnamed.figures  # the reading is part of the product's amount, named or not
    delivery = measured_delivery(named, "a", "7", Fraction(100))
    left = _rest(named, [delivery])
    # energy (1 000 x 37.8 - 100 x 30.6) / 900 = 38.6 MJ, which is (10.222… + 0.5) x 3.6
    assert left.own["energy"].amount == Fraction("38.6")
    # co2e (1 000 x (1.35 + 0.0439) - 100 x 1.1239) / 900 = 1281.51 / 900
    assert left.own["co2e"].amount == Fraction("1281.51") / 900


def test_what_a_key_gave_is_allocated_and_what_was_read_is_measured() -> None:
    # Of 1 000 kWh a reading gives 100 to delivery 7 of a; the other 900 by mass: 675 to a, 2.58333 kWh in each kg.
    # Of 80 kWh of heat a gets 60: 0.2 kWh in each kg. 30 kg were delivered: 100 / 30 = 3.33333 kWh.
    site = account(
        [bill("1000"), bill("80", id="h", of="h"), bill("400", id="w", of="w", unit=M3)],
        flows=(flow(), flow(HEAT, id="h"), flow(Water(), M3, id="w")),
        readings=[read("100")],
    )
    calculation = worked(site)
    delivery = measured_delivery(calculation, "a", "7", Fraction(30))
    assert per_unit(delivery) == {"f 01": D("3.33333"), "h 01": D("0.2"), "w 01": D(1)}
    groups = delivery_groups(delivery, gaps_of(site, BOOK))
    # water was not read: the product's own figure holds, and the delivery states none
    assert set(groups["indicators"]) == {"co2e", "energy"}
    # 3.33333 / 3.53333 = 0.94340
    assert groups["quality"]["energy"]["measured"] == "0.9434"
    assert groups["quality"]["energy"]["allocated"] == "0.0566"
    assert groups["quality"]["energy"]["allocation"]["method"] == "physical_mass"


def test_an_estimated_bill_and_days_cut_make_a_reading_no_more_certain_than_they_are() -> None:
    site = press(read("800"))
    (electricity, heat) = site.bills
    half = [replace(electricity, amount=replace(electricity.amount, amount=D(5000))), replace(heat)]
    guessed = replace(half[0], id="g", is_estimate=True)
    delivery = measured_delivery(worked(replace(site, bills=(*half, guessed))), "a", "7", Fraction(100))
    assert (delivery.lines[0].measured, delivery.lines[0].secondary) == (Fraction(1, 2), Fraction(1, 2))


def test_what_a_figure_lacks_is_in_the_way_unless_the_readings_say_it() -> None:
    site = press(read("800", period=months(1)))
    (electricity, heat) = site.bills
    january = replace(electricity, period=months(1))  # eleven months of electricity without a bill
    known = replace(site, bills=(january, heat))
    delivery = measured_delivery(worked(known), "a", "7", Fraction(100))
    assert "energy" in delivery_groups(delivery, gaps_of(known, BOOK))["indicators"]
    cold = replace(site, bills=(electricity, replace(heat, period=months(1))))
    delivery = measured_delivery(worked(cold), "a", "7", Fraction(100))
    with pytest.raises(InvalidError) as refused:
        delivery_groups(delivery, gaps_of(cold, BOOK))
    assert refused.value.error_code == "delivery.gaps"
    assert "Heat" in refused.value.detail


def test_readings_of_others_are_not_this_ones_measurement_nor_its_amount() -> None:
    # The meters give 90 of 500 kWh of heat to delivery 8. Delivery 7: 0.5 kWh, 410 / 500 of it by what is left.
    calculation = worked(press(read("800"), read("90", "8", of="h")))
    seventh = measured_delivery(calculation, "a", "7", Fraction(100))
    assert (seventh.lines[1].per_unit, seventh.lines[1].measured) == (D("0.5"), Fraction(410, 500))
    eighth = measured_delivery(calculation, "a", "8", Fraction(100))
    assert per_unit(eighth) == {"f 01": D(10), "h 01": D("0.9")}
    # electricity (10 000 - 800 - 1 000) / 800 = 10.25, heat (500 - 50 - 90) / 800 = 0.45, x 3.6
    assert _rest(calculation, [seventh, eighth]).own["energy"].amount == Fraction("38.52")


def test_where_others_leave_less_than_the_average_the_delivery_has_to_be_read_too() -> None:
    # delivery 8 takes 480 of 500 kWh of heat: 0.5 x 100 = 50 are not there
    calculation = worked(press(read("800"), read("480", "8", of="h")))
    assert refusal(calculation, "7", 100) == "delivery.others"
    assert measured_delivery(calculation, "a", "7", Fraction(40)).lines[1].amount == 20  # just there


def test_a_flow_read_in_one_part_of_the_year_is_nothing_in_the_other() -> None:
    first, second = Period(date(2025, 1, 1), date(2025, 7, 1)), Period(date(2025, 7, 1), date(2026, 1, 1))
    book = FactorBook((own_factor("co2e.electricity_grid", "0.05", span=second),))
    site = press(read("800", period=months(2)))
    (_, heat) = site.bills
    halves = (bill("4000", first, id="1"), bill("6000", second, id="2"), heat)
    calculation = worked(replace(site, bills=halves), book)
    delivery = measured_delivery(calculation, "a", "7", Fraction(100))
    assert per_unit(delivery)["f 01"] == 8
    assert per_unit(delivery)["f 07"] == 0  # and not the average of 6 kWh


def test_a_by_products_part_of_the_process_is_not_the_deliverys() -> None:
    site = account(
        [bill("1000")],
        [output("a", "100"), output("c", "40")],
        products=(product("a"), product("c")),
        readings=[read("100")],
        co_products=(CoProduct("c", "a", SharingRule.SUBDIVISION, D("0.2")),),
    )
    delivery = measured_delivery(worked(site), "a", "7", Fraction(10))
    assert (delivery.lines[0].amount, delivery.lines[0].per_unit) == (80, 8)  # 100 x 0.8, by 10
    (activity,) = delivery_groups(delivery, ())["process"]["activities"]
    assert (activity["amount"]["amount"], activity["share_to_delivery"]) == ("100", "0.8")


def test_an_input_that_was_weighed_brings_the_deliverys_own_recipe() -> None:
    steel = flow(Material(country="DE"), KG, id="s", name="Steel", category="steel-sheet")
    powder = flow(Material(), KG, id="p", name="Powder", category="powder")
    site = account(
        [bill("2000", id="s", of="s", unit=KG), bill("100", id="p", of="p", unit=KG)],
        [output("a", "1000", unit=PIECE)],
        flows=(powder, steel),
        keys=(key(KeyMethod.PIECES),),
        products=(product("a", PIECE),),
        readings=[read("150", of="s", unit=KG)],
    )
    calculation = worked(site)
    delivery = measured_delivery(calculation, "a", "7", Fraction(100))
    groups = delivery_groups(delivery, ())
    assert groups["indicators"] == {"resources": {"own": {"amount": "1.6", "unit": "KGM"}}}  # 0.1 + 150 / 100
    assert groups["process"]["inputs"] == [
        {
            "line": "1", "name": "Powder", "category": "powder", "amount": {"amount": "0.1", "unit": "KGM"},
            "mass": {"amount": "0.1", "unit": "KGM"}, "measured_share": "1",
            "explains": {"resources": {"amount": "0.1", "unit": "KGM"}},
        },
        {
            "line": "2", "name": "Steel", "category": "steel-sheet", "amount": {"amount": "1.5", "unit": "KGM"},
            "mass": {"amount": "1.5", "unit": "KGM"}, "measured_share": "1",
            "explains": {"resources": {"amount": "1.5", "unit": "KGM"}},
        },
    ]  # fmt: skip
    left = _rest(calculation, [delivery])
    # resources (2 100 - 160) / 900; steel (2 000 - 150) / 900, powder 0.1 as before
    assert left.own["resources"].amount == Fraction(1940, 900)
    assert left.recipe is not None
    assert [line.amount for line in left.recipe] == [Fraction(1, 10), Fraction(1850, 900)]


def test_rounding_never_takes_more_than_the_products_own_figure_holds() -> None:
    # 100 kWh, 7 pieces: 14.2857 each, 99.9999 in all. All of it was read for 6 of them: 16.66666… would round to
    # 16.6667 and take 100.0002. 99.9999 / 6 = 16.66665 cut to six digits is 16.6666.
    site = press(read("100"))
    (electricity, _) = site.bills
    small = replace(electricity, amount=replace(electricity.amount, amount=D(100)))
    made = (output("a", "7", unit=PIECE),)
    calculation = worked(replace(site, flows=site.flows[:1], bills=(small,), outputs=made))
    delivery = measured_delivery(calculation, "a", "7", Fraction(6))
    assert delivery.lines[0].per_unit == D("16.6666")
    assert _rest(calculation, [delivery]).own["energy"].amount >= 0


def test_a_delivery_nobody_read_of_nothing_or_of_more_than_was_made_is_refused() -> None:
    calculation = worked(press(read("800"), replace(read("1"), id="n", delivery="")))
    assert refusal(calculation, "8", 100) == "delivery.unknown"
    assert refusal(calculation, "", 100) == "delivery.unknown"
    assert refusal(calculation, "7", 0) == "delivery.quantity"
    assert refusal(calculation, "7", -1) == "delivery.quantity"
    assert refusal(calculation, "7", 1001) == "delivery.above_produced"
    assert measured_delivery(calculation, "a", "7", Fraction(1000)).lines[0].amount == 800


amounts = st.integers(1, 10**6)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 10**4), amounts, amounts, st.lists(st.tuples(amounts, st.integers(1, 5000)), max_size=3)
)
def test_linking_finds_a_rest_whatever_was_read(
    made: int, electricity: int, heat: int, named: list[tuple[int, int]]
) -> None:
    assume(sum(amount for amount, _ in named) <= electricity)
    assume(sum(quantity for _, quantity in named) < made)
    site = press(*(read(str(amount), str(place)) for place, (amount, _) in enumerate(named)))
    bills = (bill(str(electricity)), bill(str(heat), id="h", of="h"))
    calculation = worked(replace(site, bills=bills, outputs=(output("a", str(made), unit=PIECE),)))
    deliveries = [
        measured_delivery(calculation, "a", str(place), Fraction(quantity))
        for place, (_, quantity) in enumerate(named)
    ]
    left = _rest(calculation, deliveries)  # raises where they take more than there is
    taken = sum((one.quantity * _own(one.lines)["energy"].amount for one in deliveries), Fraction(0))
    total = made * _own(calculation.lines("a"))["energy"].amount
    assert left.own["energy"].amount * (left.produced or 0) + taken == total


def _own(lines: tuple) -> dict[str, Effect]:  # type: ignore[type-arg]
    return {one.value: Effect(Fraction(known_own(lines, HEADLINE[one]))) for one in Indicator}


def _rest(calculation: Calculation, deliveries: list[MeasuredDelivery]) -> ProductDataset:
    """What linking leaves of the product's published figures, once those of the deliveries are out."""
    produced = calculation.shares["a"].produced
    whole = ProductDataset(
        "a", "A", "us", "part", PIECE, YEAR, _own(calculation.lines("a")), {}, _recipe(calculation.lines("a")),
        produced=produced,
    )  # fmt: skip
    parts = [
        replace(whole, own=_own(one.lines), recipe=_recipe(one.lines), produced=one.quantity)
        for one in deliveries
    ]
    return remainder(whole, parts, produced - sum((one.quantity for one in deliveries), Fraction(0)))


def _recipe(lines: tuple) -> tuple[RecipeLine, ...]:  # type: ignore[type-arg]
    return tuple(
        RecipeLine(one["line"], one["name"], Fraction(one["amount"]["amount"]), KG, None, one["category"])
        for one in recipe_lines(lines)
    )
