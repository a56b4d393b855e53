"""Keys: by method, over some products or all; stated shares never give away more than there is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange.domain.calculation.account import KeyMethod
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.services.site_products import set_site_product
from exchange.services.sites import Site
from exchange.services.spreading_keys import NewKey, add_key, change_key, list_keys
from tests.accounts import site
from tests.datasets import contents, product
from tests.factories import Party, party


@pytest.fixture
def made(firm: Party, works: Site) -> tuple[Product, Product]:
    pair = product(firm, "Bracket"), product(firm, "Hinge")
    for one in pair:
        set_site_product(firm.ctx, works.id, one.id)
    return pair


def shares(made: tuple[Product, Product], first: str, second: str) -> NewKey:
    """A key of two stated shares."""
    return NewKey("Lines", KeyMethod.SHARES, (), {made[0].id: Decimal(first), made[1].id: Decimal(second)})


def test_key_over_some_products_comes_back(firm: Party, works: Site, made: tuple[Product, Product]) -> None:
    added = add_key(firm.ctx, works.id, NewKey("Press line", KeyMethod.MACHINE_HOURS, (made[0].id,)))
    assert added in list_keys(firm.ctx, works.id)
    assert (added.method, added.products, dict(added.shares)) == (KeyMethod.MACHINE_HOURS, (made[0].id,), {})


def test_shares_keep_their_digits_and_may_leave_a_rest(
    firm: Party, works: Site, made: tuple[Product, Product]
) -> None:
    added = add_key(firm.ctx, works.id, shares(made, "0.6", "0.333333333333"))
    assert added.shares == {made[0].id: Decimal("0.6"), made[1].id: Decimal("0.333333333333")}


def test_shares_above_the_whole_are_refused_naming_the_products(
    firm: Party, works: Site, made: tuple[Product, Product]
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        add_key(firm.ctx, works.id, shares(made, "9", "1"))  # 900 % and 100 %: a key of 1 000 %
    assert refusal.value.error_code == "key.above_whole"
    assert "Bracket 900 %" in refusal.value.detail
    assert "Hinge 100 %" in refusal.value.detail
    assert contents(firm.ctx.store) == before


@pytest.mark.parametrize(("first", "code"), [("-0.1", "key.below_zero"), ("NaN", "quantity.range")])
def test_share_that_is_no_part_is_refused(
    firm: Party, works: Site, made: tuple[Product, Product], first: str, code: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        add_key(firm.ctx, works.id, shares(made, first, "0.5"))
    assert code in {problem.code for problem in refusal.value.problems}


def test_key_that_says_too_little_or_too_much_is_refused(
    firm: Party, works: Site, made: tuple[Product, Product]
) -> None:
    half = {made[0].id: Decimal("0.5")}
    for new, code in (
        (NewKey("Empty", KeyMethod.SHARES), "key.shares"),
        (NewKey("Both", KeyMethod.SHARES, (made[0].id,), half), "key.shares"),
        (NewKey("Mass", KeyMethod.MASS, (), half), "key.shares"),
        (NewKey("Basis", KeyMethod.SHARES, (), half, "feeling"), "key.basis"),
        (NewKey("Strange", KeyMethod.MASS, ("unknown",)), "key.products"),
        (NewKey(" ", KeyMethod.MASS), "name.invalid"),
    ):
        with pytest.raises(InvalidError) as refusal:
            add_key(firm.ctx, works.id, new)
        assert refusal.value.error_code == code


def test_product_that_is_not_made_at_the_site_takes_no_part(firm: Party, works: Site) -> None:
    elsewhere = product(firm)
    with pytest.raises(InvalidError) as refusal:
        add_key(firm.ctx, works.id, NewKey("Line", KeyMethod.MASS, (elsewhere.id,)))
    assert refusal.value.error_code == "key.products"


def test_key_is_changed_in_place_but_keeps_its_method(
    firm: Party, works: Site, made: tuple[Product, Product]
) -> None:
    key = add_key(firm.ctx, works.id, shares(made, "0.6", "0.4"))
    changed = change_key(firm.ctx, key.id, shares(made, "0.5", "0.5"))
    assert (changed.id, changed.shares[made[0].id]) == (key.id, Decimal("0.5"))
    with pytest.raises(InvalidError) as refusal:
        change_key(firm.ctx, key.id, NewKey("Lines", KeyMethod.MASS))
    assert refusal.value.error_code == "key.method"


def test_name_is_used_once_per_site(firm: Party, works: Site) -> None:
    key = add_key(firm.ctx, works.id, NewKey("Line", KeyMethod.MASS))
    with pytest.raises(ConflictError) as refusal:
        add_key(firm.ctx, works.id, NewKey("Line", KeyMethod.PIECES))
    assert refusal.value.error_code == "key.exists"
    with pytest.raises(ConflictError):
        change_key(firm.ctx, key.id, NewKey("mass", KeyMethod.MASS))
    add_key(firm.ctx, site(firm).id, NewKey("Line", KeyMethod.PIECES))


def test_another_organisations_key_and_site_are_not_found(ctx: Context, firm: Party, works: Site) -> None:
    key, stranger = list_keys(firm.ctx, works.id)[0], party(ctx)
    before = contents(ctx.store)
    for act in (
        lambda: add_key(stranger.ctx, works.id, NewKey("Line", KeyMethod.MASS)),
        lambda: change_key(stranger.ctx, key.id, NewKey("Line", key.method)),
        lambda: list_keys(stranger.ctx, works.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert contents(ctx.store) == before
