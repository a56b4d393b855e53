"""The story holds together: identifiers, balances, coverage of what it is to show, and valid documents."""

import uuid
from collections import defaultdict
from decimal import Decimal

import pytest

import schemas
from exchange.demo.delivery_dataset import delivery_subject
from exchange.demo.product_dataset import completed, declared_subject
from exchange.demo.registry import Document
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
from tests.unit.demo.story_accounts import PRODUCT, registry

MADE = {product: (site, site.made(product)) for site in SITES for product in site.products}
DECLARED_WHOLE = sorted(product for product, (site, _) in MADE.items() if not site.bills)


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


@pytest.mark.parametrize("product", DECLARED_WHOLE)
@pytest.mark.parametrize("year", YEARS)
def test_declared_dataset_passes_schema_and_checks(product: str, year: int) -> None:
    document = declared_subject(registry(), MADE[product][0], PRODUCT[product], year)
    assert _faults(DatasetKind.PRODUCT, document) == []


@pytest.mark.parametrize("year", YEARS)
def test_delivery_datasets_pass_schema_and_checks(year: int) -> None:
    known = registry()
    for number, delivery in enumerate(DELIVERIES):
        subject_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"delivery/{number}/{year}"))
        document = delivery_subject(known, PRODUCT[delivery.product], delivery, year, subject_id)
        assert _faults(DatasetKind.DELIVERY, document) == []
        parts = document["commercial"]["deliveries"]
        assert sum(Decimal(part["quantity"]["amount"]) for part in parts) == delivery.quantity[year]


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
    documents = [declared_subject(registry(), MADE[product][0], PRODUCT[product], year) for year in YEARS]
    for document in documents:
        assert document["identity"]["boundary"] == "cradle_to_gate"
        assert set(document["indicators"]) == {one.value for one in Indicator}
        assert all(set(slices) == {"total"} for slices in document["indicators"].values())
        assert {shares["secondary"] for shares in document["quality"].values()} == {"1"}
        assert document["evidence"]["items"][0]["description"].startswith("Fictional")
        assert document["indicators"] == documents[0]["indicators"]


def test_a_draft_gets_what_no_calculation_knows() -> None:
    draft: Document = {
        "commercial": {"produced": {"amount": "1", "unit": "KGM"}},
        "composition": {"materials": []},
    }
    bar = completed(draft, PRODUCT["steel-bar"], 2023)
    assert bar["commercial"] == draft["commercial"] | {
        "value_added": {
            "amount": "1.9492",  # 2.30 DKK x 100 / 118.0
            "currency": "DKK",
            "price_basis": "constant",
            "basis": "allocated",
            "deflator": "Fictional branch deflator of the demonstration, chained, 2020 = 100",
        }
    }
    assert [one["material"] for one in bar["composition"]["materials"]] == ["steel"]
    assert bar["process"] == {"inputs": []}
    assert "composition" not in completed(draft, PRODUCT["surplus-heat"], 2023)
    assert completed(draft, PRODUCT["ec-motor"], 2023)["composition"] == draft["composition"]


def test_a_declared_whole_stands_beside_the_calculated_own_figures() -> None:
    own = {one.value: {"own": {"amount": "0.1", "unit": one.unit.value}} for one in Indicator}
    draft: Document = {
        "identity": {"boundary": "gate_to_gate"},
        "indicators": own,
        "quality": {},
        "evidence": {"items": []},
        "commercial": {},
    }
    coating = completed(draft, PRODUCT["powder-coating"], 2025)
    assert coating["identity"]["boundary"] == "cradle_to_gate"
    assert coating["indicators"]["co2e"] == {
        "own": {"amount": "0.1", "unit": "KGM"},
        "upstream": {"amount": "3.45", "unit": "KGM"},
        "total": {"amount": "3.55", "unit": "KGM"},
    }
    assert coating["quality"]["co2e"]["secondary"] == "0.9"
    assert coating["evidence"]["items"][0]["description"].startswith("Fictional")
