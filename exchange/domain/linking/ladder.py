"""Where an input comes from: the gap ladder (method section 3).

Deliveries received first; without them the supplier's own dataset, the same product of its other site, a dated
category default with its source; and else an explicit gap, never a silent zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.amounts import amount_in, mass_of
from exchange.domain.linking.claims import Claims
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.makings import Making
from exchange.domain.linking.receipts import Receipt
from exchange.domain.linking.records import CategoryDefault, KnownProduct, RecipeLine
from exchange.domain.linking.result import Origin
from exchange.domain.quantities import Dimension, UnitCode

WHOLE = Fraction(1)


@dataclass(frozen=True)
class Source:
    """`share` of an input comes from the node `key`; `default` is set where a category default stands in."""

    share: Fraction
    key: str
    origin: Origin
    default: CategoryDefault | None = None


@dataclass(frozen=True)
class Missing:
    """`share` of an input has no source, and why; `party` could close the gap, where it is known who."""

    share: Fraction
    reason: str
    name: str
    party: str | None = None


Part = Source | Missing


class Sources:
    """Answers, for one period, which nodes an input comes from. `claims`: what recipes ask for of deliveries."""

    def __init__(
        self,
        makings: Sequence[Making],
        receipts: Iterable[Receipt],
        known: Mapping[str, KnownProduct],
        defaults: Iterable[CategoryDefault],
        refused: Container[str] = frozenset(),
    ) -> None:
        self._refused = refused
        self._keys = {making.key for making in makings}
        self._made: dict[str, list[Making]] = defaultdict(list)
        for making in makings:
            self._made[making.dataset.product].append(making)
        self._twins: dict[tuple[str, str], str] = {}  # by maker: nobody checks whose number a GTIN is
        for product, several in sorted(self._made.items(), reverse=True):
            if several[0].dataset.gtin:
                self._twins[several[0].dataset.organisation, several[0].dataset.gtin] = product
        self._known = known
        self._defaults = {
            default.category: default for default in sorted(defaults, key=lambda one: (one.valid, one.source))
        }
        self.claims = Claims(makings, receipts, self._category)

    def of_line(self, customer: Making, line: RecipeLine) -> list[Part]:
        """Where one recipe line of a node comes from; the shares sum to 1."""
        receipts = self.claims.of_line(customer, line)
        if receipts:
            return self._of_receipts(customer, line, receipts)
        if line.product is not None:
            return self._of_product(line.product, line)
        return [self._default_or(Missing(WHOLE, "no_delivery", line.name), line.category, line)]

    def _of_receipts(self, customer: Making, line: RecipeLine, receipts: Sequence[Receipt]) -> list[Part]:
        """What was received shares the line; without its size in the line's unit nothing of it is known."""
        amounts = []
        for receipt in receipts:
            amount = self._in_line_unit(line, receipt)
            if amount is None and receipt.product in self._made and receipt.product not in self._refused:
                raise no_path(customer, line, self.unit_and_mass(receipt.product)[0])
            amounts.append(amount)
        known = [amount for amount in amounts if amount is not None]
        whole = sum(known, Fraction(0))
        if len(known) < len(amounts) or not whole:
            unsized = next(receipt for receipt, amount in zip(receipts, amounts, strict=True) if not amount)
            return self._without_size(unsized)
        return [
            replace(part, share=part.share * amount / whole)
            for receipt, amount in zip(receipts, known, strict=True)
            for part in self.of_receipt(receipt, line)
        ]

    def _without_size(self, receipt: Receipt) -> list[Part]:
        parts = self._of_product(receipt.product, None)
        known = self._known[receipt.product]
        missing = [part for part in parts if isinstance(part, Missing)]
        return [*missing] or [Missing(WHOLE, "no_dataset", known.name, known.organisation)]

    def of_receipt(self, receipt: Receipt, line: RecipeLine | None = None) -> list[Part]:
        """The node a delivery came from, or what stands in for it."""
        key = f"{receipt.product}/{receipt.measured.source}" if receipt.measured else receipt.product
        if key in self._keys and receipt.product not in self._refused:
            return [Source(WHOLE, key, Origin.DELIVERY)]
        return self._of_product(receipt.product, line)

    def _of_product(self, product: str, line: RecipeLine | None) -> list[Part]:
        known = self._known.get(product)
        if known is None:
            return [Missing(WHOLE, "no_dataset", line.name if line else product)]
        if not known.consents:
            return [Missing(WHOLE, "no_consent", known.name, known.organisation)]
        if product in self._refused:
            return [Missing(WHOLE, "data_refused", known.name, known.organisation)]
        if product in self._made:
            return self._average(product, Origin.SUPPLIER_DATASET)
        twin = self._twins.get((known.organisation, known.gtin or ""))
        if twin is not None and twin not in self._refused:
            return self._average(twin, Origin.OTHER_SITE)
        missing = Missing(WHOLE, "no_dataset", known.name, known.organisation)
        return [self._default_or(missing, known.category, line)]

    def _average(self, product: str, origin: Origin) -> list[Part]:
        """The product's average: what is left beside measured deliveries, so that nothing is sold twice."""
        if product in self._keys:
            return [Source(WHOLE, product, origin)]
        several = self._made[product]
        produced = [making.dataset.produced or Fraction(0) for making in several]
        whole = sum(produced, Fraction(0))
        return [
            Source(amount / whole, making.key, origin)
            for making, amount in zip(several, produced, strict=True)
        ]

    def _default_or(self, missing: Missing, category: str | None, line: RecipeLine | None) -> Part:
        default = self._defaults.get(category or "")
        if default is None or line is None or line.unit.dimension is not default.unit.dimension:
            return missing
        return Source(WHOLE, f"default:{default.category}", Origin.DEFAULT, default)

    def _in_line_unit(self, line: RecipeLine, receipt: Receipt) -> Fraction | None:
        """What was received, in the unit of the line; else by mass, the product's own or the line's."""
        unit, mass = self.unit_and_mass(receipt.product)
        amount = amount_in(receipt.amount, unit, line.unit, None)
        kilograms = mass_of(receipt.amount, unit, mass)
        if amount is not None or kilograms is None:
            return amount
        if line.unit.dimension is Dimension.MASS:
            return kilograms / line.unit.factor
        return kilograms * line.amount / line.mass if line.mass else None

    def is_refused(self, making: Making) -> bool:
        """Whether the data of its product were refused, be it in this attempt."""
        return making.dataset.product in self._refused

    def unit_and_mass(self, product: str) -> tuple[UnitCode, Fraction | None]:
        """A product's declared unit, and the kg of one such unit where a dataset states it."""
        if product in self._made:
            dataset = self._made[product][0].dataset
            return dataset.unit, dataset.mass
        return self._known[product].unit, None

    def _category(self, product: str) -> str:
        return (
            self._made[product][0].dataset.category
            if product in self._made
            else self._known[product].category
        )


def no_path(customer: Making, line: RecipeLine, unit: UnitCode) -> LinkingError:
    """The refusal of a recipe line whose unit does not lead to the supplied product's own."""
    return LinkingError(
        "unit",
        customer.dataset.product,
        f"Line {line.line} ({line.name}) of {customer.dataset.name} is stated in {line.unit.value}, the product "
        f"supplied in {unit.value}, and no way leads from one to the other.",
        "State the line in the supplied product's unit, or ask its supplier for the mass per unit.",
        line.line,
    )
