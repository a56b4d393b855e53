"""The company's financial years: value added, turnover and employees, as the annual report has them."""

from __future__ import annotations

from datetime import datetime

from exchange.api.operation import Resource
from exchange.api.wire import AmountText, In, OptionalDecimalText, Out, decimal_of
from exchange.domain.actors import Role
from exchange.services import company_years
from exchange.services.context import Context

resource = Resource("company-years", "What productivity and development are computed from; never published.")


class CompanyYearOut(Out):
    """A year in DKK of its own prices, and people in full-time equivalents; `is_proxy`: gross profit stands in."""

    year: int
    value_added: OptionalDecimalText
    is_proxy: bool
    turnover: OptionalDecimalText
    employees: OptionalDecimalText
    changed_at: datetime


class CompanyYearsOut(Out):
    """All years of the organisation, oldest first."""

    items: list[CompanyYearOut]


class CompanyYearIn(In):
    """A year of the company. `is_proxy`: gross profit (bruttofortjeneste) stands for value added."""

    year: int
    value_added: AmountText | None = None
    is_proxy: bool = False
    turnover: AmountText | None = None
    employees: AmountText | None = None

    def to_year(self) -> company_years.CompanyYear:
        """What the service takes; raises InvalidError `quantity.amount`."""
        return company_years.CompanyYear(
            self.year,
            decimal_of(self.value_added, "/value_added"),
            self.is_proxy,
            decimal_of(self.turnover, "/turnover"),
            decimal_of(self.employees, "/employees"),
        )


@resource.operation("GET", "/company-years")
def list_own(ctx: Context) -> CompanyYearsOut:
    """List the organisation's financial years."""
    found = company_years.list_company_years(ctx)
    return CompanyYearsOut(items=[CompanyYearOut.of(year) for year in found])


@resource.operation("POST", "/company-years", role=Role.EDITOR)
def set_year(ctx: Context, body: CompanyYearIn) -> CompanyYearOut:
    """Set a year, replacing what was there."""
    return CompanyYearOut.of(company_years.set_company_year(ctx, body.to_year()))
