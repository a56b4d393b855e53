"""A customer asks, the supplier answers field by field; what it provides it grants, and the customer reads it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from exchange.domain.actors import Actor, Assurance, Role
from exchange.domain.errors import (
    ConflictError,
    ExchangeError,
    InvalidError,
    NotFoundError,
    NotPermittedError,
)
from exchange.domain.groups import Answer, FieldGroup, Purpose, SubjectType
from exchange.domain.periods import year
from exchange.domain.requests import DeclineReason, LineState
from exchange.services import grants, reading, requests
from exchange.services.context import Context
from exchange.services.organisations import approve_identity
from exchange.services.products import Product
from exchange.services.request_views import Request
from exchange.services.requests import LineAnswer
from tests.datasets import (
    answer,
    contents,
    field,
    full_subject,
    product,
    published,
    request_document,
    request_line,
    sent,
)
from tests.factories import CVRS, Party, operator, party

CSRD = Purpose.CSRD_REPORTING
CO2E, WATER, PRICE = "indicators/co2e", "indicators/water", "commercial/price"
ALL = {CO2E: Answer.PROVIDE}


@pytest.fixture
def supplier(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def customer(ctx: Context) -> Party:
    return party(ctx, "Havn Byg")


@pytest.fixture
def about(supplier: Party) -> Product:
    return product(supplier)


def only_line(who: Party, request: Request) -> Any:
    (line,) = requests.get_request(who.ctx, request.id).lines
    return line


# Sending


def test_request_reaches_the_suppliers_inbox_as_it_was_sent(
    supplier: Party, customer: Party, about: Product
) -> None:
    fields = (field(CO2E), field(WATER, "CBAM", mandatory=False))
    request = sent(customer, supplier, request_line(about, *fields, due="2026-04-01", note="By Easter"))
    (found,) = requests.page_requests(supplier.ctx, "inbox").items
    assert found == requests.get_request(supplier.ctx, request.id) == request
    assert (found.requester.name, found.requester.assurance) == ("Havn Byg", "self_declared")
    assert (found.supplier.name, found.state, found.due) == (
        "Nordvind Metal", LineState.REQUESTED, date(2026, 4, 1),
    )  # fmt: skip
    (line,) = found.lines
    assert (line.subject_type, line.subject_id, line.subject_name, line.period, line.note) == (
        SubjectType.PRODUCT, about.id, "Steel bracket", year(2025), "By Easter",
    )  # fmt: skip
    assert [(f.field, f.group, f.purpose, f.basis_reference, f.mandatory, f.answer) for f in line.fields] == [
        (CO2E, FieldGroup.INDICATORS, CSRD, "", True, None),
        (WATER, FieldGroup.INDICATORS, Purpose.CBAM, "Contract 7, clause 3", False, None),
    ]


def test_request_is_in_the_senders_outbox_and_nobody_elses(
    ctx: Context, supplier: Party, customer: Party, about: Product
) -> None:
    request = sent(customer, supplier, request_line(about))
    assert requests.page_requests(customer.ctx, "outbox").items == (request,)
    assert requests.page_requests(customer.ctx, "inbox").items == ()
    stranger = party(ctx)
    for box in ("inbox", "outbox"):
        assert requests.page_requests(stranger.ctx, box).items == ()  # type: ignore[arg-type]
    for asked in (request.id, "unknown"):
        with pytest.raises(NotFoundError):
            requests.get_request(stranger.ctx, asked)


def test_claimed_cvr_is_shown_only_once_confirmed(ctx: Context, supplier: Party, about: Product) -> None:
    claimant = party(ctx, cvr=CVRS[3])
    request = sent(claimant, supplier, request_line(about))
    assert request.requester.cvr is None
    approve_identity(operator(ctx), claimant.id, Assurance.OPERATOR_CHECKED, CVRS[3], None)
    seen = requests.get_request(supplier.ctx, request.id).requester
    assert (seen.cvr, seen.assurance) == (CVRS[3], "operator_checked")


def test_supplier_whose_cvr_is_only_claimed_gets_no_requests_until_confirmed(
    ctx: Context, customer: Party
) -> None:
    claimant = party(ctx, cvr=CVRS[3])
    line = request_line(product(claimant))
    with pytest.raises(ConflictError) as refusal:
        sent(customer, claimant, line)
    assert refusal.value.error_code == "supplier.not_approved"
    approve_identity(operator(ctx), claimant.id, Assurance.OPERATOR_CHECKED, CVRS[3], None)
    assert sent(customer, claimant, line).state is LineState.REQUESTED


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (
            {"subject": {"type": "product", "id": "urn:uuid:01890000-0000-7000-8000-000000000000"}},
            "request.subject",
        ),
        ({"subject": {"type": "product", "id": "HIDDEN"}}, "request.subject"),
        ({"subject": {"type": "product", "id": "FOREIGN"}}, "request.subject"),
        (
            {"subject": {"type": "organisation", "id": "FOREIGN"}, "fields": [field("identity")]},
            "request.subject",
        ),
        ({"subject": {"type": "delivery", "id": "HIDDEN"}}, "request.subject"),
        ({"due": "2026-03-02"}, "request.due"),
        ({"due": "2025-01-01"}, "request.due"),
        ({"due": "2026-02-30"}, "date.invalid"),
        ({"period": {"start": "2026-01-01", "end": "2025-01-01"}}, "period.order"),
        ({"fields": [field(CO2E), field(CO2E)]}, "request.doubled_field"),
        ({"fields": [field("indicators/happiness")]}, "request.field_unknown"),
        ({"fields": [{**field(CO2E), "group": "commercial"}]}, "request.field_group"),
        ({"fields": [{**field(CO2E), "purpose": "CBAM"}]}, None),  # a purpose without its basis
        ({"fields": [{**field(CO2E), "purpose": "CURIOSITY"}]}, None),
        ({"fields": []}, None),
        ({"surprise": True}, None),
    ],
)
def test_line_that_asks_wrongly_is_refused_and_nothing_stored(
    supplier: Party, customer: Party, about: Product, members: dict[str, Any], code: str | None
) -> None:
    hidden, foreign = product(supplier, listed=False), product(customer)
    published(supplier, full_subject(supplier, hidden))
    subject = members.get("subject", {})
    names = {"HIDDEN": f"urn:uuid:{hidden.id}", "FOREIGN": f"urn:uuid:{foreign.id}"}
    if subject.get("id") in names:
        members = {**members, "subject": {**subject, "id": names[subject["id"]]}}
    before = contents(supplier.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        sent(customer, supplier, request_line(about), {**request_line(about), **members})
    if code is not None:
        assert refusal.value.error_code == code
    assert refusal.value.path.startswith("/lines/1")
    assert refusal.value.advice
    assert contents(supplier.ctx.store) == before


def test_supplier_itself_can_be_asked_about(supplier: Party, customer: Party) -> None:
    line = request_line(product(supplier))
    line["subject"] = {"type": "organisation", "id": f"urn:uuid:{supplier.id}"}
    line["fields"] = [field("identity/organisation")]
    assert sent(customer, supplier, line).lines[0].subject_type is SubjectType.ORGANISATION


@pytest.mark.parametrize("who", ["oneself", "unknown", "for_another"])
def test_request_goes_from_oneself_to_somebody_else(
    supplier: Party, customer: Party, about: Product, who: str
) -> None:
    document = request_document(supplier, request_line(about))
    sender = supplier if who == "oneself" else customer
    if who == "unknown":
        document["supplier"] = "urn:uuid:01890000-0000-7000-8000-000000000000"
    if who == "for_another":
        document["requester"] = document["supplier"]
    codes = {"oneself": "request.to_oneself", "unknown": "not_found", "for_another": "request.requester"}
    with pytest.raises(ExchangeError) as refusal:
        requests.send_request(sender.ctx, document)
    assert refusal.value.error_code == codes[who]


def test_viewer_sends_nothing(supplier: Party, customer: Party, about: Product) -> None:
    viewer = customer.ctx.acting_as(Actor(customer.id, frozenset({Role.VIEWER})))
    with pytest.raises(NotPermittedError):
        requests.send_request(viewer, request_document(supplier, request_line(about)))


def test_longest_texts_the_schema_allows_are_kept_whole(
    supplier: Party, customer: Party, about: Product
) -> None:
    asked = {**field(CO2E, "CBAM"), "basis_reference": "b" * 500}
    request = sent(customer, supplier, request_line(about, asked, note="n" * 4000))
    line = only_line(supplier, request)
    assert (len(line.note), len(line.fields[0].basis_reference)) == (4000, 500)


def test_requests_come_newest_first_page_by_page(supplier: Party, customer: Party, about: Product) -> None:
    ids = [sent(customer, supplier, request_line(about)).id for _ in range(3)]
    first = requests.page_requests(supplier.ctx, "inbox", limit=2)
    second = requests.page_requests(supplier.ctx, "inbox", first.next_cursor, 2)
    assert [request.id for request in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


# Opening


def test_opening_marks_the_lines_seen_for_both(supplier: Party, customer: Party, about: Product) -> None:
    request = sent(customer, supplier, request_line(about))
    requests.mark_seen(customer.ctx, request.id)  # looking at one's own request says nothing
    assert only_line(customer, request).state is LineState.REQUESTED
    requests.mark_seen(supplier.ctx, request.id)
    line = only_line(customer, request)
    assert line.state is LineState.SEEN
    requests.mark_seen(supplier.ctx, request.id)
    assert only_line(customer, request).seen_at == line.seen_at


def test_stranger_cannot_mark_a_request_seen(
    ctx: Context, supplier: Party, customer: Party, about: Product
) -> None:
    request = sent(customer, supplier, request_line(about))
    for asked in (request.id, "unknown"):
        with pytest.raises(NotFoundError):
            requests.mark_seen(party(ctx).ctx, asked)


# Answering


def test_answer_with_what_is_there_grants_and_the_customer_reads_it(
    supplier: Party, customer: Party, about: Product
) -> None:
    outcome = published(supplier, full_subject(supplier, about))
    request = sent(customer, supplier, request_line(about, field(CO2E), field("composition", "CBAM")))
    line = only_line(supplier, request)
    assert line.matches == (outcome.dataset_id,)
    assert only_line(customer, request).matches == ()
    provided = answer(supplier, {CO2E: Answer.PROVIDE, "composition": Answer.PROVIDE})
    answered = requests.answer_line(supplier.ctx, line.id, provided)
    assert answered.state is LineState.FULFILLED
    assert answered.answered_at is not None
    given = {view.purpose: view for view in grants.page_grants(supplier.ctx, "given").items}
    assert {purpose: view.field_groups for purpose, view in given.items()} == {
        CSRD: (FieldGroup.IDENTITY, FieldGroup.INDICATORS),
        Purpose.CBAM: (FieldGroup.IDENTITY, FieldGroup.COMPOSITION),
    }
    assert {(view.grantee_id, view.period, view.valid_until) for view in given.values()} == {
        (customer.id, year(2025), provided.valid_until)
    }
    found = reading.find_dataset_for(customer.ctx, about.id, year(2025), CSRD)
    assert found is not None
    assert set(reading.read_dataset(customer.ctx, found, CSRD).subject) == {"id", "identity", "indicators"}
    read = reading.read_dataset(customer.ctx, found, Purpose.CBAM)
    assert set(read.subject) == {"id", "identity", "composition"}


def test_partial_answer_can_be_completed_later(supplier: Party, customer: Party, about: Product) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field("composition"))).lines[0]
    first = LineAnswer(
        {CO2E: Answer.PROVIDE, "composition": Answer.NOT_AVAILABLE},
        supplier.ctx.now() + timedelta(days=100),
        {"composition": date(2026, 6, 1)},
    )
    partly = requests.answer_line(supplier.ctx, line.id, first)
    assert partly.state is LineState.PARTIALLY_FULFILLED
    assert {f.field: f.available_from for f in partly.fields} == {CO2E: None, "composition": date(2026, 6, 1)}
    wholly = requests.answer_line(supplier.ctx, line.id, answer(supplier, {"composition": Answer.PROVIDE}))
    assert wholly.state is LineState.FULFILLED
    assert {f.field: (f.answer, f.available_from) for f in wholly.fields} == {
        CO2E: (Answer.PROVIDE, None),
        "composition": (Answer.PROVIDE, None),
    }
    assert [view.field_groups[1:] for view in grants.page_grants(supplier.ctx, "given").items] == [
        (FieldGroup.COMPOSITION,),
        (FieldGroup.INDICATORS,),
    ]


def test_field_refused_over_the_cap_does_not_leave_the_line_open(
    supplier: Party, customer: Party, about: Product
) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field(PRICE))).lines[0]
    given = answer(supplier, {CO2E: Answer.PROVIDE, PRICE: Answer.REFUSE_OVER_CAP})
    assert requests.answer_line(supplier.ctx, line.id, given).state is LineState.FULFILLED
    (grant,) = grants.page_grants(customer.ctx, "received").items
    assert FieldGroup.COMMERCIAL not in grant.field_groups


@pytest.mark.parametrize("refusal", [Answer.REFUSE_CONFIDENTIAL, Answer.REFUSE_OVER_CAP])
def test_field_is_not_refused_and_shown_within_its_group(
    supplier: Party, customer: Party, about: Product, refusal: Answer
) -> None:
    """Water refused and CO2e provided would show water: both lie in one disclosure."""
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field(WATER))).lines[0]
    before = contents(supplier.ctx.store)
    with pytest.raises(InvalidError) as torn:
        requests.answer_line(supplier.ctx, line.id, answer(supplier, {CO2E: Answer.PROVIDE, WATER: refusal}))
    assert torn.value.error_code == "answer.torn_group"
    assert contents(supplier.ctx.store) == before


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "answer.incomplete"),
        ({"indicators/energy": Answer.PROVIDE}, "answer.unknown_field"),
        ({CO2E: Answer.PROVIDE, "taxonomy": Answer.PROVIDE}, "answer.nothing_there"),
    ],
)
def test_answer_that_does_not_hold_is_refused_and_nothing_stored(
    supplier: Party, customer: Party, about: Product, answers: dict[str, Answer], code: str
) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field("taxonomy"))).lines[0]
    before = contents(supplier.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        requests.answer_line(supplier.ctx, line.id, answer(supplier, answers))
    assert (refusal.value.error_code, refusal.value.path) == (code, "/answers")
    assert contents(supplier.ctx.store) == before


def test_nothing_published_for_the_period_cannot_be_provided(
    supplier: Party, customer: Party, about: Product
) -> None:
    published(supplier, full_subject(supplier, about, year=2024))
    line = sent(customer, supplier, request_line(about)).lines[0]
    with pytest.raises(InvalidError) as refusal:
        requests.answer_line(supplier.ctx, line.id, answer(supplier, ALL))
    assert refusal.value.error_code == "answer.nothing_there"
    assert "indicators" in refusal.value.detail


@pytest.mark.parametrize("days", [-1, 732])
def test_answer_whose_grant_ends_at_a_wrong_time_is_refused(
    supplier: Party, customer: Party, about: Product, days: int
) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about)).lines[0]
    before = contents(supplier.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        requests.answer_line(supplier.ctx, line.id, answer(supplier, ALL, days=days))
    assert refusal.value.error_code == "grant.until"
    assert contents(supplier.ctx.store) == before


def test_provided_field_is_not_refused_afterwards_but_its_grant_revoked(
    supplier: Party, customer: Party, about: Product
) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field("composition"))).lines[0]
    both = {CO2E: Answer.PROVIDE, "composition": Answer.NOT_AVAILABLE}
    requests.answer_line(supplier.ctx, line.id, answer(supplier, both))
    with pytest.raises(InvalidError) as refusal:
        requests.answer_line(supplier.ctx, line.id, answer(supplier, {CO2E: Answer.REFUSE_CONFIDENTIAL}))
    assert refusal.value.error_code == "answer.given"


def test_same_answer_again_gives_no_second_grant(supplier: Party, customer: Party, about: Product) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about, field(CO2E), field("composition"))).lines[0]
    both = {CO2E: Answer.PROVIDE, "composition": Answer.NOT_AVAILABLE}
    for _ in range(2):
        requests.answer_line(supplier.ctx, line.id, answer(supplier, both))
    assert len(grants.page_grants(supplier.ctx, "given").items) == 1


def test_two_answers_at_once_grant_once(supplier: Party, customer: Party, about: Product) -> None:
    published(supplier, full_subject(supplier, about))
    line = sent(customer, supplier, request_line(about)).lines[0]

    def give(_: int) -> str:
        try:
            return requests.answer_line(supplier.ctx, line.id, answer(supplier, ALL)).state
        except ConflictError as error:
            return error.error_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(give, range(3))) == ["fulfilled", "line.state", "line.state"]
    assert len(grants.page_grants(supplier.ctx, "given").items) == 1


def test_opening_at_the_moment_of_the_answer_does_not_undo_it(
    supplier: Party, customer: Party, about: Product
) -> None:
    published(supplier, full_subject(supplier, about))
    for _ in range(5):
        request = sent(customer, supplier, request_line(about))
        line_id = request.lines[0].id
        with ThreadPoolExecutor(2) as pool:
            opened = pool.submit(requests.mark_seen, supplier.ctx, request.id)
            pool.submit(requests.answer_line, supplier.ctx, line_id, answer(supplier, ALL)).result()
            opened.result()
        assert only_line(customer, request).state is LineState.FULFILLED


# Declining, and what is closed


def test_declined_line_shows_its_reason_and_grants_nothing(
    supplier: Party, customer: Party, about: Product
) -> None:
    request = sent(customer, supplier, request_line(about))
    requests.decline_line(supplier.ctx, request.lines[0].id, DeclineReason.NO_DATA_YET, " In June. ")
    line = only_line(customer, request)
    assert (line.state, line.decline_reason, line.decline_text) == (
        LineState.DECLINED, DeclineReason.NO_DATA_YET, "In June.",
    )  # fmt: skip
    assert grants.page_grants(customer.ctx, "received").items == ()


def test_other_reason_needs_words(supplier: Party, customer: Party, about: Product) -> None:
    line = sent(customer, supplier, request_line(about)).lines[0]
    with pytest.raises(InvalidError) as refusal:
        requests.decline_line(supplier.ctx, line.id, DeclineReason.OTHER, "  ")
    assert refusal.value.error_code == "decline.text"


def test_closed_line_takes_no_further_answer(supplier: Party, customer: Party, about: Product) -> None:
    published(supplier, full_subject(supplier, about))
    declined, fulfilled = sent(customer, supplier, request_line(about), request_line(about)).lines
    requests.decline_line(supplier.ctx, declined.id, DeclineReason.COST)
    requests.answer_line(supplier.ctx, fulfilled.id, answer(supplier, ALL))
    before = contents(supplier.ctx.store)
    for line in (declined, fulfilled):
        for act in (
            lambda line_id: requests.answer_line(supplier.ctx, line_id, answer(supplier, ALL)),
            lambda line_id: requests.decline_line(supplier.ctx, line_id, DeclineReason.COST),
        ):
            with pytest.raises(ConflictError) as refusal:
                act(line.id)
            assert refusal.value.error_code == "line.state"
    assert contents(supplier.ctx.store) == before


def test_line_is_the_suppliers_to_answer(
    ctx: Context, supplier: Party, customer: Party, about: Product
) -> None:
    line = sent(customer, supplier, request_line(about)).lines[0]
    for who in (customer, party(ctx)):
        for asked in (line.id, "unknown"):
            with pytest.raises(NotFoundError):
                requests.answer_line(who.ctx, asked, answer(who, ALL))
            with pytest.raises(NotFoundError):
                requests.decline_line(who.ctx, asked, DeclineReason.COST)


def test_editor_declines_and_only_a_signer_answers(supplier: Party, customer: Party, about: Product) -> None:
    line = sent(customer, supplier, request_line(about)).lines[0]
    editor = supplier.ctx.acting_as(Actor(supplier.id, frozenset({Role.EDITOR})))
    with pytest.raises(NotPermittedError):
        requests.answer_line(editor, line.id, answer(supplier, ALL))
    assert requests.decline_line(editor, line.id, DeclineReason.COST).state is LineState.DECLINED


def test_state_of_the_request_follows_from_its_lines(
    supplier: Party, customer: Party, about: Product
) -> None:
    published(supplier, full_subject(supplier, about))
    request = sent(customer, supplier, request_line(about), request_line(about, year=2024))
    requests.answer_line(supplier.ctx, request.lines[0].id, answer(supplier, ALL))
    assert requests.get_request(customer.ctx, request.id).state is LineState.PARTIALLY_FULFILLED
