"""The one judgement of a file, be it a bundle, a receipt or a bare token: for the command line, the page and others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.trust.bundle.document import looks_like_bundle, read_bundle
from exchange.trust.bundle.verdict import BundlePolicy, BundleVerdict
from exchange.trust.bundle.verify import verify_bundle
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.did import resolve_did_key
from exchange.trust.errors import BundleError
from exchange.trust.log.key_events import read_key_record
from exchange.trust.organisation_credential import Assurance
from exchange.trust.proof.form import MAX_BYTES
from exchange.trust.proof.verdict import ProofVerdict
from exchange.trust.receipt.verdict import ReceiptVerdict
from exchange.trust.receipt.verify import GivenDocument, looks_like_receipt, verify_receipt
from exchange.trust.release.content import is_statement
from exchange.trust.release.document import looks_like_release_bundle, read_release_bundle
from exchange.trust.release.verdict import TOKEN_STEPS, ReleaseVerdict, of_a_statement
from exchange.trust.release.verify import verify_release
from exchange.trust.trust_root import TrustRoot
from exchange.trust.verdict import STEPS, Outcome, Policy, SchemaCheck, Verdict
from exchange.trust.verify import verify

# One byte more than any file that is read, so that a longer one is noticed without reading it.
READ_LIMIT = MAX_BYTES + 1
# The code of a demand that this kind of file cannot answer: a mistake in the asking, not in the file.
ASSURANCE_DEMANDED = "verify.assurance"
_LACKING = {
    "time": "validity",
    "key_validity": "the validity of the key",
    "schema": "schema",
    "status": "revocation",
    "log": "log",
    "issuer_identity": "identity of the issuer",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a file, the instant it was judged at, and whether the verifier brought a trust root.

    `signed`: the dataset or statement whose signature holds, to tell of and not to rely on; of a bare token only
    where no step failed.
    """

    verdict: BundleVerdict | ReleaseVerdict | ReceiptVerdict | Verdict
    at: datetime
    has_trust_root: bool
    signed: VerifiedDataset | None

    @property
    def is_token_that_holds(self) -> bool:
        """Whether this is a bare token of which no step failed: the signature holds, the rest is not shown."""
        return isinstance(self.verdict, Verdict) and self.signed is not None

    @property
    def is_consistent_alone(self) -> bool:
        """Whether the parts of a proof fit together and only a trust root is missing."""
        verdict = self.verdict
        return isinstance(verdict, ProofVerdict) and verdict.consistent and not self.has_trust_root

    @property
    def answer(self) -> str:
        """The verdict in one sentence."""
        if self.verdict.ok:
            return f"All that was asked for is established.{self._reach}"
        if self.is_consistent_alone:
            return "Consistent, origin not established: without a trust root nobody says whose log this is."
        if self.is_token_that_holds:
            missing = ", ".join(_LACKING[step.name] for step in self.verdict.failures)
            return f"The signature holds. NOT established: {missing}; bring the bundle to establish the rest."
        return "NOT established: do not rely on it."

    @property
    def _reach(self) -> str:
        """What a receipt leaves open even where all of it is established."""
        if not isinstance(self.verdict, ReceiptVerdict):
            return ""
        is_given = self.verdict.step("document").outcome is Outcome.ESTABLISHED
        looked_at = "the document's signature and its place in the log" if is_given else "the log alone"
        return f" Looked at: {looked_at}. NOT looked at: revocation, identity of the issuer."


def judge_file(
    data: bytes,
    *,
    trust: TrustRoot | None,
    now: datetime,
    assurance: Assurance = Assurance.OPERATOR_CHECKED,
    schema: SchemaCheck | None = None,
    schemas: frozenset[str] | None = None,
    max_age: timedelta | None = None,
    document: bytes | None = None,
) -> Judgement:
    """Judge the bundle of a dataset or release, the receipt or the token in `data` as of `now` (aware).

    A bare token proves neither revocation nor log nor identity, and all of them are demanded, so that it is never
    `ok`. `schema` checks its content; a bundle brings its schemas along, and `schemas` are the digests (SRI) of
    those that may be run; `max_age` how old the knowledge of a bundle (see BundlePolicy), or the newest that another
    proof shows, may be. `document`: the token or bundle that a receipt must be of. Raises BundleError
    `verify.not_signed` for a JSON document that is none of these, `verify.document` where only a receipt is of
    something else, `verify.assurance` where another `assurance` than the default is demanded of what says nothing of
    an organisation, what refuses to read `document`.
    """
    if looks_like_receipt(data):
        _refuse_demand(assurance)
        given = None if document is None else _given(document)
        receipt = verify_receipt(data, trust=trust, now=now, document=given, max_age=max_age)
        return Judgement(receipt, now, trust is not None, None)
    if document is not None:
        raise BundleError(
            "verify.document", "Only a receipt is compared with a document, and this file is no receipt."
        )
    if looks_like_release_bundle(data):
        _refuse_demand(assurance)
        release = verify_release(data, trust=trust, now=now, max_age=max_age)
        return Judgement(release, now, trust is not None, release.signed)
    if looks_like_bundle(data):
        policy = BundlePolicy(schemas=schemas, assurance=assurance, max_age=max_age)
        verdict = verify_bundle(data, trust=trust, now=now, policy=policy)
        return Judgement(verdict, now, trust is not None, verdict.signed)
    token = _token_in(data)
    _refuse_demand(assurance)
    return _judge_token(token, now, trust is not None, schema)


def _refuse_demand(assurance: Assurance) -> None:
    """Refuse to pass over what was demanded of an organisation in a file that says nothing of any."""
    if assurance is not Assurance.OPERATOR_CHECKED:
        raise BundleError(
            ASSURANCE_DEMANDED,
            "Only the bundle of a dataset says how well its organisation was checked.",
            advice="Leave that demand out, or bring the bundle of the dataset.",
        )


def _given(data: bytes) -> GivenDocument:
    """The token in `data`, alone or in a bundle, which brings the record of its key. Raises BundleError, LogError."""
    if looks_like_release_bundle(data):
        return GivenDocument(read_release_bundle(data).token)
    if looks_like_bundle(data):
        bundle = read_bundle(data)
        record = read_key_record(bundle.key.record)
        return GivenDocument(bundle.token, lambda kid: record.resolved() if kid == record.kid else None)
    return GivenDocument(_token_in(data))


def _token_in(data: bytes) -> bytes:
    token = data.strip()
    # A compact token (RFC 7515 section 7.1) begins with a base64url character.
    if token.startswith((b"{", b"[")):
        raise BundleError(
            "verify.not_signed",
            "This is not a signed token; sign it first.",
            advice="Give a proof bundle, a receipt or a token, as the exchange hands them out.",
        )
    return token


def _judge_token(token: bytes, now: datetime, has_trust_root: bool, schema: SchemaCheck | None) -> Judgement:
    # Demands nothing of the steps a token cannot show, to have the dataset to tell of; the verdict demands them all.
    policy = Policy(required=frozenset(), schema=schema)
    found = verify(token, resolve=resolve_did_key, now=now, policy=policy)
    steps, demanded = found.steps, frozenset(STEPS)
    if found.dataset is not None and is_statement(found.dataset):
        steps, demanded = of_a_statement(steps), frozenset(TOKEN_STEPS)
    is_failed = any(step.outcome is Outcome.FAILED for step in steps)
    verdict = Verdict(steps, demanded)
    return Judgement(verdict, now, has_trust_root, None if is_failed else found.dataset)
