"""A site's account as the calculation reads it: whole, of one site, in the same few questions however long it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from exchange.domain.calculation.account import (
    CoProduct,
    KeyMethod,
    Material,
    Product,
    SharingRule,
    SiteAccount,
)
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.figures import calculate
from exchange.domain.errors import NotFoundError
from exchange.domain.factors import FactorBook
from exchange.domain.periods import Period
from exchange.domain.quantities import UnitCode
from exchange.services.bills import withdraw_bill
from exchange.services.context import Context
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.readings import NewReading, enter_reading
from exchange.services.site_accounts import load_account
from exchange.services.site_products import ByProductOf, set_site_product
from exchange.services.sites import Site
from tests.accounts import KG, YEAR, amount, bill, flow, month, site, statements
from tests.datasets import product
from tests.factories import Party, party


def test_everything_entered_is_in_the_account(firm: Party, works: Site) -> None:
    power = flow(firm, works)
    steel = flow(firm, works, Material(post_consumer=Decimal("0.4")), "Steel", KG)
    chair, dust = product(firm, "Chair", unit="H87"), product(firm, "Sawdust")
    set_site_product(firm.ctx, works.id, chair.id, Decimal("4.25"))
    relation = ByProductOf(chair.id, SharingRule.SUBDIVISION, Decimal("0.08"), "030105", "gives")
    set_site_product(firm.ctx, works.id, dust.id, by_product=relation)
    billed = bill(firm, power, month(1), number="E-1", meter="571")
    gone = bill(firm, power, month(2))
    withdraw_bill(firm.ctx, gone.id)
    bought = bill(firm, steel, Period(date(2024, 12, 1), date(2025, 2, 1)), "900", KG)
    read = enter_reading(firm.ctx, works.id, NewReading(power.id, chair.id, month(1), amount("300")))
    made = enter_output(firm.ctx, works.id, NewOutput(chair.id, month(1), amount("50", UnitCode.PIECE)))

    account = load_account(firm.ctx, works.id, YEAR)
    assert {one.id: (one.detail, one.unit, one.key) for one in account.flows} == {
        power.id: (power.detail, power.unit, power.key_id),
        steel.id: (steel.detail, steel.unit, steel.key_id),
    }
    assert [(one.id, one.flow, one.amount) for one in account.bills] == [
        (bought.id, steel.id, amount("900", KG)),
        (billed.id, power.id, amount("12000")),
    ]
    assert (account.bills[1].number, account.bills[1].meter) == ("E-1", "571")
    assert [(one.id, one.product) for one in account.readings] == [(read.id, chair.id)]
    assert [(one.id, one.product) for one in account.outputs] == [(made.id, chair.id)]
    assert Product(chair.id, "Chair", UnitCode.PIECE, Decimal("4.25")) in account.products
    assert account.co_products == (
        CoProduct(dust.id, chair.id, SharingRule.SUBDIVISION, Decimal("0.08"), "030105", "gives"),
    )
    assert {one.method for one in account.keys} == set(KeyMethod) - {KeyMethod.SHARES}


def test_account_can_be_calculated(firm: Party, works: Site) -> None:
    bill(firm, flow(firm, works), YEAR, "120000")
    made = product(firm)
    enter_output(firm.ctx, works.id, NewOutput(made.id, YEAR, amount("1000", KG)))
    result = calculate(load_account(firm.ctx, works.id, YEAR), FactorBook())
    assert result.own(made.id, [Column.ENERGY]) == 432  # MJ for a kg: 120 000 kWh x 3.6 / 1 000 kg


def test_rows_outside_the_period_or_of_another_site_are_not_in_it(firm: Party, works: Site) -> None:
    bill(firm, flow(firm, works), Period(date(2024, 1, 1), date(2025, 1, 1)), "120000")
    bill(firm, flow(firm, site(firm)), month(1))
    assert load_account(firm.ctx, works.id, YEAR).bills == ()


def test_number_of_questions_does_not_grow_with_the_account(firm: Party, works: Site) -> None:
    power = flow(firm, works)

    def load() -> tuple[SiteAccount, int]:
        with statements(firm.ctx.store.reader) as seen:
            account = load_account(firm.ctx, works.id, YEAR)
        return account, len(seen)

    bill(firm, power, month(1))
    small, few = load()
    for number in range(2, 13):
        bill(firm, power, month(number))
        made = product(firm)
        enter_output(firm.ctx, works.id, NewOutput(made.id, month(number), amount("5", KG)))
        enter_reading(firm.ctx, works.id, NewReading(power.id, made.id, month(number), amount("5")))
        flow(firm, works, Material(), f"Part {number}", KG)
    large, more = load()
    assert (len(small.bills), len(large.bills), len(large.flows)) == (1, 12, 12)
    assert few == more == 7  # site, products, flows, bills, outputs, keys, readings


def test_another_organisations_account_is_not_found(ctx: Context, works: Site) -> None:
    with pytest.raises(NotFoundError):
        load_account(party(ctx).ctx, works.id, YEAR)
