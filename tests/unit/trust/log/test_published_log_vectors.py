"""Published data of trees, notes, checkpoints and proofs, where a copy is at hand (VCX_REFERENCE_DIR)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from exchange.trust.errors import LogError, TrustError
from exchange.trust.log.checkpoint import read_checkpoint
from exchange.trust.log.cosignature import check_cosignature
from exchange.trust.log.entry import read_entry
from exchange.trust.log.merkle import (
    Frontier,
    consistency_plan,
    fold,
    leaf_hash,
    path_of,
    verify_consistency,
    verify_inclusion,
)
from exchange.trust.log.note import ED25519, NoteKey, read_note, read_vkey, signers
from exchange.trust.log.tlog_proof import read_tlog_proof
from tests.unit.trust.vectors import VECTORS, load, names, needed

pytestmark = needed


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def is_refused(call: Any, **arguments: Any) -> bool:
    try:
        call(**arguments)
    except LogError:
        return True
    return False


def test_the_roots_and_nodes_of_the_shared_leaves() -> None:
    vector = load("merkle/rfc6962_leaf_inputs_and_roots.json")
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in vector["leaf_inputs_hex"]]
    nodes = [value for _, _, value in sorted(Frontier().extend(leaves))]
    assert [value.hex() for value in leaves + nodes] == vector[
        "level0_8nodes_then_level1_4_level2_2_level3_1_hex"
    ]
    for size, root in enumerate(vector["root_hashes_hex_by_size"]):
        frontier = Frontier()
        frontier.extend(leaves[:size])
        assert frontier.root().hex() == root


@pytest.mark.parametrize("name", names("merkle/inclusion/**/*.json"))
def test_inclusion_proofs_are_judged_as_published(name: str) -> None:
    vector = load(name)
    refused = is_refused(
        verify_inclusion,
        index=vector["leafIdx"],
        size=vector["treeSize"],
        leaf=raw(vector["leafHash"]),
        path=[raw(value) for value in vector["proof"] or []],
        root=raw(vector["root"]),
    )
    assert refused is vector["wantErr"]


# Its "roots" have twelve bytes; here every hash has 32.
SHORT_ROOTS = "sizes-are-equal-one-and-proof-is-empty"


@pytest.mark.parametrize("name", names("merkle/consistency/**/*.json"))
def test_consistency_proofs_are_judged_as_published(name: str) -> None:
    vector = load(name)
    refused = is_refused(
        verify_consistency,
        old_size=vector["size1"],
        new_size=vector["size2"],
        old_root=raw(vector["root1"]),
        new_root=raw(vector["root2"]),
        path=[raw(value) for value in vector["proof"] or []],
    )
    assert refused is (vector["wantErr"] or SHORT_ROOTS in name)


def test_all_the_published_proofs_were_there() -> None:
    assert len(names("merkle/inclusion/**/*.json")) == len(names("merkle/consistency/**/*.json")) == 98


def test_the_specifications_note_is_signed_by_its_key() -> None:
    vector = load("c2sp/signed-note.json")
    key = read_vkey(vector["vkey"])
    assert key.vkey == vector["vkey"]
    assert signers(read_note(vector["note"]), [key]) == (key,)


def test_a_log_made_elsewhere_has_the_same_bytes() -> None:
    log = load("e2e-example/vector.json")["log"]
    entries = [body.encode() for body in log["entries"]]
    leaves = [leaf_hash(body) for body in entries]
    assert [read_entry(body).body() for body in entries] == entries
    assert [leaf.hex() for leaf in leaves] == log["leaf_hashes_hex"]
    assert [value.hex() for value in path_of(1, leaves)] == log["inclusion_index1_size5_hex"]
    nodes = {(level, index): value for level, index, value in Frontier().extend(leaves)}
    nodes |= {(0, index): leaf for index, leaf in enumerate(leaves)}
    proof = [fold([nodes[node] for node in element]) for element in consistency_plan(2, 5)]
    assert [value.hex() for value in proof] == log["consistency_2_5_hex"]
    verify_consistency(
        old_size=2,
        new_size=5,
        old_root=bytes.fromhex(log["root_size2_hex"]),
        new_root=bytes.fromhex(log["root_size5_hex"]),
        path=proof,
    )


def test_a_proof_file_made_elsewhere_is_read_and_verifies() -> None:
    log = load("e2e-example/vector.json")["log"]
    text = (VECTORS / "e2e-example/dataset.tlog-proof").read_text(encoding="utf-8")
    assert text == log["tlog_proof"]
    proof = read_tlog_proof(text)
    assert proof.serialise() == text
    assert proof.checkpoint_note == log["checkpoint"]
    note, key, witness = (
        read_note(proof.checkpoint_note),
        read_vkey(log["vkey"]),
        read_vkey(log["witness_vkey"]),
    )
    assert signers(note, [key]) == (key,)
    assert check_cosignature(note, witness).isoformat() == "2026-11-21T20:00:10+00:00"
    checkpoint = read_checkpoint(note.text)
    assert checkpoint.text() == note.text
    leaf = leaf_hash(log["entries"][1].encode())
    verify_inclusion(
        index=proof.index, size=checkpoint.size, leaf=leaf, path=proof.path, root=checkpoint.root
    )


def ed25519_logs(name: str) -> list[NoteKey]:
    """The Ed25519 logs of the bundle's trusted root, as verifier keys."""
    logs = load(f"sigstore-bundles/{name}/trusted_root.json")["tlogs"]
    found = [
        (log["baseUrl"].partition("//")[2], load_der_public_key(raw(log["publicKey"]["rawBytes"])))
        for log in logs
    ]
    return [
        NoteKey(host, ED25519, key.public_bytes_raw())
        for host, key in found
        if isinstance(key, Ed25519PublicKey)
    ]


def judge(name: str, *, signed: bool) -> str:
    """Why the log part of a bundle is refused, "" when it holds: proof present, checkpoint, root, signature."""
    bundle = load(f"sigstore-bundles/{name}/bundle.sigstore.json")
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    proof = entry.get("inclusionProof", {})
    if "checkpoint" not in proof:
        return "absent"
    try:
        note = read_note(proof["checkpoint"]["envelope"])
        checkpoint = read_checkpoint(note.text)
        verify_inclusion(
            index=int(proof["logIndex"]),
            size=checkpoint.size,
            leaf=leaf_hash(raw(entry["canonicalizedBody"])),
            path=[raw(value) for value in proof["hashes"]],
            root=checkpoint.root,
        )
        return "" if not signed or signers(note, ed25519_logs(name)) else "unsigned"
    except TrustError as error:
        return error.code


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rekor2-happy-path", ""),
        ("rekor2-dsse-happy-path", ""),
        ("rekor2-checkpoint-cosigned", ""),
        ("rekor2-checkpoint-multiple-cosigs", ""),
        ("rekor2-checkpoint-origin-not-first", ""),
        ("rekor2-checkpoint-two-sigs-cosigned", ""),
        ("rekor2-checkpoint-two-sigs-from-origin", ""),
        ("rekor2-checkpoint-missing-log-signature_fail", "note.signatures"),
        ("rekor2-checkpoint-missing-origin_fail", "checkpoint.form"),
        ("rekor2-checkpoint-missing-root-hash_fail", "checkpoint.form"),
        ("rekor2-checkpoint-missing-size_fail", "checkpoint.form"),
        ("rekor2-checkpoint-no-matching-signature_fail", "unsigned"),
        ("rekor2-no-inclusion-proof_fail", "absent"),
    ],
)
def test_checkpoints_of_a_public_log_behave_as_their_names_say(name: str, reason: str) -> None:
    assert judge(name, signed=True) == reason


# These logs sign with ECDSA, which is not used here; their proofs and checkpoints are read all the same.
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("happy-path-v0.1", ""),
        ("happy-path-v0.2", ""),
        ("happy-path-v0.3", ""),
        ("happy-path-v0.3-new-mediaType", ""),
        ("happy-path-intoto-in-dsse-v3", ""),
        ("checkpoint-wrong-roothash_fail", "proof.length"),
        ("inclusion-proof-corrupted-hash_fail", "proof.root"),
        ("invalid-inclusion-proof_fail", "absent"),
        ("intoto-missing-inclusion-proof_fail", "absent"),
    ],
)
def test_inclusion_proofs_of_a_public_log_behave_as_their_names_say(name: str, reason: str) -> None:
    assert judge(name, signed=False) == reason
