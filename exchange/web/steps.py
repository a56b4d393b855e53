"""The steps of a check in words: what each asks, how it ended, and what to do where it is not established.

One way for all checks; each brings its own sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from exchange.trust import Outcome
from exchange.web.forms import Message
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import word

OUTCOMES: dict[str, str] = {
    Outcome.ESTABLISHED.value: _("established"),
    Outcome.FAILED.value: _("not so"),
    Outcome.NOT_CHECKED.value: _("not checked"),
}
BADGES = {Outcome.ESTABLISHED.value: "success", Outcome.FAILED.value: "error"}
NOT_REACHED = "not_reached"


class AnyStep(Protocol):
    """A step of any check; `outcome` is one of OUTCOMES, `detail` the check's own English."""

    @property
    def name(self) -> str: ...

    @property
    def outcome(self) -> str: ...

    @property
    def code(self) -> str: ...

    @property
    def detail(self) -> str: ...


@dataclass(frozen=True)
class StepWords:
    """The sentences (msgids) of one kind of check.

    `names`: by step. `failed`, `open`: for a step that failed or could not be checked, by its code or by what stands
    before the code's first dot. `ways_out`: by step, where it failed for a reason without a sentence.
    """

    names: Mapping[str, str]
    failed: Mapping[str, str]
    open: Mapping[str, str]
    ways_out: Mapping[str, str]

    def advice(self, step: AnyStep) -> str:
        """What a step that is not established means for the reader, "" where no sentence says it."""
        if step.outcome == Outcome.ESTABLISHED.value:
            return ""
        is_failed = step.outcome == Outcome.FAILED.value
        known = by_code(self.failed if is_failed else self.open, step.code)
        return known or (self.ways_out.get(step.name, "") if is_failed else "")


def by_code(sentences: Mapping[str, str], code: str) -> str:
    """The sentence of a code, else of what stands before its first dot, else ""."""
    return sentences.get(code) or sentences.get(code.partition(".")[0], "")


@dataclass(frozen=True)
class StepLine:
    """One step; `advice` is what it means for the reader.

    `technical`: the check's own English, where the step failed or no sentence says what that means.
    """

    name: str
    state: str
    outcome: str
    badge: str
    code: str
    advice: str
    technical: Message | None


@dataclass(frozen=True)
class StepLines:
    """The steps in their order, and sentences that count: all of them, those established, those not reached."""

    lines: tuple[StepLine, ...]
    summary: str
    held: str
    unreached: str

    @property
    def established(self) -> tuple[StepLine, ...]:
        """Those that held."""
        return tuple(line for line in self.lines if line.state == Outcome.ESTABLISHED.value)

    @property
    def open(self) -> tuple[StepLine, ...]:
        """What there is something to do about: the steps that failed, then those that could not be checked."""
        rest = set(self.lines) - set(self.established) - set(self.beyond)
        in_order = [line for line in self.lines if line in rest]
        return tuple(sorted(in_order, key=lambda line: line.state != Outcome.FAILED.value))

    @property
    def beyond(self) -> tuple[StepLine, ...]:
        """Those that were not reached, because one before them failed."""
        return tuple(line for line in self.lines if line.code == NOT_REACHED)

    @property
    def is_any_failed(self) -> bool:
        """Whether one of them says no."""
        return any(line.state == Outcome.FAILED.value for line in self.lines)


def present_steps(reader: Reader, steps: Iterable[AnyStep], words: StepWords) -> StepLines:
    """The steps as a page shows them."""
    lines = tuple(_line(reader, step, words) for step in steps)
    count = {outcome: sum(line.state == outcome for line in lines) for outcome in OUTCOMES}
    summary = reader.say(
        "Every step of the check: %(established)s established, %(failed)s not so, %(open)s not checked",
        established=count[Outcome.ESTABLISHED.value],
        failed=count[Outcome.FAILED.value],
        open=count[Outcome.NOT_CHECKED.value],
    )
    held = reader.say_many(
        "One step is established", "%(count)s steps are established", count[Outcome.ESTABLISHED.value]
    )
    unreached = reader.say_many(
        "One step was not reached, because one before it failed",
        "%(count)s steps were not reached, because one before them failed",
        sum(line.code == NOT_REACHED for line in lines),
    )
    return StepLines(lines, summary, held, unreached)


def _line(reader: Reader, step: AnyStep, words: StepWords) -> StepLine:
    advice = words.advice(step)
    is_established, is_failed = (step.outcome == one.value for one in (Outcome.ESTABLISHED, Outcome.FAILED))
    is_told = bool(step.detail) and (is_failed or not (is_established or advice))
    return StepLine(
        name=word(reader, words.names, step.name),
        state=str(step.outcome),
        outcome=word(reader, OUTCOMES, step.outcome),
        badge=BADGES.get(step.outcome, "warning"),
        code="" if is_established else step.code,
        advice=reader.say(advice) if advice else "",
        technical=Message(step.detail, "en") if is_told else None,
    )
