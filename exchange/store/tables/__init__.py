"""All tables, one module per aggregate; importing this package fills the metadata migrations compare with."""

from exchange.store.tables import (
    accounts,
    calculations,
    datasets,
    foreign,
    identities,
    imports,
    jobs,
    log,
    networks,
    plans,
    relations,
    requests,
    revocation,
    rollup,
    sites,
)

__all__ = [
    "accounts",
    "calculations",
    "datasets",
    "foreign",
    "identities",
    "imports",
    "jobs",
    "log",
    "networks",
    "plans",
    "relations",
    "requests",
    "revocation",
    "rollup",
    "sites",
]
