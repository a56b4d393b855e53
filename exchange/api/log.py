"""The transparency log for everybody: checkpoint, tiles and proofs as raw bytes (C2SP tlog-tiles), and the trust root.

Below `/log` the log that is added to, below `/log/<epoch>` each one there ever was: an origin is an address.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from exchange.api.running import anybody
from exchange.domain.errors import InvalidError
from exchange.services.transparency import serving
from exchange.services.trust_root import make_trust_root

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"  # where no epoch is named, a new one answers the same address with other bytes
LOOK_AGAIN = "no-cache"  # kept, but asked about before each use


def add_routes(blueprint: Blueprint) -> None:
    """Routes of this area."""
    views: tuple[tuple[str, Callable[..., Response]], ...] = (
        ("checkpoint", checkpoint),
        ("tile/<path:name>", tile),
        ("proof/inclusion", inclusion),
        ("proof/consistency", consistency),
    )
    for prefix, ending in (("/log", ""), ("/log/<epoch_id>", "_of")):
        for path, view in views:
            blueprint.add_url_rule(
                f"{prefix}/{path}", f"log_{view.__name__}{ending}", view, merge_slashes=False
            )
    blueprint.add_url_rule("/.well-known/vcx-trust.json", "trust_root", trust_root)


def checkpoint(epoch_id: str | None = None) -> Response:
    """The newest signed checkpoint with every cosignature under it."""
    return _answer(serving.checkpoint(anybody(), epoch_id).encode(), TEXT, LOOK_AGAIN)


def tile(name: str, epoch_id: str | None = None) -> Response:
    """A tile of hashes or of entries, as far as a signed checkpoint covers it."""
    return _answer(serving.tile(anybody(), epoch_id, f"tile/{name}"), BYTES, _kept(epoch_id))


def inclusion(epoch_id: str | None = None) -> Response:
    """The inclusion proof of entry `index` in the tree of `size` leaves: a base64 hash per line, leaf first."""
    index, size = _numbers("index", "size")
    return _answer(serving.inclusion(anybody(), epoch_id, index, size).encode(), TEXT, _kept(epoch_id))


def consistency(epoch_id: str | None = None) -> Response:
    """The proof that the tree of `new` leaves only adds to that of `old`: a base64 hash per line."""
    old, new = _numbers("old", "new")
    return _answer(serving.consistency(anybody(), epoch_id, old, new).encode(), TEXT, _kept(epoch_id))


def trust_root() -> Response:
    """What a verifier may start from: this exchange's logs, witnesses and registrar, on its own word."""
    return _answer(make_trust_root(anybody()), "application/json", LOOK_AGAIN)


def _kept(epoch_id: str | None) -> str:
    return BRIEFLY if epoch_id is None else FOR_EVER


def _answer(body: bytes, content_type: str, cache: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = cache
    response.add_etag()
    response.make_conditional(request)
    return response


def _numbers(*names: str) -> tuple[int, ...]:
    if sorted(request.args) != sorted(names):
        raise InvalidError(f"This takes {' and '.join(names)}, each once.", code="query.malformed")
    return tuple(map(_number, names))


def _number(name: str) -> int:
    given = request.args.getlist(name)
    text = given[0] if len(given) == 1 else ""
    is_plain = text.isascii() and text.isdigit() and len(text) <= 18 and (text == "0" or text[0] != "0")
    if not is_plain:
        raise InvalidError(
            "This is no whole number without leading zeros.", code="query.malformed", path=f"/{name}"
        )
    return int(text)
