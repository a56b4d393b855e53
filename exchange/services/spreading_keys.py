"""Spreading keys: how a site's flows are divided among its products (method section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.calculation.account import Key, KeyMethod
from exchange.domain.calculation.bill_rules import out_of_range
from exchange.domain.calculation.weights import check_shares
from exchange.domain.errors import ConflictError, NotFoundError, Problem, refuse
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.account_rules import check_name
from exchange.services.context import Context, audit
from exchange.services.sites import own_site
from exchange.store import sites as query
from exchange.store.tables.sites import SpreadingKeyRow

# What stated shares may stand on: the methods of the datasets' `allocation`, but for those that state no share.
BASES = (
    "subdivision", "physical_mass", "physical_energy", "physical_volume", "pieces", "machine_hours", "economic",
)  # fmt: skip


@dataclass(frozen=True)
class NewKey:
    """A key to add: `products` () means every product made; `shares` (parts of 1) and `basis` for shares alone."""

    name: str
    method: KeyMethod
    products: tuple[str, ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    basis: str = "subdivision"


@dataclass(frozen=True)
class KeyView:
    """A key as stored. The keys a site starts with are named by their method."""

    id: str
    site_id: str
    name: str
    method: KeyMethod
    products: tuple[str, ...]
    shares: Mapping[str, Decimal]
    basis: str


def add_key(ctx: Context, site_id: str, new: NewKey) -> KeyView:
    """Add a key to a site.

    Raises NotFoundError, InvalidError (`name.invalid`, `key.above_whole`, `key.below_zero`, `key.shares`,
    `key.products`, `key.basis`, `quantity.range`) and ConflictError (`key.exists`).
    """
    ctx.who.require(Role.EDITOR)
    try:
        with ctx.store.write() as session:
            site = own_site(ctx, session, site_id, lock=True)
            row = SpreadingKeyRow(
                id=ctx.new_id(), organisation_id=site.organisation_id, site_id=site.id, name="", method=""
            )
            _fill(session, row, new)
            session.flush()
            audit(ctx, session, "key.add", "spreading_key", row.id)
    except IntegrityError as error:
        raise _taken(new.name) from error
    return present_key(row)


def change_key(ctx: Context, key_id: str, new: NewKey) -> KeyView:
    """Change a key for the next calculation; stored ones keep what they used.

    Its method stays: every site keeps a key for each. Raises what `add_key` does, and InvalidError `key.method`.
    """
    ctx.who.require(Role.EDITOR)
    try:
        with ctx.store.write() as session:
            row = own_key(ctx, session, key_id)
            own_site(ctx, session, row.site_id, lock=True)
            refuse(_method_problems(row, new))
            _fill(session, row, new)
            session.flush()
            audit(ctx, session, "key.change", "spreading_key", row.id)
    except IntegrityError as error:
        raise _taken(new.name) from error
    return present_key(row)


def list_keys(ctx: Context, site_id: str) -> tuple[KeyView, ...]:
    """The keys of a site, by name."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        site = own_site(ctx, session, site_id)
        return tuple(map(present_key, query.keys_of(session, site.id)))


def own_key(ctx: Context, session: Session, key_id: str) -> SpreadingKeyRow:
    """The row of a key of the actor's organisation; NotFoundError otherwise."""
    row = query.find_own_key(session, ctx.who.organisation_id, key_id)
    if row is None:
        raise NotFoundError
    return row


def present_key(row: SpreadingKeyRow) -> KeyView:
    """The outward form of a key's row."""
    shares = {product: Decimal(share) for product, share in row.shares.items()}
    return KeyView(
        row.id, row.site_id, row.name, KeyMethod(row.method), tuple(row.products), shares, row.basis
    )


def domain_key(row: SpreadingKeyRow) -> Key:
    """The key as the calculation reads it."""
    view = present_key(row)
    return Key(view.id, view.name, view.method, view.products, view.shares, view.basis)


def key_problems(new: NewKey, names: Mapping[str, str]) -> list[Problem]:
    """What is wrong with a key of a site whose products' names by id are given; shares are told by name."""
    return [
        *_product_problems((*new.products, *new.shares), names),
        *(
            problem
            for share in new.shares.values()
            for problem in out_of_range(Quantity(share, UnitCode.ONE))
        ),
        *_share_problems(new, names),
    ]


def _fill(session: Session, row: SpreadingKeyRow, new: NewKey) -> None:
    names = {product.id: product.name for _, product in query.products_at(session, row.site_id)}
    refuse(key_problems(new, names))
    row.name = check_name(new.name, "/name")
    row.method = new.method.value
    row.products = list(dict.fromkeys(new.products))
    row.shares = {product: format(share, "f") for product, share in new.shares.items()}
    row.basis = new.basis
    session.add(row)


def _method_problems(row: SpreadingKeyRow, new: NewKey) -> Iterator[Problem]:
    if row.method != new.method.value:
        detail = f"The key {row.name} spreads by {row.method}, and stays one that does."
        yield Problem("key.method", detail, "/method", "Add another key, and give it to the flow.")


def _product_problems(products: Iterable[str], names: Mapping[str, str]) -> Iterator[Problem]:
    strange = [product for product in products if product not in names]
    if strange:
        detail = f"These are not products of the site: {', '.join(strange)}."
        yield Problem("key.products", detail, "/products", "Add them to the site's products first.")


def _share_problems(new: NewKey, names: Mapping[str, str]) -> Iterator[Problem]:
    if new.method is not KeyMethod.SHARES:
        if new.shares:
            detail = "Only a key of stated shares has shares."
            yield Problem("key.shares", detail, "/shares", "Leave them out, or choose the method shares.")
        return
    if not new.shares or new.products:
        detail = "A key of stated shares names a share for each product that takes part, and nothing else."
        yield Problem("key.shares", detail, "/shares", "Give at least one share, such as 0.6 for 60 %.")
    if new.basis not in BASES:
        yield Problem(
            "key.basis", "The basis of the shares is not known.", "/basis", f"Known: {', '.join(BASES)}."
        )
    if all(share.is_finite() for share in new.shares.values()):
        told = {names.get(product, product): share for product, share in new.shares.items()}
        yield from check_shares(Key("new", new.name, new.method, (), told))


def _taken(name: str) -> ConflictError:
    return ConflictError(
        f"The site has a key called {name} already.",
        code="key.exists",
        path="/name",
        advice="Change that one, or give this one a name of its own.",
    )
