"""Factors an organisation brings itself, beside the exchange's own set: with a source, dated, never edited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from exchange.domain import own_factors as rules
from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, NotFoundError, Problem, refuse
from exchange.domain.factors import Factor, FactorBasis, FactorBook, FactorOrigin, factors
from exchange.domain.own_factors import OwnRow
from exchange.domain.quantities import UnitCode
from exchange.services.context import Context, audit
from exchange.store import accounts
from exchange.store import own_factors as query
from exchange.store.tables.calculations import OwnFactorRow

LENGTHS = {"key": 100, "source": 500, "licence": 200, "note": 500}


@dataclass(frozen=True)
class ListedFactor:
    """A factor to choose from; `id` is None for the exchange's own, which nobody withdraws."""

    id: str | None
    factor: Factor


def add_own_factor(ctx: Context, new: OwnRow) -> ListedFactor:
    """Add a factor of the actor's organisation; it goes before the exchange's on the days it holds.

    Stored figures keep what they used. Raises InvalidError (the codes of `domain.own_factors.own_factor`,
    `factor.text`, `factor.twice` where another own one holds on the same day).
    """
    ctx.who.require(Role.EDITOR)
    refuse(_too_long(new))
    factor = rules.own_factor(new)
    with ctx.store.write() as session:
        accounts.lock_organisation(session, ctx.who.organisation_id)
        FactorBook((*load_book(session, ctx.who.organisation_id).own, factor))
        row = _row(ctx, factor)
        session.add(row)
        audit(ctx, session, "factor.add", "own_factor", row.id, key=factor.key)
    return ListedFactor(row.id, factor)


def withdraw_own_factor(ctx: Context, factor_id: str) -> None:
    """Use a factor no longer; figures made with it stay. Raises NotFoundError, ConflictError (`factor.withdrawn`)."""
    ctx.who.require(Role.EDITOR)
    with ctx.store.write() as session:
        row = query.find_own_factor(session, ctx.who.organisation_id, factor_id)
        if row is None:
            raise NotFoundError
        if row.withdrawn_at is not None:
            raise ConflictError("This factor was withdrawn before.", code="factor.withdrawn")
        row.withdrawn_at = ctx.now()
        session.add(row)
        audit(ctx, session, "factor.withdraw", "own_factor", row.id, key=row.key)


def list_factors(ctx: Context) -> tuple[ListedFactor, ...]:
    """The organisation's own factors, then the exchange's."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        own = query.factors_of(session, ctx.who.organisation_id)
        listed = [ListedFactor(row.id, _factor(row)) for row in own]
    return (*listed, *(ListedFactor(None, factor) for factor in factors()))


def factor_book(ctx: Context) -> FactorBook:
    """The factors the actor's organisation calculates with."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return load_book(session, ctx.who.organisation_id)


def load_book(session: Session, organisation_id: str) -> FactorBook:
    """The factors an organisation calculates with, as this transaction sees them."""
    return FactorBook(tuple(map(_factor, query.factors_of(session, organisation_id))))


def _row(ctx: Context, factor: Factor) -> OwnFactorRow:
    return OwnFactorRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        key=factor.key,
        value=factor.value,
        unit=f"{factor.result.value}/{factor.activity.value}",
        source=factor.source,
        year=factor.year,
        geography=factor.geography,
        basis=factor.basis.value,
        gwp_set=factor.gwp_set,
        licence=factor.licence,
        valid_from=factor.valid_from,
        valid_to=factor.valid_to,
        note=factor.note,
        created_at=ctx.now(),
    )


def _factor(row: OwnFactorRow) -> Factor:
    result, _, activity = row.unit.partition("/")
    return Factor(
        key=row.key,
        value=row.value,
        result=UnitCode(result),
        activity=UnitCode(activity),
        source=row.source,
        year=row.year,
        geography=row.geography,
        basis=FactorBasis(row.basis),
        gwp_set=row.gwp_set,
        licence=row.licence,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        note=row.note,
        origin=FactorOrigin.OWN,
    )


def _too_long(new: OwnRow) -> list[Problem]:
    """`factor.text`: more than is kept, or what a database cannot keep."""
    return [
        Problem(
            "factor.text", f"The {name} has at most {most} visible characters.", f"/{name}", "Shorten it."
        )
        for name, most in LENGTHS.items()
        if len(text := getattr(new, name)) > most or not text.replace("\n", " ").isprintable()
    ]
