"""Every script that is served is in the log with its text, once."""

from __future__ import annotations

from hashlib import sha256

from exchange.services.browser_scripts import FOLDER, note_scripts, script_digests
from exchange.services.context import Context
from exchange.store.tables.log import LoggedDocumentRow, LogPendingRow
from tests.datasets import rows


def test_each_script_is_noted_once_with_the_text_its_digest_is_of(ctx: Context) -> None:
    assert note_scripts(ctx) == len(script_digests()) > 5
    assert note_scripts(ctx) == 0
    pending = [row for row in rows(ctx.store, LogPendingRow) if row.event == "script"]
    assert sorted(row.digest for row in pending) == sorted(script_digests().values())
    kept = {row.digest: row.text for row in rows(ctx.store, LoggedDocumentRow)}
    for name, digest in script_digests().items():
        assert kept[digest] == (FOLDER / name).read_text("utf-8")
        assert digest == f"sha256:{sha256(kept[digest].encode()).hexdigest()}"
