"""The page of a dataset: each step of its check in words, and its owner's button to take it back."""

from __future__ import annotations

import re

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.groups import Answer, FieldGroup
from exchange.domain.revocation import RevocationReason
from exchange.services import requests
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.revocation.status_lists import issue_status_list
from exchange.web.formats import NO_BREAK
from tests import datasets, factories
from tests.datasets import granted
from tests.web.conftest import SignIn, World, publish_example


def path_of(world: World, purpose: str = "") -> str:
    return f"/answers/{world.dataset_id}" + (f"?purpose={purpose}" if purpose else "")


def test_every_step_is_told_in_words(visit: SignIn, world: World, worker: Exchange) -> None:
    issue_status_list(worker.context(), 1)
    page = visit(world.supplier).get(path_of(world))
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', page.html)
    told = {
        name: (outcome, note) for name, outcome, note in rows if outcome in {"established", "not checked"}
    }
    assert len(told) == 14
    assert told["The signature holds"] == ("established", "")
    assert told["It has not been revoked"] == ("established", "")
    assert told["It stands in the log"] == ("not checked", "It waits for the log. Look again in a minute.")
    assert told["It follows its schema"] == ("not checked", "It was checked when it was published.")
    assert told["Somebody checked who the issuer is"][0] == "not checked"


def test_the_owner_revokes_with_a_reason_and_everybody_sees_it(visit: SignIn, world: World) -> None:
    granted(world.supplier, world.customer, world.product, FieldGroup.IDENTITY, FieldGroup.INDICATORS)
    browser = visit(world.supplier)
    page = browser.get(path_of(world))
    assert "This cannot be undone" in page.text
    done = browser.post(f"/answers/{world.dataset_id}/revoke", reason="wrong_figures")
    assert done.location == f"/answers/{world.dataset_id}?done=dataset_revoked"
    page = browser.get(done.location)
    assert "The dataset is revoked. Everybody with access sees it." in page.text
    assert (
        "Revoked 2 March 2026, 09:00. Reason: The figures are wrong. Do not rely on it any more." in page.text
    )
    assert "Yes, revoke the dataset" not in page.text
    assert "It has not been revoked not so Its owner has revoked it." in page.text
    read = visit(world.customer).get(path_of(world, "CSRD_REPORTING"))
    assert "Reason: The figures are wrong. Do not rely on it any more." in read.text
    assert "is-broken" in read.html
    product = visit(world.supplier).get(f"/products/{world.product.id}")
    assert "Revoked 2 March 2026, 09:00. Reason: The figures are wrong." in product.text


def test_in_danish_it_is_tilbagekaldt(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier, "da")
    browser.post(f"/answers/{world.dataset_id}/revoke", reason="other")
    assert "Tilbagekaldt 2. marts 2026" in browser.get(path_of(world)).text


def test_a_revocation_needs_a_reason_and_happens_once(visit: SignIn, world: World) -> None:
    browser, path = visit(world.supplier), f"/answers/{world.dataset_id}/revoke"
    for form in ({}, {"reason": "because"}):
        answer = browser.post(path, **form)
        assert (answer.status, "Choose a reason for the revocation." in answer.text) == (422, True)
    assert browser.post(path, reason="other").status == 303
    again = browser.post(path, reason="other")
    assert (again.status, "This dataset was revoked before." in again.text) == (409, True)


def test_only_who_may_revoke_is_offered_it(visit: SignIn, world: World) -> None:
    granted(world.supplier, world.customer, world.product, FieldGroup.INDICATORS)
    read = visit(world.customer).get(path_of(world, "CSRD_REPORTING"))
    assert "Revoke this dataset" not in read.text
    for who in (world.customer, world.stranger):
        assert visit(who).post(f"/answers/{world.dataset_id}/revoke", reason="other").status == 404
    editor = visit()
    email, password = factories.user(world.supplier, Role.EDITOR).email, factories.PASSWORD
    assert editor.post("/sign-in", email=email, password=password).status == 303
    assert "Revoke this dataset" not in editor.get(path_of(world)).text
    assert editor.post(f"/answers/{world.dataset_id}/revoke", reason="other").status == 403
    assert "Revoke this dataset" in visit(world.supplier).get(path_of(world)).text


def answered(world: World) -> None:
    """All that was asked for is provided."""
    line = world.request.lines[0]
    answers = {field.field: Answer.PROVIDE for field in line.fields}
    requests.answer_line(world.supplier.ctx, line.id, datasets.answer(world.supplier, answers))


def test_every_list_says_that_an_answer_was_revoked_until_a_new_version_is_published(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    answered(world)
    lists = [(world.customer, "/requests"), (world.customer, "/"), (world.supplier, "/inbox")]
    pages = [(visit(who), path) for who, path in lists]
    assert all("Answered" in browser.get(path).text for browser, path in pages)
    revoke_dataset(world.supplier.ctx, world.dataset_id, RevocationReason.OTHER)
    for browser, path in pages:
        text = browser.get(path).text
        assert "Answer revoked" in text and "Answered" not in text, path
    assert "Do not use the revoked figures any more." in pages[0][0].get("/requests").text
    assert "Publish a new version: whoever has access reads it" in pages[2][0].get("/inbox").text
    request = visit(world.supplier).get(f"/requests/{world.request.id}")
    assert f'href="/products/{world.product.id}/publish"' in request.html
    publish_example(world.supplier, world.product, worker)
    for browser, path in pages:
        text = browser.get(path).text
        assert "Answered" in text and "Answer revoked" not in text, path


def test_where_one_of_two_answers_is_revoked_that_one_is_named(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    other = datasets.product(world.supplier, "Stativ", unit="H87")
    publish_example(world.supplier, other, worker)
    about = (datasets.request_line(world.product), datasets.request_line(other))
    sent = datasets.sent(world.customer, world.supplier, *about)
    for line in sent.lines:
        given = {field.field: Answer.PROVIDE for field in line.fields}
        requests.answer_line(world.supplier.ctx, line.id, datasets.answer(world.supplier, given))
    revoke_dataset(world.supplier.ctx, world.dataset_id, RevocationReason.OTHER)
    said = "Revoked: Beslag B12 (2025). Do not use the revoked figures any more."
    listed = visit(world.customer).get("/requests").text
    assert "Answer partly revoked" in listed and said in listed
    request = visit(world.customer).get(f"/requests/{sent.id}").text
    assert request.count("provided, revoked since") == request.count("CO2 emissions") - 1 == 1


def test_a_replaced_version_links_to_the_one_that_took_its_place(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    granted(world.supplier, world.customer, world.product, FieldGroup.INDICATORS)
    newer = publish_example(world.supplier, world.product, worker)
    asked = path_of(world, "CSRD_REPORTING")
    browser = visit(world.customer)
    page = browser.get(asked)
    assert "Version 2 has taken its place and is in force. Open version 2" in page.text
    assert f'href="/answers/{newer}?purpose=CSRD_REPORTING"' in page.html
    assert "taken its place" not in browser.get(f"/answers/{newer}?purpose=CSRD_REPORTING").text
    revoke_dataset(world.supplier.ctx, newer, RevocationReason.OTHER)
    text = browser.get(asked).text
    assert (
        "Version 2 took its place and has been revoked since. No version is in force for this period." in text
    )
    last = browser.get(f"/answers/{newer}?purpose=CSRD_REPORTING")
    assert "No version is in force for this period." in last.text and "Open version" not in last.text


def test_the_customers_request_says_that_its_answer_was_revoked(visit: SignIn, world: World) -> None:
    answered(world)
    browser, path = visit(world.customer), f"/requests/{world.request.id}"
    assert "revoked" not in browser.get(path).text
    visit(world.supplier).post(f"/answers/{world.dataset_id}/revoke", reason="other")
    page = browser.get(path)
    said = (
        "Answer revoked The answer was revoked 2 March 2026, 09:00. Do not use the revoked figures any more."
    )
    assert said in page.text.replace(NO_BREAK, " ")
    assert "See the revoked answer" in page.text and 'href="/requests/new"' in page.html
    link = re.search(r'href="(/answers/[^"]+)"', page.html)
    assert link and "Do not rely on it any more." in browser.get(link.group(1).replace("&amp;", "&")).text


def test_without_a_status_entry_nobody_is_promised_that_it_can_be_looked_up(
    visit: SignIn, world: World
) -> None:
    browser = visit(world.supplier)
    assert "Anybody who holds the signed file can look it up." in browser.get(path_of(world)).text
    unlisted = datasets.published(
        world.supplier,
        datasets.product_subject(world.supplier, datasets.product(world.supplier)),
        datasets.own_key(world.supplier),
    )
    page = browser.get(f"/answers/{unlisted.dataset_id}")
    assert "whoever only holds the signed file cannot look it up" in page.text
    assert "Anybody who holds the signed file" not in page.text
