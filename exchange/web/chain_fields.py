"""The fields of a chain's form: a name, a period, and products with amounts or the members of a group or place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import request

from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period, local_date, year
from exchange.services import chain_entry, organisations
from exchange.services.chain_views import ChainView
from exchange.services.chains import MOST_TARGETS, Members, Target
from exchange.services.context import Context
from exchange.services.rollup.wanted import ChainKind
from exchange.web.chain_periods import periods_of
from exchange.web.formats import by_name
from exchange.web.forms import Choice, Field, FieldError, Message
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.typed import Blank, Input, Section, Typed, refused, show_number

PREFERRED: dict[str, str] = {
    "linked": _("The recipe, where it covers enough"),
    "declared": _("What the maker declares"),
}
NAMED = ("supplier", "product")
MEMBER_ERRORS: dict[str, str] = {
    "chain.member_unknown": _(
        "Line %(number)s: no organisation here is called “%(line)s”. Check the spelling, or give the CVR number."
    ),
    "chain.member_several": _(
        "Line %(number)s: several organisations are called “%(line)s”. Give the CVR number instead."
    ),
}
MOST_QUOTED = 100
MOST_OFFERED = 200
LEAST_ROWS, SPARE_ROWS = 3, 2
AT = {
    "/name": "name", "/targets": "product-1", "/members": "others", "chain.periods": "first",
    "chain.amount": "amount-1",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A form: what kind of chain, what it shows at first, and how many rows for products.

    `known` are organisations to choose from: members of a group or place, suppliers of a product chain.
    `period` is the one that is changed; None where the form asks for it.
    """

    kind: ChainKind
    known: Mapping[str, str]
    given: Mapping[str, str]
    chosen: frozenset[str]
    rows: int
    period: Period | None = None


def asked_of(
    ctx: Context,
    reader: Reader,
    kind: ChainKind,
    chain: ChainView | None = None,
    period: Period | None = None,
) -> Asked:
    """The form as it stands before anything is typed: what the chain has in `period`, which is changed.

    Without one: last year, or for the next period what a chain's newest has.
    """
    given = _period_given(local_date(ctx.now()), chain)
    if kind is not ChainKind.PRODUCT:
        known = {one.id: one.name for one in chain_entry.acquaintances(ctx)}
        return Asked(kind, known, given, _members_in(chain, period), 0, period)
    targets = chain.targets if chain else ()
    shown = period or max((one.period for one in targets), default=None)
    rows = [one for one in targets if one.period == shown]
    for number, one in enumerate(rows, 1):
        given |= {
            f"supplier-{number}": one.maker_name,
            f"product-{number}": one.product_name,
            f"amount-{number}": show_number(one.amount, reader),
        }
    typed = sum(name.startswith("product-") for name in request.form)
    many = min(max(LEAST_ROWS, len(rows) + SPARE_ROWS, typed), MOST_TARGETS)
    return Asked(kind, _suppliers(ctx), given, frozenset(), many, period)


def _suppliers(ctx: Context) -> Mapping[str, str]:
    """Organisations to offer as suppliers while one is typed: of a large directory, its first page."""
    found = organisations.find_organisations(ctx, "", limit=MOST_OFFERED)
    return {one.id: one.name for one in found.items if one.id != ctx.who.organisation_id}


def offered_suppliers(asked: Asked) -> list[str]:
    """Names for a product chain's supplier fields, in order."""
    return sorted(asked.known.values(), key=by_name) if asked.kind is ChainKind.PRODUCT else []


def _members_in(chain: ChainView | None, period: Period | None) -> frozenset[str]:
    """The members in a period, else in the newest."""
    members = chain.members if chain else ()
    shown = period or max((one.period for one in members), default=None)
    return frozenset(one.organisation_id for one in members if one.period == shown)


def _period_given(today: date, chain: ChainView | None) -> dict[str, str]:
    """The period after the chain's last one, as long as it, else last year."""
    periods = periods_of(chain) if chain else []
    offered = periods[-1].following() if periods else year(today.year - 1)
    return {"first": offered.start.isoformat(), "last": (offered.end - timedelta(days=1)).isoformat()}


def naming_section(reader: Reader, kind: ChainKind) -> Section:
    """What the chain is called, and which figure counts where a product has two."""
    blank = Blank(reader, request.form)
    name = blank.ask("name", _("Name of the chain"), _("Everybody who takes part in it reads the name."))
    if kind is not ChainKind.PRODUCT:
        return Section("", (name,))
    hint = _("Where a product both declares its figure and shows its recipe.")
    return Section("", (name, blank.choose("prefer", _("Which of the two counts"), PREFERRED, hint)))


def scope_sections(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """The period where it is asked for, and what the chain consists of in it."""
    blank = Blank(reader, request.form)
    days = (
        blank.ask("first", _("First day"), widget="day", given=asked.given.get("first", "")),
        blank.ask("last", _("Last day"), widget="day", given=asked.given.get("last", "")),
    )
    period = () if asked.period else (Section(reader.say("Period"), days),)
    if asked.kind is not ChainKind.PRODUCT:
        return *period, _members(reader, blank, asked)
    return *period, *(_target(reader, blank, asked, number) for number in range(1, asked.rows + 1))


def _target(reader: Reader, blank: Blank, asked: Asked, number: int) -> Section:
    supplier, product, amount = (f"{name}-{number}" for name in ("supplier", "product", "amount"))
    inputs = (
        blank.ask(supplier, _("Supplier"), _("Its CVR number or name. Leave it empty for your own product."),
                  widget="supplier", optional=True, given=asked.given.get(supplier, "")),
        blank.ask(product, _("Product number or name"), optional=number > 1, given=asked.given.get(product, "")),
        blank.ask(amount, _("Amount in the period"), _("In the unit the product's figures are given per."),
                  widget="number", optional=number > 1, given=asked.given.get(amount, "")),
    )  # fmt: skip
    return Section(reader.say("Product %(number)s", number=number), inputs)


def _members(reader: Reader, blank: Blank, asked: Asked) -> Section:
    picked = frozenset(request.form.getlist("known")) if request.form else asked.chosen
    by_names = sorted(asked.known.items(), key=lambda one: by_name(one[1]))
    choices = tuple(Choice(one, name, one in picked) for one, name in by_names)
    hint = reader.say("Your own, and those that have opened figures to you or were members before.")
    known = Field("known", reader.say("Organisations you know"), hint=hint, choices=choices)
    others = blank.ask(
        "others", _("Other members"), _("One per line: CVR number or name."), widget="area", optional=True
    )
    return Section(reader.say("Members"), (Input(known, "ticks"), others))


def read_scope(
    ctx: Context, typed: Typed, asked: Asked, period: Period | None
) -> tuple[tuple[Target, ...], tuple[Members, ...]] | None:
    """Targets or members as typed, found by their names; None where something was refused."""
    rows = _rows(typed, asked.rows)
    if typed.errors or period is None:
        return None
    lines = [line.strip() for line in typed.form.get("others", "").splitlines()]
    at = {f"/targets/{row}/{name}": f"{name}-{one.number}" for row, one in enumerate(rows) for name in NAMED}
    try:
        if asked.kind is ChainKind.PRODUCT:
            found = chain_entry.find_targets(ctx, [(one.supplier, one.product) for one in rows])
            return tuple(Target(id_, period, one.amount) for id_, one in zip(found, rows, strict=True)), ()
        others = chain_entry.find_members(ctx, [line for line in lines if line])
    except InvalidError as error:
        typed.errors += _unknown_lines(typed.reader, error, lines) or refused(typed.reader, error, at)
        return None
    ticked = [one for one in request.form.getlist("known") if one in asked.known]
    return (), (Members(period, tuple(dict.fromkeys((*ticked, *others)))),)


def _unknown_lines(reader: Reader, error: InvalidError, lines: Sequence[str]) -> list[FieldError]:
    """The lines of the member list that name nobody, or several, each with its number and what it says."""
    filled = [(number, line) for number, line in enumerate(lines, 1) if line]
    found = []
    for one in error.problems:
        if one.code in MEMBER_ERRORS:
            number, line = filled[int(one.path.rpartition("/")[2])]
            text = reader.say(MEMBER_ERRORS[one.code], number=number, line=line[:MOST_QUOTED])
            found.append(FieldError("others", Message(text)))
    return found


@dataclass(frozen=True)
class _Row:
    """A product as somebody named it, in the row of this number."""

    number: int
    supplier: str
    product: str
    amount: Decimal


def _rows(typed: Typed, count: int) -> list[_Row]:
    """The rows that are not empty; the first must not be."""
    rows = []
    for number in range(1, count + 1):
        supplier, product, amount = (f"{name}-{number}" for name in (*NAMED, "amount"))
        if number == 1 or any(typed.text(name) for name in (supplier, product, amount)):
            rows.append(
                _Row(number, typed.text(supplier), typed.needed(product), typed.needed_number(amount))
            )
    return rows
