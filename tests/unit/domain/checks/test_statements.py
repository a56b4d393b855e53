"""Statements that need another one, and the little that publishing demands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange.domain.checks import CHECKS
from exchange.domain.groups import DatasetKind

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]


def test_allocated_figure_names_its_key(low_entry: Document, codes: Codes) -> None:
    assert codes("product", low_entry) == []
    del low_entry["quality"]["co2e"]["allocation"]
    assert codes("product", low_entry) == [("allocated.needs_key", "/quality/co2e/allocation")]


def test_direct_measurement_is_no_key_for_an_allocated_figure(low_entry: Document, codes: Codes) -> None:
    low_entry["quality"]["co2e"]["allocation"]["method"] = "none_direct_measurement"
    assert codes("product", low_entry) == [("allocated.needs_key", "/quality/co2e/allocation")]
    low_entry["quality"]["co2e"] |= {"allocated": "0", "measured": "1"}
    assert codes("product", low_entry) == []


def test_rating_lies_on_its_named_scale(product: Document, codes: Codes) -> None:
    product["quality"]["co2e"]["dqr"]["time"] = "4"
    assert codes("product", product) == []
    product["quality"]["co2e"]["dqr"]["scale"] = "PACT"
    assert codes("product", product) == [("quality.dqr_range", "/quality/co2e/dqr/time")]


def test_total_of_zero_gives_its_reason(product: Document, codes: Codes) -> None:
    product["indicators"]["waste"] = {"total": {"amount": "0.000", "unit": "KGM"}}
    assert codes("product", product) == [("zero.reason", "/indicators/waste/total")]
    product["indicators"]["waste"]["zero_reason"] = "All offcuts are sold as a by-product."
    assert codes("product", product) == []


def test_gate_to_gate_gives_own_figures_only(low_entry: Document, codes: Codes) -> None:
    low_entry["indicators"]["co2e"]["total"] = {"amount": "4.5", "unit": "KGM"}
    assert codes("product", low_entry) == [("boundary.slices", "/indicators/co2e/total")]


@pytest.mark.parametrize("test", ["certain_use", "no_further_processing", "integral_part", "lawful_use"])
def test_by_product_passes_each_of_the_four_tests(test: str, product: Document, codes: Codes) -> None:
    product["byproducts"]["outputs"][0]["article5"][test] = False
    assert codes("product", product) == [("byproduct.tests", "/byproducts/outputs/0/article5")]
    product["byproducts"]["outputs"][0]["status"] = "waste"
    assert codes("product", product) == []


def test_stream_claimed_as_by_product_passes_the_tests_too(stream: Document, codes: Codes) -> None:
    stream["byproducts"]["status"] = "by_product"
    assert codes("stream", stream) == [("byproduct.tests", "/byproducts/article5")]


def test_substance_of_a_thousandth_is_above_the_threshold(product: Document, codes: Codes) -> None:
    product["substances"]["svhc"][0]["concentration"] = {"min": "0.0002", "max": "0.001"}
    assert codes("product", product) == [("substances.threshold", "/substances/svhc/0/concentration")]
    product["substances"]["svhc_above_threshold"] = True
    assert codes("product", product) == []


def test_aligned_activity_shows_everything_article_3_asks(product: Document, codes: Codes) -> None:
    statement = product["taxonomy"]["statements"][0]
    statement["aligned"] = "aligned"
    assert codes("product", product) == [("taxonomy.aligned", "/taxonomy/statements/0")]
    statement["substantial_contribution"] = [{"criterion": "CCM 3.9 (a)", "met": True}]
    statement["minimum_safeguards"] = {"oecd_guidelines": True, "ungp": True, "ilo_core": True}
    statement["dnsh"] = {name: {"met": True} for name in ("CCA", "WTR", "CE", "PPC", "BIO")}
    assert codes("product", product) == []
    statement["dnsh"]["BIO"]["met"] = False
    assert codes("product", product) == [("taxonomy.aligned", "/taxonomy/statements/0")]


def test_seasonal_stream_gives_its_months(stream: Document, codes: Codes) -> None:
    del stream["byproducts"]["month_shares"]
    assert codes("stream", stream) == [("stream.season", "/byproducts/month_shares")]
    stream["byproducts"]["continuity"] = "continuous"
    assert codes("stream", stream) == []


def test_requested_field_is_named_with_its_own_group(request_body: Document, codes: Codes) -> None:
    assert codes("request", request_body) == []
    request_body["lines"][0]["fields"][0]["group"] = "commercial"
    assert codes("request", request_body) == [("request.field_group", "/lines/0/fields/0/group")]


def test_low_entry_is_identity_one_indicator_and_its_quality(low_entry: Document, codes: Codes) -> None:
    assert set(low_entry) == {"id", "identity", "indicators", "quality"}
    assert codes("product", low_entry) == []


@pytest.mark.parametrize(
    ("group", "problem"),
    [("indicators", ("publish.minimum", "/indicators")), ("quality", ("quality.missing", "/quality/co2e"))],
)
def test_what_publishing_demands_is_not_demanded_of_a_reader(
    group: str, problem: tuple[str, str], low_entry: Document, codes: Codes
) -> None:
    del low_entry[group]
    assert codes("product", low_entry, publishing=False) == []
    assert codes("product", low_entry) == [problem]


@pytest.mark.parametrize(
    ("unit", "has_mass"),
    [("H87", True), ("MTR", True), ("LTR", True), ("KWH", False), ("HUR", False), ("TNE", False)],
)
def test_mass_is_demanded_where_the_unit_does_not_give_it(
    unit: str, has_mass: bool, low_entry: Document, codes: Codes
) -> None:
    low_entry["identity"]["declared_unit"] = {"amount": "1", "unit": unit}
    del low_entry["identity"]["mass"]
    assert codes("product", low_entry) == ([("mass.missing", "/identity/mass")] if has_mass else [])


def test_delivery_to_be_published_has_a_delivery(delivery: Document, codes: Codes) -> None:
    del delivery["commercial"]["deliveries"]
    assert codes("delivery", delivery) == [("publish.minimum", "/commercial")]


def test_organisation_to_be_published_has_a_datapoint(organisation: Document, codes: Codes) -> None:
    bare = {name: organisation[name] for name in ("id", "identity")}
    assert codes("organisation", bare) == [("publish.minimum", "")]
    assert codes("organisation", bare, publishing=False) == []


def test_codes_are_unique_and_every_check_belongs_to_a_schema() -> None:
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    kinds = {kind.value for kind in DatasetKind} | {"request"}
    assert all(check.kinds and check.kinds <= kinds and check.meaning.endswith(".") for check in CHECKS)
    assert {kind for check in CHECKS for kind in check.kinds} == kinds
