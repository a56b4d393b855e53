"""Parts of released cells with names: where a total comes from, both readings of a product, causes of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from exchange.services.rollup.part_kinds import UNSEEN, PartKind
from exchange.store import chains as query
from exchange.store import parties
from exchange.store.tables.datasets import ProductRow
from exchange.store.tables.rollup import ReleasePartRow

ORIGINS = (PartKind.TIER, PartKind.ORGANISATION, PartKind.PRODUCT)


@dataclass(frozen=True)
class OriginView:
    """What one tier, organisation or product adds to a total; those of one kind sum to it.

    `tier` 0 is the targets' own; None with the kind `tier` all further ones. `many` above 1: the sum of so many of
    the smallest. `is_declared`: a product's declared footprint, with all upstream of it, which is not opened.
    """

    kind: str
    name: str
    value: Decimal
    tier: int | None
    organisation_id: str | None
    product_id: str | None
    is_declared: bool
    many: int


@dataclass(frozen=True)
class ReadingView:
    """A product's footprint per `unit_of` as it declares it and as its recipe adds up; `counts` says which is used."""

    product_id: str
    name: str
    unit_of: str
    declared: Decimal
    rolled_up: Decimal
    counts: str


@dataclass(frozen=True)
class CauseView:
    """What one cause changed in a total, in the indicator's unit."""

    cause: str
    value: Decimal


@dataclass(frozen=True)
class PartViews:
    """The parts of some releases, with the names of organisations and products as they are now."""

    rows: Mapping[str, Sequence[ReleasePartRow]]
    organisations: Mapping[str, str]
    products: Mapping[str, ProductRow]

    @classmethod
    def of(cls, session: Session, release_ids: Sequence[str]) -> PartViews:
        """Read the parts of these releases."""
        rows: dict[str, list[ReleasePartRow]] = {}
        for row in query.parts_of(session, release_ids):
            rows.setdefault(row.release_id, []).append(row)
        every = [row for several in rows.values() for row in several]
        organisations = parties.organisations_by_id(
            session, {row.organisation_id for row in every if row.organisation_id}
        )
        products = query.products_by_id(session, list({row.product_id for row in every if row.product_id}))
        return cls(rows, {one: row.name for one, row in organisations.items()}, products)

    def origin(self, release_id: str) -> tuple[OriginView, ...]:
        """Where a release's total comes from, each kind in its order."""
        return tuple(
            OriginView(
                row.kind,
                self._name(row),
                row.value,
                row.tier,
                row.organisation_id,
                row.product_id,
                row.is_declared,
                row.many,
            )
            for row in self.rows.get(release_id, ())
            if row.kind in ORIGINS
        )

    def readings(self, release_id: str, *, with_beside: bool) -> tuple[ReadingView, ...]:
        """Both readings of products; a recipe that does not count holds figures `with_beside` alone shows."""
        return tuple(
            ReadingView(
                row.product_id, product.name, product.unit, row.value, row.other or Decimal(0), row.name
            )
            for row in self.rows.get(release_id, ())
            if row.kind == PartKind.READING
            and (with_beside or row.name == "linked")
            and row.product_id
            and (product := self.products.get(row.product_id))
        )

    def causes(self, release_id: str, viewer: str) -> tuple[CauseView, ...]:
        """Why a release's total is not the previous period's; the viewer's own initiative has its place apart."""
        rows = [row for row in self.rows.get(release_id, ()) if row.kind == PartKind.CAUSE]
        own = [row for row in rows if row.organisation_id == viewer and row.name != UNSEEN]
        told = own or [row for row in rows if row.organisation_id is None]
        return tuple(CauseView(row.name, row.value) for row in told)

    def is_unseen(self, release_id: str, viewer: str) -> bool:
        """Whether the viewer has an initiative there whose change cannot be seen until it is measured."""
        return any(
            row.kind == PartKind.CAUSE and (row.organisation_id, row.name) == (viewer, UNSEEN)
            for row in self.rows.get(release_id, ())
        )

    def _name(self, row: ReleasePartRow) -> str:
        if row.organisation_id:
            return self.organisations.get(row.organisation_id, "")
        product = self.products.get(row.product_id or "")
        return product.name if product else row.name
