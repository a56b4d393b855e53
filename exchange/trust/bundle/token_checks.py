"""The token of a bundle, judged by `verify` with what the bundle proves: log entry, schema, status, identity."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from exchange.trust.bundle.document import Bundle
from exchange.trust.bundle.key_state import KeyState
from exchange.trust.bundle.logs import Evidence, ProvenEntry
from exchange.trust.bundle.registrar import Measure, Registrar
from exchange.trust.bundle.schema import SchemaFiles, SchemaProblem, compiled
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import BundleError, TrustError
from exchange.trust.log.seconds import format_second
from exchange.trust.organisation_credential import OrganisationIdentity
from exchange.trust.strict_json import JsonObject
from exchange.trust.verdict import Finding, Outcome, Policy, Step
from exchange.trust.verify import verify

_PUBLICATIONS = ("publish", "supersede")
# From this age on a reader is told how old the knowledge is, whatever it demands.
_AGED = timedelta(days=90)


class TokenChecks:
    """Runs the steps of the token once and keeps what they showed.

    `signed` is the dataset whose signature holds, `entry` its log entry, `organisation` and `registrar_did` who
    stands behind the issuer by whose word, `revoked` None where that was not shown.
    """

    def __init__(
        self, bundle: Bundle, evidence: Evidence, key: KeyState, measure: Measure, *, run_schemas: bool
    ) -> None:
        """`run_schemas`: the log that names the schemas is the trust root's; others could name a trap."""
        self.signed: VerifiedDataset | None = None
        self.entry: ProvenEntry | None = None
        self.organisation: OrganisationIdentity | None = None
        self.registrar_did = ""
        self.revoked: bool | None = None
        self._bundle = bundle
        self._evidence = evidence
        self._key = key
        self._measure = measure
        self._registrar = Registrar(bundle, evidence, key.state, measure)
        self._run_schemas = run_schemas
        self._schemas: frozenset[str] = frozenset()

    def run(self) -> tuple[Step, ...]:
        """The steps of verdict.STEPS, in order."""
        received, refusal = self._received()
        policy = Policy(
            required=frozenset(),
            schema=self._schema if self._run_schemas else None,
            leeway=self._measure.policy.leeway,
            status=self._status,
            log=lambda dataset: self._log(refusal),
            identity=self._identity,
        )
        verdict = verify(
            self._bundle.token,
            resolve=self._key.resolve,
            now=self._measure.now,
            policy=policy,
            received=received,
        )
        self.signed = verdict.dataset
        return tuple(map(_told, verdict.steps))

    def check_used(self) -> None:
        """Nothing travels along that proves nothing (`bundle.unused`)."""
        self._evidence.check_used()
        self._registrar.check_used()
        if self._run_schemas and self._schemas != set(self._bundle.schemas):
            raise BundleError("bundle.unused", "The bundle holds a schema that the dataset does not use.")

    def _received(self) -> tuple[datetime, TrustError | None]:
        """When the log took the token in, which decides whether its key counted; now, where it did not."""
        jwt = self._bundle.token.partition("~")[0]
        digest = f"sha256:{sha256(jwt.encode()).hexdigest()}"
        try:
            self.entry = self._evidence.prove(_PUBLICATIONS, digest, "log", latest=self._measure.latest)
        except TrustError as error:
            return self._measure.now, error
        return self.entry.entry.received, None

    def _log(self, refusal: TrustError | None) -> Finding:
        if refusal is not None or self.entry is None:
            raise refusal or BundleError("log.not_logged", "The dataset is in no log.")
        received = format_second(self.entry.entry.received)
        detail = f"Entry {self.entry.index} of {self.entry.origin}, received {received}."
        return Finding(Outcome.ESTABLISHED, "ok", detail)

    def _schema(self, schema_id: str, digest: str, subject: JsonObject) -> list[SchemaProblem] | None:
        files = SchemaFiles.of(self._bundle.schemas)
        named, runnable = self._key.state.schemas, self._measure.policy.schemas
        digests = dict(files.digests)
        if digests.get(schema_id) != digest or not digests.items() <= named.items():
            return None
        if runnable is not None and not runnable.issuperset(digests.values()):
            return None
        validator = compiled(schema_id, files)
        self._schemas = validator.reached
        return validator.problems(subject)

    def _status(self, dataset: VerifiedDataset) -> Finding:
        status = dataset.member("credentialStatus")
        if status is None:
            detail = "The dataset names no status list, so whether it was revoked cannot be shown."
            return Finding(Outcome.NOT_CHECKED, "status.none", detail)
        self.revoked = self._registrar.revoked(status, "/credentialStatus")
        as_of = format_second(self._key.state.as_of)
        if self.revoked:
            return Finding(Outcome.FAILED, "status.revoked", f"The dataset is revoked, as of {as_of}.")
        age, most = self._measure.now - self._key.state.as_of, self._measure.policy.max_age
        if most is not None and age > most:
            detail = f"The newest this bundle knows is of {as_of}; at most {most.days} days are allowed."
            raise BundleError("status.old", detail, advice="Download the bundle again.")
        aged = f" That is {age.days} days before the instant it is judged at." if age > _AGED else ""
        return Finding(Outcome.ESTABLISHED, "ok", f"Not revoked as of {as_of}.{aged}")

    def _identity(self, dataset: VerifiedDataset) -> Finding:
        credential, identity = self._registrar.organisation()
        if identity.did != dataset.issuer:
            raise BundleError("issuer_identity.did", "The organisation credential is about another DID.")
        if _organisation_of(dataset) not in (None, identity.organisation):
            detail = "The dataset names another organisation than the one behind its signature."
            raise BundleError(
                "issuer_identity.other", detail, path="/credentialSubject/identity/organisation"
            )
        self.organisation, self.registrar_did = identity, credential.issuer
        if self._measure.trust is None:
            detail = f"The bundle says {identity.name}, but without a trust root no registrar's word counts."
            return Finding(Outcome.NOT_CHECKED, "issuer_identity.no_trust_root", detail)
        if not identity.assurance.meets(self._measure.policy.assurance):
            detail = f"The identity is {identity.assurance}; {self._measure.policy.assurance} is demanded."
            raise BundleError("issuer_identity.assurance", detail)
        return Finding(
            Outcome.ESTABLISHED, "ok", f"The DID belongs to {identity.name} ({identity.assurance})."
        )


def _organisation_of(dataset: VerifiedDataset) -> object:
    """The organisation that a disclosed identity group names; None where it is not disclosed."""
    value: object = dataset.subject()
    for name in ("identity", "organisation", "id"):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _told(step: Step) -> Step:
    if step.code != "schema.not_checked":
        return step
    return step._replace(detail="Schemas are run only where your trust root knows the log that names them.")
