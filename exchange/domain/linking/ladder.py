"""Where an input comes from: the gap ladder (method section 3).

Deliveries received first; without them the supplier's own dataset, the same product of another site, a dated
category default with its source; and else an explicit gap, never a silent zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exchange.domain.linking.align import Receipt
from exchange.domain.linking.amounts import amount_in, mass_of
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.makings import Making
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
    """Answers, for one period, which nodes an input comes from."""

    def __init__(
        self,
        makings: Sequence[Making],
        receipts: Iterable[Receipt],
        known: Mapping[str, KnownProduct],
        defaults: Iterable[CategoryDefault],
    ) -> None:
        self._keys = {making.key for making in makings}
        self._made: dict[str, list[Making]] = defaultdict(list)
        for making in makings:
            self._made[making.dataset.product].append(making)
        self._twins: dict[str, str] = {}
        for product, several in sorted(self._made.items(), reverse=True):
            if several[0].dataset.gtin:
                self._twins[several[0].dataset.gtin] = product
        self._received: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in receipts:
            self._received[receipt.recipient].append(receipt)
        self._known = known
        self._defaults = {
            default.category: default for default in sorted(defaults, key=lambda one: (one.valid, one.source))
        }

    def received(self, organisation: str) -> Sequence[Receipt]:
        """Everything an organisation received in the period."""
        return self._received.get(organisation, ())

    def claims(self, line: RecipeLine, recipe: Iterable[RecipeLine], receipt: Receipt) -> bool:
        """Whether a line asks for what was received; a product the recipe names is not taken as its class."""
        if line.product is not None:
            return line.product == receipt.product
        named = {other.product for other in recipe}
        return receipt.product not in named and line.category == self._category(receipt.product)

    def of_line(self, customer: Making, line: RecipeLine) -> list[Part]:
        """Where one recipe line of a node comes from; the shares sum to 1."""
        recipe = customer.dataset.recipe or ()
        receipts = [
            receipt
            for receipt in self.received(customer.dataset.organisation)
            if self.claims(line, recipe, receipt)
        ]
        if receipts:
            amounts = [self._in_line_unit(customer, line, receipt) for receipt in receipts]
            return [
                replace(part, share=part.share * amount / sum(amounts))
                for receipt, amount in zip(receipts, amounts, strict=True)
                for part in self.of_receipt(receipt, line)
            ]
        if line.product is not None:
            return self._of_product(line.product, line)
        return [self._default_or(Missing(WHOLE, "no_delivery", line.name), line.category, line)]

    def of_receipt(self, receipt: Receipt, line: RecipeLine | None = None) -> list[Part]:
        """The node a delivery came from, or what stands in for it."""
        key = f"{receipt.product}/{receipt.measured.source}" if receipt.measured else receipt.product
        if key in self._keys:
            return [Source(WHOLE, key, Origin.DELIVERY)]
        return self._of_product(receipt.product, line)

    def _of_product(self, product: str, line: RecipeLine | None) -> list[Part]:
        if product in self._made:
            return self._average(product, Origin.SUPPLIER_DATASET)
        known = self._known.get(product)
        if known is None:
            return [Missing(WHOLE, "no_dataset", line.name if line else product)]
        if not known.consents:
            return [Missing(WHOLE, "no_consent", known.name, known.organisation)]
        if known.gtin in self._twins:
            return self._average(self._twins[known.gtin or ""], Origin.OTHER_SITE)
        missing = Missing(WHOLE, "no_dataset", known.name, known.organisation)
        return [self._default_or(missing, known.category, line)]

    def _average(self, product: str, origin: Origin) -> list[Part]:
        """The product's average: what is left beside measured deliveries, so that nothing is sold twice."""
        if product in self._keys:
            return [Source(WHOLE, product, origin)]
        several = self._made[product]
        produced = [making.dataset.produced or Fraction(0) for making in several]
        return [
            Source(amount / sum(produced), making.key, origin)
            for making, amount in zip(several, produced, strict=True)
        ]

    def _default_or(self, missing: Missing, category: str | None, line: RecipeLine | None) -> Part:
        default = self._defaults.get(category or "")
        if default is None or line is None or line.unit.dimension is not default.unit.dimension:
            return missing
        return Source(WHOLE, f"default:{default.category}", Origin.DEFAULT, default)

    def _in_line_unit(self, customer: Making, line: RecipeLine, receipt: Receipt) -> Fraction:
        """What was received, in the unit of the line; through the product's mass where the line is a mass."""
        unit, mass = self._unit_and_mass(receipt.product)
        amount = amount_in(receipt.amount, unit, line.unit, None)
        if amount is None and line.unit.dimension is Dimension.MASS:
            kilograms = mass_of(receipt.amount, unit, mass)
            amount = None if kilograms is None else kilograms / line.unit.factor
        if amount is None:
            raise no_path(customer, line, unit)
        return amount

    def _unit_and_mass(self, product: str) -> tuple[UnitCode, Fraction | None]:
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
    )
