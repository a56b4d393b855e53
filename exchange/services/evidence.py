"""Evidence: a bill's scan or photo by its digest. The file itself stays with the supplier; nothing of it is kept."""

from __future__ import annotations

import hashlib

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.services.bills import BillView, present_bill
from exchange.services.context import Context, audit
from exchange.store import bills as query
from exchange.store import withdrawals
from exchange.store.tables.sites import BillRow

MAX_DOCUMENTS = 20  # of one bill


def attach_evidence(ctx: Context, bill_id: str, filename: str, content: bytes) -> str:
    """Note the SHA-256 digest (64 hexadecimal digits) of a document beside a bill; returns it.

    The same document twice is noted once. Raises NotFoundError, InvalidError (`evidence.empty`,
    `evidence.too_large`), ConflictError (`evidence.too_many`, `row.withdrawn`).
    """
    ctx.who.require(Role.EDITOR)
    digest = _digest(ctx, content)
    with ctx.store.write() as session:
        row = withdrawals.find_own(session, BillRow, ctx.who.organisation_id, bill_id, lock=True)
        if row is None:
            raise NotFoundError
        if row.withdrawn_at is not None:
            raise ConflictError("This bill was withdrawn.", code="row.withdrawn")
        if digest in {one["digest"] for one in row.evidence}:
            return digest
        if len(row.evidence) >= MAX_DOCUMENTS:
            raise ConflictError(
                f"The bill has {MAX_DOCUMENTS} documents already.",
                code="evidence.too_many",
                advice="Put them into one file.",
            )
        document = {"digest": digest, "filename": plain_name(filename), "size": str(len(content))}
        row.evidence = [*row.evidence, document]
        session.add(row)
        audit(ctx, session, "evidence.attach", "bill", row.id, sha256=digest)
    return digest


def check_evidence(ctx: Context, content: bytes) -> tuple[BillView, ...]:
    """The organisation's bills, withdrawn ones too, that cite just this document; a changed file is cited by none.

    Raises InvalidError (`evidence.empty`, `evidence.too_large`).
    """
    ctx.who.require(Role.VIEWER)
    digest = _digest(ctx, content)
    with ctx.store.read() as session:
        return tuple(map(present_bill, query.citing(session, ctx.who.organisation_id, digest)))


def plain_name(filename: str) -> str:
    """A file's name without folders and control characters."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[:200]


def _digest(ctx: Context, content: bytes) -> str:
    if not content:
        raise InvalidError("The file is empty.", code="evidence.empty")
    if len(content) > ctx.settings.max_import_bytes:
        raise InvalidError(
            f"The file has {len(content)} bytes, {ctx.settings.max_import_bytes} are taken.",
            code="evidence.too_large",
            advice="Take the photo at a lower resolution, or save the document as PDF.",
        )
    return hashlib.sha256(content).hexdigest()
