"""All tables, one module per aggregate; importing this package fills the metadata migrations compare with."""

from exchange.store.tables import accounts, datasets, imports, jobs, relations, requests, rollup

__all__ = ["accounts", "datasets", "imports", "jobs", "relations", "requests", "rollup"]
