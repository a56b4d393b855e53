"""Refusals of the network build; each names the product, and says what to correct."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from exchange.domain.errors import InvalidError


class LinkingError(InvalidError):
    """Data that cannot be made into figures of a product. `product` is the id of the one to correct."""

    code = "linking.invalid"
    title = "The product's data cannot be used in the network of the period"

    def __init__(self, code: str, product: str, detail: str, advice: str) -> None:
        super().__init__(detail, code=f"linking.{code}", advice=advice)
        self.product = product


class Refusals:
    """What was refused so far, by product: its first refusal counts, and nobody else's data suffer from it."""

    def __init__(self, already: Iterable[LinkingError] = ()) -> None:
        self._found: dict[str, LinkingError] = {}
        for error in already:
            self.add(error)

    def add(self, error: LinkingError) -> None:
        """Keep the refusal of a product, unless it has one."""
        self._found.setdefault(error.product, error)

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
