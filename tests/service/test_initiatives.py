"""Initiatives as they are recorded: where, what, why, and whose demand they answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Place,
)
from exchange.services.context import Context
from exchange.services.initiatives import (
    add_initiative,
    get_initiative,
    list_initiatives,
    withdraw_initiative,
)
from exchange.services.products import NewProduct, get_product, register_product
from tests.datasets import request_line, sent
from tests.factories import acting, party
from tests.service.plant import Plant, plant

D = Decimal


@pytest.fixture
def firm(ctx: Context) -> Plant:
    return plant(ctx)


@pytest.fixture
def gas(firm: Plant) -> str:
    return firm.energy_of(2025, "9000", "15000")[1]


def heat_pump(firm: Plant, gas: str, **changes: Any) -> Initiative:
    """A third of the gas goes."""
    new = Initiative(
        title="Heat pump",
        effort=EffortIndicator.INVESTMENT,
        in_force=date(2026, 1, 1),
        place=Place(firm.site_id),
        motive=Motive.CUSTOMER_DEMANDS,
        changes=(ExpectedChange(gas, ChangeKind.RELATIVE, D("-0.3")),),
        investment=D(240_000),
        saving=D(60_000),
        customer_demand="Havn Byg asks for less CO2 per arm.",
    )
    return replace(new, **changes)


def test_what_is_recorded_is_read_back(firm: Plant, gas: str) -> None:
    view = add_initiative(firm.ctx, heat_pump(firm, gas))
    assert get_initiative(firm.ctx, view.id) == view
    assert list_initiatives(firm.ctx) == list_initiatives(firm.ctx, firm.site_id) == (view,)
    assert view.initiative == heat_pump(firm, gas, place=Place(firm.site_id, (gas,)))
    assert view.initiative.reach == heat_pump(firm, gas).reach
    assert view.initiative.payback_years == Fraction(4)  # 240 000 / 60 000
    assert view.request_id is None


def test_without_a_change_or_money_it_applies_to_the_whole_site(firm: Plant, gas: str) -> None:
    new = heat_pump(firm, gas, changes=(), investment=None, saving=None, customer_demand="")
    view = add_initiative(firm.ctx, new)
    assert view.initiative == new
    assert view.initiative.payback_years is None


def test_flows_may_be_named_without_a_change_of_theirs(firm: Plant, gas: str) -> None:
    grid = firm.energy_of(2024, "1", "1")[0]
    new = heat_pump(firm, gas, place=Place(firm.site_id, (gas, grid), firm.arm))
    assert add_initiative(firm.ctx, new).initiative == new


def test_the_newest_date_stands_first(firm: Plant, gas: str) -> None:
    later = add_initiative(firm.ctx, heat_pump(firm, gas, in_force=date(2027, 1, 1)))
    earlier = add_initiative(firm.ctx, heat_pump(firm, gas))
    assert list_initiatives(firm.ctx) == (later, earlier)


def test_it_may_answer_a_request_received_and_no_other(ctx: Context, firm: Plant, gas: str) -> None:
    customer = party(ctx, "Havn Byg")
    about = get_product(firm.ctx, firm.arm)
    received = sent(customer, firm.party, request_line(about))
    view = add_initiative(firm.ctx, heat_pump(firm, gas), received.id)
    assert view.request_id == received.id
    theirs = register_product(customer.ctx, NewProduct("H", "House", "H87", "house"))
    own = sent(firm.party, customer, request_line(theirs))
    for request_id in (own.id, "unknown"):
        with pytest.raises(NotFoundError):
            add_initiative(firm.ctx, heat_pump(firm, gas), request_id)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"title": "Heat\npump"}, "name.invalid", "/title"),
        ({"customer_demand": "x" * 501}, "initiative.demand", "/customer_demand"),
        ({"investment": D("0.1234567890123")}, "quantity.range", "/investment"),
        ({"saving": D(10) ** 15}, "quantity.range", "/saving"),
        (
            {"changes": (ExpectedChange("nothing", ChangeKind.RELATIVE, D("-0.3")),)},
            "initiative.flow_unknown",
            "/changes/0/flow",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(
    firm: Plant, gas: str, changes: dict[str, Any], code: str, path: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        add_initiative(firm.ctx, heat_pump(firm, gas, **changes))
    assert (refusal.value.error_code, refusal.value.path) == (code, path)
    assert list_initiatives(firm.ctx) == ()


def test_a_place_outside_the_site_is_refused_with_every_problem(firm: Plant, gas: str) -> None:
    new = heat_pump(firm, gas, place=Place(firm.site_id, (gas, "nothing"), "no product"))
    with pytest.raises(InvalidError) as refusal:
        add_initiative(firm.ctx, new)
    assert [(one.code, one.path) for one in refusal.value.problems] == [
        ("initiative.flow_unknown", "/place/flows/1"),
        ("initiative.product", "/place/product"),
    ]


def test_what_is_withdrawn_is_kept_and_listed_no_more(firm: Plant, gas: str) -> None:
    view = add_initiative(firm.ctx, heat_pump(firm, gas))
    withdrawn = withdraw_initiative(firm.ctx, view.id)
    assert withdrawn.withdrawn_at is not None
    assert list_initiatives(firm.ctx) == ()
    assert get_initiative(firm.ctx, view.id) == withdrawn
    with pytest.raises(ConflictError) as refusal:
        withdraw_initiative(firm.ctx, view.id)
    assert refusal.value.error_code == "row.withdrawn"


def test_another_organisation_sees_and_changes_nothing(ctx: Context, firm: Plant, gas: str) -> None:
    view = add_initiative(firm.ctx, heat_pump(firm, gas))
    stranger = party(ctx).ctx
    assert list_initiatives(stranger) == list_initiatives(stranger, firm.site_id) == ()
    for attempt in (
        lambda: get_initiative(stranger, view.id),
        lambda: withdraw_initiative(stranger, view.id),
        lambda: add_initiative(stranger, heat_pump(firm, gas)),
    ):
        with pytest.raises(NotFoundError):
            attempt()


def test_a_viewer_reads_and_does_not_record(firm: Plant, gas: str) -> None:
    view, viewer = add_initiative(firm.ctx, heat_pump(firm, gas)), acting(firm.party, Role.VIEWER)
    assert get_initiative(viewer, view.id) == view
    for attempt in (
        lambda: add_initiative(viewer, heat_pump(firm, gas)),
        lambda: withdraw_initiative(viewer, view.id),
    ):
        with pytest.raises(NotPermittedError):
            attempt()
