"""What is made at a site: masses of what is not counted by mass, and by-products that bear no more than there is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exchange.domain.calculation.account import SharingRule
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.domain.quantities import UnitCode
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.services.site_products import ByProductOf, list_site_products, set_site_product
from exchange.services.sites import Site
from tests.accounts import site
from tests.datasets import contents, product
from tests.factories import Party, party


@pytest.fixture
def chair(firm: Party, works: Site) -> Product:
    made = product(firm, "Chair", unit="H87")
    set_site_product(firm.ctx, works.id, made.id, Decimal("4.25"))
    return made


def by(process: Product, share: str | None = "0.08", **more: Any) -> ByProductOf:
    """A by-product that bears a stated share."""
    stated = Decimal(share) if share is not None else None
    return replace(ByProductOf(process.id, SharingRule.SUBDIVISION, stated), **more)


def test_mass_is_kept_for_what_is_counted_and_dropped_for_what_is_weighed(
    firm: Party, works: Site, chair: Product
) -> None:
    steel = product(firm, "Steel", unit="TNE")
    weighed = set_site_product(firm.ctx, works.id, steel.id, Decimal(1000))
    assert weighed.mass is None
    counted, _ = list_site_products(firm.ctx, works.id)
    assert (counted.product_id, counted.mass, counted.unit) == (chair.id, Decimal("4.25"), UnitCode.PIECE)
    assert set_site_product(firm.ctx, works.id, chair.id, Decimal("4.3")).mass == Decimal("4.3")
    assert len(list_site_products(firm.ctx, works.id)) == 2


@pytest.mark.parametrize(
    ("mass", "code"), [("0", "product.mass"), ("-1", "product.mass"), ("NaN", "quantity.range")]
)
def test_mass_that_cannot_be_is_refused(
    firm: Party, works: Site, chair: Product, mass: str, code: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        set_site_product(firm.ctx, works.id, chair.id, Decimal(mass))
    assert (refusal.value.error_code, refusal.value.path) == (code, "/mass")


def test_by_product_says_whose_making_it_comes_out_of(firm: Party, works: Site, chair: Product) -> None:
    dust = product(firm, "Sawdust")
    stated = by(chair, waste_code="030105", terms="gives", processed_before_sale=True)
    assert set_site_product(firm.ctx, works.id, dust.id, by_product=stated).by_product == stated
    assert set_site_product(firm.ctx, works.id, dust.id).by_product is None


def test_by_product_that_breaks_a_rule_is_refused(firm: Party, works: Site, chair: Product) -> None:
    dust, chips = product(firm, "Sawdust"), product(firm, "Chips")
    set_site_product(firm.ctx, works.id, dust.id, by_product=by(chair, "0.7"))
    before = contents(firm.ctx.store)
    for made, relation, code in (
        (chips, by(chair, "0.4"), "coproduct.share"),  # 70 % + 40 %
        (chips, by(chair, None), "coproduct.share"),
        (chips, by(chair, "1.2"), "coproduct.share"),
        (chips, by(chair, "0.1", rule=SharingRule.ECONOMIC), "coproduct.share"),
        (chips, by(dust), "coproduct.process"),
        (chair, by(chair), "coproduct.process"),
        (chips, by(chair, "0.1", terms="gets"), "coproduct.terms"),
        (chips, by(chair, "0.1", waste_code="999999"), "waste.code"),
    ):
        with pytest.raises(InvalidError) as refusal:
            set_site_product(firm.ctx, works.id, made.id, by_product=relation)
        assert refusal.value.error_code == code
    assert contents(firm.ctx.store) == before


def test_main_product_of_a_by_product_becomes_none_itself(firm: Party, works: Site, chair: Product) -> None:
    dust, table = product(firm, "Sawdust"), product(firm, "Table")
    set_site_product(firm.ctx, works.id, table.id)
    set_site_product(firm.ctx, works.id, dust.id, by_product=by(chair))
    with pytest.raises(InvalidError) as refusal:
        set_site_product(firm.ctx, works.id, chair.id, by_product=by(table))
    assert refusal.value.error_code == "coproduct.process"


def test_process_is_made_at_the_same_site(firm: Party, works: Site) -> None:
    elsewhere, dust = product(firm), product(firm)
    with pytest.raises(NotFoundError):
        set_site_product(firm.ctx, works.id, dust.id, by_product=by(elsewhere))


def test_another_organisations_site_and_product_are_not_found(
    ctx: Context, firm: Party, works: Site, chair: Product
) -> None:
    stranger = party(ctx)
    own, goods = site(stranger), product(stranger)
    before = contents(ctx.store)
    for act in (
        lambda: set_site_product(stranger.ctx, works.id, goods.id),
        lambda: set_site_product(stranger.ctx, own.id, chair.id),
        lambda: set_site_product(stranger.ctx, own.id, goods.id, by_product=by(chair)),
        lambda: list_site_products(stranger.ctx, works.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert contents(ctx.store) == before
