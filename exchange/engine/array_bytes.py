"""Named arrays as bytes: a mark, a header in JSON, the arrays little-endian as they lie, and a SHA-256 of it all.

    b"VCXA0001" | header length, 8 bytes | header | arrays, each on a multiple of 8 bytes | digest, 32 bytes

Nothing in it is executed or allocated on the word of the header alone: lengths must add up to what is there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exchange.engine.errors import DamagedError

MARK = b"VCXA0001"
DTYPES = frozenset({"<f8", "<i8", "<i4", "|u1"})
DIGEST = hashlib.sha256().digest_size
START = len(MARK) + 8

AnyArray = NDArray[Any]


def to_bytes(arrays: Mapping[str, AnyArray]) -> bytes:
    """The arrays, whose types are doubles, whole numbers or bytes, in the order given."""
    form = [(name, array.dtype.str, list(array.shape)) for name, array in arrays.items()]
    header = json.dumps(form, separators=(",", ":")).encode()
    parts: list[bytes | memoryview] = [
        MARK,
        len(header).to_bytes(8, "little"),
        header,
        _gap(START + len(header)),
    ]
    for name, array in arrays.items():
        if array.dtype.str not in DTYPES:
            raise DamagedError(f"{name} is of a type that is not kept.")
        flat = np.ascontiguousarray(array)
        parts += [flat.reshape(-1).view(np.uint8).data, _gap(flat.nbytes)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return b"".join([*parts, digest.digest()])


def from_bytes(content: bytes | bytearray) -> dict[str, AnyArray]:
    """The arrays by name, views into `content`; raises `DamagedError` unless every byte is as it was made."""
    body = memoryview(content)[: max(len(content) - DIGEST, 0)]
    if bytes(body[: len(MARK)]) != MARK or hashlib.sha256(body).digest() != bytes(content[len(body) :]):
        raise DamagedError("Stored arrays are cut off or changed.")
    length = int.from_bytes(body[len(MARK) : START], "little")
    if length > len(body) - START:
        raise DamagedError("Stored arrays have no header.")
    place = START + length + len(_gap(START + length))
    arrays: dict[str, AnyArray] = {}
    for name, dtype, shape in _forms(bytes(body[START : START + length])):
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if name in arrays or size > len(body) - place:
            raise DamagedError("Stored arrays are not what their header says.")
        arrays[name] = _shaped(np.frombuffer(body[place : place + size], dtype=dtype), shape)
        place += size + len(_gap(size))
    if place != len(body):
        raise DamagedError("Stored arrays are not what their header says.")
    return arrays


def _forms(header: bytes) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    try:
        forms = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise DamagedError("Stored arrays have no header.") from error
    for form in forms if isinstance(forms, list) else [None]:
        match form:
            case [str(name), str(dtype), list(shape)] if dtype in DTYPES and all(map(_is_length, shape)):
                yield name, dtype, tuple(shape)
            case _:
                raise DamagedError("Stored arrays have a header that says nothing.")


def _shaped(flat: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    try:
        return flat.reshape(shape)
    except ValueError as error:  # nothing in it, and yet too many dimensions to count
        raise DamagedError("Stored arrays have a header that says nothing.") from error


def _is_length(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _gap(size: int) -> bytes:
    return bytes(-size % 8)
