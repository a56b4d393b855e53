"""Check digits and waste codes at any depth; periods run forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Codes = Callable[..., list[tuple[str, str]]]


def test_mistyped_cvr_is_found_in_every_organisation_named(delivery: Document, codes: Codes) -> None:
    delivery["identity"]["organisation"]["cvr"] = "31000026"
    delivery["identity"]["recipient"]["cvr"] = "31000026"
    assert codes("delivery", delivery) == [
        ("id.cvr", "/identity/organisation/cvr"),
        ("id.cvr", "/identity/recipient/cvr"),
    ]


def test_mistyped_gtin_is_found(product: Document, codes: Codes) -> None:
    product["identity"]["product"]["gtin"] = "4006381333932"
    assert codes("product", product) == [("id.gtin", "/identity/product/gtin")]
    product["identity"]["product"]["gtin"] = "4006381333931"
    assert codes("product", product) == []


def test_mistyped_lei_is_found(organisation: Document, codes: Codes) -> None:
    lei = organisation["identity"]["organisation"]["lei"]
    organisation["identity"]["organisation"]["lei"] = lei[:-1] + str((int(lei[-1]) + 1) % 10)
    assert codes("organisation", organisation) == [("id.lei", "/identity/organisation/lei")]


def test_waste_code_that_is_not_on_the_list_is_found(
    product: Document, stream: Document, codes: Codes
) -> None:
    product["breakdown"]["waste"][0]["code"] = "120199"
    assert codes("product", product) == []
    product["breakdown"]["waste"][0]["code"] = "120122"
    stream["byproducts"]["waste_code"] = "999999"
    assert codes("product", product) == [("waste.code_unknown", "/breakdown/waste/0/code")]
    assert codes("stream", stream) == [("waste.code_unknown", "/byproducts/waste_code")]


def test_hazard_flag_follows_the_list_both_ways(product: Document, codes: Codes) -> None:
    product["breakdown"]["waste"][0]["hazardous"] = True
    product["breakdown"]["waste"][1]["hazardous"] = False
    assert codes("product", product) == [
        ("waste.hazard_flag", "/breakdown/waste/0/hazardous"),
        ("waste.hazard_flag", "/breakdown/waste/1/hazardous"),
    ]


def test_period_that_ends_before_it_starts_is_found_wherever_it_stands(
    delivery: Document, request_body: Document, codes: Codes
) -> None:
    delivery["commercial"]["deliveries"][0]["window"] = {"start": "2025-02-15", "end": "2025-02-01"}
    request_body["lines"][0]["period"] = {"start": "2025-01-01", "end": "2025-01-01"}
    assert codes("delivery", delivery) == [("period.order", "/commercial/deliveries/0/window")]
    assert codes("request", request_body) == [("period.order", "/lines/0/period")]


def test_windows_lie_within_the_period_of_the_dataset(delivery: Document, codes: Codes) -> None:
    delivery["commercial"]["deliveries"][0]["window"] = {"start": "2025-12-20", "end": "2026-01-01"}
    assert codes("delivery", delivery) == []
    delivery["commercial"]["deliveries"][0]["window"]["end"] = "2026-01-02"
    delivery["process"]["activities"][0]["window"]["start"] = "2024-12-31"
    assert codes("delivery", delivery) == [
        ("delivery.window", "/commercial/deliveries/0/window"),
        ("delivery.window", "/process/activities/0/window"),
    ]
