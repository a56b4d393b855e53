"""Factors an organisation brings: checked, before the exchange's own, withdrawn but never edited."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.domain.factors import FactorBasis, FactorOrigin, factors
from exchange.domain.own_factors import OwnRow
from exchange.domain.quantities import UnitCode
from exchange.services.context import Context
from exchange.services.own_factors import add_own_factor, factor_book, list_factors, withdraw_own_factor
from tests.accounts import YEAR
from tests.datasets import contents
from tests.factories import Party, acting, party

KEY = "co2e_market.electricity_grid"
ROW = OwnRow(
    key=KEY,
    value=Decimal("0.012"),
    result=UnitCode.KILOGRAM,
    activity=UnitCode.KILOWATT_HOUR,
    source="Supplier's declaration for 2025, March 2026",
    year=2025,
    geography="DK",
    basis=FactorBasis.LIFE_CYCLE,
    gwp_set="AR5",
    valid_from=date(2025, 1, 1),
    valid_to=date(2026, 1, 1),
    note="Wind power, guarantees of origin",
)


def test_own_factor_goes_before_and_comes_back_whole(ctx: Context, firm: Party) -> None:
    added = add_own_factor(firm.ctx, ROW)
    book = factor_book(firm.ctx)
    assert book.find(KEY, FactorBasis.LIFE_CYCLE, YEAR) == added.factor
    assert added.factor.origin is FactorOrigin.OWN
    assert (added.factor.value, added.factor.note) == (Decimal("0.012"), ROW.note)
    listed = list_factors(firm.ctx)
    assert listed[0] == added
    assert [one.factor for one in listed[1:]] == list(factors())
    assert all(one.id is None for one in listed[1:])
    assert factor_book(party(ctx).ctx).own == ()


def test_withdrawn_factor_holds_no_longer_and_makes_room(firm: Party) -> None:
    added = add_own_factor(firm.ctx, ROW)
    withdraw_own_factor(firm.ctx, added.id or "")
    assert factor_book(firm.ctx).own == ()
    with pytest.raises(ConflictError) as refusal:
        withdraw_own_factor(firm.ctx, added.id or "")
    assert refusal.value.error_code == "factor.withdrawn"
    add_own_factor(firm.ctx, ROW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "co2e.hope"}, "factor.key"),
        ({"value": Decimal("-1")}, "factor.value"),
        ({"source": "a letter"}, "factor.source"),
        ({"source": "x" * 501}, "factor.text"),
        ({"note": "a\x00"}, "factor.text"),
        ({"licence": "x" * 201}, "factor.text"),
    ],
)
def test_factor_that_breaks_a_rule_is_refused(firm: Party, change: dict[str, Any], code: str) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        add_own_factor(firm.ctx, ROW._replace(**change))
    assert refusal.value.error_code == code
    assert contents(firm.ctx.store) == before


def test_two_factors_never_hold_on_the_same_day(firm: Party) -> None:
    add_own_factor(firm.ctx, ROW)
    with pytest.raises(InvalidError) as refusal:
        add_own_factor(firm.ctx, ROW._replace(valid_from=date(2025, 7, 1), valid_to=None))
    assert refusal.value.error_code == "factor.twice"
    add_own_factor(firm.ctx, ROW._replace(valid_from=date(2026, 1, 1), valid_to=None))


def test_another_organisations_factor_is_not_found_and_a_viewer_adds_none(ctx: Context, firm: Party) -> None:
    added = add_own_factor(firm.ctx, ROW)
    with pytest.raises(NotFoundError):
        withdraw_own_factor(party(ctx).ctx, added.id or "")
    with pytest.raises(NotPermittedError):
        add_own_factor(acting(firm, Role.VIEWER), ROW)
    assert factor_book(firm.ctx).own == (added.factor,)
