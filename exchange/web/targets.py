"""Reduction targets: what was promised, how far it has come, and the form for another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Subject
from exchange.domain.targets import Measure, Progress, Target
from exchange.services import own_development, targets
from exchange.services.targets import TargetView
from exchange.web import formats
from exchange.web.frame import render
from exchange.web.indicator_amounts import as_decimal, say_amount, say_productivity
from exchange.web.language import current_reader
from exchange.web.own_subjects import subject_names, subject_of
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused
from exchange.web.words import CHANGES, INDICATORS, word

MEASURES: dict[str, str] = {
    "absolute": _("The effect itself falls"),
    "productivity": _("Value added per effect rises"),
}
OBSTACLES: dict[str, str] = {
    "no_base_figure": _("There is no calculation of the base year %(year)s."),
    "no_later_figure": _("There is no calculation after the base year yet."),
    "at_least": _("The figure of %(year)s lacks something, so it is only “at least”."),
    "no_effect": _("There was no effect in %(year)s to compare with."),
    "no_value_added": _("Value added of %(year)s is not entered."),
    "not_positive": _("Value added per effect was not above zero in %(year)s."),
    "current_prices": _("Value added of %(year)s is in current prices, which cannot be compared."),
    "other_prices": _("Value added of %(year)s stands on another price index."),
    "panel_changed": _("The way of reckoning is another in %(year)s."),
}
AT = {
    "/indicator": "indicator", "/measure": "measure", "/base_year": "base_year", "/target_year": "target_year",
    "/reduction": "reduction", "/subject": "of",
}  # fmt: skip


@dataclass(frozen=True)
class TargetItem:
    """A target in words, with where it stands."""

    title: str
    name: str
    promise: str
    state: str
    badge: str
    facts: tuple[tuple[str, str], ...]
    obstacle: str
    changes: str
    withdraw_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/targets", view_func=show_targets, endpoint="targets", methods=["GET", "POST"])
    pages.add_url_rule("/targets/<target_id>/withdraw", view_func=withdraw_target, methods=["POST"])


def show_targets() -> Response:
    """The targets that stand, and the form; sent, it adds one."""
    ctx, reader = signed_in(), current_reader()
    names = own_development.read_own_years(ctx).names
    sections = _sections(reader, names)
    typed = Typed(reader, request.form, labels_of(sections))
    if request.method == "POST":
        new = _read(typed, names)
        if new is not None:
            try:
                targets.add_target(ctx, new)
            except (InvalidError, ConflictError) as error:
                typed.errors += refused(reader, error, AT)
            else:
                return redirect(url_for("web.targets", done="target"), 303)
    return render(
        "targets.html",
        section="web.development",
        status=422 if typed.errors else 200,
        errors=typed.errors,
        items=[_item(reader, one) for one in targets.list_targets(ctx)],
        sections=marked(sections, typed.errors),
        may_edit=ctx.who.may(Role.EDITOR),
    )


def withdraw_target(target_id: str) -> Response:
    """Take a target back."""
    targets.withdraw_target(signed_in(), target_id)
    return redirect(url_for("web.targets", done="target_withdrawn"), 303)


def _sections(reader: Reader, names: Mapping[Subject, str]) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    inputs = (
        blank.choose("of", _("Whose figure"), subject_names(reader, names)),
        blank.choose("indicator", _("Indicator"), INDICATORS, given=Indicator.CO2E.value),
        blank.choose("measure", _("What shall happen"), MEASURES),
        blank.ask("reduction", _("By how many per cent"), _("Of the base year's figure, such as 30."),
                  widget="number"),
        blank.ask("base_year", _("Base year"), _("A year you have worked out, such as 2025.")),
        blank.ask("target_year", _("Target year"), _("Later than the base year, such as 2030.")),
    )  # fmt: skip
    return (Section("", inputs),)


def _read(typed: Typed, names: Mapping[Subject, str]) -> Target | None:
    """The target as typed; None where a field was refused."""
    subject = subject_of(typed.text("of"), names)
    indicator, measure = typed.code("indicator", Indicator), typed.code("measure", Measure)
    typed.needed("reduction")
    reduction = typed.share("reduction")
    base_year, target_year = typed.year("base_year"), typed.year("target_year")
    if typed.errors or reduction is None:
        return None
    try:
        return Target(Indicator(indicator), Measure(measure), base_year, target_year, reduction, subject)
    except InvalidError as error:
        typed.errors += refused(typed.reader, error, AT)
        return None


def _item(reader: Reader, view: TargetView) -> TargetItem:
    target, found = view.target, view.progress
    share = formats.share(target.reduction, reader.language, 1)
    sentence = (
        _("falls by %(share)s from %(base)s to %(target)s")
        if target.measure is Measure.ABSOLUTE
        else _("value added per effect rises by %(share)s from %(base)s to %(target)s")
    )
    state, badge = _state(reader, found)
    return TargetItem(
        title=word(reader, INDICATORS, target.indicator),
        name=view.name,
        promise=reader.say(sentence, share=share, base=target.base_year, target=target.target_year),
        state=state,
        badge=badge,
        facts=tuple(_facts(reader, target, found)),
        obstacle=reader.say(OBSTACLES[found.obstacle.value], year=found.obstacle_year)
        if found.obstacle
        else "",
        changes=reader.list_of([word(reader, CHANGES, one) for one in found.changes]),
        withdraw_link=url_for("web.withdraw_target", target_id=view.id),
    )


def _state(reader: Reader, found: Progress) -> tuple[str, str]:
    """Where it stands in words, and the badge's colour, which says nothing more."""
    if found.achieved is None:
        return reader.say("No progress to tell yet"), ""
    if found.achieved >= 1:
        return reader.say("Reached"), "success"
    return (reader.say("On track"), "success") if found.on_track else (reader.say("Behind"), "warning")


def _facts(reader: Reader, target: Target, found: Progress) -> list[tuple[str, str]]:
    def amount(value: Fraction) -> str:
        say = say_amount if target.measure is Measure.ABSOLUTE else say_productivity
        return say(reader, target.indicator, value)

    facts = []
    if found.base is not None:
        facts.append((reader.say("%(year)s, the base year", year=target.base_year), amount(found.base)))
    if found.latest is not None:
        facts.append((reader.say("%(year)s, the latest", year=found.latest_year), amount(found.latest)))
    if found.expected is not None:
        facts.append(
            (reader.say("%(year)s, on a straight line", year=found.latest_year), amount(found.expected))
        )
    if found.needed is not None:
        facts.append((reader.say("%(year)s, the target", year=target.target_year), amount(found.needed)))
    if found.achieved is not None:
        achieved = formats.share(as_decimal(found.achieved), reader.language)
        facts.append((reader.say("Of the way"), achieved))
    if found.passed_over:
        years = reader.list_of([str(year) for year in found.passed_over])
        facts.append((reader.say("Passed over, not complete"), years))
    return facts
