"""The steps of a verification in words: what each asks, and the way out where it is not established."""

from __future__ import annotations

from exchange.web.reader import mark as _
from exchange.web.steps import StepWords

STEP_NAMES: dict[str, str] = {
    "receipt": _("The file is a receipt"),
    "bundle": _("The file is a bundle"),
    "trust": _("You trust this log and this registrar"),
    "checkpoint": _("The log signed its state"),
    "witnesses": _("Witnesses saw the same log"),
    "key_state": _("The log knows the signing key"),
    "structure": _("The dataset is a signed token"),
    "header": _("Its header holds nothing unknown"),
    "key": _("Its key is found"),
    "algorithm": _("Key and algorithm belong together"),
    "signature": _("The signature holds"),
    "payload": _("What was signed can be read in one way only"),
    "credential": _("The issuer is the one who signed"),
    "disclosures": _("What is shown is what was signed"),
    "time": _("It is within its validity"),
    "key_validity": _("The key counted when it was signed"),
    "schema": _("It follows its schema"),
    "status": _("It has not been revoked"),
    "log": _("It stands in the log"),
    "issuer_identity": _("Somebody checked who the issuer is"),
    "statement": _("It states what was released of a chain"),
    "inputs": _("The inputs it proves were counted"),
    "document": _("The receipt is of your document"),
}

CHANGED = _("The file is not as it was signed. Get it again from where you have it.")

_NO_REGISTRAR = _(
    "Who signed this is no registrar of your trust root. Ask whoever gave you the trust root whether it is the newest."
)
_OTHER_ORGANISATION = _(
    "Who signed and whom the file speaks of are not the same organisation. Do not rely on it, and ask the issuer."
)

# Where a step failed for a reason without words of its own below. A step that was not reached needs nothing: an
# earlier one says what to do.
WAYS_OUT: dict[str, str] = {
    "receipt": _("Download the receipt again: it was cut off or changed."),
    "bundle": _(
        "Get the file again: it was cut off or changed, or it is none of this exchange. Do not open and save it."
    ),
    "trust": _(
        "The log is not among those of your trust root. Ask whoever gave you the trust root whether it is the "
        "newest, and whoever gave you the file which exchange it is from."
    ),
    "checkpoint": _("The log did not sign this. Do not rely on it, and tell whoever runs the exchange."),
    "witnesses": _(
        "Too few of the witnesses in your trust root have signed. Download the bundle again a little later; "
        "if that does not help, ask the witnesses."
    ),
    "key_state": _("What the log says about the key does not fit. Download the bundle again."),
    "structure": CHANGED,
    "header": CHANGED,
    "key": _("The key it was signed with is not the one the log knows. Ask the issuer."),
    "algorithm": CHANGED,
    "signature": CHANGED,
    "payload": CHANGED,
    "credential": _("The document names another issuer than the one who signed. Do not rely on it."),
    "disclosures": CHANGED,
    "time": _("Ask the issuer for the version that is in force, or check it as of another day."),
    "key_validity": _("The key did not count when the log had this. Ask the issuer to sign it anew."),
    "schema": _("The content breaks the rules of its kind. Ask the issuer for a corrected version."),
    "status": _("What the file says about revocations does not hold. Download the bundle again."),
    "log": _("Download the bundle again: it must hold the proof for just this dataset."),
    "issuer_identity": _("What the file says about the issuer does not hold. Download the bundle again."),
    "statement": _("It does not say what such a statement says. Download it again."),
    "inputs": _("The proof of an input does not hold. Download the bundle again."),
    "document": _("The receipt is of another document. Download the receipt of the same dataset."),
}

# By code: where the reason has words of its own.
FAILED: dict[str, str] = {
    "trust.keys": _(
        "Your trust root knows this log by other keys. Do not rely on the file before whoever gave you the trust root "
        "has told you why."
    ),
    "trust.order": _("The file puts an older log in the place of the newest. Download the bundle again."),
    "witnesses.future": _("A witness signed later than the clock here says. Check the clock."),
    "key_state.future": _(
        "The log is ahead of the clock here. Check the clock, or try again in a few minutes."
    ),
    "key_state.older": _("The file leaves out what the log knew later. Download the bundle again."),
    "disclosure.unreferenced": _(
        "A part that is shown is not what was signed. Do not rely on it, and ask the issuer."
    ),
    "time.not_yet_valid": _("It is not in force yet. Ask the issuer for the version that is."),
    "key_validity.retired": _("The key was retired before the log had this. Ask the issuer to sign it anew."),
    "key_validity.compromised": _(
        "The key was in wrong hands before the log had this. Do not rely on it, and ask the issuer to sign it anew."
    ),
    "key_validity.not_yet": _("The log had this before it knew the key. Ask the issuer to sign it anew."),
    "schema.missing": _("It names no schema. Ask the issuer for a corrected version."),
    "schema.missing_file": _("The file lacks a schema. Download the bundle again."),
    "schema.unknown": _("Its schema is not one that can be used here."),
    "schema.file": _("Its schema cannot be used. Tell whoever runs the exchange."),
    "status.revoked": _("The issuer has taken it back. Ask the issuer what replaces it."),
    "status.registrar": _NO_REGISTRAR,
    "status.old": _("What the file knows of revocations is too old. Download the bundle again."),
    "log.future": _("The log is ahead of the clock here. Check the clock, or try again in a few minutes."),
    "issuer_identity.registrar": _NO_REGISTRAR,
    "receipt.entry": _("The receipt does not say of what it is one. Download it again."),
    "issuer_identity.revoked": _(
        "The registrar has withdrawn what it said of the issuer. Do not rely on it before the issuer has explained why."
    ),
    "issuer_identity.did": _OTHER_ORGANISATION,
    "issuer_identity.other": _OTHER_ORGANISATION,
    "issuer_identity.assurance": _(
        "Ask the issuer to have its identity checked by the exchange. Until then judge for yourself who it is."
    ),
}


# By code: where a step could not be checked by what was given.
NOT_CHECKED: dict[str, str] = {
    "trust.none": _("Choose a trust root: without one nobody vouches for the log but the file itself."),
    "checkpoint.no_key": _(
        "Only a trust root says with which key the log signs. Choose one that names this log."
    ),
    "inputs.none": _("It proves of no dataset that it was counted; the copy of whoever published one can."),
    "inputs.no_registrar": _("Only a trust root says who may sign such statements. Choose one."),
    "issuer_identity.no_trust_root": _("Which registrar counts, only a trust root can say."),
    "document.none": _("To see whose receipt it is, compare the checksum above with that of your document."),
    "witnesses.no_trust_root": _("Which witnesses count, only a trust root can say."),
    "witnesses.none_demanded": _(
        "Your trust root demands no witness: that everybody is shown the same log is the log's own word."
    ),
    "schema.not_checked": _("Schemas are used only where your trust root knows the log that names them."),
    "schema.unknown": _("This page uses the schemas of this exchange only."),
    "status.none": _("It names no list of revocations, so nobody can tell whether it was taken back."),
    "status.not_checked": _("A token alone brings no list of revocations. Download the bundle instead."),
    "log.not_checked": _("A token alone holds no proof of the log. Download the bundle instead."),
    "issuer_identity.not_checked": _(
        "A token alone does not say who is behind its key. Download the bundle instead."
    ),
}

# Of a file that somebody brings; a statement on a chain is signed by the registrar, whom the trust root names.
FILE_WORDS = StepWords(STEP_NAMES, failed=FAILED, open=NOT_CHECKED, ways_out=WAYS_OUT)
STATEMENT_WORDS = StepWords(
    STEP_NAMES
    | {
        "structure": _("The statement is a signed token"),
        "issuer_identity": _("A registrar you trust signed it"),
    },
    failed=FAILED,
    open=NOT_CHECKED,
    ways_out=WAYS_OUT,
)
