"""Who may call: tokens, sessions, roles, other sites."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from exchange import api
from exchange.adapters.clock import SteppingClock
from exchange.app import create_app
from exchange.bootstrap import Exchange, open_exchange
from exchange.domain.actors import Role
from exchange.services import api_clients, sessions
from exchange.services.accounts import NewUser, found_organisation
from exchange.services.context import Context
from exchange.services.organisations import NewOrganisation
from tests import factories
from tests.api.conftest import Caller, caller


def credentials(ctx: Context) -> api_clients.ApiClientSecret:
    """A client of a new organisation."""
    return api_clients.create_api_client(factories.party(ctx).ctx, "ERP", {Role.VIEWER})


def basic(client_id: str, secret: str) -> dict[str, str]:
    """HTTP Basic credentials."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


GRANT = {"grant_type": "client_credentials"}


@pytest.mark.parametrize("in_header", [True, False])
def test_client_credentials_buy_a_bearer_token(ctx: Context, client: FlaskClient, in_header: bool) -> None:
    known = credentials(ctx)
    if in_header:
        answer = client.post("/auth/token", data=GRANT, headers=basic(known.client_id, known.client_secret))
    else:
        form = GRANT | {"client_id": known.client_id, "client_secret": known.client_secret}
        answer = client.post("/auth/token", data=form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert {name: answer.json[name] for name in ("token_type", "expires_in")} == {
        "token_type": "Bearer",
        "expires_in": 1800,
    }
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert client.get("/api/v1/organisation", headers=bearer).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
        (GRANT, 401, "invalid_client"),
        (GRANT | {"client_id": "nobody", "client_secret": "wrong"}, 401, "invalid_client"),
        (GRANT | {"client_id": "\x00", "client_secret": "\x00"}, 401, "invalid_client"),
    ],
)
def test_token_refusals_have_the_shape_of_rfc_6749(
    client: FlaskClient, form: dict[str, str], status: int, error: str
) -> None:
    answer = client.post("/auth/token", data=form)
    assert (answer.status_code, answer.json and answer.json["error"]) == (status, error)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_token_request_as_json_or_with_two_sets_of_credentials_is_refused(
    ctx: Context, client: FlaskClient
) -> None:
    assert client.post("/auth/token", json=GRANT).status_code == 400
    known = credentials(ctx)
    both = GRANT | {"client_id": known.client_id, "client_secret": known.client_secret}
    answer = client.post("/auth/token", data=both, headers=basic(known.client_id, known.client_secret))
    assert (answer.status_code, answer.json and answer.json["error"]) == (400, "invalid_request")


def test_the_token_endpoint_is_where_discovery_says(client: FlaskClient) -> None:
    found = client.get("/.well-known/openid-configuration").json
    assert found is not None
    assert found["token_endpoint"] == "http://127.0.0.1:8000/auth/token"
    assert found["grant_types_supported"] == ["client_credentials"]


@pytest.mark.parametrize("value", ["Bearer nonsense", "Bearer", "Basic YTpi", "nonsense", "Bearer \xff"])
def test_a_bad_authorization_header_is_401_with_a_challenge(client: FlaskClient, value: str) -> None:
    answer = client.get("/api/v1/organisation", headers={"Authorization": value})
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "token.invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_an_expired_token_is_401_and_says_so(supplier: Caller, clock: SteppingClock) -> None:
    clock.move(timedelta(hours=1))
    answer = supplier.get("/organisation")
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "token.expired")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_session_cookie_authenticates_too_and_ends_with_the_session(
    ctx: Context, client: FlaskClient
) -> None:
    firm = factories.party(ctx)
    opened = sessions.sign_in(ctx, firm.email, factories.PASSWORD, "192.0.2.1")
    client.set_cookie(sessions.SESSION_COOKIE, opened.secret)
    answer = client.get("/api/v1/organisation")
    assert (answer.status_code, answer.json and answer.json["id"]) == (200, firm.id)
    sessions.sign_out(ctx, opened.secret)
    assert client.get("/api/v1/organisation").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://["}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({}, 200),
    ],
)
def test_a_write_by_cookie_must_come_from_the_exchanges_own_pages(
    ctx: Context, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    firm = factories.party(ctx)
    client.set_cookie(
        sessions.SESSION_COOKIE, sessions.sign_in(ctx, firm.email, factories.PASSWORD, "192.0.2.1").secret
    )
    body = {"rollup_consent": False}
    answer = client.put("/api/v1/organisation/rollup-consent", json=body, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json is not None and answer.json["code"] == "cross_site"


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/api/v1/organisation/rollup-consent", "Basic YTpi", 403),  # a browser adds it by itself
        ("/api/v1/organisation/rollup-consent", "nonsense", 403),
        ("/api/v1/organisation/rollup-consent", "Bearer nonsense", 401),
        ("/sign-out", "Basic YTpi", 403),
        ("/sign-out", "Bearer nonsense", 403),
        ("/auth/token", "Basic YTpi", 401),
        ("/auth/token", "nonsense", 403),
    ],
)
def test_only_credentials_that_count_there_excuse_another_site(
    ctx: Context, client: FlaskClient, path: str, authorization: str, status: int
) -> None:
    secret = sessions.sign_in(ctx, factories.party(ctx).email, factories.PASSWORD, "192.0.2.1").secret
    client.set_cookie(sessions.SESSION_COOKIE, secret)
    headers = {"Authorization": authorization, "Sec-Fetch-Site": "cross-site"}
    send = client.put if path.startswith("/api/") else client.post
    assert send(path, data=GRANT, headers=headers).status_code == status
    assert sessions.resume_session(ctx, secret) is not None


def test_a_demo_clients_token_is_refused_to_other_machines(ctx: Context, client: FlaskClient) -> None:
    person = NewUser("demo@firm.example", "Demo", factories.PASSWORD)
    founded = found_organisation(ctx, NewOrganisation("Demo"), person, is_demo=True)
    known = api_clients.create_api_client(ctx.acting_as(founded.actor), "ERP", {Role.VIEWER})
    form = GRANT | {"client_id": known.client_id, "client_secret": known.client_secret}
    elsewhere = client.post("/auth/token", data=form, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (elsewhere.status_code, elsewhere.json and elsewhere.json["error"]) == (400, "unauthorized_client")
    assert client.post("/auth/token", data=form).status_code == 200


def test_a_bearer_token_is_no_cookie_and_may_come_from_anywhere(supplier: Caller) -> None:
    answer = supplier.put(
        "/organisation/rollup-consent",
        json={"rollup_consent": False},
        headers={"Origin": "https://erp.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 200


def test_nothing_but_sign_up_joining_and_schemas_is_answered_without_a_caller(client: FlaskClient) -> None:
    open_to_all = set()
    for resource in api.RESOURCES:
        for operation in resource.operations:
            path = re.sub(r"{\w+}", "01986e2f-1f00-7000-8000-000000000000", f"/api/v1{operation.path}")
            answer = client.open(path, method=operation.method)
            if answer.status_code != 401:
                open_to_all.add(operation.name)
    assert open_to_all == {
        "organisations_sign_up", "invitations_accept", "schemas_list_all", "schemas_get",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/products", {"supplier_product_id": "1", "name": "A", "unit": "KGM", "category": "a"}),
        ("POST", "/invitations", {}),
        ("GET", "/api-clients", None),
        ("POST", "/keys", {}),
        ("PUT", "/organisation/rollup-consent", {"rollup_consent": True}),
    ],
)
def test_a_viewer_writes_nothing(
    ctx: Context, client: FlaskClient, method: str, path: str, body: dict[str, str] | None
) -> None:
    viewer = caller(ctx, client, Role.VIEWER)
    answer = viewer._send(method, path, {"json": body} if body is not None else {})
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "role.missing")


def test_only_operators_decide_on_identities(supplier: Caller) -> None:
    path = f"/organisations/{supplier.party.id}/approval"
    answer = supplier.post(path, json={"assurance": "operator_checked", "cvr": None, "domain": None})
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "operator.only")


TRIES: dict[str, tuple[str, dict[str, Any]]] = {
    "rate_token": ("/auth/token", {"data": GRANT | {"client_id": "x", "client_secret": "y"}}),
    "rate_denied": ("/api/v1/grants/01986e2f-1f00-7000-8000-000000000000/revocation", {"json": {}}),
    "rate_import": ("/api/v1/datasets", {"data": b"no token", "content_type": "application/vc+sd-jwt"}),
    "rate_sign_in": (
        "/api/v1/organisations",
        {
            "json": {
                "organisation": {"name": "Firm"},
                "user": {"email": "-", "name": "A", "password": factories.PASSWORD},
            }
        },
    ),
}


TRIES_BESIDE: list[tuple[str, str, dict[str, Any]]] = [
    ("rate_import", "/api/v1/dataset-previews", {"json": {"kind": "product", "subject": {}}}),
    ("rate_import", "/api/v1/requests", {"json": {}}),
    ("rate_sign_in", "/api/v1/invitations", {"json": {"email": "-", "roles": ["viewer"]}}),
    ("rate_sign_in", "/api/v1/invitation-acceptances", {"json": {"secret": "-", "user": {"password": "-"}}}),
]


@pytest.mark.parametrize(("bucket", "path", "options"), TRIES_BESIDE)
def test_what_costs_the_exchange_work_or_invites_guessing_is_limited_too(
    exchange: Exchange, clock: SteppingClock, bucket: str, path: str, options: dict[str, Any]
) -> None:
    tight = open_exchange(exchange.settings.model_copy(update={bucket: "2/minute"}), "web", clock=clock)
    client = create_app(tight).test_client()
    bearer = {"Authorization": f"Bearer {factories.bearer(factories.party(tight.context()))}"}
    answers = [client.post(path, headers=bearer, **options).status_code for _ in range(3)]
    assert all(status in {200, 422} for status in answers[:2])
    assert answers[2] == 429
    tight.store.close()


@pytest.mark.parametrize("bucket", list(TRIES))
def test_too_many_tries_are_429_with_the_wait(
    exchange: Exchange, ctx: Context, clock: SteppingClock, bucket: str
) -> None:
    tight = open_exchange(exchange.settings.model_copy(update={bucket: "2/minute"}), "web", clock=clock)
    client = create_app(tight).test_client()
    path, options = TRIES[bucket]
    bearer = (
        {}
        if bucket == "rate_token"
        else {"Authorization": f"Bearer {factories.bearer(factories.party(ctx))}"}
    )
    answers = [client.post(path, headers=bearer, **options) for _ in range(3)]
    assert all(answer.status_code in {401, 404, 422} for answer in answers[:2])
    assert answers[2].status_code == 429
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    tight.store.close()


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/api/v1/organisation", "/sign-in", "/nowhere", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
