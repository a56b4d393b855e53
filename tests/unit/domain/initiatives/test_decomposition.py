"""A change of own effect by cause, by hand, and what holds for every pair of periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.errors import InvalidError
from exchange.domain.initiatives import REST, Cause, PeriodModel, Place, Use, decompose

F = Fraction
SITE = Place("site")
B_POWER = Place("site", ("power",), "b")


def model(
    volumes: Mapping[str, int],
    uses: Mapping[tuple[str, str], int],
    factors: Mapping[str, str] | None = None,
    **more: object,
) -> PeriodModel:
    """A period of whole amounts by product and flow; every factor is 1 where none is given."""
    flows = {flow: F(1) for _, flow in uses}
    return PeriodModel(
        {product: F(made) for product, made in volumes.items()},
        tuple(Use(product, flow, F(amount)) for (product, flow), amount in uses.items()),
        {**flows, **{flow: F(factor) for flow, factor in (factors or {}).items()}},
        **more,  # type: ignore[arg-type]
    )


def causes(before: PeriodModel, after: PeriodModel, place: Place = SITE) -> dict[str, Fraction]:
    """The causes that are not 0, after checking that all sum to the change."""
    found = decompose(before, after, place)
    assert list(found) == list(Cause)
    assert sum(found.values()) == after.total - before.total
    return {cause.value: part for cause, part in found.items() if part}


def test_volume_mix_and_intensity_by_hand() -> None:
    # 60 a at 2 kWh and 40 b at 5 kWh become 60 a at 2 and 60 b at 4, each kWh 0.5 kg: 160 kg become 180 kg.
    # kWh per piece, shares (mix) 0.6/0.4 or 0.5/0.5, b at 5 or 4: 3.2, 2.8 (b at 4), 3.5 (mix), 3.0 (both);
    # kWh with 100 pieces 320, 280, 350, 300; with 120 pieces 384, 336, 420, 360.
    # Shapley of three: a third of the first and of the last step, a sixth of each step between:
    # volume (384-320)/3 + (420-350)/6 + (336-280)/6 + (360-300)/3 = 187/3 kWh = 187/6 kg
    # mix (350-320)/3 + (420-384)/6 + (300-280)/6 + (360-336)/3 = 82/3 kWh = 41/3 kg
    # b's use (280-320)/3 + (336-384)/6 + (300-350)/6 + (360-420)/3 = -149/3 kWh = -149/6 kg
    before = model({"a": 60, "b": 40}, {("a", "power"): 120, ("b", "power"): 200}, {"power": "0.5"})
    after = model({"a": 60, "b": 60}, {("a", "power"): 120, ("b", "power"): 240}, {"power": "0.5"})
    assert (before.total, after.total) == (160, 180)
    assert causes(before, after, B_POWER) == {
        "volume": F(187, 6),
        "mix": F(41, 3),
        "intensity_where": F(-149, 6),
    }
    elsewhere = causes(before, after, Place("site", ("gas",)))
    assert elsewhere == {"volume": F(187, 6), "mix": F(41, 3), "intensity_elsewhere": F(-149, 6)}


def test_two_causes_at_work_share_what_they_do_together() -> None:
    # 10 kWh a piece at 0.2 kg become 8 kWh at 0.1 kg, for 100 pieces: 200 kg become 80 kg
    # use: half of -2 x 0.2 and -2 x 0.1, x 100 = -30; factor: half of 10 x -0.1 and 8 x -0.1, x 100 = -90
    before = model({"a": 100}, {("a", "power"): 1000}, {"power": "0.2"})
    after = model({"a": 100}, {("a", "power"): 800}, {"power": "0.1"})
    assert causes(before, after) == {"intensity_where": F(-30), "factors": F(-90)}


def test_a_product_made_in_one_period_only_is_mix_and_volume_and_no_intensity() -> None:
    # 10 a at 1 kWh; then 10 a at 1 and 10 b at 3. Volume: half of 10 x 1 and of 10 x 2 = 15; mix: half of
    # 10 x (2 - 1) and of 20 x (2 - 1) = 15; together 40 - 10 = 30
    before = model({"a": 10}, {("a", "power"): 10})
    after = model({"a": 10, "b": 10}, {("a", "power"): 10, ("b", "power"): 30})
    assert causes(before, after) == {"volume": F(15), "mix": F(15)}
    assert causes(after, before) == {"volume": F(-15), "mix": F(-15)}


def test_a_flow_used_in_one_period_only_is_intensity() -> None:
    before = model({"a": 10}, {("a", "gas"): 20}, {"gas": "2"})
    after = model({"a": 10}, {("a", "heat"): 15})
    gas = Place("site", ("gas",))
    assert causes(before, after, gas) == {"intensity_where": F(-40), "intensity_elsewhere": F(15)}


def test_nothing_produced_in_one_period_is_volume_and_what_runs_on_is_intensity() -> None:
    made = model({"a": 10}, {("a", "power"): 30})
    still = model({"a": 0}, {("a", "power"): 5})
    # the 5 kWh follow no volume: they are use without production
    assert causes(made, still) == {"volume": F(-30), "intensity_where": F(5)}
    assert causes(still, made) == {"volume": F(30), "intensity_where": F(-5)}
    nothing = model({}, {})
    assert causes(nothing, made) == {"volume": F(30)}
    assert causes(nothing, nothing) == {}


def test_what_no_product_explains_does_not_follow_volume() -> None:
    before = model({"a": 10}, {("a", "power"): 30, (REST, "power"): 7})
    after = model({"a": 20}, {("a", "power"): 60, (REST, "power"): 9})
    assert causes(before, after) == {"volume": F(30), "intensity_where": F(2)}
    assert causes(before, after, Place("site", (), "a")) == {"volume": F(30), "intensity_elsewhere": F(2)}


def test_suppliers_of_one_input_are_mix() -> None:
    # 10 kg of steel at 2, then 5 at 2 and 5 at 1: 20 become 15, as much steel as before
    inputs = {"steel of x": "steel", "steel of y": "steel"}
    factors = {"steel of x": "2", "steel of y": "1"}
    before = model({"a": 1}, {("a", "steel of x"): 10}, factors, inputs=inputs)
    after = model({"a": 1}, {("a", "steel of x"): 5, ("a", "steel of y"): 5}, factors, inputs=inputs)
    assert causes(before, after) == {"mix": F(-5)}
    apart = causes(replace(before, inputs={}), replace(after, inputs={}), Place("site", ("steel of x",)))
    assert apart == {"intensity_where": F(-10), "intensity_elsewhere": F(5)}


def months(amounts: Mapping[str, int], **more: object) -> PeriodModel:
    """One product, ten pieces, power by month at 0.5."""
    uses = tuple(Use("a", "power", F(amount), month) for month, amount in amounts.items())
    return PeriodModel({"a": F(10)}, uses, {"power": F(1, 2)}, **more)  # type: ignore[arg-type]


def test_a_month_without_data_is_the_data_basis_and_no_saving() -> None:
    whole = months({"01": 100, "02": 80, "03": 60})
    short = months({"01": 90, "02": 80}, not_covered=frozenset({("power", "03")}))
    # March: -60 x 0.5 = -30; January: -10 x 0.5 = -5
    assert causes(whole, short) == {"intensity_where": F(-5), "data_basis": F(-30)}
    assert causes(short, whole) == {"intensity_where": F(5), "data_basis": F(30)}


def test_a_years_bill_against_a_year_with_a_gap_is_the_data_basis_whole() -> None:
    bill = months({"": 240})
    short = months({"01": 90, "02": 80}, not_covered=frozenset({("power", "03")}))
    assert causes(bill, short) == {"data_basis": F(-35)}
    uncovered = months({}, not_covered=frozenset({("power", "")}))
    assert causes(bill, uncovered) == {"data_basis": F(-120)}


def test_a_year_by_bill_and_a_year_by_month_compare_where_nothing_is_missing() -> None:
    assert causes(months({"": 240}), months({"01": 100, "02": 120})) == {"intensity_where": F(-10)}


def test_another_method_is_a_line_of_its_own() -> None:
    before = months({"": 240}, method_adjustment=F(3))
    assert causes(before, months({"": 240}, method_adjustment=F(-4))) == {"method": F(-7)}


@pytest.mark.parametrize(
    ("code", "volumes", "uses", "factors"),
    [
        ("observation.volume", {"a": F(-1)}, (), {}),
        ("observation.rest", {REST: F(1)}, (), {}),
        ("observation.amount", {}, (Use("a", "power", F(-1)),), {"power": F(1)}),
        ("observation.factor", {}, (Use("a", "power", F(1)),), {}),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    code: str, volumes: dict[str, Fraction], uses: tuple[Use, ...], factors: dict[str, Fraction]
) -> None:
    with pytest.raises(InvalidError) as refused:
        PeriodModel(volumes, uses, factors)
    assert refused.value.error_code == code


PRODUCTS, FLOWS, PARTS = ("a", "b", "c"), ("x", "y", "z"), ("", "1", "2")
small = st.integers(0, 4).map(F)
uses = st.lists(
    st.builds(Use, st.sampled_from((*PRODUCTS, REST)), st.sampled_from(FLOWS), small, st.sampled_from(PARTS)),
    max_size=7,
).map(tuple)
periods = st.builds(
    PeriodModel,
    st.dictionaries(st.sampled_from(PRODUCTS), small),
    uses,
    st.fixed_dictionaries({flow: st.integers(-2, 5).map(F) for flow in FLOWS}),
    inputs=st.just({"x": "xy", "y": "xy"}),
    not_covered=st.frozensets(st.tuples(st.sampled_from(FLOWS), st.sampled_from(PARTS)), max_size=2),
    method_adjustment=small,
)
places = st.builds(
    Place,
    st.just("site"),
    st.lists(st.sampled_from(FLOWS), max_size=2, unique=True).map(tuple),
    st.sampled_from((None, *PRODUCTS)),
)


@settings(max_examples=60, deadline=None)
@given(periods, periods, places)
def test_causes_sum_exactly_and_the_way_back_is_the_same_way(
    before: PeriodModel, after: PeriodModel, place: Place
) -> None:
    there, back = decompose(before, after, place), decompose(after, before, place)
    assert sum(there.values()) == after.total - before.total
    assert back == {cause: -part for cause, part in there.items()}


@settings(max_examples=40, deadline=None)
@given(periods, periods, places)
def test_a_cause_that_did_not_change_did_nothing(
    before: PeriodModel, after: PeriodModel, place: Place
) -> None:
    alike = replace(
        after,
        volumes=before.volumes,
        factors=before.factors,
        not_covered=before.not_covered,
        method_adjustment=before.method_adjustment,
    )
    found = decompose(replace(before, inputs={}), replace(alike, inputs={}), place)
    for cause in (Cause.VOLUME, Cause.MIX, Cause.FACTORS, Cause.METHOD):
        assert found[cause] == 0
    assert not any(decompose(before, before, place).values())


def renamed(period: PeriodModel, names: Mapping[str, str]) -> PeriodModel:
    """The period with products and flows under other names and its rows the other way round."""

    def name(old: str) -> str:
        return names.get(old, old)

    return replace(
        period,
        volumes={name(product): made for product, made in reversed(list(period.volumes.items()))},
        uses=tuple(
            replace(use, product=name(use.product), flow=name(use.flow)) for use in reversed(period.uses)
        ),
        factors={name(flow): factor for flow, factor in period.factors.items()},
        inputs={name(flow): kind for flow, kind in period.inputs.items()},
        not_covered=frozenset((name(flow), part) for flow, part in period.not_covered),
    )


@settings(max_examples=40, deadline=None)
@given(periods, periods, places)
def test_names_and_order_change_nothing(before: PeriodModel, after: PeriodModel, place: Place) -> None:
    names = {"a": "c", "c": "b", "b": "a", "x": "z", "z": "y", "y": "x"}
    product = None if place.product is None else names[place.product]
    moved = Place("site", tuple(names[flow] for flow in place.flows), product)
    again = decompose(renamed(before, names), renamed(after, names), moved)
    assert again == decompose(before, after, place)


def in_other_units(period: PeriodModel, scale: Mapping[str, Fraction], volume: Fraction) -> PeriodModel:
    """The same period with flows and products counted in other units."""
    return replace(
        period,
        volumes={product: made * volume for product, made in period.volumes.items()},
        uses=tuple(replace(use, amount=use.amount * scale[use.flow]) for use in period.uses),
        factors={flow: factor / scale[flow] for flow, factor in period.factors.items()},
    )


@settings(max_examples=40, deadline=None)
@given(periods, periods, places)
def test_units_change_nothing(before: PeriodModel, after: PeriodModel, place: Place) -> None:
    # flows of one input share a unit: x and y together
    scale = {"x": F(1000), "y": F(1000), "z": F(18, 5)}
    one, two = (in_other_units(period, scale, F(1, 1000)) for period in (before, after))
    assert decompose(one, two, place) == decompose(before, after, place)


def halved(period: PeriodModel) -> PeriodModel:
    """The period with product a told as two halves."""
    volumes = {product: made for product, made in period.volumes.items() if product != "a"}
    if "a" in period.volumes:
        volumes |= dict.fromkeys(("a1", "a2"), period.volumes["a"] / 2)
    kept = tuple(use for use in period.uses if use.product != "a")
    halves = tuple(
        replace(use, product=half, amount=use.amount / 2)
        for use in period.uses
        if use.product == "a"
        for half in ("a1", "a2")
    )
    return replace(period, volumes=volumes, uses=kept + halves)


@settings(max_examples=40, deadline=None)
@given(periods, periods)
def test_one_product_told_as_two_halves_changes_nothing(before: PeriodModel, after: PeriodModel) -> None:
    place = Place("site", ("x",))
    assert decompose(halved(before), halved(after), place) == decompose(before, after, place)
