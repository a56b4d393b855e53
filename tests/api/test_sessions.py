"""People manage their own sessions; machines have none."""

from __future__ import annotations

from flask.testing import FlaskClient

from exchange.domain.actors import Role
from exchange.services import sessions
from exchange.services.context import Context
from tests import factories
from tests.api.conftest import Caller
from tests.factories import Party


def signed_in(ctx: Context, client: FlaskClient, whose: Party) -> sessions.SignedIn:
    """The client carries the person's session from here on."""
    opened = sessions.sign_in(ctx, whose.email, factories.PASSWORD, "192.0.2.1")
    client.set_cookie(sessions.SESSION_COOKIE, opened.secret)
    return opened


def test_a_person_ends_a_session_opened_elsewhere(ctx: Context, client: FlaskClient) -> None:
    firm = factories.party(ctx)
    elsewhere = sessions.sign_in(ctx, firm.email, factories.PASSWORD, "192.0.2.2")
    here = signed_in(ctx, client, firm)
    listed = client.get("/api/v1/sessions").json
    assert listed is not None
    assert [one["id"] for one in listed["items"]] == [here.session_id, elsewhere.session_id]
    assert client.delete(f"/api/v1/sessions/{elsewhere.session_id}").status_code == 204
    assert sessions.resume_session(ctx, elsewhere.secret) is None
    assert client.get("/api/v1/sessions").status_code == 200


def test_another_persons_session_looks_like_an_unknown_one(ctx: Context, client: FlaskClient) -> None:
    foreign = sessions.sign_in(ctx, factories.party(ctx).email, factories.PASSWORD, "192.0.2.2")
    signed_in(ctx, client, factories.party(ctx))
    answers = [
        client.delete(f"/api/v1/sessions/{session_id}")
        for session_id in (foreign.session_id, "01986e2f-1f00-7000-8000-000000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [{k: v for k, v in (answer.json or {}).items() if k != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1]
    assert sessions.resume_session(ctx, foreign.secret) is not None


def test_a_member_of_two_organisations_switches_and_acts_with_the_roles_there(
    ctx: Context, client: FlaskClient
) -> None:
    firm, other = factories.party(ctx), factories.party(ctx)
    factories.join(firm, other, Role.VIEWER)
    signed_in(ctx, client, firm)
    answer = client.put("/api/v1/session/organisation", json={"organisation_id": other.id})
    assert answer.status_code == 200 and answer.json is not None
    assert [(one["organisation_id"], one["roles"]) for one in answer.json["items"]] == [
        (firm.id, ["admin"]),
        (other.id, ["viewer"]),
    ]
    own = client.get("/api/v1/organisation").json
    assert own is not None and own["id"] == other.id
    assert client.get("/api/v1/api-clients").status_code == 403
    stranger = factories.party(ctx)
    refused = client.put("/api/v1/session/organisation", json={"organisation_id": stranger.id})
    assert refused.status_code == 404


def test_a_machine_has_no_sessions(supplier: Caller) -> None:
    for path in ("/sessions", "/seats"):
        answer = supplier.get(path)
        assert (answer.status_code, answer.json and answer.json["code"]) == (403, "person.only")


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    ctx: Context, client: FlaskClient
) -> None:
    firm = factories.party(ctx)
    elsewhere = sessions.sign_in(ctx, firm.email, factories.PASSWORD, "192.0.2.2")
    signed_in(ctx, client, firm)
    new = "four quite other words"
    path = "/api/v1/password-changes"
    wrong = client.post(path, json={"old_password": "not this one", "new_password": new})
    assert (wrong.status_code, wrong.json and wrong.json["code"]) == (422, "password.wrong")
    weak = client.post(path, json={"old_password": factories.PASSWORD, "new_password": "short"})
    assert weak.json is not None
    assert (weak.json["code"], weak.json["path"]) == ("password.too_short", "/new_password")
    changed = client.post(path, json={"old_password": factories.PASSWORD, "new_password": new})
    assert changed.status_code == 204
    assert client.get("/api/v1/sessions").status_code == 200
    assert sessions.resume_session(ctx, elsewhere.secret) is None


def test_an_operator_approves_and_rejects_over_the_api(ctx: Context, client: FlaskClient) -> None:
    staff, claimant = factories.operator_party(ctx), factories.party(ctx, cvr=factories.CVRS[0])
    signed_in(ctx, client, staff)
    path = f"/api/v1/organisations/{claimant.id}"
    checked = {"assurance": "operator_checked", "cvr": factories.CVRS[0], "domain": None}
    other = client.post(f"{path}/approval", json=checked | {"cvr": factories.CVRS[1]})
    assert (other.status_code, other.json and other.json["code"]) == (409, "cvr.changed")
    moved = client.post(f"{path}/approval", json=checked | {"domain": "firm.example"})
    assert (moved.status_code, moved.json and moved.json["code"]) == (409, "domain.changed")
    unnamed = client.post(f"{path}/approval", json={"assurance": "operator_checked"})
    assert unnamed.status_code == 422
    approved = client.post(f"{path}/approval", json=checked).json
    assert approved is not None
    assert (approved["cvr_status"], approved["assurance"]) == ("approved", "operator_checked")
    rejected = client.post(
        f"{path}/rejection", json={"reason": "name_differs", "cvr": factories.CVRS[0]}
    ).json
    assert rejected is not None
    assert (rejected["cvr_status"], rejected["assurance"]) == ("rejected", "self_declared")
