"""What people write when they set up a chain: organisations by CVR number or name, products by number or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from exchange.domain.actors import Role
from exchange.domain.errors import Problem, refuse
from exchange.services.context import Context
from exchange.store import chain_entry as query

MOST_ACQUAINTANCES = 200


@dataclass(frozen=True)
class Acquaintance:
    """An organisation that the actor's own has to do with."""

    id: str
    name: str


class _Named(Protocol):
    """A row that was found."""

    id: str


def acquaintances(ctx: Context) -> tuple[Acquaintance, ...]:
    """Organisations to choose members from: one's own, whoever granted it figures for totals, earlier members."""
    ctx.who.require(Role.VIEWER)
    with ctx.store.read() as session:
        rows = query.acquaintances(session, ctx.who.organisation_id, MOST_ACQUAINTANCES)
        return tuple(Acquaintance(row.id, row.name) for row in rows)


def find_members(ctx: Context, names: Sequence[str]) -> tuple[str, ...]:
    """The organisations of the directory with these CVR numbers or names, each once, in the order given.

    Raises InvalidError naming every line it does not find (`chain.member_unknown`) or that several organisations
    are called (`chain.member_several`), with the pointer `/members/<line>`.
    """
    ctx.who.require(Role.EDITOR)
    with ctx.store.read() as session:
        found = _Found("member")
        for line, name in enumerate(names):
            found.take(f"/members/{line}", name, query.organisations_called(session, name))
    refuse(found.problems)
    return tuple(dict.fromkeys(row.id for row in found.rows))


def find_targets(ctx: Context, named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The products named by supplier (CVR or name; "" for the actor's own) and number or name, in their order.

    Raises InvalidError naming everything it does not find: `chain.supplier_unknown`, `chain.supplier_several`,
    `chain.product_unknown`, `chain.product_several`, with the pointers `/targets/<row>/supplier` and `.../product`.
    """
    ctx.who.require(Role.EDITOR)
    own = ctx.who.organisation_id
    suppliers, products = _Found("supplier"), _Found("product")
    with ctx.store.read() as session:
        for row, (supplier, product) in enumerate(named):
            makers = query.organisations_called(session, supplier) if supplier else None
            maker = own if makers is None else suppliers.take(f"/targets/{row}/supplier", supplier, makers)
            if maker:
                rows = query.products_called(session, maker, product, listed_only=maker != own)
                products.take(f"/targets/{row}/product", product, rows)
    refuse((*suppliers.problems, *products.problems))
    return tuple(row.id for row in products.rows)


class _Found:
    """What was found of one kind of thing, and what was not."""

    def __init__(self, thing: str) -> None:
        self._thing = thing
        self.rows: list[_Named] = []
        self.problems: list[Problem] = []

    def take(self, path: str, name: str, rows: Sequence[_Named]) -> str:
        """The id of the one row; "" where there is none or several, which is noted."""
        if len(rows) == 1:
            self.rows.append(rows[0])
            return rows[0].id
        many = bool(rows)
        self.problems.append(
            Problem(
                f"chain.{self._thing}_{'several' if many else 'unknown'}",
                f"{'Several are' if many else 'Nothing is'} called {name[:100]!r}.",
                path,
                "Give the number instead of the name." if many else "Check the spelling, or give the number.",
            )
        )
        return ""
