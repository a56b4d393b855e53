"""The fields of a chain's form: a name, a period, and products with amounts or the members of a group or place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import request

from exchange.domain.errors import InvalidError
from exchange.domain.periods import Period, local_date, year
from exchange.services import chain_entry
from exchange.services.chain_views import ChainView
from exchange.services.chains import MOST_TARGETS, Members, Target
from exchange.services.context import Context
from exchange.services.rollup.wanted import ChainKind
from exchange.web.forms import Choice, Field
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.typed import Blank, Input, Section, Typed, refused, show_number

PREFERRED: dict[str, str] = {
    "linked": _("The recipe, where it covers enough"),
    "declared": _("What the maker declares"),
}
NAMED = ("supplier", "product")
MEMBER_ERRORS = {"chain.member_unknown": "others", "chain.member_several": "others"}
LEAST_ROWS, SPARE_ROWS = 3, 2
AT = {
    "/name": "name", "/targets": "product-1", "/members": "others", "chain.periods": "first",
    "chain.amount": "amount-1",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A form: what kind of chain, what it shows at first, and how many rows for products."""

    kind: ChainKind
    known: Mapping[str, str]
    given: Mapping[str, str]
    chosen: frozenset[str]
    rows: int


def asked_of(ctx: Context, reader: Reader, kind: ChainKind, chain: ChainView | None = None) -> Asked:
    """The form as it stands before anything is typed: last year, or what a chain's newest period has for the next."""
    given = _period_given(local_date(ctx.now()), chain)
    if kind is not ChainKind.PRODUCT:
        known = {one.id: one.name for one in chain_entry.acquaintances(ctx)}
        return Asked(kind, known, given, _newest_members(chain), 0)
    targets = chain.targets if chain else ()
    newest = max((one.period for one in targets), default=None)
    rows = [one for one in targets if one.period == newest]
    for number, one in enumerate(rows, 1):
        given |= {
            f"supplier-{number}": one.maker_name,
            f"product-{number}": one.product_name,
            f"amount-{number}": show_number(one.amount, reader),
        }
    typed = sum(name.startswith("product-") for name in request.form)
    return Asked(
        kind, {}, given, frozenset(), min(max(LEAST_ROWS, len(rows) + SPARE_ROWS, typed), MOST_TARGETS)
    )


def _newest_members(chain: ChainView | None) -> frozenset[str]:
    members = chain.members if chain else ()
    newest = max((one.period for one in members), default=None)
    return frozenset(one.organisation_id for one in members if one.period == newest)


def _period_given(today: date, chain: ChainView | None) -> dict[str, str]:
    """The year after the chain's last period, else last year."""
    periods = (
        [*(one.period for one in chain.targets), *(one.period for one in chain.members)] if chain else []
    )
    if not periods:
        last = year(today.year - 1)
        return {"first": last.start.isoformat(), "last": (last.end - timedelta(days=1)).isoformat()}
    newest = max(periods)
    end = newest.end + (newest.end - newest.start) - timedelta(days=1)
    if newest == year(newest.start.year):
        end = date(newest.end.year, 12, 31)
    return {"first": newest.end.isoformat(), "last": end.isoformat()}


def naming_section(reader: Reader, kind: ChainKind) -> Section:
    """What the chain is called, and which figure counts where a product has two."""
    blank = Blank(reader, request.form)
    name = blank.ask("name", _("Name of the chain"), _("Everybody who takes part in it reads the name."))
    if kind is not ChainKind.PRODUCT:
        return Section("", (name,))
    hint = _("Where a product both declares its figure and shows its recipe.")
    return Section("", (name, blank.choose("prefer", _("Which of the two counts"), PREFERRED, hint)))


def scope_sections(reader: Reader, asked: Asked) -> tuple[Section, ...]:
    """The period, and what the chain consists of in it."""
    blank = Blank(reader, request.form)
    period = Section(
        reader.say("Period"),
        (
            blank.ask("first", _("First day"), widget="day", given=asked.given.get("first", "")),
            blank.ask("last", _("Last day"), widget="day", given=asked.given.get("last", "")),
        ),
    )
    if asked.kind is not ChainKind.PRODUCT:
        return period, _members(reader, blank, asked)
    return period, *(_target(reader, blank, asked, number) for number in range(1, asked.rows + 1))


def _target(reader: Reader, blank: Blank, asked: Asked, number: int) -> Section:
    supplier, product, amount = (f"{name}-{number}" for name in ("supplier", "product", "amount"))
    inputs = (
        blank.ask(supplier, _("Supplier"), _("Its CVR number or name. Leave it empty for your own product."),
                  optional=True, given=asked.given.get(supplier, "")),
        blank.ask(product, _("Product number or name"), optional=number > 1, given=asked.given.get(product, "")),
        blank.ask(amount, _("Amount in the period"), _("In the unit the product's figures are given per."),
                  widget="number", optional=number > 1, given=asked.given.get(amount, "")),
    )  # fmt: skip
    return Section(reader.say("Product %(number)s", number=number), inputs)


def _members(reader: Reader, blank: Blank, asked: Asked) -> Section:
    picked = frozenset(request.form.getlist("known")) if request.form else asked.chosen
    choices = tuple(Choice(one, name, one in picked) for one, name in asked.known.items())
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
    at = {f"/targets/{row}/{name}": f"{name}-{one.number}" for row, one in enumerate(rows) for name in NAMED}
    try:
        if asked.kind is ChainKind.PRODUCT:
            found = chain_entry.find_targets(ctx, [(one.supplier, one.product) for one in rows])
            return tuple(Target(id_, period, one.amount) for id_, one in zip(found, rows, strict=True)), ()
        names = [line.strip() for line in typed.text("others").splitlines() if line.strip()]
        others = chain_entry.find_members(ctx, names)
    except InvalidError as error:
        typed.errors += refused(typed.reader, error, MEMBER_ERRORS | at)
        return None
    ticked = [one for one in request.form.getlist("known") if one in asked.known]
    return (), (Members(period, tuple(dict.fromkeys((*ticked, *others)))),)


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
