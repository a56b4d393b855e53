"""The page of one initiative: what was expected of it, what was seen, and what a change is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import (
    Cause,
    ChangeKind,
    ExpectedEffect,
    Initiative,
    Observation,
    Unobservable,
)
from exchange.domain.initiatives.observed import Unseen
from exchange.domain.periods import Period
from exchange.services import flows, initiative_effects, site_products, sites
from exchange.services.context import Context
from exchange.services.flows import FlowView
from exchange.services.initiative_effects import Expected, InitiativeEffects, Observed
from exchange.web import formats
from exchange.web.forms import Message, say_problem
from exchange.web.frame import render
from exchange.web.indicator_amounts import as_decimal, say_amount, say_money, scale_of
from exchange.web.initiative_words import CAUSES, EFFORTS, MOTIVES, NAMINGS, UNSEEN
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import INDICATORS, in_sentence, word


@dataclass(frozen=True)
class ExpectedRow:
    """An indicator's expected change a year, and as a share of the site's."""

    name: str
    change: str
    share: str


@dataclass(frozen=True)
class ObservedPart:
    """One indicator: the change in all, its contributions by cause, or why nothing can be seen."""

    name: str
    total: str
    naming: str
    change: str
    causes: tuple[tuple[str, str], ...]
    is_mix_by_key: bool
    unseen: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/initiatives/<initiative_id>", view_func=show_initiative)


def show_initiative(initiative_id: str) -> Response:
    """One initiative, weighed by the site's account as it is now."""
    ctx, reader = signed_in(), current_reader()
    found = initiative_effects.initiative_effects(ctx, initiative_id)
    site_id = found.view.initiative.place.site
    used = {one.id: one for one in flows.list_flows(ctx, site_id)}
    expected, observed = found.expected, found.observed
    return render(
        "initiative.html",
        section="web.development",
        title=found.view.initiative.title,
        facts=_facts(ctx, reader, found),
        changes=_changes(reader, found.view.initiative, used),
        request_link=_request_link(found),
        expected=_expected(reader, expected),
        expected_period=_period(reader, expected.period),
        expected_problem=_problem(reader, expected),
        observed=_observed(reader, observed),
        untouched=_untouched(reader, observed),
        before=_period(reader, observed.before),
        after=_period(reader, observed.after),
        observed_problem=_problem(reader, observed),
        is_withdrawn=found.view.withdrawn_at is not None,
        withdraw_link=url_for("web.withdraw_initiative", initiative_id=initiative_id),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def _request_link(found: InitiativeEffects) -> str:
    if found.view.request_id is None:
        return ""
    return url_for("web.show_request", request_id=found.view.request_id)


def _problem(reader: Reader, part: Expected | Observed) -> Message | None:
    return say_problem(reader, part.problem) if part.problem else None


def _period(reader: Reader, period: Period | None) -> str:
    return formats.period(period.start, period.end, reader.language) if period else ""


def _facts(ctx: Context, reader: Reader, found: InitiativeEffects) -> list[tuple[str, str]]:
    one, say = found.view.initiative, reader.say
    made = {each.product_id: each.name for each in site_products.list_site_products(ctx, one.place.site)}
    place = made.get(one.place.product, "") if one.place.product else say("The whole site")
    facts = [
        (say("Site"), sites.get_site(ctx, one.place.site).name),
        (say("Applies to"), place),
        (say("In force from"), formats.day(one.in_force, reader.language)),
        (say("Kind of effort"), word(reader, EFFORTS, one.effort)),
        (say("Why"), word(reader, MOTIVES, one.motive)),
    ]
    if one.customer_demand:
        facts.append((say("The customer's demand"), one.customer_demand))
    if one.investment is not None:
        facts.append((say("Investment"), say_money(reader, one.investment)))
    if one.saving is not None:
        facts.append((say("Saving a year"), say_money(reader, one.saving)))
    return [*facts, (say("Payback time"), _payback(reader, one))]


def _payback(reader: Reader, one: Initiative) -> str:
    years = one.payback_years
    if years is None:
        return reader.say("not known: it needs an investment and a saving above zero")
    return reader.say("%(years)s years", years=formats.number(as_decimal(years), reader.language, 1))


def _changes(reader: Reader, one: Initiative, used: Mapping[str, FlowView]) -> list[str]:
    """The expected changes as stated: `Electricity: −12% of the use`."""
    said = []
    for change in one.changes:
        flow = used.get(change.flow)
        name = flow.name if flow else change.flow
        if change.kind is ChangeKind.RELATIVE:
            share = formats.share(change.value, reader.language, 1)
            said.append(reader.say("%(flow)s: %(share)s of the use", flow=name, share=share))
        else:
            amount = formats.quantity(change.value, flow.unit.value if flow else "", reader.language)
            said.append(reader.say("%(flow)s: %(amount)s a year", flow=name, amount=amount))
    return said


def _expected(reader: Reader, expected: Expected) -> list[ExpectedRow]:
    return [_expected_row(reader, indicator, effect) for indicator, effect in expected.effects.items()]


def _expected_row(reader: Reader, indicator: Indicator, effect: ExpectedEffect) -> ExpectedRow:
    name = word(reader, INDICATORS, indicator)
    if effect.change is None:
        return ExpectedRow(name, reader.say("not known: a factor is missing"), "–")
    share = "–" if effect.share is None else formats.share(as_decimal(effect.share), reader.language, 1)
    return ExpectedRow(name, _signed(reader, indicator, effect.change), share)


def _signed(reader: Reader, indicator: Indicator, change: Fraction) -> str:
    return ("+" if change > 0 else "") + say_amount(reader, indicator, change)


def _observed(reader: Reader, observed: Observed) -> list[ObservedPart]:
    return [
        _seen(reader, indicator, one) if isinstance(one, Observation) else _unseen(reader, indicator, one)
        for indicator, one in observed.effects.items()
        if not _is_untouched(one)
    ]


def _untouched(reader: Reader, observed: Observed) -> str:
    """The indicators that nothing of what the initiative applies to adds to, in one sentence; "" for none."""
    names = [
        in_sentence(word(reader, INDICATORS, indicator))
        for indicator, one in observed.effects.items()
        if _is_untouched(one)
    ]
    if not names:
        return ""
    return reader.say(
        "Nothing of what it applies to adds to %(indicators)s.", indicators=reader.list_of(names)
    )


def _is_untouched(one: Observation | Unobservable) -> bool:
    return isinstance(one, Unobservable) and one.reason is Unseen.NOT_USED


def _seen(reader: Reader, indicator: Indicator, one: Observation) -> ObservedPart:
    scale = scale_of(indicator, [one.total_change, *one.by_cause.values()])

    def said(value: Fraction) -> str:
        return ("+" if value > 0 else "") + scale.show(as_decimal(value), reader.language)

    causes = ((cause, one.by_cause[cause]) for cause in Cause if one.by_cause[cause])
    return ObservedPart(
        name=word(reader, INDICATORS, indicator),
        total=said(one.total_change),
        naming=word(reader, NAMINGS, one.naming),
        change=said(one.change),
        causes=tuple((word(reader, CAUSES, cause), said(value)) for cause, value in causes),
        is_mix_by_key=one.is_mix_by_key,
        unseen="",
    )


def _unseen(reader: Reader, indicator: Indicator, one: Unobservable) -> ObservedPart:
    return ObservedPart(
        name=word(reader, INDICATORS, indicator),
        total=_signed(reader, indicator, one.total_change),
        naming="",
        change="",
        causes=(),
        is_mix_by_key=False,
        unseen=word(reader, UNSEEN, one.reason),
    )
