"""Which datasets a signed release counted: a Merkle root in the statement, a salted proof for each dataset's owner.

A leaf is the canonical JSON of a dataset's digest and a salt of its own, so that nobody who knows a digest can find out
whether it was counted. The leaves stand in the order of their hashes, which the salts decide, so that a place tells
nothing either. The tree is that of RFC 6962 section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exchange.trust.errors import LogError, ReleaseError
from exchange.trust.log.merkle import Frontier, leaf_hash, paths_of, verify_inclusion
from exchange.trust.log.spelling import encode_base64, is_digest
from exchange.trust.release.statement import RegisteredStatement
from exchange.trust.strict_json import JsonObject, canonical

SALT_BYTES = 16  # as of a disclosure (RFC 9901 section 9.3)


@dataclass(frozen=True, slots=True)
class SaltedInput:
    """A dataset by the digest of its JWT (`sha256:<hex>`) and the 16 random bytes that hide it."""

    digest: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a statement says of its inputs, and the inputs in the order of their leaves."""

    inputs: tuple[SaltedInput, ...]
    root: bytes

    def document(self) -> JsonObject:
        """The member `inputs` of the statement: root in base64, and how many they are."""
        return {"root": encode_base64(self.root), "size": len(self.inputs)}


@dataclass(frozen=True, slots=True)
class InputProof:
    """That one input stands at `index` of a statement's tree: `path` runs from the leaf's sibling upwards."""

    input: SaltedInput
    index: int
    path: tuple[bytes, ...]


def input_leaf(given: SaltedInput) -> bytes:
    """The leaf hash of `{"digest":…,"salt":…}`, salt in base64. Raises ReleaseError `release.digest`, `.salt`."""
    if not is_digest(given.digest):
        raise ReleaseError("release.digest", "A dataset's digest is sha256: and 64 hexadecimal digits.")
    if len(given.salt) != SALT_BYTES:
        raise ReleaseError("release.salt", f"The salt of an input has {SALT_BYTES} bytes.")
    return leaf_hash(canonical({"digest": given.digest, "salt": encode_base64(given.salt)}))


def commit(inputs: Iterable[SaltedInput]) -> Commitment:
    """The commitment to `inputs`. Raises ReleaseError, `release.doubled` for a digest that is there twice."""
    leaves = sorted(((input_leaf(one), one) for one in inputs), key=lambda pair: pair[0])
    if len({one.digest for _, one in leaves}) != len(leaves):
        raise ReleaseError("release.doubled", "A dataset is counted once.")
    tree = Frontier()
    tree.extend([leaf for leaf, _ in leaves])
    return Commitment(tuple(one for _, one in leaves), tree.root())


def prove(inputs: Sequence[SaltedInput], indices: Iterable[int]) -> tuple[InputProof, ...]:
    """The proofs of the inputs at `indices` of a commitment's ordered `inputs`. Raises ReleaseError, LogError."""
    places = list(indices)
    paths = paths_of(places, [input_leaf(one) for one in inputs])
    return tuple(InputProof(inputs[index], index, path) for index, path in zip(places, paths, strict=True))


def check_input(statement: RegisteredStatement, proof: InputProof) -> None:
    """Check that a registrar's statement counted the dataset the proof is about.

    Raises ReleaseError `release.digest`, `release.salt`, and `release.proof` when the proof does not lead to the
    statement's root.
    """
    content, leaf = statement.content, input_leaf(proof.input)
    try:
        verify_inclusion(index=proof.index, size=content.size, leaf=leaf, path=proof.path, root=content.root)
    except LogError as error:
        raise ReleaseError(
            "release.proof", f"The statement does not count this dataset. {error.detail}"
        ) from error
