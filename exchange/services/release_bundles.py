"""Release bundles: a signed statement as its reader may have it, with its place in the log and its own inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from exchange.config import Settings
from exchange.services import release_statements
from exchange.services.context import Context
from exchange.services.receipts import receipt_of
from exchange.store import log
from exchange.trust.log.checkpoint import read_checkpoint
from exchange.trust.log.note import read_note
from exchange.trust.proof.form import BundledEntry
from exchange.trust.release.content import EVENT
from exchange.trust.release.document import ReleaseBundle, ReleaseLog, that_fit


@dataclass(frozen=True)
class MadeBundle:
    """The file (`vcx-release-bundle/1`, RFC 8785 JSON), and how many of the reader's own inputs it proves."""

    statement_id: str
    data: bytes
    proven: int
    own: int

    @property
    def name(self) -> str:
        """The file's name, which says so where inputs are left out."""
        left_out = f".{self.proven}-of-{self.own}-inputs" if self.proven < self.own else ""
        return f"{self.statement_id}{left_out}.vcx.json"


def make_release_bundle(ctx: Context, statement_id: str) -> MadeBundle:
    """The bundle of a statement, with as many own inputs as one file can hold; `own_inputs` gives them all.

    A read like any other: the access records are committed before anything is put together. Raises NotFoundError and
    RateLimitedError as `read_with_own_inputs`, NotLoggedYetError (`receipt.pending`) until the log covers it.
    """
    found = release_statements.read_with_own_inputs(ctx, statement_id)
    proofs = that_fit([one.proof for one in found.inputs])
    with ctx.store.read() as session:
        logged = _logged(ctx.settings, session, found.statement.digest)
    data = ReleaseBundle(found.token, logged, proofs).serialise()
    return MadeBundle(statement_id, data, len(proofs), len(found.inputs))


def _logged(settings: Settings, session: Session, digest: str) -> ReleaseLog:
    receipt = receipt_of(settings, session, digest, (EVENT,))
    origin = read_checkpoint(read_note(receipt.checkpoint_note).text).origin
    keys = {epoch.origin: epoch.log_vkey for epoch in log.epochs(session)}
    entry = BundledEntry(receipt.extra.decode("ascii"), receipt.index, receipt.path)
    return ReleaseLog(receipt.checkpoint_note, keys[origin], entry)
