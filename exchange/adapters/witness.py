"""A witness at work: reads a submission, remembers the tree durably, and only then signs (C2SP tlog-witness)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from exchange.adapters.clock import Clock
from exchange.adapters.witness_app import Answer
from exchange.adapters.witness_state import TreeHead, WitnessState
from exchange.trust.keys import PrivateKey
from exchange.trust.log.cosignature import cosign
from exchange.trust.log.note import COSIGNATURE, NoteKey
from exchange.trust.log.witness import Decision, Submission, decide, receive


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness called `name` with an Ed25519 `key`, for the logs (keys by origin) it was told of."""

    name: str
    key: PrivateKey
    logs: Mapping[str, Collection[NoteKey]]
    state: WitnessState
    clock: Clock

    @property
    def vkey(self) -> str:
        """The verifier key that trust roots and `VCX_WITNESSES` name."""
        return NoteKey(self.name, COSIGNATURE, self.key.public_key().public_bytes_raw()).vkey

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one submission; several may come at once. Raises WitnessStateError when nothing can be remembered.

        The new tree head is on disk before the cosignature exists: a crash in between costs an answer, never the
        promise.
        """
        submission = receive(body, self.logs)
        if isinstance(submission, Decision):
            return _answer(submission)
        with self.state.holding(submission.checkpoint.origin) as held:
            decision = decide(submission, (held.head.size, held.head.root) if held.head else None)
            if decision.record is None:
                return _answer(decision)
            held.replace(TreeHead(*decision.record))
        return Answer(200, self._cosign(submission).encode())

    def _cosign(self, submission: Submission) -> str:
        return cosign(submission.note.text, self.name, self.key, self.clock.now())


def _answer(decision: Decision) -> Answer:
    return Answer(decision.status, decision.body.encode(), decision.media_type)
