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
    "engine.loop_gain": _("the recipes take more of a product than is made"),
    "engine.not_converged": _("they could not be worked out precisely enough"),
    "rollup.cancelled": _("whoever runs the exchange stopped it"),
}
OTHERWISE = _("they could not be put together")


@dataclass(frozen=True)
class Words:
    """How a renewal is told: that it is asked for, what it is at, and that it was refused."""

    asked: str
    at: str
    refused: str


AGAIN = Words(
    _("The figures of %(period)s are being worked out again."),
    _("The figures of %(period)s are being worked out again: %(stage)s."),
    _("The figures of %(period)s were not worked out again: %(reason)s. The figures here are from before."),
)
FIRST = Words(
    _("The figures of %(period)s are being worked out."),
    _("The figures of %(period)s are being worked out: %(stage)s."),
    _("The figures of %(period)s were not worked out: %(reason)s."),
)


@dataclass(frozen=True)
class RenewalView:
    """One period; `count` says how much of a stage is done, "" where it has no count."""

    text: str
    is_refused: bool
    stage: str
    done: int
    total: int
    count: str


def renewal_views(
    reader: Reader, renewals: Mapping[Period, Renewal], pending: Mapping[Period, Renewal] | None = None
) -> list[RenewalView]:
    """The periods in their order; those of `pending` have no figures yet."""
    words = dict.fromkeys(renewals, AGAIN) | dict.fromkeys(pending or {}, FIRST)
    every = {**renewals, **(pending or {})}
    return [_view(reader, period, every[period], words[period]) for period in sorted(every)]


def _view(reader: Reader, period: Period, renewal: Renewal, words: Words) -> RenewalView:
    stage = word(reader, STAGES, renewal.stage) if renewal.stage else ""
    done, total = renewal.steps_done, renewal.steps_total
    count = f"{100 * done // total} %" if total else ""
    said = _said(reader, formats.period(period.start, period.end, reader.language), renewal, stage, words)
    return RenewalView(said, renewal.state == "refused", stage, done, total, count)


def _said(reader: Reader, period: str, renewal: Renewal, stage: str, words: Words) -> str:
    if renewal.state == "refused":
        reason = reader.say(REFUSED.get(renewal.code, OTHERWISE))
        return reader.say(words.refused, period=period, reason=reason)
    return reader.say(words.at if stage else words.asked, period=period, stage=stage)
