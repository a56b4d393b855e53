"""What the steps of a signature's check say where the exchange itself makes it, while somebody reads a dataset."""

from __future__ import annotations

from exchange.web.reader import mark as _
from exchange.web.steps import StepWords
from exchange.web.verify_words import FAILED, STEP_NAMES, WAYS_OUT

NOTES: dict[str, str] = {
    "status.revoked": _("Its owner has revoked it. Do not rely on it any more."),
    "status.none": _(
        "It names no place in a public list of revocations. The exchange has noted no revocation."
    ),
    "status.not_issued": _("The list of revocations is being signed. Look again in a minute."),
    "log.pending": _("It waits for the log. Look again in a minute."),
    "issuer_identity.unchecked": _("The owner says who it is, and nobody has checked it."),
    "issuer_identity.not_issued": _("The exchange has not signed its statement on the owner yet."),
    "issuer_identity.foreign": _("The key belongs to somebody else than the owner."),
    "schema.not_checked": _("It was checked when it was published."),
}
READ_WORDS = StepWords(STEP_NAMES, failed=FAILED | NOTES, open=NOTES, ways_out=WAYS_OUT)
