"""Refusals of the network build; each names the product, and says what to correct."""

from __future__ import annotations

from exchange.domain.errors import InvalidError


class LinkingError(InvalidError):
    """Datasets and deliveries that cannot be made into a network. `product` is the id of the one to correct."""

    code = "linking.invalid"
    title = "The network of the period cannot be built"

    def __init__(self, code: str, product: str, detail: str, advice: str) -> None:
        super().__init__(detail, code=f"linking.{code}", advice=advice)
        self.product = product
