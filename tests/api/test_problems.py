"""One shape for every refusal: what an API client can rely on (RFC 9457).

{"type": uri, "title": text, "status": int, "detail": text, "code": stable code, "path": JSON pointer or "",
 "advice": text, "problems": [{"code", "detail", "path", "advice"}], "request_id": id of the request}
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from exchange import logs
from exchange.api.problems import STATUS
from exchange.app import create_app
from exchange.bootstrap import Exchange
from exchange.domain import errors
from tests.api.conftest import Caller

MEMBERS = {"type", "title", "status", "detail", "code", "path", "advice", "problems", "request_id"}


def check_shape(answer: TestResponse) -> dict[str, Any]:
    """Every promise of the module's docstring, on one answer."""
    document = answer.json
    assert answer.mimetype == "application/problem+json"
    assert document is not None and set(document) == MEMBERS
    assert document["status"] == answer.status_code
    assert document["type"] == f"https://vcx.example/problems/{document['code']}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["path"] == "" or document["path"].startswith("/")
    for problem in document["problems"]:
        assert set(problem) == {"code", "detail", "path", "advice"}
    return document


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nowhere", {}, 404, "route.unknown"),
        ("PATCH", "/organisation", {}, 405, "method.not_allowed"),
        ("GET", "/products/not-an-id", {}, 404, "not_found"),
        ("GET", "/products?limit=0", {}, 422, "field.value"),
        ("GET", "/products?limit=ten", {}, 422, "field.value"),
        ("GET", "/products?cursor=zzzz", {}, 422, "paging.cursor"),
        ("GET", "/products?colour=red", {}, 422, "field.unknown"),
        ("GET", "/products?limit=1&limit=2", {}, 422, "query.malformed"),
        ("GET", "/organisations?text=%00", {}, 422, "query.malformed"),
        ("POST", "/products", {"json": {}}, 422, "input.invalid"),
        ("POST", "/products", {"data": b"{", "content_type": "application/json"}, 400, "json.syntax"),
        ("POST", "/products", {"data": b"[]", "content_type": "application/json"}, 422, "body.not_object"),
        ("POST", "/products", {"data": b"{}", "content_type": "text/plain"}, 415, "body.media_type"),
        ("POST", "/products", {"data": b"{}"}, 415, "body.media_type"),
    ],
)
def test_every_refusal_has_the_one_shape(
    supplier: Caller, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = supplier._send(method, path, dict(options))
    assert check_shape(answer)["code"] == code
    assert answer.status_code == status


def test_several_faults_are_all_named_with_their_paths(supplier: Caller) -> None:
    body = {"supplier_product_id": "1", "name": 3, "unit": "KGM", "colour": "red"}
    document = check_shape(supplier.post("/products", json=body))
    assert document["code"] == "input.invalid"
    assert {(problem["code"], problem["path"]) for problem in document["problems"]} == {
        ("field.type", "/name"),
        ("field.missing", "/category"),
        ("field.unknown", "/colour"),
    }


def test_a_wrong_method_keeps_the_allow_header(supplier: Caller) -> None:
    answer = supplier._send("PATCH", "/organisation", {})
    assert "GET" in answer.headers["Allow"]


def test_every_class_of_domain_error_has_a_status_of_its_own() -> None:
    classes = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.ExchangeError)
    }
    assert classes - {errors.ExchangeError} == set(STATUS)
    assert len(set(STATUS.values())) == len(STATUS)


def test_a_failure_of_ours_says_nothing_but_the_request_id_and_is_logged(exchange: Exchange) -> None:
    app = create_app(exchange)

    @app.route("/api/v1/broken")
    def broken() -> str:
        raise RuntimeError("secret detail")

    with capture_logs() as written:
        answer = app.test_client().get("/api/v1/broken")
    assert check_shape(answer)["code"] == "internal"
    assert answer.status_code == 500
    assert "secret" not in answer.text
    failure = next(event for event in written if event["event"] == "http.failed")
    assert failure["request_id"] == answer.headers["X-Request-Id"]


def test_log_lines_hold_route_and_status_but_no_query_and_no_message(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    before = structlog.get_config()
    try:
        monkeypatch.setattr("sys.stderr", stream)
        logs.configure("info")
        client.get("/api/v1/organisations/01986e2f-1f00-7000-8000-000000000000?text=anna@firm.example")
        try:
            raise ValueError("anna@firm.example")
        except ValueError:
            structlog.get_logger("t").exception("t.failed")
    finally:
        structlog.configure(**before)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[0]["event"] == "http.request"
    assert lines[0]["route"] == "/api/v1/organisations/<organisation_id>"
    assert lines[0]["status"] == 401
    assert lines[1]["error"] == "builtins.ValueError"
    assert "anna" not in stream.getvalue()


def test_a_page_that_fails_is_a_page_not_json(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
