"""A supplier's own products: versions, grants with their revocation, reads, publishing."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.periods import year
from exchange.domain.revocation import RevocationReason
from exchange.services import access, grants, publish, reading
from exchange.services.dataset_gate import schema_check
from exchange.services.grants import GrantView, NewGrant
from exchange.services.product_content import GWP_SET
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.rollup.own_refusals import OwnRefusal
from exchange.trust import Policy, resolve_did_key, verify
from exchange.web.formats import NO_BREAK
from tests.datasets import own_key
from tests.web.conftest import Page, SignIn, World, content_of, publish_example

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


def test_a_revoked_version_stays_in_its_place_and_says_that_nothing_is_in_force(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    revoke_dataset(world.supplier.ctx, world.dataset_id, RevocationReason.WRONG_FIGURES)
    browser, path = visit(world.supplier), f"/products/{world.product.id}"
    said = "Revoked 2 March 2026, 09:00. Reason: The figures are wrong."
    text = browser.get(path).text.replace(NO_BREAK, " ")
    assert f"2025 Revoked {said} No version is in force for this period. Version 1, signed" in text
    assert "Earlier versions" not in text and "Nothing is published" not in text
    assert "CO2 emissions" not in text  # the figures are taken back
    publish_example(world.supplier, world.product, worker)
    text = browser.get(path).text.replace(NO_BREAK, " ")
    assert "2025 In force Version 2" in text and "CO2 emissions" in text
    assert "Earlier versions 2025: Version 1, signed by the exchange for you" in text
    assert f"{said} Version 2 is in force." in text
    assert "No version is in force" not in text


def test_a_revoked_earlier_version_is_marked_beside_the_one_in_force(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    publish_example(world.supplier, world.product, worker)
    revoke_dataset(world.supplier.ctx, world.dataset_id, RevocationReason.OTHER)
    text = visit(world.supplier).get(f"/products/{world.product.id}").text.replace(NO_BREAK, " ")
    assert "2025 In force Version 2" in text
    assert "Reason: Another reason. Version 2 is in force." in text


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


def text_area(page: Page) -> str:
    """What stands in the field for the content."""
    return html.unescape(page.html.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])


def test_the_page_starts_from_the_version_in_force(visit: SignIn, world: World) -> None:
    browser, address = visit(world.supplier), f"/products/{world.product.id}/publish"
    page = browser.get(address)
    subject = reading.read_dataset(world.supplier.ctx, world.dataset_id).subject
    assert json.loads(text_area(page)) == subject
    assert "This is what the newest period's version in force says." in page.text
    assert f'href="{address}?start=example"' in page.html
    assert (
        browser.post(address, content=text_area(page)).status == 303
    )  # nothing is lost: no tick is asked for


def test_what_the_new_version_would_not_say_is_named_and_has_to_be_ticked(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    browser, address = visit(world.supplier), f"/products/{world.product.id}/publish"
    content = content_of(world.supplier, world.product)
    less = {name: content[name] for name in ("id", "identity", "quality")}
    less["indicators"] = {"co2e": content["indicators"]["co2e"]}
    kid = own_key(world.supplier).kid
    for path in (address, f"{address}/sign"):
        asked = browser.post(path, content=json.dumps(less), kid=kid)
        assert asked.status == 422 and 'href="#may_lose"' in asked.html
        named = asked.html.partition("Nobody who reads the newest version")[2].partition("</ul>")[0]
        for gone in ("Water use", "Waste generation", "Materials", "By-products"):
            assert f"<li>{gone}</li>" in named
        assert "CO2 emissions" not in named and "Quality" not in named
        assert json.loads(text_area(asked)) == less
    materials = [{"material": "Castings", "mass_fraction": "1"}]
    other = json.dumps({**content, "composition": {"materials": materials}})
    asked = browser.post(address, content=other)
    assert asked.status == 422 and "Materials: would change, without" in asked.text
    assert browser.post(f"{address}/sign", content=other, kid=kid, may_lose="yes").status == 200
    assert browser.post(f"{address}/sign", content=json.dumps(less), kid=kid, may_lose="yes").status == 200
    done = browser.post(address, content=json.dumps(less), may_lose="yes")
    publish.sign_publication(worker.context(), done.location.rpartition("/")[2])
    assert "The dataset is signed and published." in browser.get(done.location).text


def test_the_example_is_of_this_product_and_published_once_its_figures_are_filled_in(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    browser, address = visit(world.supplier), f"/products/{world.product.id}/publish"
    page = browser.get(address)
    assert "2025: version 1, published 2 March 2026" in page.text.replace(NO_BREAK, " ")
    assert browser.client.get("/api/v1/schemas/product/0.3.0.json").status_code == 200
    assert 'href="/api/v1/schemas/product/0.3.0.json"' in page.html
    draft = text_area(browser.get(f"{address}?start=example"))
    assert json.loads(draft)["identity"]["gwp_set"] == GWP_SET  # as the calculator writes it
    refused = browser.post(address, content=draft)
    assert refused.status == 422 and "where ? stands" in refused.text
    filled = draft.replace('"?"', '"1.5"')
    done = browser.post(address, content=filled, may_lose="yes")
    publish.sign_publication(worker.context(), done.location.rpartition("/")[2])
    assert "The dataset is signed and published." in browser.get(done.location).text
    assert "Version 2, signed" in browser.get(f"/products/{world.product.id}").text


def test_every_fault_of_the_content_stands_at_its_field(visit: SignIn, world: World) -> None:
    content = content_of(world.supplier, world.product)
    content["identity"] |= {"boundary": "no", "geography": "no"}
    page = visit(world.supplier).post(f"/products/{world.product.id}/publish", content=json.dumps(content))
    at_field = page.html.partition('id="content-error"')[2].partition("<textarea")[0]
    assert "/identity/boundary" in at_field
    assert "/identity/geography" in at_field


def test_content_that_names_no_product_is_about_the_pages(visit: SignIn, world: World) -> None:
    content = content_of(world.supplier, world.product)
    del content["id"]
    page = visit(world.supplier).post(f"/products/{world.product.id}/publish", content=json.dumps(content))
    assert page.status == 303, page.text


def test_periods_stand_newest_first_whatever_was_published_last(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    content = content_of(world.supplier, world.product)
    content["identity"]["period"] = {"start": "2024-01-01", "end": "2025-01-01"}
    submitted = publish.submit_for_custody(world.supplier.ctx, DatasetKind.PRODUCT, content)
    publish.sign_publication(worker.context(), submitted.id)
    page = visit(world.supplier).get(f"/products/{world.product.id}").html
    assert re.findall(r"<h3>(\d{4})</h3>", page) == ["2025", "2024"]


def test_a_dataset_of_own_figures_alone_shows_no_empty_columns(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    content = content_of(world.supplier, world.product)
    content["indicators"] = {
        "co2e": {"own": {"amount": "0.354321", "unit": "KGM"}},
        "energy": {"own": {"amount": "26.352", "unit": "3B"}},
    }
    content["quality"] = {name: content["quality"][name] for name in ("co2e", "energy")}
    content = {name: content[name] for name in ("id", "identity", "indicators", "quality")}
    submitted = publish.submit_for_custody(world.supplier.ctx, DatasetKind.PRODUCT, content)
    publish.sign_publication(worker.context(), submitted.id)
    text = visit(world.supplier).get(f"/products/{world.product.id}").text.replace(NO_BREAK, " ")
    assert "Indicator Own How it came about CO2 emissions 0.3543 kg CO₂e 0.354321 kg CO₂e" in text
    assert "Energy use 7.32 kWh 26.352 MJ" in text
    assert "What lies upstream is computed in the chain" in text


def test_access_that_ends_with_a_day_is_said_by_that_day(visit: SignIn, world: World) -> None:
    until = datetime(2027, 11, 22, 23, tzinfo=UTC)  # midnight in Copenhagen
    groups = frozenset({FieldGroup.INDICATORS})
    new = NewGrant(world.customer.id, DatasetKind.PRODUCT, world.product.id, groups, Purpose.AUDIT, until)
    grants.give_grant(world.supplier.ctx, new)
    text = visit(world.supplier, "da").get(f"/products/{world.product.id}").text.replace(NO_BREAK, " ")
    assert "til og med 22. november 2027" in text


def test_revoking_asks_once_more(visit: SignIn, world: World, granted: GrantView) -> None:
    page = visit(world.supplier).get(f"/products/{world.product.id}").html
    asked = page.partition("Revoke access<")[2].partition("</details>")[0]
    assert "Yes, revoke access" in asked
    assert page.count("/revoke") == asked.count("/revoke") == 1


def test_the_signed_file_is_the_granted_token_and_its_download_is_recorded(
    visit: SignIn, world: World, granted: GrantView
) -> None:
    customer = visit(world.customer)
    page = customer.get(READ.format(world.dataset_id) + f"&request={world.request.id}")
    assert f'href="/requests/{world.request.id}"' in page.html
    assert "vcx verify beslag-b12-2025-v1-signed.sd-jwt" in page.text
    assert f'href="/answers/{world.dataset_id}/file?purpose=CSRD_REPORTING"' in page.html
    before = len(access.page_access_records(world.supplier.ctx, limit=200).items)
    file = customer.client.get(f"/answers/{world.dataset_id}/file?purpose=CSRD_REPORTING")
    assert (file.status_code, file.mimetype) == (200, "application/vc+sd-jwt")
    assert file.headers["Content-Disposition"] == 'attachment; filename="beslag-b12-2025-v1-signed.sd-jwt"'
    verdict = verify(
        file.get_data().strip(),
        resolve=resolve_did_key,
        now=world.supplier.ctx.now(),
        policy=Policy(schema=schema_check),
    )
    assert verdict.dataset is not None, verdict.failures
    assert set(verdict.dataset.groups) == {"identity", "indicators"}
    assert len(access.page_access_records(world.supplier.ctx, limit=200).items) == before + 1
    stranger = visit(world.stranger).client
    assert stranger.get(f"/answers/{world.dataset_id}/file?purpose=CSRD_REPORTING").status_code == 404


def test_a_made_up_request_gives_no_way_back(visit: SignIn, world: World) -> None:
    page = visit(world.supplier).get(f"/answers/{world.dataset_id}?request=//evil.example")
    assert "evil.example" not in page.html.partition("<main")[2]


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
        ("", "Paste the content, or choose a file."),
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


def test_what_chains_could_not_use_is_told_to_its_maker_with_line_and_remedy(
    visit: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = OwnRefusal(year(2025), "linking.loop_gain", "7", "It takes all of itself.", "Correct line 7.")
    monkeypatch.setattr("exchange.web.products.refusals_of_product", lambda ctx, product: (refusal,))
    text = visit(world.supplier, "da").get(f"/products/{world.product.id}").text
    assert "Tal, som kæder ikke kunne bruge 2025 It takes all of itself. (7) Correct line 7." in re.sub(
        r" Indtil du .*? på engelsk\.", "", text
    )
