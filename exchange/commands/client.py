"""A small client of the exchange's own API, for commands that a supplier runs on its own machine."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from exchange.domain.errors import ExchangeError, InvalidError, Problem, UnavailableError

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Credentials:
    """What an API client signs in with at the exchange under `url`; `organisation` is its id there."""

    url: str
    organisation: str
    client_id: str
    client_secret: str


def read_credentials(path: Path, name: str | None) -> Credentials:
    """The credentials of client `name` in a file `{"url": …, "clients": {name: {organisation, client_id, …}}}`.

    The name may be left out where there is one client. Raises InvalidError (`credentials.*`).
    """
    try:
        document = json.loads(path.read_bytes())
        url, clients = str(document["url"]), dict(document["clients"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidError(f"{path} is not a credentials file.", code="credentials.form") from error
    if name is None and len(clients) == 1:
        name = next(iter(clients))
    if name not in clients:
        known = ", ".join(sorted(clients))
        raise InvalidError(
            f"Say which client: {known}.", code="credentials.client", advice="Use --client NAME."
        )
    try:
        client = {key: str(clients[name][key]) for key in ("organisation", "client_id", "client_secret")}
    except (KeyError, TypeError) as error:
        raise InvalidError(f"{path} says too little of {name}.", code="credentials.form") from error
    return Credentials(url.rstrip("/"), **client)


class ApiClient:
    """Signs in once and calls; a refusal of the exchange is raised with its code and words."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._token = ""

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """POST and return the JSON answer."""
        if not self._token:
            self._token = self._sign_in()
        return self._send(path, body, content_type, f"Bearer {self._token}")

    def _sign_in(self) -> str:
        # RFC 6749 section 2.3.1: both parts are form-encoded before they go into the header
        parts = (self._credentials.client_id, self._credentials.client_secret)
        pair = ":".join(urllib.parse.quote_plus(part) for part in parts)
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return str(
            self._send("/auth/token", form, "application/x-www-form-urlencoded", basic)["access_token"]
        )

    def _send(self, path: str, body: bytes, content_type: str, authorization: str) -> dict[str, Any]:
        address = self._credentials.url + path
        if not address.startswith(("http://", "https://")):
            raise InvalidError(f"{address} is not a web address.", code="credentials.url")
        headers = {"Content-Type": content_type, "Authorization": authorization, "Accept": "application/json"}
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                document: dict[str, Any] = json.load(answer)
                return document
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except (urllib.error.URLError, TimeoutError) as error:
            raise UnavailableError(
                f"{self._credentials.url} does not answer: {getattr(error, 'reason', error)}.",
                code="client.no_answer",
            ) from error


def _refusal(error: urllib.error.HTTPError) -> ExchangeError:
    """The problem document (RFC 9457) as an error; any other answer by its status."""
    status = f"{error.code} {HTTPStatus(error.code).phrase}"
    try:
        document = json.loads(error.read())
        problems = tuple(
            Problem(str(p.get("code", "")), str(p.get("detail", "")), str(p.get("path", "")))
            for p in document.get("problems", ())
        )
        return ExchangeError(
            str(document.get("detail") or document.get("error_description") or status),
            code=str(document.get("code") or document.get("error") or "client.refused"),
            path=str(document.get("path", "")),
            advice=str(document.get("advice", "")),
            problems=problems,
        )
    except (ValueError, AttributeError):
        return ExchangeError(f"The exchange answered {status}.", code="client.refused")
