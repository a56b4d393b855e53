"""Refusals of the network build; each names the product, and says what to correct."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from exchange.domain.errors import InvalidError


class LinkingError(InvalidError):
    """Data that cannot be made into figures of a product. `product` is the id of the one to correct.

    `line`: which line of its recipe, or which delivery dataset (by id), it is about; empty where it is about all.
    """

    code = "linking.invalid"
    title = "The product's data cannot be used in the network of the period"

    def __init__(self, code: str, product: str, detail: str, advice: str, line: str = "") -> None:
        super().__init__(detail, code=f"linking.{code}", advice=advice)
        self.product, self.line = product, line


class Refusals:
    """What was refused so far, by product: its first refusal counts, and nobody else's data suffer from it."""

    def __init__(self, already: Iterable[LinkingError] = ()) -> None:
        self._found: dict[str, LinkingError] = {}
        self.add_all(already)

    def add(self, error: LinkingError) -> None:
        """Keep the refusal of a product, unless it has one."""
        self._found.setdefault(error.product, error)

    def add_all(self, errors: Iterable[LinkingError]) -> None:
        """Keep refusals that were found in any order, of each product the same one whatever that was."""
        for error in sorted(errors, key=lambda one: (one.product, one.line, one.error_code, one.detail)):
            self.add(error)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is refused inside is kept here in place of being raised."""
        try:
            yield
        except LinkingError as error:
            self.add(error)

    def __contains__(self, product: object) -> bool:
        return product in self._found

    def __len__(self) -> int:
        return len(self._found)

    def by_product(self) -> Mapping[str, LinkingError]:
        """All refusals by the product they are about, in the order of its id."""
        return dict(sorted(self._found.items()))
