"""From datasets and deliveries of a period to a network of products (method section 3), exactly.

`link` is the way in; amounts stay exact fractions until the engine turns them into arrays.
"""

from __future__ import annotations

from exchange.domain.linking.build import link
from exchange.domain.linking.errors import LinkingError
from exchange.domain.linking.records import (
    COLUMNS,
    HEADLINE,
    CategoryDefault,
    CoProduct,
    Delivery,
    Effect,
    KnownProduct,
    LinkingInput,
    Prefer,
    ProductDataset,
    RecipeLine,
    Shares,
)
from exchange.domain.linking.result import Gap, Link, LinkedNetwork, Node, NodeKind, Origin

__all__ = [
    "COLUMNS",
    "HEADLINE",
    "CategoryDefault",
    "CoProduct",
    "Delivery",
    "Effect",
    "Gap",
    "KnownProduct",
    "Link",
    "LinkedNetwork",
    "LinkingError",
    "LinkingInput",
    "Node",
    "NodeKind",
    "Origin",
    "Prefer",
    "ProductDataset",
    "RecipeLine",
    "Shares",
    "link",
]
