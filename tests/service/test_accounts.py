"""Sign-up, colleagues and their roles, the directory, and what an operator approves."""

from __future__ import annotations

import pytest
from sqlmodel import select

from exchange.domain.actors import Assurance, Role
from exchange.domain.errors import (
    ConflictError,
    InvalidError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
)
from exchange.services import accounts, organisations, sessions
from exchange.services.accounts import NewUser, found_organisation
from exchange.services.context import Context
from exchange.services.organisations import CvrStatus, NewOrganisation, RejectReason
from exchange.store.tables.accounts import OrganisationRow, UserRow
from exchange.store.tables.requests import AuditRow
from tests import factories


def refused(new: NewOrganisation, user: NewUser, ctx: Context) -> InvalidError:
    """The refusal of a sign-up, which must leave nothing behind."""
    with pytest.raises(InvalidError) as caught:
        found_organisation(ctx, new, user)
    with ctx.store.read() as session:
        assert session.exec(select(OrganisationRow)).all() == []
        assert session.exec(select(UserRow)).all() == []
    return caught.value


GOOD_USER = NewUser("anna@firm.example", "Anna", factories.PASSWORD)
GOOD_ORGANISATION = NewOrganisation("Firm A/S")


def test_sign_up_makes_an_administrator_of_a_self_declared_organisation(ctx: Context) -> None:
    founded = found_organisation(
        ctx, NewOrganisation("Firm A/S", "DK", "CH", 25, "10000009", "Firm.example"), GOOD_USER
    )
    assert founded.user.roles == {Role.ADMIN}
    assert founded.organisation.assurance is Assurance.SELF_DECLARED
    assert (founded.organisation.cvr, founded.organisation.cvr_status) == ("10000009", CvrStatus.CLAIMED)
    assert founded.organisation.domain == "firm.example"


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewOrganisation("Firm", cvr="10000008"), "id.cvr"),
        (NewOrganisation("Firm", cvr="1000000"), "id.cvr"),
        (NewOrganisation("Firm", branch="CN"), "branch.unknown"),
        (NewOrganisation("Firm", country="dk"), "country.invalid"),
        (NewOrganisation("Firm", employees=-1), "employees.range"),
        (NewOrganisation("Firm", domain="https://firm.example"), "domain.invalid"),
        (NewOrganisation("  "), "name.invalid"),
        (NewOrganisation("Firm\u202eA/S"), "name.invalid"),
    ],
)
def test_an_organisation_with_wrong_particulars_is_refused_whole(
    ctx: Context, new: NewOrganisation, code: str
) -> None:
    assert refused(new, GOOD_USER, ctx).error_code == code


@pytest.mark.parametrize(
    ("user", "code"),
    [
        (NewUser("anna.firm.example", "Anna", factories.PASSWORD), "email.invalid"),
        (NewUser("anna@firm", "Anna", factories.PASSWORD), "email.invalid"),
        (NewUser("anna@firm.example", "Anna", factories.PASSWORD, "fr"), "locale.unknown"),
        (NewUser("anna@firm.example", "Anna", "short words"), "password.too_short"),
        (NewUser("anna@firm.example", "Anna", "x" * 257), "password.too_long"),
        (NewUser("anna@firm.example", "Anna", "aaaaaaaaaaaab"), "password.guessable"),
        (NewUser("anna@firm.example", "Anna", "Password1234"), "password.guessable"),
        (NewUser("anna@firm.example", "Anna", "anna@firm.example"), "password.guessable"),
    ],
)
def test_a_person_with_wrong_particulars_is_refused_with_the_organisation(
    ctx: Context, user: NewUser, code: str
) -> None:
    error = refused(GOOD_ORGANISATION, user, ctx)
    assert error.error_code == code
    assert error.path.startswith("/user/")


def test_a_short_password_is_refused_with_words_of_advice(ctx: Context) -> None:
    assert "12 characters" in refused(GOOD_ORGANISATION, NewUser("a@firm.example", "A", "hej"), ctx).advice


def test_one_address_has_one_account_whatever_its_case(ctx: Context) -> None:
    found_organisation(ctx, GOOD_ORGANISATION, GOOD_USER)
    with pytest.raises(ConflictError) as caught:
        found_organisation(
            ctx, NewOrganisation("Other"), NewUser("ANNA@Firm.example", "A", factories.PASSWORD)
        )
    assert caught.value.error_code == "user.email_taken"


def test_taking_all_roles_ends_an_open_session_at_once(ctx: Context) -> None:
    firm = factories.party(ctx)
    colleague = factories.user(firm, Role.EDITOR)
    signed_in = sessions.sign_in(ctx, colleague.email, factories.PASSWORD, "192.0.2.1")
    accounts.set_roles(firm.ctx, colleague.id, {Role.VIEWER})
    resumed = sessions.resume_session(ctx, signed_in.secret)
    assert resumed is not None and resumed.roles == {Role.VIEWER}
    accounts.set_roles(firm.ctx, colleague.id, ())
    assert sessions.resume_session(ctx, signed_in.secret) is None


def test_the_last_administrator_stays(ctx: Context) -> None:
    firm = factories.party(ctx)
    assert firm.actor.user_id is not None
    with pytest.raises(ConflictError) as caught:
        accounts.set_roles(firm.ctx, firm.actor.user_id, {Role.VIEWER})
    assert caught.value.error_code == "role.last_admin"
    assert [user.roles for user in accounts.list_users(firm.ctx)] == [{Role.ADMIN}]


def test_another_organisations_people_are_not_to_be_found(ctx: Context) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    stranger = factories.user(other)
    with pytest.raises(NotFoundError):
        accounts.set_roles(firm.ctx, stranger.id, {Role.ADMIN})


def test_a_claimed_cvr_shows_to_others_only_when_approved(ctx: Context) -> None:
    operator = factories.operator(ctx)
    claimant, reader = factories.party(ctx, cvr="10000009", domain="firm.example"), factories.party(ctx)
    before = organisations.get_organisation(reader.ctx, claimant.id)
    assert (before.cvr, before.domain, before.employees, before.rollup_consent) == (None, None, None, None)
    organisations.approve_identity(
        operator, claimant.id, Assurance.OPERATOR_CHECKED, "10000009", "firm.example"
    )
    after = organisations.get_organisation(reader.ctx, claimant.id)
    assert (after.cvr, after.assurance) == ("10000009", Assurance.OPERATOR_CHECKED)
    assert after.domain is None


def test_only_an_operator_approves_and_rejects(ctx: Context) -> None:
    claimant = factories.party(ctx, cvr="10000009")
    with pytest.raises(NotPermittedError):
        organisations.approve_identity(
            claimant.ctx, claimant.id, Assurance.OPERATOR_CHECKED, "10000009", None
        )
    with pytest.raises(NotPermittedError):
        organisations.reject_identity(claimant.ctx, claimant.id, RejectReason.NOT_FOUND, "10000009")
    with pytest.raises(NotPermittedError):
        organisations.list_claims(claimant.ctx)


def test_one_cvr_number_is_approved_once(ctx: Context) -> None:
    operator = factories.operator(ctx)
    factories.checked_party(ctx, operator, cvr="10000009")
    copycat = factories.party(ctx, cvr="10000009")
    with pytest.raises(ConflictError) as caught:
        organisations.approve_identity(operator, copycat.id, Assurance.OPERATOR_CHECKED, "10000009", None)
    assert caught.value.error_code == "cvr.taken"


def test_a_rejected_claim_loses_trust_and_may_be_made_anew(ctx: Context) -> None:
    operator = factories.operator(ctx)
    claimant = factories.party(ctx, cvr="10000009")
    rejected = organisations.reject_identity(operator, claimant.id, RejectReason.NAME_DIFFERS, "10000009")
    assert (rejected.cvr_status, rejected.assurance) == (CvrStatus.REJECTED, Assurance.SELF_DECLARED)
    organisations.claim_cvr(claimant.ctx, "10000017")
    assert [claim.cvr for claim in organisations.list_claims(operator)] == ["10000017"]


def test_a_number_claimed_after_the_check_is_not_approved_or_rejected_by_it(ctx: Context) -> None:
    operator = factories.operator(ctx)
    claimant = factories.party(ctx, cvr="10000009")
    organisations.claim_cvr(claimant.ctx, "10000017")
    with pytest.raises(ConflictError) as approving:
        organisations.approve_identity(operator, claimant.id, Assurance.OPERATOR_CHECKED, "10000009", None)
    with pytest.raises(ConflictError) as rejecting:
        organisations.reject_identity(operator, claimant.id, RejectReason.NOT_FOUND, None)
    assert approving.value.error_code == rejecting.value.error_code == "cvr.changed"
    assert [claim.cvr for claim in organisations.list_claims(operator)] == ["10000017"]


def test_a_domain_declared_after_the_check_is_not_signed_for(ctx: Context) -> None:
    operator = factories.operator(ctx)
    claimant = factories.party(ctx, cvr="10000009", domain="firm.example")
    organisations.declare_domain(claimant.ctx, "somebody-else.example")
    for seen in ("firm.example", None):
        with pytest.raises(ConflictError) as caught:
            organisations.approve_identity(operator, claimant.id, Assurance.OWN_DOMAIN, "10000009", seen)
        assert caught.value.error_code == "domain.changed"
    left = organisations.get_organisation(operator, claimant.id)
    assert (left.assurance, left.cvr_status) == (Assurance.SELF_DECLARED, CvrStatus.CLAIMED)


def test_an_address_somebody_registered_never_becomes_an_operators(ctx: Context) -> None:
    squatter = factories.party(ctx)
    with pytest.raises(ConflictError) as caught:
        accounts.appoint_operator(
            ctx, NewOrganisation("Staff"), NewUser(squatter.email.upper(), "Op", factories.PASSWORD)
        )
    assert caught.value.error_code == "operator.exists_as_person"
    opened = sessions.sign_in(ctx, squatter.email, factories.PASSWORD, "192.0.2.1")
    assert not opened.actor.is_operator
    staff = factories.operator_party(ctx)
    assert sessions.sign_in(ctx, staff.email, factories.PASSWORD, "192.0.2.1").actor.is_operator
    with pytest.raises(NotPermittedError):
        accounts.appoint_operator(
            squatter.ctx, NewOrganisation("S"), NewUser("op@s.example", "Op", factories.PASSWORD)
        )


@pytest.mark.parametrize("level", [Assurance.SELF_DECLARED, Assurance.INVITED, Assurance.OWN_DOMAIN])
def test_a_check_ends_in_a_level_that_a_check_gives(ctx: Context, level: Assurance) -> None:
    operator, claimant = factories.operator(ctx), factories.party(ctx)
    with pytest.raises(InvalidError) as caught:
        organisations.approve_identity(operator, claimant.id, level, None, None)
    assert caught.value.error_code.startswith("assurance.")


def test_the_directory_finds_by_part_of_the_name_and_takes_wildcards_literally(ctx: Context) -> None:
    reader = factories.party(ctx, "Nordlys Plast ApS")
    factories.party(ctx, "50% Genbrug")
    names = [found.name for found in organisations.find_organisations(reader.ctx, "plast").items]
    assert names == ["Nordlys Plast ApS"]
    assert [found.name for found in organisations.find_organisations(reader.ctx, "%").items] == [
        "50% Genbrug"
    ]


def test_the_directory_pages_through_everybody_once(ctx: Context) -> None:
    parties = [factories.party(ctx) for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = organisations.find_organisations(parties[0].ctx, cursor=cursor, limit=2)
        seen += [found.id for found in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [made.id for made in reversed(parties)]


def test_consent_to_rollup_is_the_administrators_word_and_audited(ctx: Context) -> None:
    firm = factories.party(ctx)
    with pytest.raises(NotPermittedError):
        organisations.set_rollup_consent(factories.acting(firm, Role.SIGNER), False)
    assert organisations.set_rollup_consent(firm.ctx, False).rollup_consent is False
    with ctx.store.read() as session:
        row = session.exec(select(AuditRow).where(AuditRow.action == "rollup_consent.set")).one()
    assert (row.target_id, row.detail) == (firm.id, {"consent": "false"})


def test_nobody_signed_in_sees_no_directory(ctx: Context) -> None:
    firm = factories.party(ctx)
    with pytest.raises(NotAuthenticatedError):
        organisations.get_organisation(ctx, firm.id)
