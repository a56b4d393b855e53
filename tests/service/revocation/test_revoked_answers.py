"""A request whose answer was revoked says so, to both sides, until a version is in force again."""

from __future__ import annotations

import pytest

from exchange.domain.groups import Answer, Purpose
from exchange.domain.periods import year as year_period
from exchange.domain.requests import LineState
from exchange.domain.revocation import RevocationReason
from exchange.services import grants, reading, requests
from exchange.services.context import Context
from exchange.services.request_views import Line, Request
from exchange.services.revocation.revoking import revoke_dataset
from tests.datasets import answer, field, granted, request_line, sent
from tests.factories import Party, party
from tests.service.revocation.conftest import Publisher

CO2E, CSRD = "indicators/co2e", Purpose.CSRD_REPORTING


@pytest.fixture
def customer(ctx: Context) -> Party:
    return party(ctx, "Havn Byg")


def asked(customer: Party, firm: Publisher, *years: int) -> Request:
    """A request for the CO2e of the firm's product, one line a year."""
    lines = (request_line(firm.product, field(CO2E), year=year) for year in years)
    return sent(customer, firm.party, *lines)


def provide(firm: Publisher, line: Line, given: Answer = Answer.PROVIDE) -> None:
    requests.answer_line(firm.ctx, line.id, answer(firm.party, {CO2E: given}))


def seen_by(who: Party, request: Request) -> Request:
    return requests.get_request(who.ctx, request.id)


def test_both_sides_learn_when_and_the_state_stays_what_the_answers_made_it(
    firm: Publisher, customer: Party
) -> None:
    found, request = firm.publish(), asked(customer, firm, 2025)
    provide(firm, request.lines[0])
    assert [seen_by(who, request).revoked for who in (customer, firm.party)] == ["none", "none"]
    view = revoke_dataset(firm.ctx, found.dataset_id, RevocationReason.OTHER)
    for who in (customer, firm.party):
        shown = seen_by(who, request)
        assert (shown.state, shown.revoked) == (LineState.FULFILLED, "all")
        assert shown.lines[0].revoked_at == view.revoked_at is not None
    (listed,) = requests.page_requests(customer.ctx, "outbox").items
    assert listed.revoked == "all"
    firm.publish()
    assert seen_by(customer, request).revoked == "none"


def test_a_superseded_version_that_is_revoked_takes_no_answer_back(firm: Publisher, customer: Party) -> None:
    first, request = firm.publish(), asked(customer, firm, 2025)
    provide(firm, request.lines[0])
    firm.publish()
    revoke_dataset(firm.ctx, first.dataset_id, RevocationReason.OTHER)
    assert seen_by(customer, request).revoked == "none"


def test_one_line_of_two_is_told_apart(firm: Publisher, customer: Party) -> None:
    older, _newer, request = firm.publish(year=2024), firm.publish(), asked(customer, firm, 2024, 2025)
    for line in request.lines:
        provide(firm, line)
    revoke_dataset(firm.ctx, older.dataset_id, RevocationReason.OTHER)
    shown = seen_by(customer, request)
    assert shown.revoked == "some"
    assert [line.period.start.year for line in shown.lines if line.revoked_at] == [2024]


def test_nothing_is_taken_back_where_nothing_was_provided(firm: Publisher, customer: Party) -> None:
    found, request = firm.publish(), asked(customer, firm, 2025)
    provide(firm, request.lines[0], Answer.NOT_AVAILABLE)
    revoke_dataset(firm.ctx, found.dataset_id, RevocationReason.OTHER)
    shown = seen_by(customer, request)
    assert (shown.revoked, shown.lines[0].revoked_at) == ("none", None)


def end_grant(firm: Publisher) -> None:
    (given,) = grants.page_grants(firm.ctx, "given").items
    grants.revoke_grant(firm.ctx, given.id, "the contract ended")


def test_who_had_no_grant_any_more_learns_nothing_of_later_versions(firm: Publisher, customer: Party) -> None:
    firm.publish()
    request = asked(customer, firm, 2025)
    provide(firm, request.lines[0])
    end_grant(firm)
    second = firm.publish()
    revoke_dataset(firm.ctx, second.dataset_id, RevocationReason.OTHER)
    for who in (customer, firm.party):
        shown = seen_by(who, request)
        assert (shown.revoked, shown.lines[0].revoked_at) == ("none", None)
    assert reading.find_revoked_for(customer.ctx, firm.product.id, year_period(2025), CSRD) is None


def test_who_had_a_grant_while_the_version_stood_learns_that_it_was_revoked(
    firm: Publisher, customer: Party
) -> None:
    found, request = firm.publish(), asked(customer, firm, 2025)
    provide(firm, request.lines[0])
    end_grant(firm)
    view = revoke_dataset(firm.ctx, found.dataset_id, RevocationReason.OTHER)
    shown = seen_by(customer, request)
    assert (shown.revoked, shown.lines[0].revoked_at) == ("all", view.revoked_at)


def test_who_is_granted_it_again_learns_what_can_be_read(firm: Publisher, customer: Party) -> None:
    firm.publish()
    request = asked(customer, firm, 2025)
    provide(firm, request.lines[0])
    end_grant(firm)
    view = revoke_dataset(firm.ctx, firm.publish().dataset_id, RevocationReason.OTHER)
    granted(firm.party, customer, firm.product)
    assert seen_by(customer, request).lines[0].revoked_at == view.revoked_at
    assert reading.find_revoked_for(customer.ctx, firm.product.id, year_period(2025), CSRD) is not None


def test_the_newest_version_is_named_to_who_may_read_it(
    firm: Publisher, customer: Party, ctx: Context
) -> None:
    first, second = firm.publish(), firm.publish()
    old, new = (reading.read_header(firm.ctx, one.dataset_id) for one in (first, second))
    assert reading.find_newer(firm.ctx, new, None) is None
    found = reading.find_newer(firm.ctx, old, None)
    assert found is not None and (found.id, found.version, found.is_in_force) == (new.id, 2, True)
    granted(firm.party, customer, firm.product)
    assert reading.find_newer(customer.ctx, old, CSRD) == found
    assert reading.find_newer(customer.ctx, old, None) is None
    assert reading.find_newer(party(ctx, "Fremmed").ctx, old, CSRD) is None
    revoke_dataset(firm.ctx, new.id, RevocationReason.OTHER)
    found = reading.find_newer(firm.ctx, old, None)
    assert found is not None and not found.is_in_force
