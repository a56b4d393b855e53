"""Flows: once each, however often and in whatever unit they are entered; and the keys they are spread by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.calculation.account import (
    Energy,
    FlowDetail,
    KeyMethod,
    Material,
    Waste,
    Water,
)
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.quantities import UnitCode
from exchange.services import flows
from exchange.services.context import Context
from exchange.services.flow_details import detail_of, identity_of, kind_of_detail, stored_detail
from exchange.services.flows import NewFlow, add_flow, list_flows, set_flow_input, set_flow_key
from exchange.services.sites import Site
from exchange.services.spreading_keys import NewKey, change_key, list_keys
from tests.accounts import GRID, KG, KWH, M3, PIECE, flow, site
from tests.datasets import contents, product
from tests.factories import Party, party

STEEL = Material(post_consumer=Decimal("0.40"), country="SE", supplier="Nordic Steel")
DETAILS: list[tuple[FlowDetail, str]] = [
    (GRID, "energy"),
    (Energy("wood", "renewable"), "energy"),
    (Water("groundwater"), "water"),
    (STEEL, "material"),
    (Material(Decimal("0.25"), bio_based=Decimal(1), level="sales"), "material"),
    (Waste("120101", "recycling", "R4"), "waste"),
]


@pytest.mark.parametrize(("detail", "kind"), DETAILS)
def test_description_comes_back_as_it_was_stored(detail: FlowDetail, kind: str) -> None:
    assert kind_of_detail(detail) == kind
    assert detail_of(kind, stored_detail(detail)) == detail


@pytest.mark.parametrize(
    ("detail", "given", "accounted"),
    [
        (GRID, UnitCode.MEGAWATT_HOUR, KWH),
        (Energy("natural_gas"), M3, KWH),
        (Water(), UnitCode.LITRE, M3),
        (Waste("120101", "recycling"), UnitCode.TONNE, KG),
        (STEEL, UnitCode.TONNE, KG),
        (Material(Decimal("0.5")), PIECE, PIECE),
    ],
)
def test_flow_is_accounted_in_the_unit_of_its_kind(
    firm: Party, works: Site, detail: FlowDetail, given: UnitCode, accounted: UnitCode
) -> None:
    made = flow(firm, works, detail, "Thing", given)
    assert made.unit is accounted
    assert list_flows(firm.ctx, works.id) == (made,)
    mass_key = next(key for key in list_keys(firm.ctx, works.id) if key.method is KeyMethod.MASS)
    assert made.key_id == mass_key.id


def test_same_thing_entered_again_is_the_same_flow(firm: Party, works: Site) -> None:
    first = flow(firm, works, STEEL, "Steel sheet", KG)
    again = Material(post_consumer=Decimal("0.4"), country="SE", supplier="Nordic Steel", mass=Decimal(1))
    assert flow(firm, works, again, " steel   SHEET ", UnitCode.TONNE) == first
    assert list_flows(firm.ctx, works.id) == (first,)


def test_other_description_name_or_site_is_another_flow(firm: Party, works: Site) -> None:
    flow(firm, works, STEEL, "Steel sheet", KG)
    flow(firm, works, Material(), "Steel sheet", KG)
    flow(firm, works, STEEL, "Steel coil", KG)
    assert len(list_flows(firm.ctx, works.id)) == 3
    other = site(firm)
    assert flow(firm, other, STEEL, "Steel sheet", KG).site_id == other.id


def test_identity_depends_on_a_counted_unit_only(firm: Party) -> None:
    detail = Material(Decimal("2"))
    assert identity_of("Box", detail, PIECE) != identity_of("Box", detail, UnitCode.METRE)
    assert identity_of("Box", detail, KG) == identity_of("Box", detail, UnitCode.TONNE)
    assert len(identity_of("x" * 200, detail, PIECE)) <= 400


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        (Energy("uranium"), "flow.carrier"),
        (Energy("electricity_grid", "green"), "flow.origin"),
        (Water("tap"), "flow.source"),
        (Waste("999999", "recycling"), "waste.code"),
        (Waste("120101", "burying"), "waste.treatment"),
        (Waste("120101", "recycling", "R14"), "waste.operation"),
        (Material(post_consumer=Decimal("0.7"), bio_based=Decimal("0.4")), "material.share"),
        (Material(pre_consumer=Decimal("-0.1")), "material.share"),
        (Material(pre_consumer=Decimal("NaN")), "material.share"),
        (Material(Decimal(0)), "material.mass"),
        (Material(level="pallet"), "material.level"),
        (Material(country="Sweden"), "material.country"),
    ],
)
def test_flow_that_is_not_described_as_the_field_does_is_refused(
    firm: Party, works: Site, detail: FlowDetail, code: str
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        flow(firm, works, detail, "Thing", PIECE)
    assert refusal.value.error_code == code
    assert refusal.value.advice
    assert contents(firm.ctx.store) == before


def test_recipe_line_is_filled_in_once_and_not_contradicted(ctx: Context, firm: Party, works: Site) -> None:
    supplied = product(party(ctx))
    first = flow(firm, works, STEEL, "Steel sheet", KG)
    new = NewFlow("Steel sheet", STEEL, KG, "steel-sheet", supplied.id)
    filled = add_flow(firm.ctx, works.id, new)
    assert (filled.id, filled.category, filled.product) == (first.id, "steel-sheet", supplied.id)
    with pytest.raises(InvalidError) as refusal:
        add_flow(firm.ctx, works.id, NewFlow("Steel sheet", STEEL, KG, "steel"))
    assert refusal.value.error_code == "flow.contradicts"
    changed = set_flow_input(firm.ctx, first.id, "steel")
    assert (changed.category, changed.product) == ("steel", "")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"category": "Steel sheet"}, "flow.category"),
        ({"category": "a" * 81}, "flow.category"),
        ({"product": "unknown"}, "flow.product"),
    ],
)
def test_recipe_line_nobody_could_link_is_refused(
    firm: Party, works: Site, given: dict[str, Any], code: str
) -> None:
    made = flow(firm, works, STEEL, "Steel sheet", KG)
    with pytest.raises(InvalidError) as refusal:
        add_flow(firm.ctx, works.id, NewFlow("Other", STEEL, KG, **given))
    assert refusal.value.error_code == code
    with pytest.raises(InvalidError) as refusal:
        set_flow_input(firm.ctx, made.id, **given)
    assert refusal.value.error_code == code


def test_unlisted_product_of_somebody_else_cannot_be_named(ctx: Context, firm: Party, works: Site) -> None:
    hidden = product(party(ctx), listed=False)
    with pytest.raises(InvalidError) as refusal:
        add_flow(firm.ctx, works.id, NewFlow("Steel", STEEL, KG, product=hidden.id))
    assert refusal.value.error_code == "flow.product"
    own = product(firm, listed=False)
    assert add_flow(firm.ctx, works.id, NewFlow("Steel", STEEL, KG, product=own.id)).product == own.id


def test_flow_is_spread_by_another_key_of_its_site(firm: Party, works: Site) -> None:
    made = flow(firm, works)
    key = next(key for key in list_keys(firm.ctx, works.id) if key.method is KeyMethod.MACHINE_HOURS)
    assert set_flow_key(firm.ctx, made.id, key.id).key_id == key.id
    assert add_flow(firm.ctx, works.id, NewFlow("Water", Water(), M3, key_id=key.id)).key_id == key.id
    elsewhere = list_keys(firm.ctx, site(firm).id)[0]
    with pytest.raises(NotFoundError):
        set_flow_key(firm.ctx, made.id, elsewhere.id)
    with pytest.raises(NotFoundError):
        add_flow(firm.ctx, works.id, NewFlow("Rain", Water("rainwater"), M3, key_id=elsewhere.id))


def test_another_organisations_flow_site_and_key_are_not_found(
    ctx: Context, firm: Party, works: Site
) -> None:
    stranger = party(ctx)
    made = flow(firm, works)
    key = list_keys(firm.ctx, works.id)[0]
    own = flow(stranger, site(stranger))
    before = contents(ctx.store)
    for act in (
        lambda: add_flow(stranger.ctx, works.id, NewFlow("Mine", GRID, KWH)),
        lambda: list_flows(stranger.ctx, works.id),
        lambda: set_flow_key(stranger.ctx, made.id, key.id),
        lambda: set_flow_key(stranger.ctx, own.id, key.id),
        lambda: set_flow_input(stranger.ctx, made.id, "steel"),
        lambda: add_flow(stranger.ctx, own.site_id, NewFlow("Mine", GRID, KWH, key_id=key.id)),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert contents(ctx.store) == before


def test_renamed_first_key_still_serves_new_flows(firm: Party, works: Site) -> None:
    mass = next(key for key in list_keys(firm.ctx, works.id) if key.method is KeyMethod.MASS)
    change_key(firm.ctx, mass.id, NewKey("By weight", KeyMethod.MASS))
    assert flow(firm, works).key_id == mass.id
    assert flows.list_flows(firm.ctx, works.id)[0].key_id == mass.id
