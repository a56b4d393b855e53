"""A site's account worked out and kept: figures, each with its steps, under the hash of all that went in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from exchange.domain.actors import Role
from exchange.domain.calculation.account import SiteAccount
from exchange.domain.calculation.completeness import gaps_of
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBook, factor_set
from exchange.domain.periods import Period
from exchange.services.calculation_rows import (
    BeforeGate,
    before_gate,
    plain,
    product_rows,
    site_rows,
    summary_of,
    used_factors,
)
from exchange.services.calculation_views import CalculationHeader, CalculationView, present_calculation
from exchange.services.context import Context, audit
from exchange.services.own_factors import factor_book
from exchange.services.rate_limits import limit
from exchange.services.site_accounts import load_account
from exchange.services.sites import own_site
from exchange.services.supplied import find_supplied, read_supplied
from exchange.store import calculations as query
from exchange.store.tables.calculations import (
    CalculationFigureRow,
    CalculationLineRow,
    CalculationProductRow,
    CalculationRow,
)
from exchange.trust import strict_json

METHOD = "1"
MOST_STEPS = 30_000  # flows x products: what a calculation stores grows with it


@dataclass(frozen=True)
class Inputs:
    """All that goes into a site's account of a period today; `supplied` are suppliers' datasets by their ids."""

    account: SiteAccount
    book: FactorBook
    supplied: Mapping[str, str]

    @property
    def identity(self) -> str:
        """The hash of everything that goes in; the order of rows means nothing."""
        content = {
            "method": METHOD,
            "factors": factor_set(),
            "own": sorted(strict_json.dumps(plain(one)).decode() for one in self.book.own),
            "supplied": dict(self.supplied),
            "account": {
                name: sorted(strict_json.dumps(plain(one)).decode() for one in rows)
                if isinstance(rows, tuple)
                else plain(rows)
                for name, rows in vars(self.account).items()
            },
        }
        return "sha256:" + hashlib.sha256(strict_json.dumps(content)).hexdigest()

    def are_those_of(self, header: CalculationHeader) -> bool:
        """Whether a stored calculation of the same site and period was made from exactly these."""
        return self.identity == header.identity


def read_inputs(ctx: Context, site_id: str, period: Period) -> Inputs:
    """Today's bills, keys, factors and suppliers' datasets. Raises NotFoundError for a foreign site."""
    account = load_account(ctx, site_id, period)
    return Inputs(account, factor_book(ctx), find_supplied(ctx, account))


def calculate_site(ctx: Context, site_id: str, period: Period) -> CalculationView:
    """Work a site's account out and keep it; the same bills, keys and factors give the calculation that is there.

    Raises NotFoundError for a foreign site, InvalidError `account.empty` where nothing is booked, `account.too_large`,
    and the codes of `calculate` with the row that is in the way.
    """
    ctx.who.require(Role.EDITOR)
    limit(ctx, "import", ctx.who.organisation_id)
    inputs = read_inputs(ctx, site_id, period)
    account, book = inputs.account, inputs.book
    if not account.bills:
        raise InvalidError(
            f"Nothing is booked for {period.start} to {period.end}.",
            code="account.empty",
            advice="Enter bills and production of the period first.",
        )
    calculation = calculate(account, book)
    _refuse_too_large(calculation)
    identity = inputs.identity
    before = before_gate(calculation, read_supplied(ctx, inputs.supplied), book)
    with ctx.store.read() as session:
        is_known = query.find_by_identity(session, site_id, identity) is not None
    # Worked out before the write begins: nobody waits for a long calculation. What is stored is never deleted.
    rows = {} if is_known else _rows(calculation, book, before)
    with ctx.store.write() as session:
        own_site(
            ctx, session, site_id, lock=True
        )  # of two that calculate at once the second finds the first's
        row = query.find_by_identity(session, site_id, identity)
        if row is None:
            row = _header(ctx, site_id, calculation, identity, before)
            session.add(row)
            session.flush()
            for kind, parts in rows.items():
                query.insert_all(session, kind, [{"calculation_id": row.id, **part} for part in parts])
            audit(ctx, session, "calculation.store", "calculation", row.id)
        row.asked_at = ctx.now()
        session.add(row)
        return present_calculation(session, row)


def _refuse_too_large(calculation: Calculation) -> None:
    steps = sum(len(entry.per_unit) for entry in calculation.entries)
    if steps > MOST_STEPS:
        raise InvalidError(
            f"This account has {steps} steps from flows to products; {MOST_STEPS} are kept.",
            code="account.too_large",
            advice="Enter materials of one kind as one flow, or calculate a shorter period.",
        )


def _header(
    ctx: Context, site_id: str, calculation: Calculation, identity: str, before: BeforeGate
) -> CalculationRow:
    return CalculationRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        site_id=site_id,
        period_start=calculation.account.period.start,
        period_end=calculation.account.period.end,
        identity=identity,
        factor_set=factor_set(),
        factors=[plain(one) for one in used_factors(calculation, before)],
        summary=summary_of(calculation, before) | {"method": METHOD},
        created_at=ctx.now(),
        asked_at=ctx.now(),
    )


def _rows(
    calculation: Calculation, book: FactorBook, before: BeforeGate
) -> dict[type[SQLModel], list[dict[str, Any]]]:
    """By table: everything a calculation keeps beside its header."""
    gaps = gaps_of(calculation.account, book)
    figures, lines = site_rows(calculation, gaps)
    products = []
    for own_figures, own_lines, product in product_rows(calculation, gaps, before):
        figures += own_figures
        lines += own_lines
        products.append(product)
    return {CalculationFigureRow: figures, CalculationLineRow: lines, CalculationProductRow: products}
