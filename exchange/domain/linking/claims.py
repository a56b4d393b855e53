"""Which deliveries an organisation's recipes ask for: by product, or by input class (method section 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from exchange.domain.linking.makings import Making
from exchange.domain.linking.receipts import Receipt
from exchange.domain.linking.records import RecipeLine


class Claims:
    """What every organisation received in the period, found by what a recipe line asks for.

    A product that a recipe names is not taken as its class too, in that recipe.
    """

    def __init__(
        self, makings: Iterable[Making], receipts: Iterable[Receipt], category_of: Callable[[str], str]
    ) -> None:
        self._category_of = category_of
        self._of_product: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
        self._of_class: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
        for receipt in receipts:
            self._of_product[receipt.recipient, receipt.product].append(receipt)
            self._of_class[receipt.recipient, category_of(receipt.product)].append(receipt)
        self._named: dict[str, frozenset[str | None]] = {}
        self._asked: set[tuple[str, str | None]] = set()
        self._excepted: dict[tuple[str, str | None], frozenset[str | None]] = {}
        for making in makings:
            self._note(making)

    def of_line(self, customer: Making, line: RecipeLine) -> Sequence[Receipt]:
        """The deliveries one recipe line of a node asks for."""
        organisation = customer.dataset.organisation
        if line.product is not None:
            return self._of_product.get((organisation, line.product), ())
        named = self._named[customer.key]
        received = self._of_class.get((organisation, line.category or ""), ())
        return [receipt for receipt in received if receipt.product not in named]

    def is_claimed(self, receipt: Receipt) -> bool:
        """Whether any recipe of the recipient asks for a delivery."""
        if (receipt.recipient, receipt.product) in self._asked:
            return True
        excepted = self._excepted.get((receipt.recipient, self._category_of(receipt.product)))
        return excepted is not None and receipt.product not in excepted

    def _note(self, making: Making) -> None:
        """Keep what a node's recipe names, and of each class it asks for what every recipe leaves out."""
        recipe, organisation = making.dataset.recipe or (), making.dataset.organisation
        named = frozenset(line.product for line in recipe)
        self._named[making.key] = named
        for line in recipe:
            if line.product is not None:
                self._asked.add((organisation, line.product))
            else:
                asked = organisation, line.category
                self._excepted[asked] = self._excepted.get(asked, named) & named
