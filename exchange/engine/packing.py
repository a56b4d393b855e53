"""The arrays of a network as bytes, and back: of what is mostly nothing, where it is something and what it is there."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from exchange.engine.array_bytes import AnyArray, from_bytes, to_bytes
from exchange.engine.errors import DamagedError, EngineError
from exchange.engine.network import Floats, Network
from exchange.engine.network_arrays import Flags, NetworkArrays
from exchange.engine.node_links import compressed
from exchange.engine.node_rows import KINDS, unknown

WHOLE = ("shape", "starts", "suppliers", "amounts", "produced", "output_share", "fixed", "gaps")
IN_PARTS = ("measured", "own", "own_shares", "stated", "declared_shares")
NAMES = frozenset({*WHOLE, *IN_PARTS, *(f"{name}_at" for name in IN_PARTS)})


def pack(arrays: NetworkArrays) -> bytes:
    """The arrays of a network; an amount must be above zero and each supplier of a node named once."""
    amounts, known = arrays.network.amounts, ~np.isnan(arrays.stated)
    return to_bytes(
        {
            "shape": np.array([arrays.size, arrays.network.columns, arrays.headline], dtype="<i8"),
            "starts": _whole(amounts.indptr),
            "suppliers": _whole(amounts.indices),
            "amounts": amounts.data,
            "produced": arrays.produced,
            "output_share": arrays.output_share,
            "fixed": pack_flags(arrays.network.declared),
            "gaps": pack_flags(arrays.gaps),
            **some("measured", _along(arrays)),
            **some("own", arrays.network.direct, arrays.has_own),
            **some("own_shares", arrays.own_shares),
            **some("stated", arrays.stated, known),
            **some("declared_shares", arrays.declared_shares[known[:, : arrays.headline]]),
        }
    )


def unpack(content: bytes | bytearray) -> NetworkArrays:
    """The arrays that were packed, as views where they can be; raises `DamagedError` for any other bytes."""
    named = from_bytes(content)
    if named.keys() != NAMES:
        raise DamagedError("These are not the arrays of a network.")
    try:
        return _unpacked(named)
    except DamagedError:
        raise
    except (EngineError, ValueError, IndexError, TypeError) as error:
        raise DamagedError("The arrays of a network do not fit each other.") from error


def some(name: str, values: Floats, there: Flags | None = None) -> dict[str, AnyArray]:
    """Values where they are `there` (else: not zero), and where that is."""
    at = values != 0 if there is None else there
    return {name: values[at], f"{name}_at": pack_flags(at)}


def whole(named: Mapping[str, AnyArray], name: str, shape: tuple[int, ...], elsewhere: float) -> Floats:
    """The values of `some` in their shape again, finite ones; raises `ValueError` when there are others."""
    values, at = named[name], unpack_flags(named[f"{name}_at"], shape)
    if values.ndim != 1 or values.dtype.kind != "f" or not np.isfinite(values).all():
        raise ValueError(f"{name} has values that are none")
    result = np.full(shape, elsewhere) if elsewhere else np.zeros(shape)
    if values.size != np.count_nonzero(at):
        raise ValueError(f"{name} is cut off")
    result[at] = values
    return result


def lengths(values: AnyArray) -> tuple[int, ...]:
    """The shape of an array; raises `ValueError` where it can be none."""
    if values.dtype.kind != "i" or values.ndim != 1 or (values < 0).any():
        raise ValueError("no shape")
    return tuple(values.tolist())


def pack_flags(flags: Flags) -> AnyArray:
    """Yes and no, eight to a byte."""
    return np.packbits(flags.reshape(-1))


def unpack_flags(packed: AnyArray, shape: tuple[int, ...]) -> Flags:
    """Yes and no in their shape again; raises `ValueError` when there are not as many."""
    size = math.prod(shape)
    if packed.dtype != np.uint8 or packed.ndim != 1 or packed.size != -(-size // 8):
        raise ValueError("flags are cut off")
    return np.unpackbits(packed, count=size).reshape(shape).view(np.bool_)


def _unpacked(named: Mapping[str, AnyArray]) -> NetworkArrays:
    n, columns, headline = lengths(named["shape"])
    shape = (n, columns)
    measured = whole(named, "measured", named["amounts"].shape, 0.0)
    amounts, measured_amounts = compressed(named["amounts"], measured, named["suppliers"], named["starts"], n)
    own, stated = whole(named, "own", shape, 0.0), whole(named, "stated", shape, np.nan)
    known, fixed = ~np.isnan(stated), unpack_flags(named["fixed"], shape)
    declared_shares, several = unknown(n, headline), known[:, :headline]
    declared_shares[several] = whole(named, "declared_shares", (int(several.sum()), KINDS), 0.0)
    positive = [named[name] for name in ("own_shares", "declared_shares", "produced", "output_share")]
    if (fixed & ~known).any() or not all(((one >= 0) & (one < np.inf)).all() for one in positive):
        raise DamagedError("A figure of a network is none.")
    return NetworkArrays(
        Network(amounts, own, np.where(fixed, stated, np.nan)),
        measured_amounts,
        whole(named, "own_shares", (n, headline, KINDS), 0.0),
        declared_shares,
        named["produced"],
        stated,
        unpack_flags(named["own_at"], shape),
        unpack_flags(named["gaps"], shape),
        named["output_share"],
    )


def _along(arrays: NetworkArrays) -> Floats:
    """The measured parts in the places of the amounts."""
    amounts, measured = arrays.network.amounts, arrays.measured
    if not np.array_equal(measured.indices, amounts.indices):
        raise DamagedError("Measured parts are not in the places of the amounts.")
    return np.asarray(measured.data)


def _whole(values: NDArray[np.signedinteger]) -> AnyArray:
    return values.astype("<i4" if values.dtype.itemsize == 4 else "<i8", copy=False)
