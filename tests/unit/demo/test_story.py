"""The story holds together: identifiers, balances, coverage of what it is to show, and valid documents."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest

import schemas
from exchange.demo import figures
from exchange.demo.delivery_dataset import delivery_subject
from exchange.demo.product_dataset import product_subject
from exchange.demo.registry import Document, Registry
from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.model import YEARS, Input
from exchange.demo.story.organisations import CUSTOMER, FACILITATOR, OPERATOR, ORGANISATIONS, SUPPLIER
from exchange.demo.story.products import DECLARED, PRODUCTS
from exchange.demo.story.raw_materials import IMPORTED_PRODUCTS
from exchange.demo.story.requests import CHAINS, REQUESTS
from exchange.domain.checks import run_checks
from exchange.domain.groups import DatasetKind
from exchange.domain.identifiers import is_valid_cvr
from exchange.domain.indicators import Indicator

PRODUCT = {product.key: product for product in PRODUCTS}
MADE = {
    product: (site, amounts)
    for site in SITES
    for product, amounts in [*site.produced.items(), *((one.product, one.amount) for one in site.by_products)]
}


CUT_OFF = Decimal("0.01")  # EN 15804: 1 % of the input mass


def _registry() -> Registry:
    def made(key: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, key))

    return Registry(
        {one.key: made(f"organisation/{one.key}") for one in ORGANISATIONS},
        {one.key: made(f"product/{one.key}") for one in PRODUCTS},
        {one.key: one for one in ORGANISATIONS},
        PRODUCT,
    )


def _faults(kind: DatasetKind, document: Document) -> list[str]:
    found = schemas.problems(document, schemas.latest(kind.value)) or run_checks(
        kind, document, publishing=True
    )
    return [f"{problem.code} {problem.path}: {problem.detail}" for problem in found]


def test_cvr_numbers_are_valid_differ_and_lie_where_none_are_given_out() -> None:
    numbers = [one.cvr for one in (*ORGANISATIONS, OPERATOR)]
    assert all(is_valid_cvr(number) and number.startswith("9900") for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_every_organisation_says_that_it_is_a_demonstration() -> None:
    assert all(one.name.endswith("(demo)") and one.domain.endswith(".example") for one in ORGANISATIONS)


@pytest.mark.parametrize("year", YEARS)
def test_nothing_is_delivered_that_was_not_produced(year: int) -> None:
    sent: dict[str, Decimal] = defaultdict(Decimal)
    for delivery in DELIVERIES:
        sent[delivery.product] += delivery.quantity[year]
    assert all(amount <= MADE[product][1][year] for product, amount in sent.items())


@pytest.mark.parametrize("year", YEARS)
def test_what_a_site_used_of_a_class_is_what_it_received(year: int) -> None:
    for site in SITES:
        for bill in site.bills:
            if not (bill.category or bill.product) or bill.product == "frequency-converter":
                continue
            received = sum(
                delivery.quantity[year]
                for delivery in DELIVERIES
                if delivery.recipient == site.maker
                and (delivery.product == bill.product or PRODUCT[delivery.product].category == bill.category)
            )
            assert received == bill.total[year], (site.maker, bill.what)


def test_story_shows_what_it_promises() -> None:
    linked = {(PRODUCT[one.product].maker, one.recipient) for one in DELIVERIES}
    assert {("kvistholm", "lyngvase"), ("lyngvase", "kvistholm")} <= linked  # the by-product closes a loop
    assert [one.product for one in DELIVERIES if one.measured] == ["steel-bar"]
    assert [one.indicator for one in DECLARED if one.product == "stone-wool"] == ["co2e"]
    assert [product for product in PRODUCT if product not in MADE] == ["frequency-converter"]  # the gap
    assert len({one.maker for one in PRODUCTS}) >= 8
    assert len(PRODUCTS) >= 12
    assert {SUPPLIER, CUSTOMER, FACILITATOR} <= {one.key for one in ORGANISATIONS}
    assert {one.outcome for one in REQUESTS if one.supplier == SUPPLIER} == {"open", "granted", "declined"}
    assert {chain.target for chain in CHAINS} <= set(MADE)


@pytest.mark.parametrize("product", sorted(MADE))
@pytest.mark.parametrize("year", YEARS)
def test_product_dataset_passes_schema_and_checks(product: str, year: int) -> None:
    document = product_subject(_registry(), MADE[product][0], PRODUCT[product], year)
    assert _faults(DatasetKind.PRODUCT, document) == []


@pytest.mark.parametrize("year", YEARS)
def test_delivery_datasets_pass_schema_and_checks(year: int) -> None:
    registry = _registry()
    for number, delivery in enumerate(DELIVERIES):
        subject_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"delivery/{number}/{year}"))
        document = delivery_subject(registry, PRODUCT[delivery.product], delivery, year, subject_id)
        assert _faults(DatasetKind.DELIVERY, document) == []
        parts = document["commercial"]["deliveries"]
        assert sum(Decimal(part["quantity"]["amount"]) for part in parts) == delivery.quantity[year]


@pytest.mark.parametrize("product", sorted(MADE))
@pytest.mark.parametrize("year", YEARS)
def test_recipe_and_recovered_scrap_explain_all_but_one_percent_of_the_input_mass(
    product: str, year: int
) -> None:
    document = product_subject(_registry(), MADE[product][0], PRODUCT[product], year)
    if "process" not in document:
        assert {"total"} == {part for one in document["indicators"].values() for part in one}
        return
    own = Decimal(document["indicators"]["resources"]["own"]["amount"])
    left = own - _sum(line["explains"].get("resources") for line in document["process"]["inputs"])
    recovered = _sum([document["breakdown"]["resources"].get("secondary_post_consumer")])
    assert left - recovered <= CUT_OFF * own
    # Stricter, since a linked line may itself be of recovered material: what no line asks for is raw scrap.
    scrap = sum(
        (
            figures.mass_of(use)
            for use in figures.uses(MADE[product][0], product, year)
            if isinstance(use.bill.what, Input)
            and use.bill.what.kind == "secondary_post_consumer"
            and not (use.bill.category or use.bill.product)
        ),
        Decimal(0),
    )
    assert left - scrap <= CUT_OFF * own


def _sum(amounts: Iterable[Document | None]) -> Decimal:
    return sum((Decimal(one["amount"]) for one in amounts if one), Decimal(0))


def test_only_collected_waste_enters_without_a_link_as_recovered_material() -> None:
    unlinked = {
        bill.what.name
        for site in SITES
        for bill in site.bills
        if isinstance(bill.what, Input) and not (bill.category or bill.product)
    }
    collected = {"Stålskrot", "Aluminiumskrot", "Sorteret plastaffald", "Indsamlet papir"}
    assert unlinked - collected == {"Tilsætningsstoffer", "Pakninger"}  # under the cut-off


@pytest.mark.parametrize("product", sorted(one.key for one in IMPORTED_PRODUCTS))
def test_imported_material_declares_all_five_the_same_in_every_year_and_says_it_is_fictional(
    product: str,
) -> None:
    documents = [product_subject(_registry(), MADE[product][0], PRODUCT[product], year) for year in YEARS]
    for document in documents:
        assert document["identity"]["boundary"] == "cradle_to_gate"
        assert set(document["indicators"]) == {one.value for one in Indicator}
        assert all(set(slices) == {"total"} for slices in document["indicators"].values())
        assert {shares["secondary"] for shares in document["quality"].values()} == {"1"}
        assert document["evidence"]["items"][0]["description"].startswith("Fictional")
        assert document["indicators"] == documents[0]["indicators"]


def test_factor_bases_are_named_and_their_parts_kept_apart() -> None:
    document = product_subject(_registry(), MADE["steel-bar"][0], PRODUCT["steel-bar"], 2025)
    said = document["evidence"]["items"][0]["description"]
    assert "life-cycle basis" in said
    assert "combustion basis" in said
    scopes = document["breakdown"]["co2e"]
    own = Decimal(document["indicators"]["co2e"]["own"]["amount"])
    assert Decimal(scopes["scope1"]["amount"]) + Decimal(scopes["scope2_location"]["amount"]) == own


def test_value_added_is_in_constant_prices_of_a_deflator_that_calls_itself_fictional() -> None:
    document = product_subject(_registry(), MADE["steel-bar"][0], PRODUCT["steel-bar"], 2023)
    added = document["commercial"]["value_added"]
    assert added["amount"] == "1.9492"  # 2.30 DKK x 100 / 118.0
    assert added["price_basis"] == "constant"
    assert added["deflator"].startswith("Fictional")
