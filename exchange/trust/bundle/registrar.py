"""What the registrar says, as a bundle carries it: status lists, and who stands behind the issuer's DID."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from exchange.trust.bundle.document import Bundle
from exchange.trust.bundle.logs import Evidence
from exchange.trust.bundle.verdict import BundlePolicy
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.did import resolve_did_key
from exchange.trust.errors import BundleError
from exchange.trust.log.state import State
from exchange.trust.organisation_credential import OrganisationIdentity, read_organisation
from exchange.trust.status_list import StatusList, is_revoked, read_status_entry, read_status_list
from exchange.trust.strict_json import JsonValue
from exchange.trust.trust_root import TrustRoot
from exchange.trust.verdict import Policy
from exchange.trust.verify import verify

_REQUIRED = frozenset({"time"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What everything in one bundle is judged by: the caller's trust root (or none), instant and policy."""

    trust: TrustRoot | None
    now: datetime
    policy: BundlePolicy

    @property
    def latest(self) -> datetime:
        """The last instant that does not count as the future."""
        return self.now + self.policy.leeway


class Registrar:
    """Reads the bundle's status lists and organisation credential against the log's signed state."""

    def __init__(self, bundle: Bundle, evidence: Evidence, state: State, measure: Measure) -> None:
        self._bundle = bundle
        self._evidence = evidence
        self._state = state
        self._measure = measure
        self._lists: dict[str, StatusList] = {}

    def revoked(self, status: JsonValue, path: str) -> bool:
        """Whether the credential with this `credentialStatus` is revoked as of the state.

        Raises StatusError `status.*`, BundleError `status.missing`, `status.not_newest`, `status.address`,
        `status.registrar`, `status.not_logged`, `status.future`, or what refuses the list's token.
        """
        entry = read_status_entry(status, path)
        return is_revoked(self._list(entry.list_url).bits, entry.index)

    def organisation(self) -> tuple[VerifiedDataset, OrganisationIdentity]:
        """The organisation credential, signed by a registrar of the trust root, logged and not revoked.

        Raises BundleError `issuer_identity.registrar`, `.not_logged`, `.future`, `.revoked`, IdentityError
        `organisation.*`, or what refuses the credential's token or its status.
        """
        text = self._bundle.organisation
        credential = self._open(text, "organisation credential")
        self._require_registrar(credential.issuer, "issuer_identity")
        self._evidence.prove(
            ("organisation-credential",),
            _digest(text),
            "issuer_identity",
            latest=self._measure.latest,
        )
        identity = read_organisation(credential)
        if self.revoked(credential.member("credentialStatus"), "/credentialStatus"):
            raise BundleError(
                "issuer_identity.revoked", "The registrar has withdrawn the organisation credential."
            )
        return credential, identity

    def check_used(self) -> None:
        """Every list that travels along was asked for (`bundle.unused`)."""
        if len(self._lists) != len(self._bundle.status_lists):
            raise BundleError("bundle.unused", "The bundle holds a status list that says nothing of it.")

    def _list(self, url: str) -> StatusList:
        if url not in self._lists:
            self._lists[url] = self._read_list(url)
        return self._lists[url]

    def _read_list(self, url: str) -> StatusList:
        text = self._bundle.status_lists.get(url)
        if text is None:
            raise BundleError(
                "status.missing", f"The bundle lacks the status list {url}.", path="/status_lists"
            )
        digest = _digest(text)
        if self._state.status_lists.get(url) != digest:
            detail = "The status list is not the newest issue that the log's state names."
            raise BundleError("status.not_newest", detail, path="/status_lists")
        self._evidence.prove(("status-list",), digest, "status", latest=self._measure.latest)
        found = read_status_list(self._open(text, "status list"))
        if found.url != url:
            raise BundleError("status.address", "The status list is one for another address.")
        self._require_registrar(found.issuer, "status")
        return found

    def _open(self, text: str, what: str) -> VerifiedDataset:
        measure = self._measure
        policy = Policy(required=_REQUIRED, leeway=measure.policy.leeway)
        verdict = verify(text, resolve=resolve_did_key, now=measure.now, policy=policy)
        if verdict.dataset is None:
            step = verdict.failures[0]
            raise BundleError(step.code, f"In the {what}: {step.detail}", path=step.path)
        if verdict.dataset.token.selective:
            raise BundleError("bundle.form", f"The {what} is a plain vc+jwt, with nothing to disclose.")
        return verdict.dataset

    def _require_registrar(self, did: str, step: str) -> None:
        trust = self._measure.trust
        if trust is not None and did not in trust.registrars:
            raise BundleError(f"{step}.registrar", f"{did} is no registrar of your trust root.")


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"
