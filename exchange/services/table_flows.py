"""The flows an account table names: found by what they are, added where they are new, with the keys it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.calculation.account import Flow, KeyMethod, Material
from exchange.domain.calculation.account_table import AccountTable, FlowEntry, ShareEntry
from exchange.domain.errors import InvalidError, Problem
from exchange.services.context import Context
from exchange.services.flows import (
    NewFlow,
    adopt,
    contradictions,
    domain_flow,
    flow_row,
    input_problems,
    unknown_product,
)
from exchange.services.spreading_keys import NewKey, key_problems, present_key
from exchange.services.supplier_products import Named, resolve_products
from exchange.services.table_issues import Issues
from exchange.services.table_products import Catalogue
from exchange.store import sites as query
from exchange.store.tables.sites import FlowRow, SiteRow, SpreadingKeyRow

MAX_NAME = 200


@dataclass
class FlowFinder:
    """The site's flows by identity, and its keys; what a table adds is kept until `save`."""

    ctx: Context
    site: SiteRow
    issues: Issues
    rows: dict[str, FlowRow]
    keys: dict[str, SpreadingKeyRow]
    products: dict[Named, str | None]
    added: dict[str, FlowRow] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)  # places of shares stated before
    _found: dict[FlowEntry, Flow | list[Problem]] = field(default_factory=dict)
    _asked: dict[str, KeyMethod] = field(default_factory=dict)

    @classmethod
    def of(
        cls, ctx: Context, session: Session, site: SiteRow, table: AccountTable, issues: Issues
    ) -> FlowFinder:
        """What is there already of the flows a table names."""
        entries = set(_entries(table))
        products = resolve_products(session, site.organisation_id, map(_product_named, entries))
        rows = {row.identity: row for row in query.flows_of(session, site.id)}
        keys = {key.id: key for key in query.keys_of(session, site.id)}
        return cls(ctx, site, issues, rows, keys, products)

    def find(self, entry: FlowEntry, place: str) -> Flow | None:
        """The flow of an entry, added if it is new; None with a word on what is wrong, at every row."""
        found = self._found.get(entry)
        if found is None:
            found = self._found[entry] = self._resolve(entry)
        if isinstance(found, Flow):
            return found
        self.issues.add(place, found)
        return None

    def share(self, entries: Iterable[ShareEntry], catalogue: Catalogue) -> int:
        """Give flows keys of stated shares; returns how many rows said something new."""
        stated: dict[str, dict[str, Decimal]] = {}
        places: dict[str, list[str]] = {}
        for entry in entries:
            flow, product = (
                self.find(entry.flow, entry.place),
                catalogue.find(entry.product_number, entry.place),
            )
            if flow is None or product is None:
                continue
            shares = stated.setdefault(flow.id, {})
            if product.id in shares:
                detail = f"{product.name} has a share of {flow.name} in another row already."
                self.issues.refuse(entry.place, "key.share_twice", detail)
            shares[product.id] = entry.share
            places.setdefault(flow.id, []).append(entry.place)
        names = {product.id: product.name for product in catalogue.products.values()}
        by_id = {row.id: row for row in self.rows.values()}
        return sum(
            self._share(by_id[flow_id], shares, names, places[flow_id]) for flow_id, shares in stated.items()
        )

    def settle_keys(self) -> None:
        """Give every new flow the key its rows ask for, by mass where they do not say."""
        for row in self.added.values():
            if row.key_id:
                continue
            method = self._asked.get(row.identity, KeyMethod.MASS)
            if method is KeyMethod.SHARES:
                detail = (
                    f"{row.name} is to be spread by stated shares, and there are none. Add them in the sheet."
                )
                self.issues.refuse("", "key.shares", detail)
                continue
            row.key_id = self._first_key(method)

    def save(self, session: Session) -> None:
        """Store what was added and changed."""
        session.add_all(self.keys.values())
        session.add_all(self.rows.values())
        session.flush()

    def _resolve(self, entry: FlowEntry) -> Flow | list[Problem]:
        product = self.products.get(_product_named(entry), "")
        if product is None:
            return [unknown_product(entry.product)]
        new = NewFlow(entry.name, entry.detail, entry.unit, entry.category, product)
        try:
            row = flow_row(self.ctx, self.site, new)
        except InvalidError as error:
            return list(error.problems) or [Problem(error.error_code, error.detail, error.path, error.advice)]
        known = self.rows.get(row.identity)
        problems = input_problems(entry.category)
        if known is not None:
            problems += contradictions(known, new)
            row = known
        problems += self._key_problems(row, entry.key, is_new=known is None)
        if problems:
            return problems
        adopt(row, new)
        if known is None:
            self.rows[row.identity] = self.added[row.identity] = row
        return domain_flow(row)

    def _key_problems(self, row: FlowRow, method: KeyMethod | None, *, is_new: bool) -> list[Problem]:
        """`flow.key`, where a row asks for another key than the flow has, or than another row asks for."""
        if method is None:
            return []
        if is_new or row.identity in self.added:
            present = self._asked.setdefault(row.identity, method)
        else:
            present = KeyMethod(self.keys[row.key_id].method)
        if present is method:
            return []
        detail = f"{row.name} is spread by {present.value}, and here by {method.value}."
        return [Problem("flow.key", detail, "/key", "Change it at the flow itself, or leave it out here.")]

    def _share(
        self, row: FlowRow, shares: dict[str, Decimal], names: dict[str, str], places: list[str]
    ) -> int:
        if row.key_id:
            return self._compare(row, shares, places)
        asked = self._asked.get(row.identity, KeyMethod.SHARES)
        if asked is not KeyMethod.SHARES:
            detail = f"{row.name} has stated shares, and its rows ask for the key {asked.value}. Choose one."
            self.issues.refuse(places[0], "flow.key", detail)
            return 0
        new = NewKey(self._free_name(row.name), KeyMethod.SHARES, (), shares)
        rows = f" ({'; '.join(places)})"
        problems = [replace(one, detail=one.detail + rows) for one in key_problems(new, names)]
        if self.issues.add(places[0], problems):
            return 0
        key = SpreadingKeyRow(
            id=self.ctx.new_id(),
            organisation_id=self.site.organisation_id,
            site_id=self.site.id,
            name=new.name,
            method=new.method.value,
            shares={product: format(share, "f") for product, share in shares.items()},
            basis=new.basis,
        )
        self.keys[key.id] = key
        row.key_id = key.id
        return len(places)

    def _compare(self, row: FlowRow, shares: dict[str, Decimal], places: list[str]) -> int:
        """Shares of a flow that was there: the same ones are known, others are refused."""
        known = present_key(self.keys[row.key_id])
        if known.method is not KeyMethod.SHARES or dict(known.shares) != shares:
            detail = f"{row.name} has the key {known.name} already. Change it at the flow itself."
            self.issues.refuse(places[0], "flow.key", detail)
        else:
            self.known += places
        return 0

    def _free_name(self, flow_name: str) -> str:
        taken = {key.name for key in self.keys.values()}
        base = f"shares: {flow_name}"[: MAX_NAME - 5]
        return next(
            name for number in range(1, len(taken) + 2) if (name := _numbered(base, number)) not in taken
        )

    def _first_key(self, method: KeyMethod) -> str:
        fitting = [key for key in self.keys.values() if key.method == method.value]
        return next((key.id for key in fitting if key.name == method.value), fitting[0].id)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _product_named(entry: FlowEntry) -> Named:
    supplier = entry.detail.supplier if isinstance(entry.detail, Material) else ""
    return (entry.product, supplier)


def _entries(table: AccountTable) -> Iterator[FlowEntry]:
    for rows in (table.bills, table.readings, table.shares):
        yield from (row.flow for row in rows)
