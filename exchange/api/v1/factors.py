"""Emission and energy factors and price indices: the exchange's own, and those an organisation brings."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import AmountText, DecimalText, Id, In, Out
from exchange.domain.actors import Role
from exchange.domain.deflators import Deflator, deflator_set
from exchange.domain.errors import InvalidError
from exchange.domain.factors import FactorBasis, FactorOrigin, factor_set
from exchange.domain.own_factors import OWN_LICENCE, OwnRow
from exchange.domain.quantities import UnitCode, parse_decimal, parse_unit
from exchange.services import deflators, own_factors
from exchange.services.context import Context

resource = Resource(
    "factors", "Dated rows with source and basis; an organisation's own go before the exchange's."
)


class FactorOut(Out):
    """`value` of `unit` ("KGM/KWH": kg for one kWh), in force on [valid_from, valid_to).

    `id` is null for the exchange's own, which nobody withdraws; `reference` is how a figure cites the row.
    """

    id: Id | None
    reference: str
    origin: FactorOrigin
    key: str
    value: DecimalText
    unit: str
    source: str
    year: int
    geography: str
    basis: FactorBasis
    gwp_set: str | None
    licence: str
    valid_from: date
    valid_to: date | None
    note: str


class FactorsOut(Out):
    """The organisation's own factors, then the exchange's; `factor_set` names the latter's edition."""

    factor_set: str
    items: list[FactorOut]


class FactorIn(In):
    """A factor of one's own with its source; `unit` is result/activity, such as KGM/KWH."""

    key: Annotated[str, Field(max_length=100, examples=["co2e_market.electricity_grid"])]
    value: AmountText
    unit: Annotated[str, Field(max_length=7, examples=["KGM/KWH"])]
    source: Annotated[str, Field(max_length=500)]
    year: int
    geography: Annotated[str, Field(max_length=3, examples=["DK"])]
    basis: FactorBasis
    gwp_set: Annotated[str | None, Field(max_length=3, examples=["AR6"])] = None
    valid_from: date
    valid_to: date | None = None
    licence: Annotated[str, Field(max_length=200)] = OWN_LICENCE
    note: Annotated[str, Field(max_length=500)] = ""

    def to_row(self) -> OwnRow:
        """What the service takes; raises InvalidError `quantity.amount`, `factor.unit`, `unit.unknown`."""
        result, activity = _units(self.unit)
        return OwnRow(
            key=self.key,
            value=parse_decimal(self.value, "/value", signed=True),
            result=result,
            activity=activity,
            source=self.source,
            year=self.year,
            geography=self.geography,
            basis=self.basis,
            gwp_set=self.gwp_set,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            licence=self.licence,
            note=self.note,
        )


class DeflatorOut(Out):
    """The price index of a branch's gross value added in a year, 100 in `base_year`."""

    reference: str
    origin: FactorOrigin
    branch: str
    year: int
    index: DecimalText
    base_year: int
    source: str
    licence: str
    edition: str


class DeflatorsOut(Out):
    """The organisation's own price indices, then the exchange's; `deflator_set` names the latter's edition."""

    deflator_set: str
    items: list[DeflatorOut]


class DeflatorIn(In):
    """A price index of one's own; `edition` is the year and month of the source's publication."""

    branch: Annotated[str, Field(max_length=2, examples=["CH"])]
    year: int
    index: AmountText
    base_year: int
    source: Annotated[str, Field(max_length=500)]
    licence: Annotated[str, Field(max_length=200)] = OWN_LICENCE
    edition: Annotated[str, Field(max_length=7, examples=["2026-06"])]

    def to_deflator(self) -> Deflator:
        """What the service takes; raises InvalidError `quantity.amount`."""
        index = parse_decimal(self.index, "/index", signed=True)
        return Deflator(
            self.branch, self.year, index, self.base_year, self.source, self.licence, self.edition
        )


@resource.operation("GET", "/factors")
def list_all(ctx: Context) -> FactorsOut:
    """List the factors the organisation calculates with."""
    return FactorsOut(factor_set=factor_set(), items=list(map(_factor, own_factors.list_factors(ctx))))


@resource.operation("POST", "/factors", role=Role.EDITOR, status=201)
def add(ctx: Context, body: FactorIn) -> FactorOut:
    """Add a factor of one's own; stored figures keep what they used."""
    return _factor(own_factors.add_own_factor(ctx, body.to_row()))


@resource.operation("DELETE", "/factors/{factor_id}", role=Role.EDITOR, status=204)
def withdraw(ctx: Context, factor_id: Id) -> None:
    """Use a factor of one's own no longer; figures made with it stay."""
    own_factors.withdraw_own_factor(ctx, factor_id)


@resource.operation("GET", "/deflators")
def list_deflators(ctx: Context) -> DeflatorsOut:
    """List the price indices the organisation counts with."""
    found = deflators.list_deflators(ctx)
    return DeflatorsOut(deflator_set=deflator_set(), items=[DeflatorOut.of(row) for row in found])


@resource.operation("POST", "/deflators", role=Role.EDITOR)
def set_deflator(ctx: Context, body: DeflatorIn) -> DeflatorOut:
    """Set one's own price index of a branch, year and base year; a newer edition takes the place of an older one."""
    return DeflatorOut.of(deflators.add_own_deflator(ctx, body.to_deflator()))


def _factor(listed: own_factors.ListedFactor) -> FactorOut:
    factor = listed.factor
    unit = f"{factor.result.value}/{factor.activity.value}"
    own = {name: getattr(factor, name) for name in FactorOut.model_fields if name not in {"id", "unit"}}
    return FactorOut.model_validate({"id": listed.id, "unit": unit, **own})


def _units(text: str) -> tuple[UnitCode, UnitCode]:
    """The two units of `KGM/KWH`."""
    result, slash, activity = text.partition("/")
    if not slash:
        raise InvalidError(
            "The unit of a factor is two units with a slash between them.",
            code="factor.unit",
            path="/unit",
            advice="Write kg for one kWh as KGM/KWH.",
        )
    return parse_unit(result, "/unit"), parse_unit(activity, "/unit")
