"""Status lists for everybody: the newest issue, or the one in force at an instant (`?at=`), as signed bytes."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, Response, request

from exchange.api.running import anybody
from exchange.api.wire import PLAIN_JWT
from exchange.domain.errors import InvalidError, NotFoundError
from exchange.services.revocation.status_lists import read_list
from exchange.trust import TokenError
from exchange.trust.instant import parse_instant

SETTLED = "public, max-age=86400"
NEWEST = "public, max-age=60"  # how long a revocation may stay unseen behind a cache
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def add_routes(blueprint: Blueprint) -> None:
    """Routes of this area."""
    blueprint.add_url_rule("/status/<number>", "status_list", status_list)


def status_list(number: str) -> Response:
    """One list (Bitstring Status List 1.0); whoever asks learns nothing of which entry it is about."""
    at = _instant()
    if not _NUMBER.fullmatch(number):
        raise NotFoundError
    found = read_list(anybody(), int(number), at)
    response = Response(found.jwt, content_type=PLAIN_JWT)
    response.headers["Cache-Control"] = SETTLED if found.is_settled else NEWEST
    response.last_modified = found.issued_at
    response.set_etag(found.digest.removeprefix("sha256:"))
    response.make_conditional(request)
    return response


def _instant() -> datetime | None:
    if not request.args:
        return None
    if list(request.args) != ["at"] or len(request.args.getlist("at")) != 1:
        raise InvalidError("This takes at, once, or nothing.", code="query.malformed")
    try:
        return parse_instant(request.args["at"], "/at")
    except TokenError as error:
        raise InvalidError(
            error.detail, code="status.instant", path="/at", advice="Write it as 2026-01-31T12:00:00Z."
        ) from error
