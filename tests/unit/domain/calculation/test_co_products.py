"""By-products: their giver's rule, the main product the rest, and nothing that is nobody's."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.calculation.account import (
    CoProduct,
    Key,
    KeyMethod,
    Output,
    Product,
    SharingRule,
    SiteAccount,
)
from exchange.domain.calculation.co_products import bearing, co_product_share
from exchange.domain.calculation.effects import Column
from exchange.domain.errors import InvalidError
from tests.unit.domain.calculation.cases import (
    PIECE,
    account,
    bill,
    key,
    output,
    product,
    reading,
    worked,
)

ECONOMIC, PHYSICAL, SUBDIVISION = SharingRule.ECONOMIC, SharingRule.PHYSICAL, SharingRule.SUBDIVISION
MADE = (
    output("a", "300", revenue="2200"), output("w", "700", revenue="110"), output("v", "100", revenue="90")
)  # fmt: skip


def site(
    *relations: CoProduct,
    outputs: tuple[Output, ...] = MADE,
    products: tuple[Product, ...] = (product("a"), product("w"), product("v")),
) -> SiteAccount:
    """A process `a` out of which `w` and `v` come."""
    return account((bill("1000"),), outputs, products=products, co_products=relations)


def relation(name: str, rule: SharingRule, share: str | None = None, process: str = "a") -> CoProduct:
    """A by-product of `a`."""
    return CoProduct(name, process, rule, Decimal(share) if share else None)


def bears(one: SiteAccount) -> dict[str, Fraction]:
    """Who bears which part of whose process."""
    return {name: part for name, (_, part, _) in bearing(one).items()}


def test_by_sales_value_of_all_that_comes_out() -> None:
    """2 200 + 110 + 90 = 2 400: 0.045833 -> 0.0458, 0.0375, and 0.9167 for the main product; together 1."""
    found = bears(site(relation("w", ECONOMIC), relation("v", ECONOMIC)))
    assert found == {"a": Fraction("0.9167"), "w": Fraction("0.0458"), "v": Fraction("0.0375")}
    assert sum(found.values()) == 1


def test_by_mass() -> None:
    """300 kg, 700 kg and 100 pieces of 10 kg: 2 000 kg; 0.35 and 0.5."""
    outputs = (output("a", "300"), output("w", "700"), output("v", "100", unit=PIECE))
    products = (product("a"), product("w"), product("v", PIECE, "10"))
    found = site(relation("w", PHYSICAL), relation("v", PHYSICAL), outputs=outputs, products=products)
    assert bears(found) == {"a": Fraction("0.15"), "w": Fraction("0.35"), "v": Fraction("0.5")}


@pytest.mark.parametrize(("rule", "share", "measured"), [(SUBDIVISION, "0.08", 1), (ECONOMIC, None, 0)])
def test_a_stated_share_keeps_what_was_measured_and_a_rule_does_not(
    rule: SharingRule, share: str | None, measured: int
) -> None:
    """The one main product's bill is its meter, and so the by-product's where its part was told apart."""
    calculation = worked(
        account(
            (bill("1000"),), MADE[:2], products=(product("a"), product("w")),
            co_products=(relation("w", rule, share),),
        )
    )  # fmt: skip
    assert [calculation.lines(name)[0].measured for name in "aw"] == [measured, measured]


def test_what_the_process_used_is_divided_and_nothing_is_lost() -> None:
    """1 000 kWh: whey 0.08 x 1 000 / 700 kg, the main product 920 / 300 kg."""
    calculation = worked(
        account(
            (bill("1000"),), MADE[:2], products=(product("a"), product("w")),
            co_products=(relation("w", SUBDIVISION, "0.08"),),
        )
    )  # fmt: skip
    amounts = [calculation.lines(name)[0].amount for name in "aw"]
    assert amounts == [920, 80]
    assert calculation.own("w", [Column.ENERGY]) == Decimal("0.114286") * Decimal("3.6")
    assert calculation.own("a", [Column.ENERGY]) == Decimal("3.06667") * Decimal("3.6")


def test_a_by_product_nothing_came_out_of_has_no_figure_and_the_rest_adds_up() -> None:
    outputs = (output("a", "300", revenue="100"),)
    calculation = worked(
        site(relation("w", ECONOMIC), outputs=outputs, products=(product("a"), product("w")))
    )
    assert calculation.lines("w") == ()
    assert calculation.lines("a")[0].amount == 1000


def test_shares_that_would_round_up_above_the_whole_are_cut() -> None:
    # 0.49996, 0.49996 and 0.00006 would round to 0.5, 0.5 and 0.0001, together 1.0001 of the process
    revenues = {"a": "2", "w": "49996", "v": "49996", "u": "6"}
    made = tuple(output(name, "1", revenue=amount) for name, amount in revenues.items())
    relations = [relation(name, ECONOMIC) for name in "wvu"]
    parts = bearing(site(*relations, outputs=made, products=tuple(product(name) for name in revenues)))
    assert [part for _, part, _ in parts.values()] == [
        Fraction("0.0002"),
        Fraction("0.4999"),
        Fraction("0.4999"),
        0,
    ]


@pytest.mark.parametrize(
    ("relations", "code"),
    [
        ((relation("w", SUBDIVISION),), "coproduct.share"),
        ((relation("w", SUBDIVISION, "1.01"),), "coproduct.share"),
        ((relation("w", SUBDIVISION, "0.6"), relation("v", SUBDIVISION, "0.6")), "coproduct.share"),
        ((relation("w", SUBDIVISION, "0.1", "v"), relation("v", SUBDIVISION, "0.1")), "coproduct.process"),
    ],
)
def test_shares_that_cannot_be_are_refused(relations: tuple[CoProduct, ...], code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        bearing(site(*relations))
    assert refused.value.error_code == code
    # the product is told by its name
    assert any(f"The by-product {name} " in refused.value.detail for name in ("W", "V"))


@pytest.mark.parametrize(
    ("rule", "outputs"),
    [
        (ECONOMIC, (output("a", "300", revenue="100"), output("w", "700"))),
        (ECONOMIC, (output("a", "300"), output("w", "700", revenue="100"))),
        (ECONOMIC, (output("a", "300", revenue="0"), output("w", "700", revenue="0"))),
        (PHYSICAL, ()),
    ],
)
def test_missing_revenue_or_mass_is_asked_for(rule: SharingRule, outputs: tuple[Output, ...]) -> None:
    one = relation("w", rule)
    pieces = (product("a", PIECE), product("w", PIECE))
    made = (product("a"), product("w")) if outputs else pieces
    told = outputs or (output("a", "1", unit=PIECE), output("w", "1", unit=PIECE))
    with pytest.raises(InvalidError) as refused:
        co_product_share(site(one, outputs=told, products=made), one)
    assert refused.value.error_code == "coproduct.data"


def test_what_is_metered_for_a_by_product_would_be_nobodys() -> None:
    """The by-product bears a part of its process; 100 kWh read for it alone would go to no product and no rest."""
    one = account(
        (bill("1000"),), MADE[:2], products=(product("a"), product("w")),
        readings=(reading("w", "100"),), co_products=(relation("w", SUBDIVISION, "0.08"),),
    )  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        worked(one)
    assert refused.value.error_code == "coproduct.use"


@pytest.mark.parametrize("spread", [key(KeyMethod.SHARES, a="0.5", w="0.5"), key(KeyMethod.MASS, ("a", "w"))])
def test_what_a_key_gives_to_a_by_product_by_name_would_be_nobodys(spread: Key) -> None:
    one = account(
        (bill("1000"),), MADE[:2], products=(product("a"), product("w")),
        keys=(spread,), co_products=(relation("w", SUBDIVISION, "0.08"),),
    )  # fmt: skip
    with pytest.raises(InvalidError) as refused:
        worked(one)
    assert refused.value.error_code == "coproduct.use" and "W" in refused.value.detail
