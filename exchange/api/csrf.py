"""Writes that another site made the browser send are refused, without tokens in forms.

The browser itself says where a request comes from: Sec-Fetch-Site, else Origin (the algorithm of Go's
CrossOriginProtection). What carries neither is no browser and has no cookies to abuse.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from exchange.api.running import running
from exchange.domain.errors import NotPermittedError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site_writes() -> None:
    """Raise NotPermittedError `cross_site` for a write from another site; runs before every request.

    A request with credentials of its own is exempt: no other site can make a browser send them.
    """
    if request.method in SAFE_METHODS or _has_own_credentials() or _is_same_origin():
        return
    raise NotPermittedError(
        "This came from another site.",
        code="cross_site",
        advice="Use the exchange's own pages, or a bearer token.",
    )


def _has_own_credentials() -> bool:
    """A bearer token for the API, or a client's credentials for the token endpoint.

    No other header counts: a browser adds HTTP Basic by itself where a proxy once asked for it, and pages go by
    the cookie whatever the header says.
    """
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    if request.path == "/auth/token":
        return scheme in {"basic", "bearer"}
    return request.path.startswith("/api/") and scheme == "bearer"


def _is_same_origin() -> bool:
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or _host_of(origin) in {request.host.lower(), _public_host()}


def _public_host() -> str:
    return _host_of(running().settings.public_url)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # "https://[" is not an address
        return "\x00"
