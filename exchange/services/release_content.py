"""What a statement of a release says, cell by cell: each indicator's release in force, and the run behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from exchange.services.chain_viewing import RELEASED
from exchange.store.tables.rollup import ReleaseRow, RunRow
from exchange.trust.release.content import CELLS, PRODUCTIVITY, RUN
from exchange.trust.release.inputs import Commitment


def subject_of(
    rows: Sequence[ReleaseRow], newest: ReleaseRow, runs: Mapping[str, RunRow], inputs: Commitment
) -> tuple[dict[str, Any], list[str]]:
    """The subject that states `rows`, the releases of one chain and period in force as of the `newest` of them.

    `runs` by id, of every row. Returned with the names of its members that are disclosures.
    """
    in_order = sorted(rows, key=lambda row: list(Indicator).index(Indicator(row.indicator)))
    run = runs[newest.run_id]
    closed: dict[str, Any] = {
        CELLS: [_cell(row, run, runs) for row in in_order],
        PRODUCTIVITY: [_productivity(row) for row in in_order if row.status == RELEASED],
        # Its identity is a hash of public digests: who sees no figures could try out which are in it.
        RUN: _run(run),
    }
    subject = {
        "id": f"urn:uuid:{newest.chain_id}",
        "period": Period(newest.period_start, newest.period_end).to_wire(),
        "asOf": wire_instant(newest.created_at),
        "method": run.method_version,
        "factorSet": run.factor_set,
        "inputs": inputs.document(),
        **closed,
    }
    return subject, list(closed)


def wire_instant(instant: datetime) -> str:
    """An instant in UTC, to the second below."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _run(run: RunRow) -> dict[str, Any]:
    return {
        "id": f"urn:uuid:{run.id}",
        "identity": run.identity,
        "solver": run.solver,
        "code": run.code_version,
    }


def _cell(row: ReleaseRow, run: RunRow, runs: Mapping[str, RunRow]) -> dict[str, Any]:
    """A released cell; why anything is missing, but not who: that is not for every viewer."""
    figures = {
        "value": row.value,
        "perUnit": row.per_unit,
        "own": row.detail.get("own"),
        "upstream": row.detail.get("upstream"),
        "measured": row.measured,
        "allocated": row.allocated,
        "secondary": row.secondary,
        "unknown": row.unknown,
        "coverageMass": row.coverage_mass,
    }
    cell: dict[str, Any] = {
        "indicator": row.indicator,
        "status": row.status,
        "unit": row.unit,
        "perUnitOf": row.detail.get("per_unit_of"),
        "isAtLeast": row.is_at_least,
        "missing": sorted({one.get("reason") or "" for one in row.missing}),
        **_texts(figures),
    }
    if row.run_id != run.id:
        earlier = runs[row.run_id]
        cell[RUN] = {**_run(earlier), "method": earlier.method_version, "factorSet": earlier.factor_set}
    return cell


def _productivity(row: ReleaseRow) -> dict[str, Any]:
    figures = {"value": row.productivity, "coverage": row.productivity_coverage}
    return {
        "indicator": row.indicator,
        "priceBasis": row.detail.get("price_basis"),
        "hindrance": row.detail.get("productivity_hindrance"),
        **_texts(figures),
    }


def _texts(figures: Mapping[str, Decimal | str | None]) -> dict[str, str | None]:
    """Quantities as decimal strings, as in every signed document here."""
    return {name: format(one, "f") if isinstance(one, Decimal) else one for name, one in figures.items()}
