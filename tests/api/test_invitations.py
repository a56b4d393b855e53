"""Inviting and accepting over the API."""

from __future__ import annotations

from flask.testing import FlaskClient

from exchange.services import sessions
from exchange.services.context import Context
from tests import factories
from tests.api.conftest import Caller

OWN = "my own four words"


def test_an_invited_person_joins_and_is_managed_as_a_colleague(supplier: Caller, client: FlaskClient) -> None:
    made = supplier.post("/invitations", json={"email": "Bo@Firm.example", "roles": ["signer", "editor"]})
    assert made.status_code == 201 and made.json is not None
    assert made.json["invitation"]["roles"] == ["editor", "signer"]
    assert made.json["link"].endswith(f"/invitations/{made.json['secret']}")
    listed = supplier.get("/invitations").json
    assert listed == {"items": [made.json["invitation"]]}
    body = {"secret": made.json["secret"], "user": {"name": "Bo", "password": OWN}}
    joined = client.post("/api/v1/invitation-acceptances", json=body)
    assert (joined.status_code, joined.json) == (
        201, {"email": "bo@firm.example", "roles": ["editor", "signer"]},
    )  # fmt: skip
    again = client.post("/api/v1/invitation-acceptances", json=body)
    assert (again.status_code, again.json and again.json["code"]) == (422, "invitation.invalid")
    people = supplier.get("/users").json
    assert people is not None
    (bo,) = [user for user in people["items"] if user["email"] == "bo@firm.example"]
    changed = supplier.put(f"/users/{bo['id']}/roles", json={"roles": []})
    assert changed.json is not None and changed.json["roles"] == []


def test_nobody_is_registered_or_drafted_by_somebody_else(ctx: Context, supplier: Caller) -> None:
    known = factories.party(ctx)
    person = {"email": "boss@victim.example", "name": "Boss", "password": OWN}
    assert supplier.post("/users", json={"user": person, "roles": ["viewer"]}).status_code == 405
    assert supplier.post("/members", json={"email": known.email, "roles": ["viewer"]}).status_code == 404
    answers = [
        supplier.post("/invitations", json={"email": email, "roles": ["viewer"]}).json
        for email in (known.email, "nobody@firm.example")
    ]
    assert answers[0] is not None and answers[1] is not None
    assert answers[0].keys() == answers[1].keys()
    assert answers[0]["invitation"].keys() == answers[1]["invitation"].keys()
    assert known.organisation.name not in str(answers[0])
    assert [seat.organisation_id for seat in sessions.list_seats(known.ctx)] == [known.id]


def test_a_revoked_invitation_is_worth_nothing(supplier: Caller, client: FlaskClient) -> None:
    made = supplier.post("/invitations", json={"email": "bo@firm.example", "roles": ["viewer"]}).json
    assert made is not None
    taken_back = supplier.post(f"/invitations/{made['invitation']['id']}/revocation")
    assert taken_back.json is not None and taken_back.json["state"] == "revoked"
    body = {"secret": made["secret"], "user": {"name": "Bo", "password": OWN}}
    refused = client.post("/api/v1/invitation-acceptances", json=body)
    assert (refused.status_code, refused.json and refused.json["code"]) == (422, "invitation.invalid")


def test_an_invitations_answer_is_never_kept_for_repeats(supplier: Caller) -> None:
    refused = supplier.post(
        "/invitations",
        json={"email": "bo@firm.example", "roles": ["viewer"]},
        headers={"Idempotency-Key": "k1"},
    )
    assert (refused.status_code, refused.json and refused.json["code"]) == (422, "idempotency.not_here")
