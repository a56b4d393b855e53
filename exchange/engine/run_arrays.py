"""What a run keeps of a solved network, so that it can be read again without solving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from exchange.engine.array_bytes import AnyArray, from_bytes, to_bytes
from exchange.engine.certificate import Certificate
from exchange.engine.errors import DamagedError
from exchange.engine.gap_reach import at_least
from exchange.engine.network import Floats
from exchange.engine.network_arrays import Flags, NetworkArrays
from exchange.engine.node_rows import KINDS
from exchange.engine.packing import lengths, pack_flags, some, unpack_flags, whole
from exchange.engine.quality import Quality
from exchange.engine.solve import Solution

ABSENT_UPPER, ABSENT_MARGIN = 1.0, 0.5  # of a node without links: any positive number certifies it


@dataclass(frozen=True)
class NodeFigure:
    """One column of several nodes by weight, per unit: `kinds` is the footprint by kind, in a headline column.

    `other` is None where one of the nodes has one reading only.
    """

    own: float
    footprint: float
    kinds: tuple[float, ...] | None
    other: float | None
    is_at_least: bool


@dataclass(frozen=True, eq=False)
class RunArrays:
    """`n` nodes by number, `k` columns, `q` headline columns.

    `own`, `footprints`, `gross (n, k)` per unit; `error_bound (k,)`; `parts (n, q, 4)` of the footprint by kind; `other
    (n, k)`: the footprint by the reading that does not count, NaN where there is one reading only; `is_at_least
    (n, k)`; `output_share (n,)`: what a node makes up of its product's output; `upper`, `margin (n,)`: the
    certificate; `sweeps`: how often the network was passed.
    """

    own: Floats
    footprints: Floats
    gross: Floats
    error_bound: Floats
    parts: Floats
    other: Floats
    is_at_least: Flags
    output_share: Floats
    upper: Floats
    margin: Floats
    sweeps: int

    def figure(self, nodes: Sequence[int], column: int) -> NodeFigure | None:
        """A column of the product that these nodes make together, each by its share of the output.

        None where none of them had an output in the run.
        """
        known = np.array([node for node in nodes if node < self.output_share.size], dtype=np.int64)
        weighed = known[self.output_share[known] > 0]
        if not weighed.size:
            return None
        weight = self.output_share[weighed]
        other = float(weight @ self.other[weighed, column])
        headline = column < self.parts.shape[1]
        return NodeFigure(
            float(weight @ self.own[weighed, column]),
            float(weight @ self.footprints[weighed, column]),
            tuple((weight @ self.parts[weighed, column]).tolist()) if headline else None,
            None if np.isnan(other) else other,
            bool(self.is_at_least[weighed, column].any()),
        )

    def numbered(self, numbers: ArrayLike, size: int) -> RunArrays:
        """The same with node p as number `numbers[p]` of `size`; the others are absent."""

        at = np.asarray(numbers, dtype=np.int64)

        def spread(array: AnyArray, absent: float) -> AnyArray:
            result = np.full((size, *array.shape[1:]), absent, dtype=array.dtype)
            result[at] = array
            return result

        return RunArrays(
            spread(self.own, 0.0),
            spread(self.footprints, 0.0),
            spread(self.gross, 0.0),
            self.error_bound,
            spread(self.parts, 0.0),
            spread(self.other, np.nan),
            spread(self.is_at_least, False),
            spread(self.output_share, 0.0),
            spread(self.upper, ABSENT_UPPER),
            spread(self.margin, ABSENT_MARGIN),
            self.sweeps,
        )

    def solution(self, arrays: NetworkArrays) -> Solution:
        """The solution of the network it was solved from, which may have had fewer numbers then."""
        if self.footprints.shape[0] != arrays.size:
            return self.numbered(np.arange(self.footprints.shape[0]), arrays.size).solution(arrays)
        certificate = Certificate(self.upper, self.margin)
        return Solution(
            arrays.network, self.footprints, self.gross, self.error_bound, self.sweeps, certificate
        )

    def quality(self, arrays: NetworkArrays) -> Quality:
        """The footprints by kind, for as many numbers as the network has now."""
        missing = arrays.size - self.parts.shape[0]
        return Quality(np.pad(self.parts, ((0, missing), (0, 0), (0, 0))) if missing else self.parts)


def run_arrays(arrays: NetworkArrays, solution: Solution, quality: Quality) -> RunArrays:
    """What is kept of a solved network."""
    return RunArrays(
        arrays.network.direct,
        solution.footprints,
        solution.gross,
        solution.error_bound,
        quality.parts,
        other_reading(arrays, solution),
        at_least(arrays),
        arrays.output_share,
        solution.certificate.upper,
        solution.certificate.margin,
        solution.sweeps,
    )


def other_reading(arrays: NetworkArrays, solution: Solution) -> Floats:
    """`(n, k)`: by the recipe where a declared footprint counts, as declared where the recipe does, else NaN."""
    declared = arrays.network.declared
    by_recipe = arrays.network.direct + arrays.network.amounts @ solution.footprints
    return np.where(declared, np.where(arrays.has_own, by_recipe, np.nan), arrays.stated)


def pack_solution(run: RunArrays) -> bytes:
    """As bytes to keep."""
    kept = {field.name: getattr(run, field.name) for field in fields(run)}
    return to_bytes(
        kept
        | some("gross", run.gross, run.gross != run.footprints)
        | some("parts", run.parts)
        | some("other", run.other, ~np.isnan(run.other))
        | {
            "shape": np.array(run.parts.shape, dtype="<i8"),
            "is_at_least": pack_flags(run.is_at_least),
            "sweeps": np.array([run.sweeps], dtype="<i8"),
        }
    )


def unpack_solution(content: bytes | bytearray) -> RunArrays:
    """What was packed; raises `DamagedError` for any other bytes."""
    named = from_bytes(content)
    if named.keys() != {
        *(field.name for field in fields(RunArrays)),
        "gross_at",
        "parts_at",
        "other_at",
        "shape",
    }:
        raise DamagedError("These are not the arrays of a run.")
    try:
        shape = named["footprints"].shape
        differing = whole(named, "gross", shape, np.nan)
        run = RunArrays(
            named["own"],
            named["footprints"],
            np.where(np.isnan(differing), named["footprints"], differing),
            named["error_bound"],
            whole(named, "parts", lengths(named["shape"]), 0.0),
            whole(named, "other", shape, np.nan),
            unpack_flags(named["is_at_least"], shape),
            named["output_share"],
            named["upper"],
            named["margin"],
            int(named["sweeps"].reshape(())),
        )
    except (ValueError, IndexError, TypeError) as error:
        raise DamagedError("The arrays of a run do not fit each other.") from error
    _check(run)
    return run


def _check(run: RunArrays) -> None:
    shape = run.footprints.shape
    fits = (
        len(shape) == 2
        and run.own.shape == shape
        and run.error_bound.shape == shape[1:]
        and run.parts.ndim == 3
        and (run.parts.shape[0], run.parts.shape[2]) == (shape[0], KINDS)
        and run.output_share.shape == run.upper.shape == run.margin.shape == shape[:1]
    )
    if not fits or not all(np.isfinite(one).all() for one in (run.own, run.footprints, run.parts)):
        raise DamagedError("The arrays of a run do not fit each other.")
    if not (run.upper > 0).all() or not (run.margin > 0).all():
        raise DamagedError("The certificate of a run certifies nothing.")
