"""Price indices an organisation brings itself, beside the exchange's own: with them a figure gets constant prices."""

from __future__ import annotations

from sqlmodel import Session

from exchange.domain import deflators as rules
from exchange.domain.actors import Role
from exchange.domain.deflators import Deflator, DeflatorBook
from exchange.domain.errors import Problem, refuse
from exchange.domain.factors import FactorOrigin
from exchange.services.context import Context, audit
from exchange.store import accounts
from exchange.store import own_factors as query
from exchange.store.tables.calculations import OwnDeflatorRow

LENGTHS = {"source": 500, "licence": 200}


def add_own_deflator(ctx: Context, new: Deflator) -> Deflator:
    """Set the organisation's price index of a branch, year and base year.

    A newer edition takes the place of an older one: national accounts are revised. Raises InvalidError (the codes
    of `domain.deflators.own_deflator`, `deflator.text`).
    """
    ctx.who.require(Role.EDITOR)
    refuse(_too_long(new))
    row = rules.own_deflator(new)
    with ctx.store.write() as session:
        accounts.lock_organisation(session, ctx.who.organisation_id)
        session.merge(
            OwnDeflatorRow(
                organisation_id=ctx.who.organisation_id,
                branch=row.branch,
                year=row.year,
                base_year=row.base_year,
                index=row.index,
                source=row.source,
                licence=row.licence,
                edition=row.edition,
                created_at=ctx.now(),
            )
        )
        audit(ctx, session, "deflator.add", "own_deflator", f"{row.branch}/{row.year}/{row.base_year}")
    return row


def list_deflators(ctx: Context) -> tuple[Deflator, ...]:
    """The organisation's own price indices, then the exchange's."""
    return (*deflator_book(ctx).own, *rules.deflators())


def deflator_book(ctx: Context) -> DeflatorBook:
    """The price indices the actor's organisation counts with."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return load_deflators(session, ctx.who.organisation_id)


def load_deflators(session: Session, organisation_id: str) -> DeflatorBook:
    """The price indices an organisation counts with, as this transaction sees them."""
    return DeflatorBook(
        tuple(
            Deflator(
                row.branch,
                row.year,
                row.index,
                row.base_year,
                row.source,
                row.licence,
                row.edition,
                origin=FactorOrigin.OWN,
            )
            for row in query.deflators_of(session, organisation_id)
        )
    )


def _too_long(new: Deflator) -> list[Problem]:
    """`deflator.text`: more than is kept, or what a database cannot keep."""
    return [
        Problem(
            "deflator.text", f"The {name} has at most {most} visible characters.", f"/{name}", "Shorten it."
        )
        for name, most in LENGTHS.items()
        if len(text := getattr(new, name)) > most or not text.isprintable()
    ]
