"""Checking a bundle or token somebody brings, with the offline verifier: nothing is looked up, nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

import schemas
from exchange.config import Settings
from exchange.domain.errors import InvalidError, RateLimitedError
from exchange.services.context import Context
from exchange.services.dataset_gate import schema_check
from exchange.services.file_kinds import refuse_others
from exchange.services.rate_limits import limit
from exchange.trust.errors import TrustError
from exchange.trust.judgement import ASSURANCE_DEMANDED, Judgement, judge_file
from exchange.trust.organisation_credential import Assurance
from exchange.trust.trust_root import TrustRoot, read_trust_root

# A byte can take some twenty in memory (texts beyond the Basic Multilingual Plane), so a stranger's file about 120 MB.
MAX_FILE_BYTES = 6_000_000
# Of one process, so that strangers' files together stay within a bound; who does not come in at once waits a little.
AT_ONCE, WAIT_SECONDS = 2, 5
_places = BoundedSemaphore(AT_ONCE)


def largest_file(settings: Settings) -> int:
    """The most bytes of a file that is checked here; `vcx verify` takes longer ones."""
    return min(settings.max_import_bytes, MAX_FILE_BYTES)


def check_file(ctx: Context, address: str, data: bytes, trust_root: bytes, assurance: Assurance) -> Judgement:
    """What the offline verifier says of `data` by the caller's trust root (b"" for none); no sign-in is needed.

    Only schemas of this exchange are run: whoever brings a trust root could bring a schema that is a trap.
    `address` is whom tries are counted for. Raises InvalidError (`verify.empty`, `verify.too_large`,
    `verify.not_signed`, what `refuse_others` raises, under `/trust` what is wrong with the trust root, and under
    `/assurance` `verify.assurance`), RateLimitedError also while too many other files are being checked.
    """
    limit(ctx, "import", f"address {address}")
    _require_size(ctx, data)
    refuse_others(data)
    runnable = frozenset(schemas.digest_sri(one) for one in schemas.released())
    try:
        with _a_place():
            return judge_file(
                data,
                trust=_read(trust_root) if trust_root else None,
                now=ctx.now(),
                assurance=assurance,
                schema=schema_check,
                schemas=runnable,
            )
    except TrustError as error:
        path = "/assurance" if error.code == ASSURANCE_DEMANDED else "/file"
        raise InvalidError(error.detail, code=error.code, path=path, advice=error.advice) from error


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise RateLimitedError("Too many files are being checked at the moment.", retry_after=WAIT_SECONDS)
    try:
        yield
    finally:
        _places.release()


def _require_size(ctx: Context, data: bytes) -> None:
    most = largest_file(ctx.settings)
    if not data:
        raise InvalidError("The file is empty.", code="verify.empty", path="/file")
    if len(data) > most:
        raise InvalidError(
            f"The file has more than {most} bytes.",
            code="verify.too_large",
            path="/file",
            advice="Check it with `vcx verify` on your own computer.",
        )


def _read(data: bytes) -> TrustRoot:
    try:
        return read_trust_root(data)
    except TrustError as error:
        raise InvalidError(
            error.detail,
            code=error.code if error.code.startswith("trust_root.") else "trust_root.form",
            path="/trust",
            advice="Choose the file vcx-trust.json as you keep it, or leave it out.",
        ) from error
