"""The W3C's own test vectors of eddsa-jcs-2022 and ecdsa-jcs-2019, where a copy of them is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from exchange.trust import Outcome, TrustError
from exchange.trust.foreign.data_integrity.hashing import SecuredDocument
from exchange.trust.foreign.document import read_foreign, verify_foreign
from exchange.trust.foreign.verdict import ForeignVerdict
from tests.unit.trust.foreign.documents import NOW

ROOT = os.environ.get("VCX_REFERENCE_DIR", "")
VECTORS = Path(ROOT) / "vectors"
SIGNED = {
    "vc-di-eddsa/eddsa-jcs-2022": ("signedJCS.json", "combinedHashJCS.txt"),
    "vc-di-ecdsa/ecdsa-jcs-2019-p256": ("signedJCSECDSAP256.json", "combinedHashJCSECDSAP256.txt"),
}

pytestmark = pytest.mark.skipif(
    not ROOT, reason="VCX_REFERENCE_DIR is not set: the published vectors are not here"
)


def judge(content: bytes) -> ForeignVerdict:
    return verify_foreign(read_foreign(content), resolve=lambda name: None, now=NOW)


@pytest.mark.parametrize("folder", SIGNED)
def test_the_signature_holds_over_the_published_hash(folder: str) -> None:
    name, combined = SIGNED[folder]
    content = (VECTORS / folder / name).read_bytes()
    document = json.loads(content)
    signed = SecuredDocument(document).hash_data(document["proof"])
    assert signed.hex() == (VECTORS / folder / combined).read_text().strip()
    verdict = judge(content)
    established = [step.name for step in verdict.steps if step.outcome is Outcome.ESTABLISHED]
    assert established == ["structure", "payload", "time", "header", "key", "signature"]
    # The examples' issuer is a URL that nothing ties to the did:key: signed, but not by its issuer.
    assert (verdict.failures[0].name, verdict.failures[0].code) == ("issuer", "issuer.mismatch")


@pytest.mark.parametrize("folder", SIGNED)
def test_a_changed_example_does_not_hold(folder: str) -> None:
    content = (VECTORS / folder / SIGNED[folder][0]).read_bytes()
    changed = content.replace(b"The School of Examples", b"The School of Samples")
    assert changed != content
    assert judge(changed).failures[0].code == "signature.invalid"


@pytest.mark.parametrize("name", ["signedProofSet2.json", "signedProofChain2.json"])
def test_documents_signed_over_rdf_are_refused_by_name(name: str) -> None:
    with pytest.raises(TrustError) as refusal:
        read_foreign((VECTORS / "vc-di-eddsa/proof-set-chain" / name).read_bytes())
    assert refusal.value.code == "integrity.cryptosuite"
