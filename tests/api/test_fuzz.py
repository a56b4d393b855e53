"""No input of any kind makes the exchange fail: schemathesis over every operation of the description.

Quick by default; `VCX_DEEP=1` looks much longer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, SerializationContext, checks
from schemathesis.openapi import from_dict
from schemathesis.transport.serialization import serialize_binary

from exchange import api
from exchange.api.wire import SD_JWT, SignedToken, Table
from exchange.services.context import Context
from exchange.trust import TrustError
from tests import datasets, factories
from tests.api.conftest import Caller
from tests.api.test_tenants import things_of

IS_DEEP = os.environ.get("VCX_DEEP") == "1"
FUZZ = settings(
    max_examples=50 if IS_DEEP else 2,
    deadline=None,
    derandomize=not IS_DEEP,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def token(ctx: Context) -> str:
    """A bearer token with all rights."""
    return factories.bearer(factories.party(ctx))


@pytest.fixture
def owned(ctx: Context, supplier: Caller, customer: Caller) -> tuple[str, dict[str, str]]:
    """A token, and ids of things it may reach."""
    return supplier.token, things_of(ctx, supplier, customer)


class _AppOfTheTest:
    """Passes requests on to the app of the test at hand: the description is read once, the app made anew."""

    app: Flask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start_response)


stand_in = _AppOfTheTest()
schema = from_dict(api.describe(api.RESOURCES))
schema.app = stand_in
# What a schema cannot say (a cursor of ours, a name that is there) may refuse data that fit it.
BEYOND_THE_SCHEMA = [checks.positive_data_acceptance]
# Ids put in afterwards mend what was broken on purpose.
WITH_REAL_IDS = [*BEYOND_THE_SCHEMA, checks.negative_data_rejection]


@pytest.fixture(autouse=True)
def _serve_this_app(app: Flask) -> None:
    stand_in.app = app


@schemathesis.serializer(*SignedToken.media_types, *Table.media_types[1:])
def _as_bytes(ctx: SerializationContext, value: object) -> bytes:
    return serialize_binary(value)


@schema.parametrize()
@FUZZ
def test_no_generated_request_breaks_the_api_or_its_description(case: Case, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=BEYOND_THE_SCHEMA)


@schema.include(path_regex=r"\{").parametrize()
@FUZZ
def test_requests_about_things_that_exist_break_nothing(
    case: Case, owned: tuple[str, dict[str, str]]
) -> None:
    token, ids = owned
    for name in case.path_parameters or {}:
        if name in ids:
            case.path_parameters[name] = ids[name].replace("#", "%23")
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=WITH_REAL_IDS)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([0.5, 1.0, -1e300, 1e-7])
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "0", "-1", "9" * 15, "9" * 400, "NaN", "1e999", "0001-01-01", "9999-12-31", "urn:uuid:"]
    )
    | st.sampled_from(["KGM", "KWH", "x" * 5000, "2025-01-01", "../..", "%00", "\u202e", "did:key:z#z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every member and element of a document."""
    found = [path] if path else []
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [place for name, value in members for place in places(value, (*path, name))]


def spoilt(document: dict[str, Any], place: tuple[str | int, ...], junk: object) -> dict[str, Any]:
    """A copy with something else in one place."""
    copy = json.loads(json.dumps(document))
    *way, last = place
    target = reduce(lambda node, step: node[step], way, copy)
    target[last] = junk
    return cast(dict[str, Any], copy)


@pytest.mark.parametrize("what", ["content", "token", "request"])
@settings(FUZZ, max_examples=400 if IS_DEEP else 40)
@given(data=st.data())
def test_a_good_document_spoilt_in_one_place_is_refused_or_taken_but_never_fails(
    supplier: Caller, customer: Caller, what: str, data: st.DataObject
) -> None:
    about = datasets.product(supplier.party)
    good: dict[str, Any] = (
        datasets.request_document(supplier.party, datasets.request_line(about))
        if what == "request"
        else datasets.full_subject(supplier.party, about)
    )
    document = spoilt(good, data.draw(st.sampled_from(places(good))), data.draw(JUNK))
    if what == "request":
        answer = customer.post("/requests", json=document)
    elif what == "content":
        answer = supplier.post("/datasets", json={"kind": "product", "subject": document})
    else:
        answer = supplier.post("/datasets", data=_token(supplier, document), content_type=SD_JWT)
    assert answer.status_code in {201, 202, 400, 404, 409, 422}, answer.text


def _token(who: Caller, document: dict[str, Any]) -> bytes:
    exact = json.loads(json.dumps(document), parse_float=Decimal)
    try:
        token = datasets.signed(datasets.own_key(who.party), exact, at=who.party.ctx.now())
    except (TrustError, KeyError, TypeError, AttributeError):  # not even a signer's draft comes of it
        assume(False)
        raise
    return token.serialise().encode()
