"""What a statement of a release says, read from its signed subject; whose signature that is, is said elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import ReleaseError
from exchange.trust.log.spelling import decode_hash
from exchange.trust.strict_json import JsonObject, JsonValue

STATEMENT_TYPE = "ChainRelease"
EVENT = "rollup"  # of its entry in the log
# The members of the subject that are disclosures; all others are open.
CELLS, PRODUCTIVITY, RUN = "cells", "productivity", "run"
MAX_CELLS = 64
_SUBJECT = "/credentialSubject"


@dataclass(frozen=True, slots=True)
class StatedCell:
    """One indicator as stated: amounts as the decimal texts signed, None where there is none.

    `per_unit` is per `per_unit_of` (a unit's code); `status` `released` or `no_data`; `run` the id (`urn:uuid:`) of
    the run it came from where that is an earlier one than the statement's, else "".
    """

    indicator: str
    status: str
    unit: str
    value: str | None
    per_unit: str | None
    per_unit_of: str | None
    own: str | None
    upstream: str | None
    is_at_least: bool
    run: str


@dataclass(frozen=True, slots=True)
class ReleaseContent:
    """A statement: the chain (`urn:uuid:`), the period [start, end) of local dates, what was in force at `as_of`.

    `root` and `size`: the commitment to the datasets counted; `cells` None where they are not disclosed.
    """

    chain: str
    start: str
    end: str
    as_of: str
    method: str
    factor_set: str
    root: bytes
    size: int
    cells: tuple[StatedCell, ...] | None


def is_statement(dataset: VerifiedDataset) -> bool:
    """Whether a credential is meant as the statement of a release."""
    return STATEMENT_TYPE in dataset.claims.types


def read_content(dataset: VerifiedDataset) -> ReleaseContent:
    """What a signed statement says.

    Raises ReleaseError `release.type` (no statement of a release), `release.content`, `release.inputs` (it commits to
    none); LogError `base64.invalid`, `proof.hash_length` for a root that is no hash.
    """
    if not is_statement(dataset):
        raise ReleaseError("release.type", f"This is no credential of type {STATEMENT_TYPE}.", path="/type")
    subject = dataset.subject()
    period = _object(subject.get("period"), f"{_SUBJECT}/period")
    root, size = _committed(subject.get("inputs"))
    return ReleaseContent(
        chain=_text(subject, "id", _SUBJECT),
        start=_text(period, "start", f"{_SUBJECT}/period"),
        end=_text(period, "end", f"{_SUBJECT}/period"),
        as_of=_text(subject, "asOf", _SUBJECT),
        method=_text(subject, "method", _SUBJECT),
        factor_set=_text(subject, "factorSet", _SUBJECT),
        root=root,
        size=size,
        cells=_cells(subject[CELLS]) if CELLS in subject else None,
    )


def _cells(value: JsonValue) -> tuple[StatedCell, ...]:
    path = f"{_SUBJECT}/{CELLS}"
    if not isinstance(value, list) or len(value) > MAX_CELLS:
        _refuse(f"A list of at most {MAX_CELLS} cells belongs here.", path)
    cells = tuple(_cell(one, f"{path}/{index}") for index, one in enumerate(value))
    if len({one.indicator for one in cells}) != len(cells):
        _refuse("A statement states each indicator once.", path)
    return cells


def _cell(value: JsonValue, path: str) -> StatedCell:
    cell = _object(value, path)
    is_at_least = cell.get("isAtLeast")
    if not isinstance(is_at_least, bool):
        _refuse("True or false belongs here.", f"{path}/isAtLeast")
    run = _object(cell[RUN], f"{path}/{RUN}") if RUN in cell else None
    return StatedCell(
        indicator=_text(cell, "indicator", path),
        status=_text(cell, "status", path),
        unit=_text(cell, "unit", path),
        value=_optional(cell, "value", path),
        per_unit=_optional(cell, "perUnit", path),
        per_unit_of=_optional(cell, "perUnitOf", path),
        own=_optional(cell, "own", path),
        upstream=_optional(cell, "upstream", path),
        is_at_least=is_at_least,
        run=_text(run, "id", f"{path}/{RUN}") if run is not None else "",
    )


def _committed(value: JsonValue) -> tuple[bytes, int]:
    path = f"{_SUBJECT}/inputs"
    root, size = (value.get("root"), value.get("size")) if isinstance(value, dict) else (None, None)
    if not isinstance(root, str) or isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ReleaseError("release.inputs", "The statement does not say what it counted.", path=path)
    return decode_hash(root, path=f"{path}/root"), size


def _object(value: JsonValue, path: str) -> JsonObject:
    if not isinstance(value, dict):
        _refuse("An object belongs here.", path)
    return value


def _text(found: JsonObject, name: str, path: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        _refuse("Text belongs here.", f"{path}/{name}")
    return value


def _optional(found: JsonObject, name: str, path: str) -> str | None:
    return None if found.get(name) is None else _text(found, name, path)


def _refuse(detail: str, path: str) -> NoReturn:
    raise ReleaseError("release.content", detail, path=path)
