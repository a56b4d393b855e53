"""Three companies from bills to figures: each digit worked out by hand in docs/method.md, section 2, and found again.

The pocket calculator redoes every line from the strings of `explain_line` alone, with twelve digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exchange.domain.calculation.account import SiteAccount
from exchange.domain.calculation.completeness import GapKind, gaps_of
from exchange.domain.calculation.content import figures_of
from exchange.domain.calculation.effects import HEADLINE, Column
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.calculation.quality import shares_of
from exchange.domain.calculation.upstream import upstream_of
from exchange.domain.factors import FactorBook
from exchange.domain.indicators import Indicator
from exchange.domain.periods import Period
from tests.unit.domain.calculation.cases import months
from tests.unit.worked_companies import (
    BRACKET,
    BUTTER,
    CHEESE,
    CRATE,
    LID,
    SHAFT,
    WHEY,
    dairy,
    machine_shop,
    moulder,
)

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
POCKET = Context(prec=12)
SIX_DIGITS = Context(prec=6)
BOOK = FactorBook()
COMPANIES = (machine_shop, dairy, moulder)
LINES = [
    pytest.param(line, id=f"{company.__name__}-{product.name}-{line.flow.id}")
    for company in COMPANIES
    for calculation in [calculate(company(), BOOK)]
    for product in calculation.account.products
    for line in calculation.lines(product.id)
]


def says(*texts: str) -> None:
    """The page states exactly these calculations."""
    flat = " ".join(PAGE.replace("\n> ", " ").split())
    for text in texts:
        assert text in flat, text


def row(*cells: str) -> None:
    """The page has a table row of these figures."""
    assert f"| {' | '.join(cells)} |" in PAGE.replace("at least ", "").splitlines(), cells


def own(calculation: Calculation, product: str) -> dict[str, str]:
    """The own figures of a product, as the page writes them."""
    found = {indicator: calculation.own(product, columns) for indicator, columns in HEADLINE.items()}
    return {indicator.value: format(figure.normalize(), "f") for indicator, figure in found.items() if figure}


def line_of(calculation: Calculation, product: str, flow: str) -> dict[str, Any]:
    """The opened line of a flow."""
    return next(explain_line(one) for one in calculation.lines(product) if one.flow.id == flow)


def quality(calculation: Calculation, product: str, indicator: Indicator) -> tuple[Decimal, Decimal]:
    """The measured and the allocated share of a figure."""
    shares = shares_of(calculation.lines(product), HEADLINE[indicator])
    return shares.measured, shares.allocated


def test_the_machine_shop() -> None:
    """Electricity by 2 750 + 1 450 = 4 200 hours; mass 20 000 x 1.8 + 5 000 x 4.5 = 58 500 kg.

    Shaft: 91 500 x 1 450 / 4 200 / 5 000 = 6.317857 -> 6.31786; heat 47 500 x 22 500 / 58 500 / 5 000 = 3.65385;
    CO2e 6.31786 x 0.135 = 0.8529111 and 3.65385 x 0.0878 = 0.32080803, together 1.17371913.
    Energy of a bracket: (2.99554 + 1.46154) x 3.6 = 4.45708 x 3.6 = 16.045488.
    """
    calculation = calculate(machine_shop(), BOOK)
    bracket, shaft = own(calculation, BRACKET), own(calculation, SHAFT)
    assert bracket == {
        "resources": "2.19692", "co2e": "0.532721112", "energy": "16.045488", "waste": "0.396923",
    }  # fmt: skip
    assert shaft == {
        "resources": "5.49231", "co2e": "1.17371913", "energy": "35.898156", "waste": "0.992308",
    }  # fmt: skip
    row("bracket", *bracket.values())
    row("shaft", *shaft.values())
    says(
        "24 310 + 21 905 + 19.87 x 1 000 + 25 415 = 91 500 kWh; x 2 750 / 4 200 = 59 910.7142857; "
        "/ 20 000 = 2.99554 kWh; x 0.135 = 0.4043979.",
        "171 / 0.0036 = 47 500 kWh; x 36 000 / 58 500 = 29 230.7692308; "
        "/ 20 000 = 1.46154 kWh; x 0.0878 = 0.128323212.",
        "Together 0.532721112 kg, all allocated.",
    )
    assert quality(calculation, BRACKET, Indicator.CO2E) == (0, 1)


def test_the_machine_shop_has_no_water_figure_and_says_so() -> None:
    calculation = calculate(machine_shop(), BOOK)
    gaps = gaps_of(calculation.account, BOOK)
    assert [(gap.kind, gap.indicator) for gap in gaps] == [(GapKind.NOTHING_BOOKED, Indicator.WATER)]
    lines = calculation.lines(BRACKET)
    figures = {
        one.indicator: one for one in figures_of(calculation, BRACKET, gaps, upstream_of(lines, {}, BOOK))
    }
    assert Indicator.WATER not in figures
    # 2.19692 x 2.86390131 = 6.2917620659652 to twelve places; the life-cycle factors hold the energy's own supply
    co2e = figures[Indicator.CO2E]
    assert (co2e.upstream.amount, co2e.total) == (Decimal("6.291762065965"), Decimal("6.824483177965"))
    assert co2e.may_be_declared
    assert figures[Indicator.ENERGY].is_total_at_least
    says("2.19692 x 2.86390131 = 6.291762065965 kg")


def test_the_dairy() -> None:
    """Mass 400 000 + 150 000 = 550 000 kg, for whey bears a part of cheese. Whey: 1.1 / 23.1 = 0.047619 -> 0.0476.

    Butter: gas 444 690 x 150 / 550 / 150 000 = 0.808527, electricity 330 000 / 550 000 = 0.6 kWh; 2.9106972 + 2.16 MJ.
    Whey: gas 323 410.909091 x 0.0476 / 3 200 000 = 0.00481074; x 0.20196 = 0.0009715770504, to twelve places
    0.00097157705; electricity 240 000 x 0.0476 / 3 200 000 = 0.00357, x 0.135 = 0.00048195.
    Water of cheese: 9 600 x 400 / 550 x 0.9524 / 400 000 = 0.0166237. Milk: 4 000 000 x 0.9524 / 400 000 = 9.524 kg.
    """
    calculation = calculate(dairy(), BOOK)
    cheese, butter, whey = (own(calculation, product) for product in (CHEESE, BUTTER, WHEY))
    assert list(cheese.values()) == ["9.524", "0.0166237", "0.23266188036", "4.8293316", "0.106669"]
    assert list(butter.values()) == ["2.66667", "0.0174545", "0.24429011292", "5.0706972", "0.112"]
    assert list(whey.values()) == ["0.0595", "0.000103855", "0.00145352705", "0.030170664", "0.0006664"]
    row("cheese", *cheese.values())
    row("butter", *butter.values())
    row("whey", *whey.values())
    says(
        "21 000 x 12.1 x 0.9 = 228 690 kWh and 240 x 1 000 x 0.9 = 216 000 kWh, 444 690 in all; x 400 000 / 550 000 = "
        "323 410.909091. Whey bears 1.1 / (22 + 1.1) = 0.0476 of it, cheese 0.9524; x 0.9524 / 400 000 = 0.770041 kWh; "
        "x 56.1 x 0.0036 = 0.15551748036 kg.",
        "330 000 x 400 000 / 550 000 x 0.9524 / 400 000 = 0.57144 kWh; x 0.135 = 0.0771444 kg.",
    )
    assert gaps_of(calculation.account, BOOK) == ()


def test_counted_milk_is_measured_for_butter_and_not_for_what_sales_value_divides() -> None:
    calculation = calculate(dairy(), BOOK)
    assert quality(calculation, BUTTER, Indicator.RESOURCES) == (1, 0)
    assert quality(calculation, CHEESE, Indicator.RESOURCES) == (0, 1)
    says("of the 9.524 kg nothing is measured, of butter's 2.66667 kg all.")


def test_the_moulder() -> None:
    """By mass 62 000 x 1.5 = 93 000 and 155 000 x 0.4 = 62 000 of 155 000 kg: 0.6 and 0.4.

    Crate: 95 900 x 0.6 / 62 000 = 0.928065, 64 700 x 0.6 / 62 000 = 0.626129; waste 0.0527419 + 0.006.
    Lid: 32 320 / 155 000 = 0.208516 kWh, x 3.6 = 0.7506576 MJ, x 0.135 = 0.02814966 kg.
    """
    calculation = calculate(moulder(), BOOK)
    crate, lid = own(calculation, CRATE), own(calculation, LID)
    assert list(crate.values()) == ["1.554194", "0.11684034", "3.1157424", "0.0587419"]
    assert list(lid.values()) == ["0.414452", "0.02814966", "0.7506576", "0.0156645"]
    row("crate", *crate.values())
    row("lid", *lid.values())
    says("at least 0.11684034 | at least 3.1157424", "at least 0.02814966 | at least 0.7506576")
    assert calculation.own(CRATE, [Column.HAZARDOUS_WASTE]) == Decimal("0.006")
    assert quality(calculation, CRATE, Indicator.CO2E) == (1, 0)
    says(
        "15 210 + 14 880 + 13 940 + 5 020 + 4 610 = 53 660 kWh, measured; / 62 000 = 0.865484 kWh; "
        "x 0.135 = 0.11684034 kg, and November is missing.",
        "0.626129 x 0.9 = 0.5635161 kg are post-consumer, 0.928065 kg virgin; of its waste 0.006 kg hazardous.",
    )


def test_the_moulders_rest_and_its_missing_month_stay_visible() -> None:
    calculation = calculate(moulder(), BOOK)
    rests = {one.spreading.flow.id: one.spreading.rest for one in calculation.entries if one.spreading.rest}
    assert rests == {"electricity": 43_620}
    says("129 600 - 53 660 - 32 320 = 43 620 kWh stay unallocated")
    gaps = [(gap.kind, gap.indicator, gap.period) for gap in gaps_of(calculation.account, BOOK) if gap.period]
    november = months(11, 11)
    assert gaps == [
        (GapKind.DAYS_MISSING, Indicator.CO2E, november),
        (GapKind.DAYS_MISSING, Indicator.ENERGY, november),
    ]
    assert november == Period(november.start, november.end) and november.days == 30


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: str(company.__name__))
def test_products_and_rest_are_what_the_bills_say(company: Any) -> None:
    account: SiteAccount = company()
    for entry in calculate(account, BOOK).entries:
        spreading = entry.spreading
        used = [spreading.amount_of(product.id) for product in account.products]
        assert sum(used, Fraction(0)) + spreading.rest == spreading.site_amount


@pytest.mark.parametrize("line", LINES)
def test_a_pocket_calculator_gets_the_same_digits(line: Any) -> None:
    steps = explain_line(line)
    billed = Decimal(0)
    for bill in steps["bills"]:
        accounted = converted(bill)
        assert near(accounted, bill["accounted"]["amount"])
        billed = POCKET.add(billed, accounted)
    assert near(billed, steps["total"]["amount"])
    amount = Decimal(0)
    for window in windows(steps, billed):
        amount = POCKET.add(amount, window)
    amount = POCKET.multiply(amount, Decimal(steps.get("process_share", "1")))
    assert near(amount, steps["amount"]["amount"])
    per_unit = SIX_DIGITS.plus(POCKET.divide(amount, Decimal(steps["produced"])))
    assert per_unit == Decimal(steps["per_unit"]["amount"])
    for effect in steps["effects"]:
        if "multiplier" in effect:
            product = round(POCKET.multiply(per_unit, Decimal(effect["multiplier"])), 12)
            assert product == Decimal(effect["effect"]["amount"])


def converted(bill: dict[str, Any]) -> Decimal:
    """A bill's amount with every conversion done, the days cut and the sign of a credit note put."""
    amount = Decimal(bill["amount"]["amount"])
    for step in bill.get("conversions", ()):
        if "divisor" in step:
            amount = POCKET.divide(amount, Decimal(step["divisor"]))
        else:
            amount = POCKET.multiply(amount, Decimal(step["multiplier"]))
    inside, _, whole = bill.get("inside", "1/1").partition("/")
    amount = POCKET.divide(POCKET.multiply(amount, Decimal(inside)), Decimal(whole))
    return -amount if bill.get("credit") else amount


def windows(steps: dict[str, Any], billed: Decimal) -> Iterator[Decimal]:
    """What the product gets in each window: its readings, and its weight's part of what is left to spread."""
    read = sum((converted(one) for one in steps.get("readings", ())), Decimal(0))
    assert near(read, str(sum(Decimal(window["metered"]) for window in steps["windows"])))
    assert sum(Decimal(window["to_spread"]) for window in steps["windows"]) <= billed
    for window in steps["windows"]:
        amount = Decimal(window["metered"])
        if "whole" in window:
            part = POCKET.multiply(Decimal(window["to_spread"]), Decimal(window["weight"]))
            amount = POCKET.add(amount, POCKET.divide(part, Decimal(window["whole"])))
        assert near(amount, window["amount"])
        yield amount


def near(amount: Decimal, shown: str) -> bool:
    """The same but for the last of twelve digits."""
    return abs(amount - Decimal(shown)) <= abs(Decimal(shown)) / 10**11
