"""Published did:key documents, read as if a domain served them, where a copy is at hand (VCX_REFERENCE_DIR)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.unit.trust.test_did_web import DID, KID, document, key_of, method

REFERENCE = os.environ.get("VCX_REFERENCE_DIR", "")


@pytest.mark.skipif(not REFERENCE, reason="the published vectors are not here")
@pytest.mark.parametrize("name", ["did-key-ed25519-x25519.json", "did-key-nist-curves.json"])
def test_published_did_key_documents_give_their_keys_once_they_are_of_did_web(name: str) -> None:
    vectors = json.loads((Path(REFERENCE) / "vectors/did" / name).read_text())
    read = 0
    for did, vector in vectors.items():
        if not did.startswith(("did:key:z6Mk", "did:key:zDn")):
            continue
        multikey = {
            "id": KID,
            "type": "Multikey",
            "controller": DID,
            "publicKeyMultibase": did.removeprefix("did:key:"),
        }
        multi = key_of(document(verificationMethod=[multikey]))
        for found in vector["didDocument"]["verificationMethod"][:1]:
            if "publicKeyJwk" in found:
                as_jwk = document(
                    verificationMethod=[method(type=found["type"], publicKeyJwk=found["publicKeyJwk"])]
                )
                assert key_of(as_jwk) == multi
        read += 1
    assert read >= 2
