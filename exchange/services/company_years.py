"""The company's financial years: value added, turnover and employees, as the annual report has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from exchange.domain.actors import Role
from exchange.domain.calculation.bill_rules import out_of_range
from exchange.domain.errors import Problem, refuse
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.context import Context, audit
from exchange.store import accounts, sites
from exchange.store.tables.sites import CompanyYearRow

YEARS = range(1990, 2101)


@dataclass(frozen=True)
class CompanyYear:
    """A year of the company: DKK in that year's prices, and people (full-time equivalents).

    `is_proxy`: bruttofortjeneste stands for value added. Value added may be below zero.
    """

    year: int
    value_added: Decimal | None = None
    is_proxy: bool = False
    turnover: Decimal | None = None
    employees: Decimal | None = None
    changed_at: datetime | None = None


def set_company_year(ctx: Context, new: CompanyYear) -> CompanyYear:
    """Set a year of the actor's organisation, replacing what was there.

    Raises InvalidError (`year.range`, `year.turnover`, `year.employees`, `quantity.range`).
    """
    ctx.who.require(Role.EDITOR)
    refuse(year_problems(new))
    row = year_row(ctx, new)
    with ctx.store.write() as session:
        accounts.lock_organisation(session, ctx.who.organisation_id)
        row = session.merge(row)
        audit(ctx, session, "company_year.set", "company_year", str(new.year))
    return present_year(row)


def list_company_years(ctx: Context) -> tuple[CompanyYear, ...]:
    """The years of the actor's organisation, oldest first."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return tuple(map(present_year, sites.company_years_of(session, ctx.who.organisation_id)))


def year_row(ctx: Context, new: CompanyYear) -> CompanyYearRow:
    """The row of a year of the actor's organisation."""
    return CompanyYearRow(
        organisation_id=ctx.who.organisation_id,
        year=new.year,
        value_added=new.value_added,
        is_proxy=new.is_proxy and new.value_added is not None,
        turnover=new.turnover,
        employees=new.employees,
        changed_at=ctx.now(),
    )


def present_year(row: CompanyYearRow) -> CompanyYear:
    """The outward form of a year's row."""
    return CompanyYear(
        row.year, row.value_added, row.is_proxy, row.turnover, row.employees, changed_at=row.changed_at
    )


def year_problems(new: CompanyYear) -> list[Problem]:
    """What is wrong with a year by itself."""
    problems = []
    if new.year not in YEARS:
        detail = f"{new.year} is not a year from {YEARS[0]} to {YEARS[-1]}."
        problems.append(Problem("year.range", detail, "/year", "Write the year with four digits."))
    for name, amount in (("turnover", new.turnover), ("employees", new.employees)):
        if amount is not None and amount.is_finite() and amount < 0:
            detail = "This cannot be below zero."
            problems.append(
                Problem(f"year.{name}", detail, f"/{name}", "Give zero or more, or leave it empty.")
            )
    for name in ("value_added", "turnover", "employees"):
        amount = getattr(new, name)
        if amount is not None:
            found = out_of_range(Quantity(amount, UnitCode.ONE))
            problems += [replace(problem, path=f"/{name}") for problem in found]
    return problems
