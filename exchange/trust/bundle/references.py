"""How far the references of schema files lead: what a validator would have to walk is known before it walks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urldefrag, urljoin

from exchange.trust.errors import BundleError
from exchange.trust.strict_json import JsonObject, JsonValue

# Ours reach a few thousand; each doubling in a chain of references doubles it.
MAX_WEIGHT = 50_000
MAX_DEPTH = 200
# Other ways of leading somewhere than a `$ref`: none is needed, and each could hide a circle.
_OTHER_WAYS = frozenset({"$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"})


def resolved(base: str, reference: str) -> tuple[str, str]:
    """The file and the fragment (a JSON pointer) of a `$ref` (JSON Schema 2020-12 section 8.2.3.1).

    Raises BundleError `schema.file` for a reference that is no URI or whose fragment is no pointer.
    """
    try:
        url, fragment = urldefrag(urljoin(base, reference))
    except ValueError:  # such as an IPv6 address that does not end
        raise _refusal("A reference in it is no URI.") from None
    pointer = unquote(fragment)
    if pointer and not pointer.startswith("/"):
        raise _refusal("A reference in it leads to an anchor; only JSON pointers are followed.")
    return url, pointer


class Weighing:
    """Counts the parts of schemas with each reference put in the place of what it refers to.

    A reference that leads back to itself, or too many parts, would let a small file take a validator any time.
    """

    def __init__(self, documents: Mapping[str, JsonObject]) -> None:
        """`documents`: every file that can be reached, by its id."""
        self._documents = documents
        self._weights: dict[tuple[str, str], int] = {}
        self._open: set[tuple[str, str]] = set()

    def weigh(self, name: str) -> int:
        """The weight of a file. Raises BundleError `schema.file` beyond MAX_WEIGHT or MAX_DEPTH, or in a circle."""
        return self._target((name, ""), 0)

    def _target(self, target: tuple[str, str], depth: int) -> int:
        if target in self._open:
            raise _refusal("A reference in it leads back to itself.")
        if target not in self._weights:
            self._open.add(target)
            self._weights[target] = self._parts(self._find(*target), target[0], depth + 1)
            self._open.discard(target)
        return self._weights[target]

    def _parts(self, value: JsonValue, base: str, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise _refusal("Its references lead too deep.")
        weight = 1
        if isinstance(value, dict):
            if not _OTHER_WAYS.isdisjoint(value) or ("$id" in value and value is not self._documents[base]):
                raise _refusal("Only a $ref may lead somewhere in it, and only the whole file has an $id.")
            reference = value.get("$ref")
            if isinstance(reference, str):
                weight += self._target(resolved(base, reference), depth)
        members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for member in members:
            weight += self._parts(member, base, depth + 1)
        if weight > MAX_WEIGHT:
            raise _refusal("Its references unfold to more parts than a schema may have.")
        return weight

    def _find(self, name: str, pointer: str) -> JsonValue:
        value: JsonValue = self._documents[name]
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")  # RFC 6901 section 4
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdecimal() and len(key) < 6 and int(key) < len(value):
                value = value[int(key)]
            else:
                raise _refusal("A reference in it leads nowhere.")
        return value


def _refusal(detail: str) -> BundleError:
    return BundleError("schema.file", f"A schema cannot be used: {detail}", path="/schemas")
