"""No input of any kind makes the exchange fail: schemathesis over every operation of the description.

Quick by default; `VCX_DEEP=1` looks much longer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, SerializationContext, checks
from flask import Flask
from schemathesis.openapi import from_dict
from schemathesis.transport.serialization import serialize_binary

from exchange import api
from exchange.services.context import Context
from tests import factories
from tests.api.conftest import Caller
from tests.api.test_tenants import things_of

IS_DEEP = os.environ.get("VCX_DEEP") == "1"
FUZZ = settings(
    max_examples=300 if IS_DEEP else 8,
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


@schemathesis.serializer("application/vc+sd-jwt", "application/vc+jwt")
def _as_bytes(ctx: SerializationContext, value: object) -> bytes:
    return serialize_binary(value)


@schema.parametrize()
@FUZZ
def test_no_generated_request_breaks_the_api_or_its_description(case: Case, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=BEYOND_THE_SCHEMA)


@schema.parametrize()
@FUZZ
def test_requests_about_things_that_exist_break_nothing(case: Case, owned: tuple[str, dict[str, str]]) -> None:
    token, ids = owned
    for name in case.path_parameters or {}:
        if name in ids:
            case.path_parameters[name] = ids[name].replace("#", "%23")
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=WITH_REAL_IDS)
