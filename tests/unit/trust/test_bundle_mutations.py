"""Every byte of a good bundle counts: changed, it is refused, or it says the same with fewer witnesses.

Each byte once in the ordinary run; with VCX_DEEP=1 every byte of both bundles in many ways.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from exchange.trust import Outcome
from exchange.trust.bundle import BundleVerdict
from tests.unit.trust.bundles import WITNESSES, Case, judge, trust_root

DEEP = os.environ.get("VCX_DEEP") == "1"
# One more witness than the quorum, so that a lost cosignature alone refuses nothing.
SPARE = Case(witnesses=tuple(WITNESSES))
OTHERS = b'A0z"\\{}[],: \n\x00\xff~.='


def changed_to(data: bytes, position: int) -> list[int]:
    """Other bytes for one place: a neighbour, a flipped bit, what has a meaning in JSON or base64."""
    here = data[position]
    candidates = [here ^ 1, here ^ 0x20, here ^ 0x80, *OTHERS]
    chosen = candidates if DEEP else candidates[position % len(candidates) :][:1]
    return sorted({byte for byte in chosen if byte != here}) or [here ^ 1]


def says(verdict: BundleVerdict) -> tuple[object, ...]:
    """All that a verdict tells but the number of witnesses."""
    steps = tuple((step.name, step.outcome, step.code) for step in verdict.steps)
    bare = replace(verdict, steps=(), witnesses=(), signed=None)
    return steps, bare, verdict.signed.credential if verdict.signed else None


@pytest.mark.timeout(1800 if DEEP else 120)
@pytest.mark.parametrize("epochs", [1, 2] if DEEP else [1])
def test_every_changed_byte_is_refused_or_costs_no_more_than_a_witness(epochs: int) -> None:
    data = replace(SPARE, epochs=epochs).build().serialise()
    good = judge(data)
    assert good.ok
    assert len(good.witnesses) == 3
    expected, survivors = says(good), 0
    # The verdict tells the witnesses of the newest log alone; a lost one of an older log's is not seen in it.
    newest = data.rindex(b'{"checkpoint":')
    for position in range(len(data)):
        for byte in changed_to(data, position):
            verdict = judge(data[:position] + bytes([byte]) + data[position + 1 :])
            if verdict.ok:
                assert says(verdict) == expected, position
                assert len(verdict.witnesses) == (2 if position > newest else 3), position
                survivors += 1
    # The names and key ids of a log's three cosignature lines are the only bytes that may change without a refusal.
    assert 0 < survivors < len(data) * (len(OTHERS) + 3) // 10


def test_every_shortened_bundle_is_refused() -> None:
    data = SPARE.build().serialise()
    for length in range(0, len(data), 1 if DEEP else 37):
        assert not judge(data[:length]).ok
    assert judge(data + b" ").step("bundle").outcome is Outcome.FAILED


def test_a_changed_byte_below_the_quorum_is_refused() -> None:
    data = Case().build().serialise()
    assert judge(data).ok
    line = data.index("— witness.example/w1".encode())
    spoiled = data[: line + 5] + b"x" + data[line + 6 :]
    assert judge(spoiled).failures[0].code == "witnesses.quorum"
    assert judge(spoiled, trust=trust_root(quorum=1)).ok
