"""Proof bundles made with exchange.trust alone: a log of one or two epochs, witnesses, a registrar, a supplier."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.trust import Token, did_key, did_key_kid, sign, strict_json
from exchange.trust.bundle import (
    Bundle,
    BundledEntry,
    BundledKey,
    BundledLog,
    BundleVerdict,
    read_bundle,
    verify_bundle,
)
from exchange.trust.bundle.schema import DIALECT, digest_sri
from exchange.trust.keys import public_jwk
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.cosignature import cosign
from exchange.trust.log.entry import LogEntry
from exchange.trust.log.key_events import (
    KeyBinding,
    KeyCompromise,
    KeyRecord,
    KeyRetirement,
    fold_key_events,
    key_binding,
    read_key_event,
)
from exchange.trust.log.merkle import Frontier, leaf_hash, path_of
from exchange.trust.log.note import COSIGNATURE, read_vkey, sign_note, signed_note, vkey_of
from exchange.trust.log.state import State, state_key_name
from exchange.trust.organisation_credential import (
    CVR_SCHEME,
    Assurance,
    OrganisationIdentity,
    organisation_credential,
)
from exchange.trust.status_list import StatusEntry, encode_list, status_list_credential
from exchange.trust.trust_root import TrustedLog, TrustRoot
from tests.unit.trust.credentials import counting_salt, credential


def key_of(label: str) -> Ed25519PrivateKey:
    """A key from a label: the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(sha256(label.encode()).digest())


NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
RECEIVED = NOW - timedelta(days=30)
BOUND = NOW - timedelta(days=60)
AS_OF = NOW - timedelta(days=1)
COSIGNED = NOW - timedelta(hours=23)
SUPPLIER, REGISTRAR = key_of("supplier"), key_of("registrar")
SUPPLIER_DID, REGISTRAR_DID = did_key(SUPPLIER.public_key()), did_key(REGISTRAR.public_key())
SUPPLIER_KID = did_key_kid(SUPPLIER.public_key())
WITNESSES = {f"witness.example/w{number}": key_of(f"witness {number}") for number in (1, 2, 3)}
ORIGIN, OLD_ORIGIN = "exchange.example/log/22222222", "exchange.example/log/11111111"
LIST_URL = "https://exchange.example/status/1"
DATASET_STATUS, ORGANISATION_STATUS = StatusEntry(LIST_URL, 94567), StatusEntry(LIST_URL, 3)
ORGANISATION = "urn:uuid:01970000-0000-7000-8000-0000000000aa"
IDENTITY = OrganisationIdentity(
    SUPPLIER_DID, ORGANISATION, "Nordstål Eksempel A/S", "DK", Assurance.OPERATOR_CHECKED, "12345674",
    CVR_SCHEME, "Business",
)  # fmt: skip
SCHEMA_ID = "https://vcx.example/schemas/product/0.1.0.json"
COMMON_ID = "https://vcx.example/schemas/common/0.1.0.json"
SCHEMAS = {
    SCHEMA_ID: json.dumps(
        {
            "$schema": DIALECT,
            "$id": SCHEMA_ID,
            "required": ["id"],
            "properties": {
                "indicators": {"additionalProperties": {"$ref": "../common/0.1.0.json#/$defs/figure"}}
            },
        }
    ),
    COMMON_ID: json.dumps({"$schema": DIALECT, "$id": COMMON_ID, "$defs": {"figure": {"required": ["own"]}}}),
}


@dataclass
class Log:
    """One epoch: its entries, in order, among leaves of others."""

    origin: str
    leaves: list[bytes] = field(default_factory=lambda: [leaf_hash(bytes([n])) for n in range(5)])
    wanted: list[tuple[LogEntry, int]] = field(default_factory=list)

    @property
    def key(self) -> Ed25519PrivateKey:
        return key_of(f"log {self.origin}")

    @property
    def state_key(self) -> Ed25519PrivateKey:
        return key_of(f"state {self.origin}")

    @property
    def vkey(self) -> str:
        return vkey_of(self.origin, self.key.public_key())

    @property
    def state_vkey(self) -> str:
        return vkey_of(state_key_name(self.origin), self.state_key.public_key())

    @property
    def checkpoint(self) -> Checkpoint:
        tree = Frontier()
        tree.extend(self.leaves)
        return Checkpoint(self.origin, len(self.leaves), tree.root())

    def add(self, event: str, digest: str, received: datetime) -> None:
        entry = LogEntry(event, digest, received)
        self.wanted.append((entry, len(self.leaves)))
        self.leaves.append(leaf_hash(entry.body()))

    def note(self, witnesses: Iterable[str], at: datetime = COSIGNED) -> str:
        text = self.checkpoint.text()
        lines = [sign_note(text, self.origin, self.key)]
        return signed_note(text, [*lines, *(cosign(text, name, WITNESSES[name], at) for name in witnesses)])

    def bundled(self, witnesses: Iterable[str], at: datetime = COSIGNED) -> BundledLog:
        entries = tuple(
            BundledEntry(entry.body().decode(), index, path_of(index, self.leaves))
            for entry, index in self.wanted
        )
        return BundledLog(self.note(witnesses, at), self.vkey, self.state_vkey, entries)

    def trusted(self) -> TrustedLog:
        return TrustedLog(self.origin, (read_vkey(self.vkey),), (read_vkey(self.state_vkey),))


@dataclass(frozen=True)
class Case:
    """What stands in a bundle; the defaults make a good one. `replace` parts to make a wrong one, truly signed."""

    epochs: int = 1
    token: Token | None = None
    dataset: Mapping[str, Any] = field(default_factory=dict)
    groups: Sequence[str] = ("identity", "indicators", "quality", "process")
    status: StatusEntry | None = DATASET_STATUS
    event: str = "publish"
    received: datetime = RECEIVED
    as_of: datetime = AS_OF
    revoked: Sequence[int] = ()
    identity: OrganisationIdentity = IDENTITY
    registrar: Ed25519PrivateKey = REGISTRAR
    list_signer: Ed25519PrivateKey = REGISTRAR
    list_issued: datetime = AS_OF
    list_url: str = LIST_URL
    registered: datetime = AS_OF
    cosigned: datetime = COSIGNED
    extra: Sequence[tuple[str, str]] = ()
    ends: Sequence[KeyRetirement | KeyCompromise] = ()
    schemas: Mapping[str, str] = field(default_factory=lambda: SCHEMAS)
    named_schemas: Mapping[str, str] | None = None
    witnesses: Sequence[str] = tuple(WITNESSES)[:2]
    unlogged: frozenset[str] = frozenset()
    state: Callable[[State], State] = lambda state: state
    bundle: Callable[[Bundle], Bundle] = lambda bundle: bundle

    def build(self) -> Bundle:
        """The bundle, put together the way an exchange does."""
        logs = [Log(OLD_ORIGIN), Log(ORIGIN)][-self.epochs :]
        token, organisation, status_list = self._token(), self._organisation(), self._status_list()
        record, keys = self._records()
        self._log(logs[0], "key-binding", record.binding, BOUND)
        self._log(logs[0], self.event, token.digest, self.received)
        self._log(logs[-1], "organisation-credential", digest_of(organisation), self.registered)
        self._log(logs[-1], "status-list", digest_of(status_list), AS_OF)
        for event, digest in self.extra:
            self._log(logs[-1], event, digest, AS_OF)
        bundle = Bundle(
            token=token.serialise(),
            organisation=organisation,
            key=BundledKey(record.value(), 1, path_of(1, keys)),
            state=self._state(logs[-1], keys, {LIST_URL: digest_of(status_list)}),
            status_lists={LIST_URL: status_list},
            schemas=self.schemas,
            logs=tuple(log.bundled(self.witnesses, self.cosigned) for log in logs),
        )
        return self.bundle(bundle)

    def _log(self, log: Log, event: str, digest: str, at: datetime) -> None:
        if event not in self.unlogged:
            log.add(event, digest, at)

    def _token(self) -> Token:
        if self.token is not None:
            return self.token
        document = credential(issuer={"id": SUPPLIER_DID, "name": IDENTITY.name}, **self.dataset)
        document["credentialSubject"]["identity"]["organisation"] = {"id": ORGANISATION}
        document["credentialSchema"]["digestSRI"] = digest_sri(self.schemas.get(SCHEMA_ID, ""))
        if self.status is not None:
            document["credentialStatus"] = self.status.document()
        groups = [name for name in document["credentialSubject"] if name != "id"]
        token = sign(document, groups=groups, key=SUPPLIER, kid=SUPPLIER_KID, salt=counting_salt())
        return token.present(self.groups)

    def _organisation(self) -> str:
        did = did_key(self.registrar.public_key())
        document = organisation_credential(
            self.identity,
            credential_id="urn:uuid:01970000-0000-7000-8000-0000000000bb",
            issuer=did,
            issued=BOUND,
            status=ORGANISATION_STATUS.document(),
        )
        return signed(document, self.registrar)

    def _status_list(self) -> str:
        did = did_key(self.list_signer.public_key())
        encoded = encode_list([1, 2, 1000, *self.revoked])
        document = status_list_credential(self.list_url, issuer=did, issued=self.list_issued, encoded=encoded)
        return signed(document, self.list_signer)

    def _records(self) -> tuple[KeyRecord, list[bytes]]:
        bindings = [binding_of(key) for key in (key_of("another"), SUPPLIER, key_of("third"))]
        records = fold_key_events([*bindings, *self.ends])
        return records[1], [record.leaf() for record in records]

    def _state(self, log: Log, keys: Sequence[bytes], lists: Mapping[str, str]) -> str:
        tree = Frontier()
        tree.extend(keys)
        checkpoint = log.checkpoint
        named = {name: digest_sri(text) for name, text in (self.named_schemas or self.schemas).items()}
        state = self.state(
            State(
                log.origin, checkpoint.size, checkpoint.root, self.as_of, len(keys), tree.root(), named, lists
            )
        )
        return signed_note(state.text(), [sign_note(state.text(), state_key_name(log.origin), log.state_key)])


def binding_of(key: Ed25519PrivateKey) -> KeyBinding:
    """The binding of a did:key at BOUND."""
    text = key_binding(
        kid=did_key_kid(key.public_key()), public_jwk=public_jwk(key.public_key()), custody=False, at=BOUND
    )
    event = read_key_event(text)
    assert isinstance(event, KeyBinding)
    return event


def signed(document: dict[str, Any], key: Ed25519PrivateKey) -> str:
    """A plain vc+jwt."""
    return sign(document, groups=(), key=key, kid=did_key_kid(key.public_key())).serialise()


def digest_of(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def trust_root(quorum: int = 2, origins: Sequence[str] = (OLD_ORIGIN, ORIGIN)) -> TrustRoot:
    """What an auditor brings: both logs, three witnesses, the registrar."""
    witnesses = tuple(
        read_vkey(vkey_of(name, key.public_key(), COSIGNATURE)) for name, key in WITNESSES.items()
    )
    return TrustRoot(tuple(Log(origin).trusted() for origin in origins), witnesses, quorum, (REGISTRAR_DID,))


def judge(case: Case | Bundle | bytes, **changes: Any) -> BundleVerdict:
    """The verdict on a case, bundle or file at NOW with the usual trust root."""
    built = case.build() if isinstance(case, Case) else case
    data = built.serialise() if isinstance(built, Bundle) else built
    return verify_bundle(data, **{"trust": trust_root(), "now": NOW, **changes})


def with_log(bundle: Bundle, **changes: Any) -> Bundle:
    """The bundle with parts of its last log replaced."""
    return replace(bundle, logs=(*bundle.logs[:-1], replace(bundle.logs[-1], **changes)))


def edit_json(change: Callable[[Any], object]) -> Callable[[Bundle], Bundle]:
    """The bundle after a change of its JSON."""

    def edit(bundle: Bundle) -> Bundle:
        document = json.loads(bundle.serialise())
        change(document)
        return read_bundle(strict_json.canonical(document))

    return edit
