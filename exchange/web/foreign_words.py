"""What the steps of verifying somebody else's document ask, and why one of them does not hold, in words."""

from __future__ import annotations

from exchange.web.reader import mark as _
from exchange.web.steps import StepWords

FORMS: dict[str, str] = {
    "eddsa-jcs-2022": _("Data Integrity proof (eddsa-jcs-2022)"),
    "ecdsa-jcs-2019": _("Data Integrity proof (ecdsa-jcs-2019)"),
    "vc+jwt": _("Signed token (vc+jwt)"),
    "vc+sd-jwt": _("Signed token with disclosures (vc+sd-jwt)"),
}

STATES: dict[str, str] = {
    "waiting": _("Being checked"),
    "verified": _("The signature holds"),
    "refused": _("The check does not hold"),
}

STEP_NAMES: dict[str, str] = {
    "structure": _("It can be read in one way only"),
    "header": _("Its proof holds nothing unknown"),
    "key": _("The key it names is found"),
    "signature": _("The signature holds"),
    "payload": _("It is a verifiable credential (W3C)"),
    "issuer": _("The key belongs to the issuer"),
    "time": _("It is within its validity"),
    "proof": _("Every proof in it holds"),
    "status": _("It has not been withdrawn"),
}

# By a step's code, or by what stands before the code's first dot.
REASONS: dict[str, str] = {
    "not_reached": _("Not reached: a step before it failed."),
    "signature.invalid": _("The document was changed after it was signed, or another key signed it."),
    "issuer": _("The key belongs to somebody other than the issuer the document names."),
    "kid.unknown": _("The key is named in a way it cannot be looked up by. Keys of did:key and did:web are found."),
    "kid.foreign": _("The key belongs to somebody other than the issuer the document names."),
    "fetch": _("The issuer's key document could not be fetched from the web. Hand the file in again later."),
    "did_web": _("The issuer's key document does not list this key for signing documents."),
    "time.not_yet_valid": _("It is not valid yet."),
    "time.expired": _("It has expired. Ask the issuer for a newer one."),
    "time.created": _("The proof says that it was made in the future."),
    "time.proof_expired": _("The proof has expired. Ask the issuer for a newer one."),
    "integrity.cryptosuite": _(
        "It is signed by a method that is not checked here. Ask for eddsa-jcs-2022, ecdsa-jcs-2019 or a token."
    ),
    "integrity.chain": _("Proofs that build on one another are not checked here."),
    "integrity.audience": _("The proof was made for one party or one occasion."),
    "integrity.context": _("The words the document is written in were changed after it was signed."),
    "integrity.set": _("Not every proof holds; the tables of the proofs say why."),
    "enveloped.presentation": _(
        "This is a presentation, made for one party. Hand in the credential itself."
    ),
    "enveloped.media_type": _("The envelope holds something other than a token of vc+jwt or vc+sd-jwt."),
    "foreign.form": _("This is neither a signed JSON document nor a token. Hand in the file as it came."),
    "foreign.unsecured": _("The document carries no signature."),
    "foreign.size": _("The file is too large: a signed document has at most 1 MB."),
    "foreign.context": _("It does not follow version 2.0 of the W3C's model of credentials."),
    "proof.none": _("There is no second proof inside the envelope."),
    "status.none": _("It names no list on which its issuer could withdraw it."),
    "status.not_checked": _("Whether its issuer has withdrawn it was not looked up."),
}  # fmt: skip

FOREIGN_WORDS = StepWords(STEP_NAMES, failed=REASONS, open=REASONS, ways_out={})
