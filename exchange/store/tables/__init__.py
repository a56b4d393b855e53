"""All tables, one module per aggregate; importing this package fills the metadata migrations compare with."""

from exchange.store.tables import (
    accounts,
    calculations,
    datasets,
    imports,
    jobs,
    plans,
    relations,
    requests,
    rollup,
    sites,
)

__all__ = [
    "accounts",
    "calculations",
    "datasets",
    "imports",
    "jobs",
    "plans",
    "relations",
    "requests",
    "rollup",
    "sites",
]
