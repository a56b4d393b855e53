"""A small world behind the pages: a supplier with one published product, a customer that asks about it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import schemas
from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import year
from exchange.services import products, publish, requests
from exchange.services.products import NewProduct, Product
from exchange.services.request_views import Request
from exchange.web.formats import Language
from tests import factories, served
from tests.factories import Party

_numbers = count(1)
EXAMPLE = Path(schemas.__file__).parent / "examples/product/valid/every-group.json"


@dataclass(frozen=True)
class World:
    """Who is there and what lies open."""

    supplier: Party
    customer: Party
    stranger: Party
    product: Product
    dataset_id: str
    request: Request


@pytest.fixture
def app(exchange: Exchange) -> Flask:
    """The app as it is served."""
    return served.over(exchange)


@pytest.fixture
def world(exchange: Exchange, worker: Exchange) -> World:
    """The world of one test."""
    return make_world(exchange, worker)


def make_world(exchange: Exchange, worker: Exchange) -> World:
    """A request for five indicators and their quality waits at the supplier, who has published them."""
    ctx = exchange.context(request_id="world")
    staff = factories.operator(ctx)
    supplier = factories.checked_party(ctx, staff, "Nørre Metal A/S")
    customer = factories.checked_party(ctx, staff, "Bælt Maskiner ApS", cvr=factories.CVRS[1])
    product = products.register_product(supplier.ctx, NewProduct("B12", "Beslag B12", "H87", "steel-bracket"))
    dataset_id = publish_example(supplier, product, worker)
    sent = requests.send_request(customer.ctx, ask(supplier, product))
    return World(supplier, customer, factories.party(ctx, "Fremmed ApS"), product, dataset_id, sent)


def content_of(supplier: Party, product: Product) -> dict[str, Any]:
    """The example dataset that fills every group, told about this supplier's product in 2025."""
    content: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))
    content["id"] = f"urn:uuid:{product.id}"
    content["identity"]["organisation"] = {
        "id": f"urn:uuid:{supplier.id}",
        "name": supplier.organisation.name,
    }
    content["identity"]["product"] |= {
        "name": product.name, "supplier_product_id": product.supplier_product_id, "category": product.category,
    }  # fmt: skip
    turnings = NewProduct(f"T-{next(_numbers)}", "Spåner", "KGM", "steel-turnings")
    by_product = products.register_product(supplier.ctx, turnings)
    content["process"]["co_products"][0]["product"] = f"urn:uuid:{by_product.id}"
    content["identity"]["product"].pop("gtin", None)
    return content


def publish_example(supplier: Party, product: Product, worker: Exchange) -> str:
    """Publish under the custody key, as the worker would; returns the dataset's id."""
    submitted = publish.submit_for_custody(supplier.ctx, DatasetKind.PRODUCT, content_of(supplier, product))
    publish.sign_publication(worker.context(), submitted.id)
    found = publish.get_publication(supplier.ctx, submitted.id)
    assert found.dataset_id, found.problems
    return found.dataset_id


def ask(supplier: Party, product: Product) -> dict[str, Any]:
    """A request for the CO2 figure and how it came about, for CSRD reporting on 2025."""
    fields = [{"field": "indicators/co2e", "group": "indicators"}, {"field": "quality", "group": "quality"}]
    return {
        "supplier": f"urn:uuid:{supplier.id}",
        "lines": [
            {
                "subject": {"type": "product", "id": f"urn:uuid:{product.id}"},
                "period": year(2025).to_wire(),
                "due": "2026-04-01",
                "note": "Til vores rapport for 2025.",
                "fields": [one | {"purpose": "CSRD_REPORTING", "mandatory": True} for one in fields],
            }
        ],
    }


@dataclass(frozen=True)
class Browser:
    """Somebody's browser: asks for pages, fills in forms, reads text."""

    client: FlaskClient

    def get(self, path: str) -> Page:
        """A page that must be there."""
        page = Page(self.client.get(path))
        assert page.status == 200, page.text
        return page

    def post(self, path: str, **form: Any) -> Page:
        """Send a form."""
        return Page(self.client.post(path, data=form))


class Page:
    """An answer as a person sees it."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        plain = re.sub(r"<(script|style|title|svg)\b.*?</\1>", " ", self.html, flags=re.S)
        self.text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", plain)).split())

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.response.headers.get("Location", "")

    @property
    def language(self) -> str:
        """What the page says its language is."""
        found = re.search(r'<html lang="(\w+)">', self.html)
        return found.group(1) if found else ""


SignIn = Callable[..., Browser]


@pytest.fixture
def visit(app: Flask) -> SignIn:
    """`visit()` is a stranger's browser, `visit(world.supplier, "da")` one with a session and a language."""

    def open_browser(party: Party | None = None, language: Language = "en") -> Browser:
        browser = Browser(app.test_client())
        if party is not None:
            signed_in = browser.post("/sign-in", email=party.email, password=factories.PASSWORD)
            assert signed_in.status == 303, signed_in.text
        browser.client.set_cookie("vcx_language", language)
        return browser

    return open_browser
