"""The documents an exchange holds, read from its database file: every group, whoever may see it."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]


def published_products(folder: Path) -> dict[tuple[str, int], Document]:
    """By the maker's number and the year: the groups of each active product dataset."""
    with closing(sqlite3.connect(folder / "exchange.db")) as database:
        rows = database.execute(
            "SELECT dataset_id, disclosure FROM disclosure JOIN dataset ON dataset.id = dataset_id "
            "WHERE dataset.kind = 'product' AND dataset.status = 'active'"
        ).fetchall()
        tokens = database.execute(
            "SELECT id, jwt FROM dataset WHERE kind = 'product' AND status = 'active'"
        ).fetchall()
    documents: dict[str, Document] = {
        dataset: dict(_decoded(jwt.split(".")[1])["credentialSubject"]) for dataset, jwt in tokens
    }
    for dataset, disclosure in rows:
        _, group, content = _decoded(disclosure)
        documents[dataset][group] = content
    return {
        (
            document["identity"]["product"]["supplier_product_id"],
            int(document["identity"]["period"]["start"][:4]),
        ): document
        for document in documents.values()
    }


def _decoded(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
