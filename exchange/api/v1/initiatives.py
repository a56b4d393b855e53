"""Initiatives: what is done where, at what cost and why; what is expected of it, and what is seen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    AmountText,
    DecimalText,
    Id,
    In,
    OptionalDecimalText,
    OptionalDerivedText,
    OptionalPeriodField,
    Out,
    ProblemOut,
    Query,
    Reply,
    decimal_of,
)
from exchange.domain.actors import Role
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    ExpectedEffect,
    Initiative,
    Motive,
    Naming,
    Observation,
    Place,
    Unobservable,
    Unseen,
)
from exchange.domain.pointers import pointer
from exchange.domain.quantities import parse_decimal
from exchange.services import initiative_effects, initiatives
from exchange.services.context import Context

resource = Resource("initiatives", "Sustainability initiatives with their expected and observed effect.")

MOST_FLOWS = 200


class PlaceIn(In):
    """Where it applies: a site, some of its flows (none named: all), one product (null: all)."""

    site: Id
    flows: Annotated[list[Id], Field(max_length=MOST_FLOWS)] = []
    product: Id | None = None


class ChangeIn(In):
    """What a flow is expected to do: a part of its use per unit (-0.12), or so much a year in its unit."""

    flow: Id
    kind: ChangeKind
    value: AmountText


class InitiativeIn(In):
    """An initiative. Money is DKK, `saving` a year; it answers a demand in words, or a request received by its id."""

    title: Annotated[str, Field(max_length=200)]
    effort: EffortIndicator
    in_force: date
    place: PlaceIn
    motive: Motive
    changes: Annotated[list[ChangeIn], Field(max_length=MOST_FLOWS)] = []
    investment: AmountText | None = None
    saving: AmountText | None = None
    customer_demand: Annotated[str, Field(max_length=500)] = ""
    request_id: Id | None = None

    def to_initiative(self) -> Initiative:
        """The domain's initiative; raises InvalidError (`quantity.amount`, the codes of an initiative)."""
        return Initiative(
            title=self.title,
            effort=self.effort,
            in_force=self.in_force,
            place=Place(self.place.site, tuple(self.place.flows), self.place.product),
            motive=self.motive,
            changes=tuple(
                ExpectedChange(
                    one.flow,
                    one.kind,
                    parse_decimal(one.value, pointer(["changes", index, "value"]), signed=True),
                )
                for index, one in enumerate(self.changes)
            ),
            investment=decimal_of(self.investment, "/investment"),
            saving=decimal_of(self.saving, "/saving"),
            customer_demand=self.customer_demand,
        )


class PlaceOut(Out):
    """Where it applies; no flow named: all, product null: all."""

    site: Id
    flows: list[Id]
    product: Id | None


class ChangeOfFlowOut(Out):
    """What a flow is expected to do."""

    flow: Id
    kind: ChangeKind
    value: DecimalText


class InitiativeOut(Out):
    """An initiative as stored; `payback_years` is null where investment or saving are not known or nothing is saved."""

    id: Id
    title: str
    effort: EffortIndicator
    in_force: date
    place: PlaceOut
    motive: Motive
    changes: list[ChangeOfFlowOut]
    investment: OptionalDecimalText
    saving: OptionalDecimalText
    payback_years: OptionalDerivedText
    customer_demand: str
    request_id: Id | None
    created_at: datetime
    withdrawn_at: datetime | None


class InitiativesOut(Out):
    """All initiatives that stand, newest date first."""

    items: list[InitiativeOut]


class ExpectedEffectOut(Out):
    """The change of an indicator a year in its unit (null: not known), and as a part of the site's."""

    indicator: Indicator
    unit: str
    change: OptionalDerivedText
    share: OptionalDerivedText


class ExpectedOut(Out):
    """What is expected, worked out on the twelve months of `period`; `problem` says why there is nothing."""

    period: OptionalPeriodField
    effects: list[ExpectedEffectOut]
    problem: ProblemOut | None


class ObservedEffectOut(Out):
    """The change of an indicator in its unit: by cause, which sum to it, or why it cannot be seen until measured."""

    indicator: Indicator
    unit: str
    total_change: OptionalDerivedText
    state: Literal["seen", "unseen"]
    naming: Naming | None = None
    by_cause: dict[str, OptionalDerivedText] = {}
    is_mix_by_key: bool = False
    reason: Unseen | None = None
    flows: list[str] = []


class ObservedOut(Out):
    """What changed from one period to the next; `problem` says why nothing can be said at all."""

    before: OptionalPeriodField
    after: OptionalPeriodField
    effects: list[ObservedEffectOut]
    problem: ProblemOut | None


class InitiativeEffectsOut(Out):
    """An initiative with what it is expected to do and what was seen."""

    initiative: InitiativeOut
    expected: ExpectedOut
    observed: ObservedOut


class InitiativesQuery(Query):
    """Initiatives of one site if named."""

    site_id: Id | None = None


@resource.operation("GET", "/initiatives")
def list_own(ctx: Context, query: InitiativesQuery) -> InitiativesOut:
    """List the organisation's initiatives that stand."""
    return InitiativesOut(items=list(map(_present, initiatives.list_initiatives(ctx, query.site_id))))


@resource.operation("POST", "/initiatives", role=Role.EDITOR, status=201)
def add(ctx: Context, body: InitiativeIn) -> Reply[InitiativeOut]:
    """Record an initiative at one of the organisation's sites."""
    made = initiatives.add_initiative(ctx, body.to_initiative(), body.request_id)
    return Reply(_present(made), headers={"Location": f"/api/v1/initiatives/{made.id}"})


@resource.operation("GET", "/initiatives/{initiative_id}")
def get(ctx: Context, initiative_id: Id) -> InitiativeOut:
    """Read one of the organisation's initiatives, withdrawn or not."""
    return _present(initiatives.get_initiative(ctx, initiative_id))


@resource.operation("GET", "/initiatives/{initiative_id}/effects")
def effects(ctx: Context, initiative_id: Id) -> InitiativeEffectsOut:
    """Weigh an initiative by the site's account as it is now; stores nothing."""
    found = initiative_effects.initiative_effects(ctx, initiative_id)
    expected, observed = found.expected, found.observed
    return InitiativeEffectsOut.model_validate(
        {
            "initiative": _present(found.view),
            "expected": {**vars(expected), "effects": _expected(expected.effects)},
            "observed": {**vars(observed), "effects": _observed(observed.effects)},
        }
    )


@resource.operation("DELETE", "/initiatives/{initiative_id}", role=Role.EDITOR)
def withdraw(ctx: Context, initiative_id: Id) -> InitiativeOut:
    """Take an initiative back."""
    return _present(initiatives.withdraw_initiative(ctx, initiative_id))


def _present(view: initiatives.InitiativeView) -> InitiativeOut:
    initiative = view.initiative
    derived = {"payback_years": initiative.payback_years, "request_id": view.request_id}
    kept = {"id": view.id, "created_at": view.created_at, "withdrawn_at": view.withdrawn_at}
    return InitiativeOut.model_validate({**vars(initiative), **derived, **kept})


def _expected(found: Mapping[Indicator, ExpectedEffect]) -> list[dict[str, object]]:
    return [{"indicator": one, "unit": one.unit.value, **vars(effect)} for one, effect in found.items()]


def _observed(found: Mapping[Indicator, Observation | Unobservable]) -> list[dict[str, object]]:
    return [
        {
            "indicator": one,
            "unit": one.unit.value,
            "state": "seen" if isinstance(effect, Observation) else "unseen",
            **vars(effect),
        }
        for one, effect in found.items()
    ]
