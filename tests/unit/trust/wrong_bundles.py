"""What makes a bundle wrong, and how its refusal must look: a stranger's key and log, a state that says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from exchange.trust import did_key
from exchange.trust.bundle import STEPS
from exchange.trust.log.state import State
from tests.unit.trust.bundles import Case, Log, judge, key_of

SECOND = timedelta(seconds=1)
STRANGER = key_of("stranger")
STRANGER_DID = did_key(STRANGER.public_key())
OTHER = Log("other.example/log/1")
# A case with one thing wrong, and the step and code that refuse it.
Wrong = tuple[Case, tuple[str, str]]


def other_state(**changes: Any) -> Callable[[State], State]:
    """The state with parts of it replaced, before it is signed."""
    return lambda state: replace(state, **changes)


def must_be_refused(wrong: Wrong) -> None:
    """The first demanded step that is not established is that one, in words, and no dataset comes out."""
    case, (step, code) = wrong
    verdict = judge(case)
    assert tuple(each.name for each in verdict.steps) == STEPS
    assert not verdict.ok
    assert verdict.dataset is None
    assert (verdict.failures[0].name, verdict.failures[0].code) == (step, code)
    assert len(verdict.failures[0].detail) > 20
