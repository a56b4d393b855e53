"""The release bundle as a file: a signed statement, its place in the log, and the reader's own inputs of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.trust import strict_json
from exchange.trust.log.spelling import decode_base64, encode_base64
from exchange.trust.proof import form
from exchange.trust.proof.form import BundledEntry
from exchange.trust.release.inputs import InputProof, SaltedInput
from exchange.trust.strict_json import JsonObject, JsonValue

VERSION = "vcx-release-bundle/1"
# The values of a file are limited (`strict_json`): beside the inputs at most 11 and a path, of each input an object of
# four, one of them a path. An empty path counts like one of one hash.
_INPUT_VALUES = 5
_ROOM = strict_json.MAX_NODES - 11 - form.MAX_PATH
MAX_INPUTS = _ROOM // (_INPUT_VALUES + 1)  # in the smallest tree; `that_fit` says how many it is in another
_NAMES = {"v", "token", "log", "inputs"}
_MARK = b'"v":"vcx-release-bundle/'


@dataclass(frozen=True, slots=True)
class ReleaseLog:
    """A checkpoint (signed note with cosignatures), the key it claims to be signed with, the statement's entry."""

    checkpoint: str
    key: str
    entry: BundledEntry


@dataclass(frozen=True, slots=True)
class ReleaseBundle:
    """A release bundle as read or as about to be written; says nothing of its truth.

    `token` with the disclosures its holder may have; `inputs` the proofs of the holder's own datasets, if any.
    """

    token: str
    log: ReleaseLog
    inputs: tuple[InputProof, ...]

    def serialise(self) -> bytes:
        """The file that `read_release_bundle` reads, canonical JSON (RFC 8785)."""
        log = self.log
        return strict_json.canonical(
            {
                "v": VERSION,
                "token": self.token,
                "log": {"checkpoint": log.checkpoint, "key": log.key, "entry": log.entry.document()},
                "inputs": [_input_document(one) for one in self.inputs],
            }
        )


def that_fit(proofs: Sequence[InputProof]) -> tuple[InputProof, ...]:
    """The first of `proofs` that one file can hold: of the longest paths 1469."""
    left = _ROOM
    for number, proof in enumerate(proofs):
        left -= _INPUT_VALUES + max(len(proof.path), 1)
        if left < 0:
            return tuple(proofs[:number])
    return tuple(proofs)


def looks_like_release_bundle(data: bytes) -> bool:
    """Whether `data` is meant as a release bundle of some version, well formed or not."""
    return data.lstrip()[:1] == b"{" and _MARK in data


def read_release_bundle(data: bytes) -> ReleaseBundle:
    """The parts of the release bundle in `data`, their form checked and nothing else.

    Raises BundleError `bundle.size`, `bundle.json` (no canonical JSON), `bundle.version`, `bundle.form`; LogError
    `base64.invalid` or `proof.hash_length` for a path or salt.
    """
    members = form.read_document(data, VERSION, _NAMES)
    return ReleaseBundle(
        token=form.text(members["token"], "/token"),
        log=_log(members["log"]),
        inputs=form.each(members["inputs"], "/inputs", MAX_INPUTS, _input),
    )


def _log(value: JsonValue) -> ReleaseLog:
    members = form.members(value, {"checkpoint", "key", "entry"}, "/log")
    return ReleaseLog(
        checkpoint=form.text(members["checkpoint"], "/log/checkpoint"),
        key=form.text(members["key"], "/log/key"),
        entry=form.entry(members["entry"], "/log/entry"),
    )


def _input(value: JsonValue, path: str) -> InputProof:
    members = form.members(value, {"digest", "salt", "index", "path"}, path)
    salt = decode_base64(form.text(members["salt"], f"{path}/salt"), path=f"{path}/salt")
    salted = SaltedInput(form.text(members["digest"], f"{path}/digest"), salt)
    return InputProof(salted, *form.place(members, path))


def _input_document(proof: InputProof) -> JsonObject:
    return {
        "digest": proof.input.digest,
        "salt": encode_base64(proof.input.salt),
        "index": proof.index,
        "path": form.hash_texts(proof.path),
    }
