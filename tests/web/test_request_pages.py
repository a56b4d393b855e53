"""The story through the pages: a customer asks, the supplier answers or declines, the customer reads."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from exchange.services import access, grants, requests
from exchange.web.formats import NO_BREAK
from exchange.web.request_form import customary_due
from tests.web.conftest import SignIn, World


def answer_form(number: int = 1, **more: str) -> dict[str, str]:
    return {
        f"line{number}-indicators/co2e": "provide",
        f"line{number}-quality": "provide",
        f"line{number}-until": "2026-12-31",
    } | more


def line_path(world: World, verb: str) -> str:
    return f"/requests/{world.request.id}/lines/{world.request.lines[0].id}/{verb}"


def test_the_inbox_says_who_asks_what_until_when_and_how_sure_that_is(visit: SignIn, world: World) -> None:
    text = visit(world.supplier, "da").get("/inbox").text.replace(NO_BREAK, " ")
    assert "Bælt Maskiner ApS" in text
    assert "Beslag B12, 2025: CO2-udledning og tallenes kvalitet" in text
    assert "Identiteten er kontrolleret af udvekslingen · CVR 10000017" in text
    assert "ønskes senest 1. april 2026" in text
    assert "Ny" in text


def test_opening_a_request_marks_it_as_seen_by_the_supplier_only(visit: SignIn, world: World) -> None:
    visit(world.customer).get(f"/requests/{world.request.id}")
    assert requests.get_request(world.supplier.ctx, world.request.id).state == "requested"
    page = visit(world.supplier).get(f"/requests/{world.request.id}")
    assert requests.get_request(world.supplier.ctx, world.request.id).state == "seen"
    assert "Waits for your answer" in page.text
    assert "You already have what may answer this: version 1, published 2 March 2026" in page.text


def test_an_answer_grants_what_is_provided_and_nothing_else(visit: SignIn, world: World) -> None:
    form = answer_form() | {"line1-quality": "refuse_confidential"}
    page = visit(world.supplier).post(line_path(world, "answer"), **form)
    assert (page.status, page.location) == (303, f"/requests/{world.request.id}?done=answered")
    (grant,) = grants.page_grants(world.supplier.ctx, "given").items
    assert [group.value for group in grant.field_groups] == ["identity", "indicators"]
    assert (
        grant.valid_until.isoformat() == "2026-12-31T23:00:00+00:00"
    )  # the end of the last day in Copenhagen


def test_the_customer_reads_exactly_what_was_granted_with_its_signature_intact(
    visit: SignIn, world: World
) -> None:
    visit(world.supplier).post(line_path(world, "answer"), **answer_form())
    customer = visit(world.customer)
    sent = customer.get(f"/requests/{world.request.id}")
    assert "provided" in sent.text
    (link,) = re.findall(r'href="(/answers/[^"]+)"', sent.html)
    page = customer.get(link.replace("&amp;", "&"))
    text = page.text.replace(NO_BREAK, " ")
    assert "Signed by the exchange on behalf of Nørre Metal A/S, unchanged since." in text
    assert "CO2 emissions 0.35 kg CO₂e 4.15 kg CO₂e 4.5 kg CO₂e" in text
    assert "60% measured, 30% allocated, 10% secondary" in text
    assert "further parts of this dataset are not granted to you." in text
    assert "Value added" not in text
    assert "41.50" not in text


def test_reading_leaves_a_record_that_the_supplier_sees(visit: SignIn, world: World) -> None:
    visit(world.supplier).post(line_path(world, "answer"), **answer_form())
    visit(world.customer).get(f"/answers/{world.dataset_id}?purpose=CSRD_REPORTING")
    page = visit(world.supplier).get("/access")
    assert "Bælt Maskiner ApS Read a dataset: Beslag B12, 2025, version 1" in page.text
    assert "Sustainability reporting (CSRD) allowed under a grant" in page.text


def test_looking_at_ones_own_request_after_a_revocation_is_no_denied_read(
    visit: SignIn, world: World
) -> None:
    visit(world.supplier).post(line_path(world, "answer"), **answer_form())
    (grant,) = grants.page_grants(world.supplier.ctx, "given").items
    grants.revoke_grant(world.supplier.ctx, grant.id)
    page = visit(world.customer).get(f"/requests/{world.request.id}")
    assert "the access has ended or been revoked" in page.text
    assert access.page_access_records(world.supplier.ctx).items == ()


def test_a_field_without_an_answer_is_pointed_out_and_nothing_is_granted(visit: SignIn, world: World) -> None:
    page = visit(world.supplier).post(line_path(world, "answer"), **{"line1-quality": "provide"})
    assert page.status == 422
    assert '<a href="#line1-indicators-co2e">Choose an answer.</a>' in page.html
    assert grants.page_grants(world.supplier.ctx, "given").items == ()


def test_access_ends_at_most_24_months_ahead(visit: SignIn, world: World) -> None:
    page = visit(world.supplier).post(
        line_path(world, "answer"), **answer_form() | {"line1-until": "2029-01-01"}
    )
    assert page.status == 422
    assert '<a href="#line1-until">Choose a date in the future, at most 24 months from now.</a>' in page.html
    assert 'value="2029-01-01"' in page.html
    words = visit(world.supplier).post(
        line_path(world, "answer"), **answer_form() | {"line1-until": "someday"}
    )
    assert '<a href="#line1-until">This is not a date of the calendar.</a>' in words.html


def test_declining_needs_a_reason_and_tells_the_customer(visit: SignIn, world: World) -> None:
    supplier = visit(world.supplier)
    assert supplier.post(line_path(world, "decline")).status == 422
    page = supplier.post(
        line_path(world, "decline"), **{"line1-reason": "no_data_yet", "line1-text": "Først til maj."}
    )
    assert (page.status, page.location) == (303, f"/requests/{world.request.id}?done=declined")
    sent = visit(world.customer).get(f"/requests/{world.request.id}")
    assert "Declined (we have no data yet): Først til maj." in sent.text


def test_a_closed_line_offers_no_form_and_takes_no_second_answer(visit: SignIn, world: World) -> None:
    supplier = visit(world.supplier)
    supplier.post(line_path(world, "answer"), **answer_form())
    page = supplier.get(f"/requests/{world.request.id}")
    assert "Send answer and give access" not in page.text
    assert "Answered" in page.text
    assert supplier.post(line_path(world, "decline"), **{"line1-reason": "cost"}).status == 422


def test_the_customer_cannot_answer_its_own_request(visit: SignIn, world: World) -> None:
    customer = visit(world.customer)
    assert customer.post(line_path(world, "answer"), **answer_form()).status == 404
    assert customer.post(line_path(world, "decline"), **{"line1-reason": "cost"}).status == 404
    assert "Your answer" not in customer.get(f"/requests/{world.request.id}").text


def test_a_request_of_others_is_not_there(visit: SignIn, world: World) -> None:
    stranger = visit(world.stranger)
    foreign = stranger.client.get(f"/requests/{world.request.id}")
    unknown = stranger.client.get("/requests/00000000-0000-4000-8000-000000000000")
    assert foreign.status_code == unknown.status_code == 404


def test_the_request_form_sends_one_line_per_product(visit: SignIn, world: World) -> None:
    customer = visit(world.customer)
    whom = customer.get("/requests/new?q=Nørre")
    assert "Nørre Metal A/S" in whom.text
    path = f"/requests/new/{world.supplier.id}"
    assert "Beslag B12" in customer.get(path).text
    page = customer.post(
        path, products=world.product.id, year="2025", fields=["indicators/energy", "composition"],
        purpose="PUBLIC_PROCUREMENT", basis="Udbud 2026/17", due="2026-04-15", mandatory="yes",
    )  # fmt: skip
    assert page.status == 303
    sent = requests.page_requests(world.customer.ctx, "outbox").items[0]
    (line,) = sent.lines
    assert line.period.to_wire() == {"start": "2025-01-01", "end": "2026-01-01"}
    assert [(f.field, f.group.value, f.mandatory, f.basis_reference) for f in line.fields] == [
        ("composition", "composition", True, "Udbud 2026/17"),
        ("indicators/energy", "indicators", True, "Udbud 2026/17"),
    ]
    assert "Your request has been sent." in customer.get(page.location).text


def test_the_request_form_says_all_that_is_missing_at_once(visit: SignIn, world: World) -> None:
    page = visit(world.customer).post(f"/requests/new/{world.supplier.id}", year="2025", purpose="CBAM")
    assert page.status == 422
    assert re.findall(r'<a href="#(\w+)">', page.html) == ["products", "fields", "basis"]


def test_a_due_date_that_has_passed_is_refused_beside_its_field(visit: SignIn, world: World) -> None:
    page = visit(world.customer).post(
        f"/requests/new/{world.supplier.id}", products=world.product.id, year="2025", fields="quality",
        purpose="CSRD_REPORTING", due="2026-01-01",
    )  # fmt: skip
    assert page.status == 422
    assert 'href="#due"' in page.html


def test_a_note_may_be_written_on_several_lines(visit: SignIn, world: World) -> None:
    page = visit(world.customer).post(
        f"/requests/new/{world.supplier.id}", products=world.product.id, year="2025", fields="quality",
        purpose="CSRD_REPORTING", due="2026-04-15", note="Kære Nørre Metal\r\n\r\n  Vi skal rapportere.\t",
    )  # fmt: skip
    assert page.status == 303
    (line,) = requests.page_requests(world.customer.ctx, "outbox").items[0].lines
    assert line.note == "Kære Nørre Metal Vi skal rapportere."


def test_a_refused_note_is_pointed_out_at_its_field_with_a_lead_in(visit: SignIn, world: World) -> None:
    page = visit(world.customer, "da").post(
        f"/requests/new/{world.supplier.id}", products=world.product.id, year="2025", fields="quality",
        purpose="CSRD_REPORTING", note="x" * 5000,
    )  # fmt: skip
    assert page.status == 422
    assert '<a href="#note">Teknisk besked fra kontrollen (engelsk): <span lang="en">' in page.html


def test_indicators_answered_in_part_and_dates_passed_are_refused_in_danish(
    visit: SignIn, world: World
) -> None:
    form = {"products": world.product.id, "year": "2025", "purpose": "CSRD_REPORTING", "due": "2026-01-01",
            "fields": ["indicators/co2e", "indicators/energy"]}  # fmt: skip
    customer = visit(world.customer, "da")
    late = customer.post(f"/requests/new/{world.supplier.id}", **form)
    assert "Datoen er passeret. Giv leverandøren tid" in late.text
    sent = customer.post(f"/requests/new/{world.supplier.id}", **form | {"due": "2026-04-15"})
    newest = requests.page_requests(world.customer.ctx, "outbox").items[0]
    assert sent.location.startswith(f"/requests/{newest.id}")
    torn = visit(world.supplier, "da").post(
        f"/requests/{newest.id}/lines/{newest.lines[0].id}/answer",
        **{"line1-indicators/co2e": "provide", "line1-indicators/energy": "refuse_confidential",
           "line1-until": "2026-12-31"},
    )  # fmt: skip
    assert torn.status == 422
    assert "De fem indikatorer deles samlet" in torn.text


def test_switching_the_language_of_a_refused_answer_leads_back_to_the_request(
    visit: SignIn, world: World
) -> None:
    supplier = visit(world.supplier)
    page = supplier.post(line_path(world, "decline"))
    assert page.status == 422
    (link,) = re.findall(r'href="(/language/da[^"]*)"', page.html)
    target = supplier.client.get(html.unescape(link)).headers["Location"]
    assert target == f"/requests/{world.request.id}"
    assert supplier.get(target).language == "da"


def test_a_denied_read_is_called_a_try_and_ones_own_reads_are_left_out(visit: SignIn, world: World) -> None:
    visit(world.customer).client.get(f"/answers/{world.dataset_id}?purpose=CSRD_REPORTING")
    supplier = visit(world.supplier, "da")
    supplier.get(f"/answers/{world.dataset_id}")
    for path in ("/access", f"/products/{world.product.id}", "/"):
        text = supplier.get(path).text
        assert "Bælt Maskiner ApS Læsning af datasæt: Beslag B12, 2025, version 1" in text, path
        assert "Læste et datasæt" not in text, path


def test_a_closed_line_no_longer_says_what_may_answer_it(visit: SignIn, world: World) -> None:
    supplier = visit(world.supplier)
    supplier.post(line_path(world, "answer"), **answer_form())
    assert "You already have what may answer this" not in supplier.get(f"/requests/{world.request.id}").text


def test_suppliers_are_listed_by_name_and_the_search_is_not_marked_optional(
    visit: SignIn, world: World
) -> None:
    page = visit(world.customer).get("/requests/new")
    assert page.text.index("Fremmed ApS") < page.text.index("Nørre Metal A/S")
    assert "(optional)" not in page.text


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 3, 6), "2026-03-27"),  # a Friday stays
        (date(2026, 3, 7), "2026-03-30"),  # Saturday and Sunday move on to Monday
        (date(2026, 3, 8), "2026-03-30"),
        (date(2026, 3, 9), "2026-03-30"),
    ],
)
def test_the_date_proposed_for_an_answer_is_a_working_day(today: date, due: str) -> None:
    assert customary_due(today).isoformat() == due
