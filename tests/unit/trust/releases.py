"""Release bundles made with exchange.trust alone: a registrar's statement in the log of `bundles`, with inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exchange.trust import Token, did_key, did_key_kid, sign
from exchange.trust.proof.form import BundledEntry
from exchange.trust.release.document import ReleaseBundle, ReleaseLog
from exchange.trust.release.inputs import Commitment, InputProof, SaltedInput, commit, prove
from exchange.trust.release.verdict import ReleaseVerdict
from exchange.trust.release.verify import verify_release
from tests.unit.trust.bundles import COSIGNED, NOW, ORIGIN, REGISTRAR, WITNESSES, Log, trust_root
from tests.unit.trust.credentials import counting_salt

RECEIVED = NOW - timedelta(days=2)
CHAIN = "urn:uuid:01970000-0000-7000-8000-0000000000cc"
RUN = "urn:uuid:01970000-0000-7000-8000-0000000000dd"
EARLIER = "urn:uuid:01970000-0000-7000-8000-0000000000de"
V2 = "https://www.w3.org/ns/credentials/v2"
INPUTS = commit(SaltedInput(f"sha256:{sha256(bytes([n])).hexdigest()}", bytes([n]) * 16) for n in range(3))
OWN = prove(INPUTS.inputs, [1])
GROUPS = ("cells", "run")


def cell(indicator: str = "co2e", **changes: Any) -> dict[str, Any]:
    """A released cell as the exchange states it."""
    return {
        "indicator": indicator,
        "status": "released",
        "unit": "KGM",
        "value": "90",
        "perUnit": "9",
        "perUnitOf": "H87",
        "own": "10",
        "upstream": "80",
        "isAtLeast": False,
        "missing": [],
        **changes,
    }


NO_DATA = cell(
    "water", status="no_data", unit="MTQ", **dict.fromkeys(("value", "perUnit", "own", "upstream"))
)


@dataclass(frozen=True)
class Release:
    """What stands in a release bundle; the defaults make a good one, other parts a wrong one, truly signed."""

    subject: Mapping[str, Any] = field(default_factory=dict)
    dropped: Sequence[str] = ()
    credential: Mapping[str, Any] = field(default_factory=dict)
    groups: Sequence[str] = GROUPS
    signer: Ed25519PrivateKey = REGISTRAR
    inputs: Commitment = INPUTS
    own: tuple[InputProof, ...] = OWN
    event: str = "rollup"
    digest: str = ""
    received: datetime = RECEIVED
    cosigned: datetime = COSIGNED
    witnesses: Sequence[str] = tuple(WITNESSES)[:2]
    token: Callable[[str], str] = lambda token: token
    bundle: Callable[[ReleaseBundle], ReleaseBundle] = lambda bundle: bundle

    def build(self) -> ReleaseBundle:
        """The bundle, put together the way an exchange does."""
        token, log = self.signed(), Log(ORIGIN)
        log.add(self.event, self.digest or token.digest, self.received)
        bundled = log.bundled(self.witnesses, self.cosigned)
        shown = self.token(token.present(self.groups).serialise())
        made = ReleaseBundle(
            shown, ReleaseLog(bundled.checkpoint, bundled.log_key, bundled.entries[0]), self.own
        )
        return self.bundle(made)

    def signed(self) -> Token:
        """The statement with all its disclosures."""
        subject = {
            "id": CHAIN,
            "period": {"start": "2025-01-01", "end": "2026-01-01"},
            "asOf": "2026-05-29T12:00:00Z",
            "method": "method/2",
            "factorSet": "factors/2026-12",
            "inputs": self.inputs.document(),
            "cells": [cell(run={"id": EARLIER}), NO_DATA],
            "productivity": [],
            "run": {"id": RUN},
            **self.subject,
        }
        document = {
            "@context": [V2],
            "id": "urn:uuid:01970000-0000-7000-8000-0000000000ee",
            "type": ["VerifiableCredential", "ChainRelease"],
            "issuer": did_key(self.signer.public_key()),
            "validFrom": "2026-05-29T12:00:05Z",
            "credentialSubject": {name: value for name, value in subject.items() if name not in self.dropped},
            **self.credential,
        }
        hidden = [name for name in ("cells", "productivity", "run") if name in document["credentialSubject"]]
        kid = did_key_kid(self.signer.public_key())
        return sign(document, groups=hidden, key=self.signer, kid=kid, salt=counting_salt())


def with_log(bundle: ReleaseBundle, **changes: Any) -> ReleaseBundle:
    """The bundle with parts of its log replaced."""
    return replace(bundle, log=replace(bundle.log, **changes))


def with_entry(bundle: ReleaseBundle, **changes: Any) -> ReleaseBundle:
    """The bundle with parts of its log entry replaced."""
    entry: BundledEntry = replace(bundle.log.entry, **changes)
    return with_log(bundle, entry=entry)


def judge_release(given: Release | ReleaseBundle | bytes, **changes: Any) -> ReleaseVerdict:
    """The verdict on a release, bundle or file at NOW with the usual trust root."""
    built = given.build() if isinstance(given, Release) else given
    data = built.serialise() if isinstance(built, ReleaseBundle) else built
    return verify_release(data, **{"trust": trust_root(), "now": NOW, **changes})
