"""The company's years: set, replaced, read oldest first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotPermittedError
from exchange.services.company_years import CompanyYear, list_company_years, set_company_year
from exchange.services.context import Context
from tests.datasets import contents
from tests.factories import Party, acting, party

GOOD = CompanyYear(2025, Decimal("12500000.50"), False, Decimal("40000000"), Decimal("23.5"))


def test_year_is_set_and_replaced(ctx: Context, firm: Party) -> None:
    first = set_company_year(firm.ctx, GOOD)
    set_company_year(firm.ctx, replace(GOOD, year=2024))
    assert replace(first, changed_at=None) == GOOD
    assert [one.year for one in list_company_years(firm.ctx)] == [2024, 2025]
    again = set_company_year(firm.ctx, CompanyYear(2025, Decimal("-3"), True))
    assert (again.value_added, again.is_proxy, again.turnover) == (Decimal(-3), True, None)
    assert list_company_years(firm.ctx)[1] == again
    assert list_company_years(party(ctx).ctx) == ()


def test_proxy_stands_for_a_figure_that_is_there(firm: Party) -> None:
    assert not set_company_year(firm.ctx, CompanyYear(2025, None, True, Decimal(1))).is_proxy


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"year": 1989}, "year.range", "/year"),
        ({"turnover": Decimal(-1)}, "year.turnover", "/turnover"),
        ({"employees": Decimal(-1)}, "year.employees", "/employees"),
        ({"employees": Decimal("NaN")}, "quantity.range", "/employees"),
        ({"value_added": Decimal("1E+20")}, "quantity.range", "/value_added"),
    ],
)
def test_year_that_cannot_be_is_refused(firm: Party, change: dict[str, Any], code: str, path: str) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        set_company_year(firm.ctx, replace(GOOD, **change))
    assert (refusal.value.error_code, refusal.value.path) == (code, path)
    assert contents(firm.ctx.store) == before


def test_viewer_sets_nothing(firm: Party) -> None:
    with pytest.raises(NotPermittedError):
        set_company_year(acting(firm, Role.VIEWER), GOOD)
