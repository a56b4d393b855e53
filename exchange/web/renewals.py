"""Periods of a chain whose figures are out of date: what their renewal is at, or why it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.domain.periods import Period
from exchange.services.rollup.standing import Renewal
from exchange.web import formats
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.words import word

STAGES: dict[str, str] = {
    "waiting": _("another worker is at it"),
    "reading": _("data are being read"),
    "linking": _("products are being linked"),
    "solving": _("totals are being worked out"),
    "storing": _("the result is being stored"),
    "figures": _("chains are being worked out"),
    "releasing": _("figures are being released"),
}
REFUSED: dict[str, str] = {
    "rollup.check_failed": _("their sums did not agree with each other"),
    "rollup.imprecise": _("they could not be worked out precisely enough"),
    "engine.loop_gain": _("some products need as much of themselves as they give"),
    "engine.not_converged": _("they could not be worked out precisely enough"),
    "rollup.cancelled": _("the operator stopped it"),
}
OTHERWISE = _("they could not be put together")


@dataclass(frozen=True)
class RenewalView:
    """One period; `count` says how much of a stage is done, "" where it has no count."""

    text: str
    is_refused: bool
    stage: str
    done: int
    total: int
    count: str


def renewal_views(reader: Reader, renewals: Mapping[Period, Renewal]) -> list[RenewalView]:
    """The periods in their order."""
    return [_view(reader, period, renewal) for period, renewal in sorted(renewals.items())]


def _view(reader: Reader, period: Period, renewal: Renewal) -> RenewalView:
    stage = word(reader, STAGES, renewal.stage) if renewal.stage else ""
    done, total = renewal.steps_done, renewal.steps_total
    count = reader.say("%(done)s of %(total)s", done=done, total=total) if total else ""
    said = _said(reader, formats.period(period.start, period.end, reader.language), renewal, stage)
    return RenewalView(said, renewal.state == "refused", stage, done, total, count)


def _said(reader: Reader, period: str, renewal: Renewal, stage: str) -> str:
    if renewal.state == "refused":
        return reader.say(
            "Newer data of %(period)s could not be taken in: %(reason)s. The figures shown are from before.",
            period=period,
            reason=reader.say(REFUSED.get(renewal.code, OTHERWISE)),
        )
    if stage:
        return reader.say(
            "Newer data have come in. The figures of %(period)s are being renewed: %(stage)s.",
            period=period,
            stage=stage,
        )
    return reader.say(
        "Newer data have come in. The figures of %(periods)s are being renewed.", periods=period
    )
