"""Price indices an organisation brings: one per branch, year and base year, the newest edition counting."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.deflators import Deflator, deflators
from exchange.domain.errors import InvalidError, NotPermittedError
from exchange.domain.factors import FactorOrigin
from exchange.services.context import Context
from exchange.services.deflators import add_own_deflator, deflator_book, list_deflators
from tests.datasets import contents
from tests.factories import Party, acting, party

ROW = Deflator(
    "CH", 2025, Decimal("108.4"), 2020, "National accounts table, read in June 2026", "CC BY 4.0", "2026-06"
)


def test_own_index_goes_before_and_a_newer_edition_takes_its_place(ctx: Context, firm: Party) -> None:
    added = add_own_deflator(firm.ctx, ROW)
    assert added == replace(ROW, origin=FactorOrigin.OWN)
    assert deflator_book(firm.ctx).find("CH", 2025, 2020) == added
    revised = add_own_deflator(firm.ctx, replace(ROW, index=Decimal("108.9"), edition="2026-11"))
    assert deflator_book(firm.ctx).own == (revised,)
    assert list_deflators(firm.ctx) == (revised, *deflators())
    assert deflator_book(party(ctx).ctx).own == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"branch": "A"}, "deflator.branch"),
        ({"index": Decimal(0)}, "deflator.index"),
        ({"edition": "June"}, "deflator.edition"),
        ({"source": "x" * 501}, "deflator.text"),
        ({"licence": "x" * 201}, "deflator.text"),
    ],
)
def test_index_that_breaks_a_rule_is_refused(firm: Party, change: dict[str, Any], code: str) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        add_own_deflator(firm.ctx, replace(ROW, **change))
    assert refusal.value.error_code == code
    assert contents(firm.ctx.store) == before


def test_viewer_adds_none(firm: Party) -> None:
    with pytest.raises(NotPermittedError):
        add_own_deflator(acting(firm, Role.VIEWER), ROW)
