"""A sustainability initiative (bæredygtighedsinitiativ): what is done, where, why, at what cost (method section 8).

Effort indicators and motives carry the codes of the effort survey's schema (effort 0.1.0: `process`,
`circularity`, and question 1.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from exchange.domain.errors import Problem, refuse

LONGEST_TITLE = 200


class EffortIndicator(StrEnum):
    """The five effort indicators (indsatsindikatorer) in the survey's order."""

    DATA_AND_DECISIONS = "data_and_decisions"
    COLLABORATION = "collaboration"
    CIRCULARITY = "circularity"
    GREEN_RESEARCH = "green_research"
    INVESTMENT = "investment"


class Motive(StrEnum):
    """Why it is done (question 1.4)."""

    MARKET_POSITION = "market_position"
    COST_SAVINGS = "cost_savings"
    SOCIAL_RESPONSIBILITY = "social_responsibility"
    CUSTOMER_DEMANDS = "customer_demands"
    OTHER = "other"


class ChangeKind(StrEnum):
    """How an expected change is stated."""

    RELATIVE = "relative"
    AMOUNT = "amount"


@dataclass(frozen=True)
class ExpectedChange:
    """What a flow is expected to do: `value` is a share of its intensity (-0.12), or so much a year in its unit."""

    flow: str
    kind: ChangeKind
    value: Decimal


@dataclass(frozen=True)
class Place:
    """Where an initiative applies: a site, some of its flows (none named: all), one product (None: all)."""

    site: str
    flows: tuple[str, ...] = ()
    product: str | None = None

    def holds(self, product: str, flow: str) -> bool:
        """Whether the flow, used for the product, is where the initiative applies."""
        return (not self.flows or flow in self.flows) and self.product in (None, product)


@dataclass(frozen=True, kw_only=True)
class Initiative:
    """One initiative. Money is DKK; `saving` is per year and may be below zero; None is not known.

    `customer_demand` is the id of the request it answers, or words. `InvalidError` names every problem;
    its code is the first one's: `initiative.title`, `initiative.site`, `initiative.flow` (a change of a flow
    that the place does not name), `initiative.flow_twice`, `initiative.change` (no number, zero, or a fall
    by more than all of it), `initiative.investment` (below zero), `initiative.saving` (no number).
    """

    title: str
    effort: EffortIndicator
    in_force: date
    place: Place
    motive: Motive
    changes: tuple[ExpectedChange, ...] = ()
    investment: Decimal | None = None
    saving: Decimal | None = None
    customer_demand: str = ""

    def __post_init__(self) -> None:
        refuse((*self._named_wrongly(), *self._changed_wrongly(), *self._priced_wrongly()))

    @property
    def reach(self) -> Place:
        """The place with its flows: those named, else those expected to change, else all (none named)."""
        flows = self.place.flows or tuple(change.flow for change in self.changes)
        return Place(self.place.site, flows, self.place.product)

    @property
    def payback_years(self) -> Fraction | None:
        """Investment / yearly saving; None where either is unknown or nothing is saved."""
        if self.investment is None or self.saving is None or self.saving <= 0:
            return None
        return Fraction(self.investment) / Fraction(self.saving)

    def _named_wrongly(self) -> Iterator[Problem]:
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            yield Problem(
                "initiative.title",
                f"An initiative needs a title of at most {LONGEST_TITLE} characters.",
                "/title",
                "Say in a few words what is done.",
            )
        if not self.place.site:
            yield Problem(
                "initiative.site", "It is not said where it applies.", "/place/site", "Choose the site."
            )

    def _changed_wrongly(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, change in enumerate(self.changes):
            path = f"/changes/{index}"
            if self.place.flows and change.flow not in self.place.flows:
                yield Problem(
                    "initiative.flow",
                    "A change is expected of a flow that the initiative does not apply to.",
                    f"{path}/flow",
                    "Add the flow to where the initiative applies, or remove the change.",
                )
            if change.flow in seen:
                yield Problem(
                    "initiative.flow_twice",
                    "Two changes are expected of the same flow.",
                    f"{path}/flow",
                    "Put them together into one change.",
                )
            seen.add(change.flow)
            if not _is_change(change):
                yield Problem(
                    "initiative.change",
                    "The expected change is zero, no number, or a fall by more than all of it.",
                    f"{path}/value",
                    "Write 12 per cent less as -0.12, or an amount a year with its sign.",
                )

    def _priced_wrongly(self) -> Iterator[Problem]:
        if self.investment is not None and not (self.investment.is_finite() and self.investment >= 0):
            yield Problem(
                "initiative.investment",
                "The investment is below zero or no number.",
                "/investment",
                "Give the amount in DKK, or leave it out.",
            )
        if self.saving is not None and not self.saving.is_finite():
            yield Problem(
                "initiative.saving",
                "The yearly saving is no number.",
                "/saving",
                "Give the amount in DKK a year, below zero where it costs, or leave it out.",
            )


def _is_change(change: ExpectedChange) -> bool:
    if not change.value.is_finite() or change.value == 0:
        return False
    return change.kind is ChangeKind.AMOUNT or change.value >= -1
