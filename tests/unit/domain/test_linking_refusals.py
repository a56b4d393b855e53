"""Bad input: refused naming product, line and remedy, while everybody else's figures stay (method section 3)."""

from __future__ import annotations

import time
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.linking import CoProduct, Effect, LinkedNetwork, LinkingError, ProductDataset
from exchange.domain.linking.align import MOST_DATASETS
from exchange.domain.periods import Period, year
from exchange.domain.quantities import UnitCode
from tests.unit.domain.linking_cases import (
    PIECE,
    amounts,
    delivery,
    effects,
    everything,
    f,
    line,
    network,
    node,
    product,
    reasons,
)

HUGE = Fraction(10) ** 300
LONG = Fraction(10**399 + 7, 10**398 + 9)  # 400 digits above and below, near 10
OAK = product("oak", "n", own=everything(co2e=2))


def refusal(linked: LinkedNetwork, name: str) -> LinkingError:
    """The refusal of a product, which says what to do."""
    found = linked.refusals[name]
    assert found.product == name and found.advice
    return found


def with_a_good_neighbour(bad: ProductDataset, *sent: object, **more: object) -> LinkedNetwork:
    """The bad product among others: table and oak keep their figures, 1 + 4 x 2 = 9 kg CO2e a table."""
    table = product("table", "t", unit=PIECE, recipe=(line("oak", 4),))
    linked = network(OAK, table, bad, deliveries=(delivery("oak", "t", 400), *sent), **more)  # type: ignore[arg-type]
    assert node(linked, "table").own["co2e"].amount + 4 * node(linked, "oak").own["co2e"].amount == 9
    assert (amounts(linked)[("oak", "table")], reasons(linked, "table")) == (4, set())
    return linked


def test_more_delivered_than_produced_names_product_amounts_and_remedy() -> None:
    pine = product("pine", "p", produced=f(100))
    found = refusal(with_a_good_neighbour(pine, delivery("pine", "x", 101)), "pine")
    assert (found.error_code, found.line) == ("linking.balance", "")
    assert "More of Pine was delivered (101 KGM) than was produced and drawn from stock (100)" in found.detail
    assert found.advice.startswith("State what was drawn from stock")


@pytest.mark.parametrize(
    ("scrap", "refused"), [("0.999", False), ("1", True), ("1.25", True)], ids=["less", "all", "more"]
)
def test_a_recipe_that_needs_more_of_itself_than_it_gives_is_refused(scrap: str, refused: bool) -> None:
    casting = product("casting", "c", recipe=(line("casting", scrap, named=True),))
    linked = with_a_good_neighbour(casting)
    assert ("casting" in linked.refusals) is refused
    if refused:
        found = refusal(linked, "casting")
        assert (found.error_code, found.line) == ("linking.loop_gain", "1")
        assert f"takes {scrap} KGM of Casting for each KGM made" in found.detail


def test_two_lines_that_together_need_all_of_a_product_are_refused() -> None:
    lines = (line("casting", "0.6", named=True), line("casting", "0.5", named=True))
    assert refusal(network(product("casting", "c", recipe=lines)), "casting").line == "1"


def test_a_unit_without_a_path_names_the_line() -> None:
    chair = product("chair", "c", unit=PIECE, recipe=(line("oak", 3, UnitCode.METRE, named=True),))
    found = refusal(with_a_good_neighbour(chair), "chair")
    assert (found.error_code, found.line) == ("linking.unit", "1")
    assert "Line 1 (oak) of Chair is stated in MTR, the product supplied in KGM" in found.detail


def test_a_delivery_in_a_unit_without_a_path_names_the_delivery() -> None:
    sent = delivery("pine", "x", 3, UnitCode.METRE)
    found = refusal(with_a_good_neighbour(product("pine", "p"), sent), "pine")
    assert (found.error_code, found.line) == ("linking.unit", "pine-x")


def test_periods_without_overlap_are_refused_naming_both() -> None:
    linked = with_a_good_neighbour(product("pine", "p", period=year(2024)))
    found = refusal(linked, "pine")
    assert found.error_code == "linking.no_overlap"
    assert found.detail.endswith(
        "are of 2024-01-01 to 2025-01-01 and hold no day between 2025-01-01 and 2026-01-01."
    )
    assert {one.key for one in linked.nodes} == {"oak", "table"}


BAD_AMOUNTS = pytest.mark.parametrize(
    "amount", [HUGE, 1 / HUGE, LONG, -HUGE], ids=["huge", "tiny", "long", "far below"]
)


@BAD_AMOUNTS
@pytest.mark.parametrize(
    "facts",
    [
        {"own": lambda bad: {**everything(), "co2e": Effect(bad)}},
        {"declared": lambda bad: {"co2e": Effect(bad)}},
        {"produced": lambda bad: bad},
        {"stock_drawn": lambda bad: bad},
        {"mass": lambda bad: bad},
        {"burden_free": lambda bad: bad},
        {"co_products": lambda bad: (CoProduct("bark", bad, "economic"),)},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_figure_no_double_can_hold_is_refused(facts: dict[str, object], amount: Fraction) -> None:
    ((name, make),) = facts.items()
    bad = product("pine", "p", **{name: make(amount)})  # type: ignore[operator]
    found = refusal(with_a_good_neighbour(bad, delivery("pine", "x", 5)), "pine")
    assert (found.error_code, found.line) == ("linking.range", "")


@BAD_AMOUNTS
@pytest.mark.parametrize(
    "facts",
    [
        lambda bad: line("oak", 0, named=True, mass=bad),
        lambda bad: line("oak", 1, named=True, explains={"co2e": bad}),
        lambda bad: line("oak", 1, named=True, measured_share=bad),
        lambda bad: line("oak", str(bad), named=True),
    ],
    ids=["mass", "explains", "measured_share", "amount"],
)
def test_a_line_no_double_can_hold_is_refused_by_its_number(facts: object, amount: Fraction) -> None:
    bad = product("chair", "c", recipe=(facts(amount),))  # type: ignore[operator]
    found = refusal(with_a_good_neighbour(bad), "chair")
    assert (found.error_code, found.line) == ("linking.range", "1")
    assert "Line 1 (oak) of Chair" in found.detail


@BAD_AMOUNTS
def test_a_delivered_amount_no_double_can_hold_refuses_the_product_delivered(amount: Fraction) -> None:
    linked = with_a_good_neighbour(
        product("pine", "p"),
        delivery("pine", "x", str(amount)),
        delivery("pine", "y", 1, own={"co2e": Effect(amount)}),
    )
    assert (refusal(linked, "pine").error_code, linked.refusals["pine"].line) == ("linking.range", "pine-x")
    assert [one.key for one in linked.nodes if one.product == "pine"] == ["pine"]


@pytest.mark.parametrize(
    "facts",
    [
        {"own": {**everything(), "water": Effect(f(-1))}},
        {"produced": f(-1)},
        {"recipe": (line("oak", -1),)},
        {"recipe": (line("oak", 1, measured_share=f("1.1")),)},
        {"recipe": (line("oak", 1, explains={"co2e": f(-1)}),)},
    ],
    ids=["own", "produced", "amount", "measured_share", "explains"],
)
def test_what_cannot_be_below_zero_or_more_than_the_whole_is_refused(facts: dict[str, object]) -> None:
    assert refusal(with_a_good_neighbour(product("pine", "p", **facts)), "pine").error_code == "linking.range"


def test_a_refused_recipe_still_claims_what_was_delivered_for_it() -> None:
    bad = product("chair", "c", recipe=(line("oak", str(HUGE)),))
    linked = network(OAK, bad, product("stool", "c"), deliveries=(delivery("oak", "c", 10),))
    assert (set(linked.refusals), linked.links) == ({"chair"}, ())


def test_windows_of_ever_other_lengths_do_not_cost_ever_more() -> None:
    # 4000 windows over the edge of the year, each of another length: the sum has no short fraction
    sent = tuple(
        delivery("pine", "x", 1, window=Period(date(2025, 12, 31), date(2026, 1, 1) + timedelta(days)))
        for days in range(1, 4001)
    )
    began = time.process_time()
    found = refusal(with_a_good_neighbour(product("pine", "p"), *sent), "pine")
    assert (found.error_code, found.line) == ("linking.too_fine", "pine-x")
    assert time.process_time() - began < 5


def test_datasets_nested_without_end_do_not_cost_ever_more() -> None:
    # each dataset holds all shorter ones, per a declared unit of its own: remainders of remainders
    several = [
        product(
            "pine",
            "p",
            period=Period(date(2025, 1, 1), date(2025, 1, 2) + timedelta(days)),
            produced=Fraction(10**12 + days, 10**6 + days),
            own=effects(co2e=str(Fraction(10**12 + 2 * days, 10**11 + 3 * days))),
        )
        for days in range(200)
    ]
    began = time.process_time()
    linked = network(OAK, *several)
    assert refusal(linked, "pine").error_code in {"linking.too_fine", "linking.remainder"}
    assert time.process_time() - began < 5


def test_more_datasets_than_a_period_can_need_are_refused() -> None:
    days = [date(2025, 1, 1) + timedelta(number % 365) for number in range(MOST_DATASETS + 1)]
    several = [
        product("pine", "p", period=Period(day, day + timedelta(1)), datasets=(str(number),))
        for number, day in enumerate(days)
    ]
    found = refusal(network(*several), "pine")
    assert (found.error_code, found.detail[:22]) == ("linking.too_many", "401 datasets of Pine a")


numbers = st.one_of(
    st.just(HUGE),
    st.just(LONG),
    st.just(Fraction(0)),
    st.fractions(min_value=-1, max_value=10),
    st.builds(Fraction, st.integers(0, 10**40), st.integers(1, 10**40)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=9, max_size=9))
def test_whatever_one_maker_states_the_others_keep_their_figures(stated: list[Fraction]) -> None:
    own, produced, stock, mass, used, part, sent, measured, share = stated
    bad = product(
        "pine",
        "p",
        own={**everything(), "co2e": Effect(own)},
        produced=produced,
        stock_drawn=stock,
        mass=mass,
        recipe=(
            line("oak", str(used), mass=part, explains={"co2e": part}),
            line("pine", str(part), named=True),
        ),
        co_products=(CoProduct("bark", share, "economic"),),
    )
    linked = network(
        OAK,
        product("table", "t", unit=PIECE, recipe=(line("oak", 4),)),
        bad,
        product("bark", "p", own={}, recipe=None),
        deliveries=(
            delivery("oak", "t", 400),
            delivery("oak", "p", 1),
            delivery("pine", "x", str(sent)),
            delivery("pine", "y", str(sent), own={"co2e": Effect(measured)}),
        ),
    )
    assert set(linked.refusals) <= {"pine", "bark"}
    assert (amounts(linked)[("oak", "table")], reasons(linked, "table")) == (4, set())
    for one in linked.nodes:
        assert all(abs(float(effect.amount)) < 1e308 for effect in one.own.values())
    assert all(0 < float(one.per_unit) < 1e308 for one in linked.links)
