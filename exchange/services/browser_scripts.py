"""The scripts that sign in the browser: their digests, on the page and in the transparency log."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from exchange.services.context import Context
from exchange.services.transparency.outbox import note_document
from exchange.store.log import lock_log
from exchange.store.logged import document_digests

FOLDER = Path(__file__).parents[1] / "web" / "static"
EVENT = "script"


@cache
def script_digests() -> dict[str, str]:
    """`sha256:<hex>` of each script's bytes, by file name, in order."""
    return {
        path.name: f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(FOLDER.glob("*.js"))
    }


def note_scripts(ctx: Context) -> int:
    """Have every script served here logged with its text, once for each text it ever has; returns how many are new.

    Called when a worker starts: whoever was shown a script that is not in the log was shown it by somebody who
    hides it.
    """
    with ctx.store.write() as session:
        lock_log(session)  # of two workers that start at once the second finds them noted
        known = document_digests(session, script_digests().values())
        new = [name for name, digest in script_digests().items() if digest not in known]
        for name in new:
            note_document(ctx, session, EVENT, (FOLDER / name).read_bytes().decode(), ctx.now())
        return len(new)
