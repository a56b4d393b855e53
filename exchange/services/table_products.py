"""The products an account table names: found by their numbers, registered where a row says enough."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from sqlmodel import Session

from exchange.domain.calculation.account import CoProduct, Product
from exchange.domain.calculation.account_table import AccountTable, ByProductEntry, OutputEntry
from exchange.domain.calculation.record_rules import co_product_problems
from exchange.domain.errors import InvalidError
from exchange.services.context import Context
from exchange.services.products import NewProduct, new_product
from exchange.services.site_products import (
    ByProductOf,
    by_product_of,
    co_product_of,
    domain_product,
    fill,
    mass_problems,
    relation_of,
)
from exchange.services.table_issues import Issues
from exchange.store import sites as query
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.sites import SiteProductRow, SiteRow

MAX_CATEGORY = 60
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})


@dataclass
class Catalogue:
    """The organisation's products by number, and what is made at the site; new ones are added in `register`."""

    ctx: Context
    site: SiteRow
    issues: Issues
    products: dict[str, ProductRow]
    made: dict[str, SiteProductRow]
    added: list[ProductRow] = field(default_factory=list)

    @classmethod
    def of(
        cls, ctx: Context, session: Session, site: SiteRow, table: AccountTable, issues: Issues
    ) -> Catalogue:
        """What is there already of the products a table names."""
        numbers = sorted(set(_numbers(table)))
        made = {product.id: row for row, product in query.products_at(session, site.id)}
        return cls(ctx, site, issues, query.products_numbered(session, site.organisation_id, numbers), made)

    def register(self, outputs: Iterable[OutputEntry]) -> None:
        """Add the products that rows of production tell enough of: a name beside the number."""
        for entry in outputs:
            if entry.product_number in self.products or not entry.name:
                continue
            new = NewProduct(
                entry.product_number,
                entry.name,
                entry.amount.unit.value,
                entry.category or category_of(entry.name),
            )
            try:
                product = new_product(self.ctx, new)
            except InvalidError as error:
                self.issues.note(entry.place, error)
                continue
            self.products[product.supplier_product_id] = product
            self.added.append(product)

    def find(self, number: str, place: str) -> ProductRow | None:
        """The product of a number, made at the site from now on; None with a word on why not."""
        product = self.products.get(number)
        if product is None:
            self.issues.refuse(
                place,
                "product.unknown",
                f"You have no product with the number {number!r}. Register it, or give its name and unit in the "
                "production sheet.",
            )
            return None
        if product.id not in self.made:
            self.made[product.id] = SiteProductRow(site_id=self.site.id, product_id=product.id)
        return product

    def weigh(self, product: ProductRow, mass: Decimal | None, place: str) -> None:
        """Take a mass per unit in; another one than is known is refused."""
        row = self.made[product.id]
        if mass is None or self.issues.add(place, mass_problems(product, mass)):
            return
        if row.mass is not None and row.mass != mass:
            self.issues.refuse(
                place,
                "product.contradicts",
                f"{product.name} weighs {row.mass:f} kg by what you said before, and {mass:f} kg here. "
                "Change it at the product itself.",
            )
            return
        fill(row, product, mass, by_product_of(row))

    def relate(self, entries: Iterable[ByProductEntry]) -> None:
        """Take in which process each by-product comes out of."""
        said: dict[str, ByProductOf] = {}
        for entry in entries:
            product = self.products.get(entry.output.product_number)
            process = self.find(entry.process_number, entry.output.place)
            if product is None or process is None or product.id not in self.made:
                continue
            relation = _relation(entry, process)
            known = said.get(product.id) or by_product_of(self.made[product.id])
            if known is not None and known != relation:
                self.issues.refuse(
                    entry.output.place,
                    "product.contradicts",
                    f"{product.name} is known as a by-product on other terms. Change it at the product itself.",
                )
            elif product.id not in said:
                said[product.id] = relation
                self._relate(product, relation, entry.output.place)

    def product_of(self, product: ProductRow) -> Product:
        """The product as the rules read it."""
        return domain_product(product, self.made[product.id])

    def save(self, session: Session) -> None:
        """Store what was added and changed."""
        session.add_all(self.added)
        session.flush()
        session.add_all(self.made.values())
        session.flush()

    def _relate(self, product: ProductRow, relation: ByProductOf, place: str) -> None:
        problems = co_product_problems(relation_of(product.id, relation), list(self._relations()))
        if not self.issues.add(place, problems):
            row = self.made[product.id]
            fill(row, product, row.mass, relation)

    def _relations(self) -> Iterator[CoProduct]:
        return filter(None, map(co_product_of, self.made.values()))


def category_of(name: str) -> str:
    """The input class a product gets where none is stated: its name as a code, such as steel-bracket."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters)[:MAX_CATEGORY].strip("-") or "product"


def all_outputs(table: AccountTable) -> list[OutputEntry]:
    """The rows of production, those of by-products among them."""
    return [*table.outputs, *(one.output for one in table.by_products)]


def _numbers(table: AccountTable) -> Iterator[str]:
    yield from (one.product_number for one in all_outputs(table))
    yield from (one.process_number for one in table.by_products)
    yield from (one.product_number for one in table.readings)
    yield from (one.product_number for one in table.shares)


def _relation(entry: ByProductEntry, process: ProductRow) -> ByProductOf:
    return ByProductOf(
        process.id,
        entry.rule,
        entry.share,
        entry.waste_code,
        entry.terms,
        entry.processed_before_sale,
    )
