"""What a run solved, kept with the run by node number, and read back: all of it, or one figure of one product."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from exchange.domain.linking import COLUMNS
from exchange.engine.run_arrays import pack_solution, run_arrays, unpack_solution
from exchange.services.rollup.solving import Solved
from exchange.services.rollup.stored_network import StoredVersion, load_arrays
from exchange.store import networks as query
from exchange.store import rollups


@dataclass(frozen=True)
class RunFigure:
    """A solved column of one product in one run, per declared unit; the mean of its nodes by output.

    `error_bound`: certified, relative. `shares`: measured, allocated, secondary and unknown, of a headline column
    that is not zero. `other_reading`: declared where the recipe counts, the recipe where declared counts; None
    where the product has one reading only.
    """

    own: float
    footprint: float
    error_bound: float
    shares: tuple[float, ...] | None
    other_reading: float | None
    is_at_least: bool


def store_run_arrays(session: Session, run_id: str, stored: StoredVersion, solved: Solved) -> None:
    """Keep what a run solved with the run, in the caller's transaction.

    `solved` is of the linked network that `stored` says is stored: its positions become node numbers.
    """
    run = run_arrays(solved.arrays, solved.solution, solved.quality)
    query.add_run_array(session, run_id, pack_solution(run.numbered(stored.numbers, stored.size)))


def load_solved(session: Session, network: int, run_id: str) -> Solved | None:
    """The stored network as the run solved it, without solving; None where no product took part in the run.

    Right only where the network is still what the run was solved from: read both in one snapshot. The identities
    are with the run (`checks`). Raises `DamagedError`: the run's arrays are not kept twice.
    """
    content = query.run_content(session, run_id)
    if not content:
        return None
    run, arrays = unpack_solution(content), load_arrays(session, network)
    return Solved(arrays, run.solution(arrays), run.quality(arrays), ())


def run_figure_of(session: Session, run_id: str, product: str, column: str) -> RunFigure | None:
    """A product's figure in a column of a run, whether or not the run is still in force; None where it has none.

    Internal: views read releases. Raises `DamagedError`.
    """
    network, content = rollups.network_of_run(session, run_id), query.run_content(session, run_id)
    if network is None or not content:
        return None
    run, position = unpack_solution(content), COLUMNS.index(column)
    numbers = [number for _, number in query.numbers_of_products(session, network, [product])]
    figure = run.figure(numbers, position)
    if figure is None:
        return None
    whole = sum(figure.kinds or ())
    return RunFigure(
        own=figure.own,
        footprint=figure.footprint,
        error_bound=float(run.error_bound[position]),
        shares=tuple(kind / whole for kind in figure.kinds) if figure.kinds and whole > 0 else None,
        other_reading=figure.other,
        is_at_least=figure.is_at_least,
    )
