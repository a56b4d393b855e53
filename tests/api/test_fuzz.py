"""No input of any kind makes the exchange fail: schemathesis over every operation of the description.

Quick by default; `VCX_DEEP=1` looks much longer. All cases share one exchange: what one of them changes is the next
one's world, and nothing here depends on it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, reduce
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
from exchange.adapters.clock import SteppingClock
from exchange.api.wire import SD_JWT, Lines, SignedToken, Table
from exchange.app import create_app
from exchange.services.context import Context
from exchange.trust import TrustError
from tests import datasets
from tests.api.conftest import Caller, caller
from tests.api.test_tenants import things_of
from tests.conftest import START, database_copy, settings_over, web_process

IS_DEEP = os.environ.get("VCX_DEEP") == "1"
FUZZ = settings(
    max_examples=20 if IS_DEEP else 3,
    deadline=None,
    derandomize=not IS_DEEP,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class World:
    """Two organisations' callers, and ids of things that the supplier may reach."""

    supplier: Caller
    customer: Caller
    ids: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """What makes a request the supplier's."""
        return {"Authorization": f"Bearer {self.supplier.token}"}


class Worlds:
    """The world that requests are about: the same for all, until one has deleted something of it."""

    def __init__(self, ctx: Context, app: Flask) -> None:
        self._ctx, self._app = ctx, app
        self._world: World | None = None

    def at_hand(self) -> World:
        """The world, made anew where the last one was left."""
        if self._world is None:
            supplier, customer = (caller(self._ctx, self._app.test_client()) for _ in range(2))
            self._world = World(supplier, customer, things_of(self._ctx, supplier, customer))
        return self._world

    def leave(self) -> None:
        """Something of the world is gone, so that requests about it would reach nothing."""
        self._world = None


class _AppToCome:
    """Passes requests on to the app: the description is read before there is one."""

    app: Flask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start_response)


stand_in = _AppToCome()
schema = from_dict(api.describe(api.RESOURCES))
schema.app = stand_in
# The same operations with ids of things that exist: what covers each operation's parameters was done without.
reaching = from_dict(api.describe(api.RESOURCES))
reaching.app = stand_in
reaching.config.phases.coverage.enabled = IS_DEEP
# What a schema cannot say (a cursor of ours, a name that is there) may refuse data that fit it.
BEYOND_THE_SCHEMA = [checks.positive_data_acceptance]
# Ids put in afterwards mend what was broken on purpose.
WITH_REAL_IDS = [*BEYOND_THE_SCHEMA, checks.negative_data_rejection]


@pytest.fixture(scope="module")
def worlds(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """The one exchange of this module, and what there is in it."""
    folder = tmp_path_factory.mktemp("fuzz")
    with (
        database_copy(template, folder) as url,
        web_process(settings_over(folder, url), SteppingClock(START)) as exchange,
    ):
        stand_in.app = create_app(exchange)
        found = Worlds(exchange.context(request_id="test-request"), stand_in.app)
        yield found
        # Else the requests since would have been refused at the door.
        assert found.at_hand().supplier.get("/organisation").status_code == 200


@schemathesis.serializer(*SignedToken.media_types, *Lines.media_types, *Table.media_types[1:])
def _as_bytes(ctx: SerializationContext, value: object) -> bytes:
    return serialize_binary(value)


@schema.parametrize()
@FUZZ
def test_no_generated_request_breaks_the_api_or_its_description(case: Case, worlds: Worlds) -> None:
    case.call_and_validate(headers=worlds.at_hand().headers, excluded_checks=BEYOND_THE_SCHEMA)


@reaching.include(path_regex=r"\{").parametrize()
@FUZZ
def test_requests_about_things_that_exist_break_nothing(case: Case, worlds: Worlds) -> None:
    world = worlds.at_hand()
    for name in case.path_parameters or {}:
        if name in world.ids:
            case.path_parameters[name] = world.ids[name].replace("#", "%23")
    case.call_and_validate(headers=world.headers, excluded_checks=WITH_REAL_IDS)
    if case.method == "DELETE":
        worlds.leave()


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
    worlds: Worlds, what: str, data: st.DataObject
) -> None:
    supplier, customer = worlds.at_hand().supplier, worlds.at_hand().customer
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


@cache
def _key_of(who: Caller) -> datasets.OwnKey:
    """One key for all of a caller's tokens: an organisation has only so many in force."""
    return datasets.own_key(who.party)


def _token(who: Caller, document: dict[str, Any]) -> bytes:
    exact = json.loads(json.dumps(document), parse_float=Decimal)
    try:
        token = datasets.signed(_key_of(who), exact, at=who.party.ctx.now())
    except (TrustError, KeyError, TypeError, AttributeError):  # not even a signer's draft comes of it
        assume(False)
        raise
    return token.serialise().encode()
