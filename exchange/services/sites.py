"""Sites: the places of production whose bills become figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services.account_rules import check_country, check_name
from exchange.services.context import Context, audit
from exchange.store import sites as query
from exchange.store.tables.sites import SiteRow, SpreadingKeyRow

# The keys every site starts with, each over all of its products and named by its method; stated shares are added.
FIRST_KEYS = tuple(method for method in KeyMethod if method is not KeyMethod.SHARES)
_P_NUMBER = re.compile(r"[1-9][0-9]{9}")
_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,11}")


@dataclass(frozen=True)
class NewSite:
    """A place of production. `p_number` is the Danish register's; `is_water_stressed`: water is scarce there."""

    name: str
    p_number: str | None = None
    address: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DK"
    is_water_stressed: bool = False


@dataclass(frozen=True)
class Site:
    """A site as stored."""

    id: str
    organisation_id: str
    name: str
    p_number: str | None
    address: str
    postal_code: str
    city: str
    country: str
    is_water_stressed: bool
    created_at: datetime


def create_site(ctx: Context, new: NewSite) -> Site:
    """Add a site of the actor's organisation, with one spreading key per method.

    Raises InvalidError (`name.invalid`, `id.p_number`, `site.postal_code`, `country.invalid`) and ConflictError
    (`site.exists`).
    """
    ctx.who.require(Role.EDITOR)
    row = SiteRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        created_at=ctx.now(),
        **_checked(new),
    )
    try:
        with ctx.store.write() as session:
            session.add(row)
            session.flush()
            session.add_all(_first_key(ctx, row, method) for method in FIRST_KEYS)
            audit(ctx, session, "site.create", "site", row.id)
    except IntegrityError as error:  # the unique name decides, also when two add it at the same instant
        raise _taken(new.name) from error
    return present_site(row)


def change_site(ctx: Context, site_id: str, new: NewSite) -> Site:
    """Give a site other particulars. Raises what `create_site` does, and NotFoundError."""
    ctx.who.require(Role.EDITOR)
    particulars = _checked(new)
    try:
        with ctx.store.write() as session:
            row = own_site(ctx, session, site_id, lock=True)
            for name, value in particulars.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            audit(ctx, session, "site.change", "site", row.id)
    except IntegrityError as error:
        raise _taken(new.name) from error
    return present_site(row)


def get_site(ctx: Context, site_id: str) -> Site:
    """One of the actor's organisation's sites; NotFoundError otherwise."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return present_site(own_site(ctx, session, site_id))


def list_sites(ctx: Context) -> tuple[Site, ...]:
    """The actor's organisation's sites, by name."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        return tuple(map(present_site, query.sites_of(session, ctx.who.organisation_id)))


def own_site(ctx: Context, session: Session, site_id: str, *, lock: bool = False) -> SiteRow:
    """The row of a site of the actor's organisation; NotFoundError otherwise.

    Whoever enters into a site's account locks it first: what is checked against the account then still holds.
    """
    row = query.find_own_site(session, ctx.who.organisation_id, site_id, lock=lock)
    if row is None:
        raise NotFoundError
    return row


def present_site(row: SiteRow) -> Site:
    """The outward form of a site's row."""
    return Site(
        row.id,
        row.organisation_id,
        row.name,
        row.p_number,
        row.address,
        row.postal_code,
        row.city,
        row.country,
        row.is_water_stressed,
        row.created_at,
    )


def _first_key(ctx: Context, site: SiteRow, method: KeyMethod) -> SpreadingKeyRow:
    return SpreadingKeyRow(
        id=ctx.new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        name=method.value,
        method=method.value,
    )


def _checked(new: NewSite) -> dict[str, Any]:
    if new.p_number is not None and not _P_NUMBER.fullmatch(new.p_number):
        raise InvalidError(
            "A P-number has ten digits and does not start with 0.",
            code="id.p_number",
            path="/p_number",
            advice="Look it up in the CVR register, or leave it empty.",
        )
    if new.postal_code and not _POSTAL_CODE.fullmatch(new.postal_code):
        raise InvalidError(
            "This is not a postal code.",
            code="site.postal_code",
            path="/postal_code",
            advice="Write it like 8000, in capital letters and digits.",
        )
    return {
        "name": check_name(new.name, "/name"),
        "p_number": new.p_number,
        "address": check_name(new.address, "/address") if new.address.strip() else "",
        "postal_code": new.postal_code,
        "city": check_name(new.city, "/city") if new.city.strip() else "",
        "country": check_country(new.country, "/country"),
        "is_water_stressed": new.is_water_stressed,
    }


def _taken(name: str) -> ConflictError:
    return ConflictError(
        f"You already have a site called {name}.",
        code="site.exists",
        path="/name",
        advice="Use that one, or give this one a name of its own.",
    )
