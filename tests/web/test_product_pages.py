"""A supplier's own products: versions, grants with their revocation, reads, publishing."""

from __future__ import annotations

import json

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.services import grants, publish
from exchange.services.grants import GrantView, NewGrant
from exchange.web.formats import NO_BREAK
from tests.web.conftest import SignIn, World, content_of, publish_example

READ = "/answers/{}?purpose=CSRD_REPORTING"


@pytest.fixture
def granted(world: World) -> GrantView:
    """The customer may read the indicators for CSRD reporting until the end of 2026."""
    until = world.supplier.ctx.now().replace(year=2027, month=1, day=1)
    groups = frozenset({FieldGroup.INDICATORS})
    new = NewGrant(
        world.customer.id, DatasetKind.PRODUCT, world.product.id, groups, Purpose.CSRD_REPORTING, until
    )
    return grants.give_grant(world.supplier.ctx, new)


def test_a_product_shows_its_version_in_force_with_quality_in_words(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier, "da")
    assert "Beslag B12" in browser.get("/products").text
    text = browser.get(f"/products/{world.product.id}").text.replace(NO_BREAK, " ")
    assert "Version 1, underskrevet af udvekslingen på jeres vegne" in text
    assert "Vandforbrug 3,5 l 20 l 23,5 l 100 % fordelt" in text
    assert "Energiforbrug 1,5 kWh – – 60 % målt, 40 % fordelt" in text


def test_an_earlier_version_is_told_apart_and_shows_no_figures(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    publish_example(world.supplier, world.product, worker)
    text = visit(world.supplier).get(f"/products/{world.product.id}").text
    assert "Version 2, signed by the exchange for you" in text
    assert "Earlier versions 2025: Version 1" in text
    assert text.count("CO2 emissions") == 1


def test_a_grant_is_shown_with_whom_what_for_and_until_when(
    visit: SignIn, world: World, granted: GrantView
) -> None:
    text = visit(world.supplier).get(f"/products/{world.product.id}").text.replace(NO_BREAK, " ")
    assert "Bælt Maskiner ApS Open Product, period and unit and the five indicators" in text
    assert "Sustainability reporting (CSRD) · period: any · until 1 January 2027, 09:00" in text


def test_a_revoked_grant_denies_the_next_read_and_the_product_page_shows_both_reads(
    visit: SignIn, world: World, granted: GrantView
) -> None:
    customer, supplier = visit(world.customer), visit(world.supplier)
    customer.get(READ.format(world.dataset_id))
    page = supplier.post(f"/products/{world.product.id}/grants/{granted.id}/revoke")
    assert (page.status, page.location) == (303, f"/products/{world.product.id}?done=revoked")
    assert customer.client.get(READ.format(world.dataset_id)).status_code == 404
    text = supplier.get(page.location).text
    assert "The access is revoked. The next read is denied." in text
    assert "Bælt Maskiner ApS Revoked" in text
    assert "denied the grant was revoked" in text
    assert "allowed under a grant" in text


def test_the_owners_own_reads_are_not_shown_as_somebody_elses(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier)
    browser.get(f"/products/{world.product.id}")
    assert "No reads yet." in browser.get("/access").text
    assert "own data" in browser.get("/access?side=actor").text


def test_a_product_of_others_is_not_there(visit: SignIn, world: World, granted: GrantView) -> None:
    stranger = visit(world.stranger)
    assert stranger.client.get(f"/products/{world.product.id}").status_code == 404
    assert stranger.post(f"/products/{world.product.id}/grants/{granted.id}/revoke").status == 404
    assert stranger.client.get(READ.format(world.dataset_id)).status_code == 404
    assert grants.page_grants(world.supplier.ctx, "given").items[0].state == "active"


def test_an_unknown_purpose_opens_nothing(visit: SignIn, world: World, granted: GrantView) -> None:
    client = visit(world.customer).client
    assert client.get(f"/answers/{world.dataset_id}?purpose=CURIOSITY").status_code == 404
    assert client.get(f"/answers/{world.dataset_id}?purpose=AUDIT").status_code == 404
    assert client.get(f"/answers/{world.dataset_id}").status_code == 404


def test_content_that_is_right_is_handed_to_the_worker_and_published(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    browser = visit(world.supplier)
    content = json.dumps(content_of(world.supplier, world.product))
    page = browser.post(f"/products/{world.product.id}/publish", content=content)
    assert page.status == 303
    waiting = browser.get(page.location)
    assert 'http-equiv="refresh"' in waiting.html
    assert "Being signed" in waiting.text
    publish.sign_publication(worker.context(), page.location.rpartition("/")[2])
    done = browser.get(page.location)
    assert 'http-equiv="refresh"' not in done.html
    assert "The dataset is signed and published." in done.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "This is not JSON"),
        ("[]", "The dataset is a JSON object."),
        ('{"id": 1, "id": 2}', "/id"),
        ('{"id": NaN}', "NaN"),
        ("{" * 100, ""),
        ("[" * 100_000, ""),
        ('{"identity": {"boundary": 1.5}}', "/identity"),
        ("{}", ""),
    ],
)
def test_content_that_is_wrong_is_refused_in_words_and_nothing_is_stored(
    visit: SignIn, world: World, content: str, said: str
) -> None:
    page = visit(world.supplier).post(f"/products/{world.product.id}/publish", content=content)
    assert page.status == 422, page.text
    assert 'href="#content"' in page.html
    assert said in page.text


def test_content_about_another_product_is_refused(visit: SignIn, world: World) -> None:
    content = content_of(world.supplier, world.product) | {
        "id": "urn:uuid:00000011-0000-4000-8000-000000000011"
    }
    page = visit(world.supplier).post(f"/products/{world.product.id}/publish", content=json.dumps(content))
    assert page.status == 422


def test_every_group_of_a_dataset_can_be_shown_to_its_owner(visit: SignIn, world: World) -> None:
    text = visit(world.supplier, "da").get(f"/answers/{world.dataset_id}").text.replace(NO_BREAK, " ")
    assert "Du ser alt, hvad datasættet indeholder." in text
    assert "Materialer Materiale Andel af massen" in text
    assert "steel 97 % 35 %" in text
    assert "Værditilvækst 41,50 DKK" in text or "41,5" in text


def test_a_product_is_registered_by_form_and_may_be_published_about_at_once(
    visit: SignIn, world: World
) -> None:
    browser = visit(world.stranger)
    form = {"name": "Bolt M8", "number": "M8", "unit": "KGM", "category": "bolt", "gtin": "5700000000127"}
    page = browser.post("/products/new", **form)
    assert (page.status, page.location[-13:]) == (303, "?done=product")
    text = browser.get(page.location).text
    assert "The product is registered." in text
    assert "Product number M8 Declared unit kg Category bolt GTIN 5700000000127" in text


def test_a_product_form_that_is_refused_names_the_field_and_keeps_the_words(
    visit: SignIn, world: World
) -> None:
    browser = visit(world.supplier)
    form = {"name": "Bolt M8", "number": "M8", "unit": "KGM", "category": "bolt"}
    wrong = browser.post("/products/new", **form, gtin="5700000000128")
    assert wrong.status == 422
    assert '<a href="#gtin">The check digit of the GTIN is wrong.' in wrong.html
    assert 'value="Bolt M8"' in wrong.html
    taken = browser.post("/products/new", **form | {"number": "B12"})
    assert '<a href="#number">You already have a product with this number.</a>' in taken.html
    empty = browser.post("/products/new")
    assert empty.html.count('class="form-error-message"') == 4
