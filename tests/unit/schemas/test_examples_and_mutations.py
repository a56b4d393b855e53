"""The fast gate and the explaining validator say yes and no to the same documents."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import schemas
from exchange.domain.checks import run_checks

EXAMPLES = Path(schemas.__file__).parent / "examples"
VALID = sorted(EXAMPLES.glob("*/valid/*.json"))
INVALID = sorted(EXAMPLES.glob("*/invalid/*.json"))
REPLACEMENTS: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    " ",
    "x",
    "-1",
    "-0",
    "1.0",
    "1.00000000000000",
    "1e3",
    "+1",
    "０",
    "KGM",
    "GJ",
    "2025-02-29",
    "2025-02-28",
    "0000-01-01",
    "2025-01-01\n",
    "urn:uuid:00000011-0000-4000-8000-000000000011",
    "energy",
    "\u0085",
    "\ufeffName",
    [],
    {},
    [{}],
)
WRONG: dict[str | int, tuple[object, ...]] = {
    "amount": ("-1", "1,5"),
    "unit": ("GJ",),
    "start": ("2025-02-29",),
    "end": ("31-12-2025",),
}
Path_ = tuple[str | int, ...]


def name(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def schema_of(path: Path) -> schemas.SchemaId:
    return schemas.latest(path.parts[-3])


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_example_passes_both(path: Path) -> None:
    assert schemas.is_valid(read(path), schema_of(path))
    assert schemas.explain(read(path), schema_of(path)) == []


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_invalid_example_fails_both_for_one_reason(path: Path) -> None:
    assert not schemas.is_valid(read(path), schema_of(path))
    assert len(schemas.explain(read(path), schema_of(path))) == 1


def test_every_kind_has_examples_of_both_sorts() -> None:
    for kind in schemas.KINDS:
        assert len([path for path in VALID if path.parts[-3] == kind]) >= 2
        assert len([path for path in INVALID if path.parts[-3] == kind]) >= 5


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_example_passes_the_checks_of_a_reader(path: Path) -> None:
    assert run_checks(path.parts[-3], read(path), publishing=False) == []


def places(value: object, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in a document; of a list's entries the first three, since the others are like them."""
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*path, key))


def holder(document: Any, path: Path_) -> Any:
    for part in path[:-1]:
        document = document[part]
    return document


def mutations(document: dict[str, Any], turn: int) -> Iterator[dict[str, Any]]:
    """Each place deleted, added to, repeated and replaced by a few values; `turn` picks which.

    A field group is mutated beside the identity alone, as a reader may hold it, which keeps this quick; so does
    leaving out of a calculation every line but the one mutated.
    """
    for number, path in enumerate(places(document)):
        kept = {"id", "identity", path[0]} if path and "identity" in document else set(document)
        held = {member: value for member, value in document.items() if member in kept}
        if path[:1] == ("breakdown",) and len(path) > 1:
            held["breakdown"] = {path[1]: document["breakdown"][path[1]]}
        if path[1:3] == ("calculation", "lines") and len(path) > 3:
            calculation = held["breakdown"]["calculation"]
            held["breakdown"] = {"calculation": calculation | {"lines": [calculation["lines"][path[3]]]}}
            path = (*path[:3], 0, *path[4:])
        yield from _mutations_at(path, held, turn + 5 * number)


def _mutations_at(path: Path_, document: dict[str, Any], turn: int) -> Iterator[dict[str, Any]]:
    if not path:
        yield document | {"unheard_of": {}}
        return
    changed = copy.deepcopy(document)
    del holder(changed, path)[path[-1]]
    yield changed
    value = holder(document, path)[path[-1]]
    candidates = [*WRONG.get(path[-1], ())]
    candidates += [REPLACEMENTS[(turn + step) % len(REPLACEMENTS)] for step in range(5)]
    if isinstance(value, dict):
        candidates.append(value | {"unheard_of": "1"})
    if isinstance(value, list) and value:
        candidates.append(value * 2001)
    for candidate in candidates:
        changed = copy.deepcopy(document)
        holder(changed, path)[path[-1]] = candidate
        yield changed


def versions(path: Path) -> list[schemas.SchemaId]:
    """The released versions an example is valid under."""
    own = [one for one in schemas.released() if one.kind == path.parts[-3]]
    return [one for one in own if schemas.is_valid(read(path), one)]


def test_most_examples_of_a_product_are_valid_under_its_first_version_too() -> None:
    kept = {path.stem for path in VALID if "0.1.0" in {one.version for one in versions(path)}}
    assert {path.stem for path in VALID} - kept == {"calculated", "at-least", "co2e-with-bounds-and-credits"}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        pytest.param(path, schema, id=f"{name(path)}-{schema.version}")
        for path in VALID
        for schema in versions(path)
    ],
)
def test_both_validators_agree_on_every_mutation(path: Path, schema: schemas.SchemaId) -> None:
    kind = path.parts[-3]
    verdicts = set()
    for changed in mutations(read(path), VALID.index(path)):
        valid = schemas.is_valid(changed, schema)
        problems = schemas.explain(changed, schema)
        assert valid == (problems == []), (changed, problems)
        assert all(one.code and one.detail and one.advice for one in problems)
        verdicts.add(valid)
        if valid:
            run_checks(kind, changed, publishing=True)
    assert False in verdicts
