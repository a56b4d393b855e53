"""What holds for every site: nothing lost, nothing made, and the same whatever the units, the rows and their order.

The amounts are found once more by `by_hand`, written from the words of method section 2 with days instead of intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.domain.calculation.account import (
    Bill,
    CoProduct,
    Energy,
    Flow,
    FlowDetail,
    Key,
    KeyMethod,
    Material,
    Output,
    Product,
    Reading,
    SharingRule,
    SiteAccount,
    Waste,
    Water,
)
from exchange.domain.calculation.co_products import bearing
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.calculation.quality import shares_of
from exchange.domain.factors import FactorBook
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode

BOOK = FactorBook()
FIRST, LAST = (
    date(2024, 11, 1),
    date(2025, 3, 1),
)  # four months over a turn of the year: two electricity factors
PERIOD = Period(FIRST, LAST)
MONTHS = (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1), LAST)
SPANS = [Period(MONTHS[first], MONTHS[last]) for first in range(4) for last in range(first + 1, 5)] + [
    Period(date(2024, 12, 15), date(2025, 1, 15))
]
KINDS: tuple[tuple[FlowDetail, UnitCode], ...] = (
    (Energy("electricity_grid"), UnitCode.KILOWATT_HOUR),
    (Energy("district_heat"), UnitCode.KILOWATT_HOUR),
    (Water(), UnitCode.CUBIC_METRE),
    (Material(), UnitCode.KILOGRAM),
    (Waste("120101", "recycling"), UnitCode.KILOGRAM),
)
SMALLER = {
    UnitCode.KILOWATT_HOUR: ((UnitCode.MEGAWATT_HOUR, "0.001"), (UnitCode.GIGAJOULE, "0.0036")),
    UnitCode.CUBIC_METRE: ((UnitCode.LITRE, "1000"),),
    UnitCode.KILOGRAM: ((UnitCode.TONNE, "0.001"), (UnitCode.GRAM, "1000")),
}
METHODS = [KeyMethod.MASS, KeyMethod.MACHINE_HOURS, KeyMethod.ECONOMIC, KeyMethod.METERED, KeyMethod.SHARES]
amounts = st.integers(1, 10**6).map(lambda number: Decimal(number).scaleb(-2))
quick = settings(max_examples=40, deadline=None)


@st.composite
def sites(draw: st.DrawFn) -> SiteAccount:
    """A site of one to three products and flows, spread by any keys, with bills, estimates, credits and readings."""
    products = tuple(Product(name, name, UnitCode.KILOGRAM) for name in "abc"[: draw(st.integers(1, 3))])
    outputs = [
        Output(
            f"{product.id} {number}", product.id, span, Quantity(draw(amounts), UnitCode.KILOGRAM),
            draw(amounts), draw(amounts),
        )
        for product in products
        for number, span in enumerate(draw(st.lists(st.sampled_from(SPANS), max_size=3)))
    ]  # fmt: skip
    keys = tuple(draw(key_of(method, products)) for method in METHODS)
    flows, bills, readings = [], [], []
    for number in range(draw(st.integers(1, 3))):
        detail, unit = draw(st.sampled_from(KINDS))
        flows.append(Flow(f"f{number}", f"F{number}", detail, unit, draw(st.sampled_from(METHODS)).value))
        for row, span in enumerate(draw(st.lists(st.sampled_from(SPANS), min_size=1, max_size=4))):
            new = draw(rows_of(f"f{number}", f"{number}.{row}", span, unit, products))
            bills += new[0]
            readings += new[1]
    return SiteAccount(PERIOD, tuple(flows), tuple(bills), products, tuple(outputs), keys, tuple(readings))


@st.composite
def key_of(draw: st.DrawFn, method: KeyMethod, products: tuple[Product, ...]) -> Key:
    """A key over some of the products, or all of them; stated shares are at most the whole."""
    names = [product.id for product in products]
    if method is KeyMethod.SHARES:
        shares = {name: Decimal(draw(st.integers(0, 33))) / 100 for name in names}
        return Key(method.value, method.value, method, (), shares)
    some = draw(st.lists(st.sampled_from(names), unique=True)) if method is not KeyMethod.METERED else []
    return Key(method.value, method.value, method, tuple(some))


@st.composite
def rows_of(
    draw: st.DrawFn, flow: str, row: str, span: Period, unit: UnitCode, products: tuple[Product, ...]
) -> tuple[list[Bill], list[Reading]]:
    """A bill, perhaps a credit note of a tenth of it, and readings of the same days for at most a quarter each."""
    billed = draw(amounts)
    bills = [Bill(row, flow, span, Quantity(billed, unit), is_estimate=draw(st.booleans()))]
    if draw(st.booleans()):
        bills.append(Bill(f"{row} credit", flow, span, Quantity(billed / 10, unit), is_credit=True))
    read = draw(st.sets(st.sampled_from([product.id for product in products])))
    return bills, [
        Reading(f"{row} {name}", flow, name, span, Quantity(billed / draw(st.integers(4, 9)) // 1, unit))
        for name in sorted(read)
    ]


@dataclass(frozen=True)
class Part:
    """What a product gets of a flow, what of it was measured, and what of it nobody billed."""

    amount: Fraction
    measured: Fraction
    secondary: Fraction


def by_hand(site: SiteAccount, flow: Flow, product: str) -> Part:
    """Days joined into windows, readings first, the key for the rest, whatever is cut counted as allocated."""
    key = next(one for one in site.keys if one.id == flow.key)
    taking = key.products or tuple(one.id for one in site.products)
    outputs = [one for one in site.outputs if one.product in taking]
    bills = [one for one in site.bills if one.flow == flow.id]
    readings = [one for one in site.readings if one.flow == flow.id]
    joined = [(one.period.start, one.period.end) for one in (*outputs, *bills, *readings)]
    amount = measured = secondary = Fraction(0)
    turn = date(2025, 1, 1)  # factors of bought energy and gas change with the year; other flows are not cut
    is_cut = isinstance(flow.detail, Energy)
    for first, last in ((FIRST, turn), (turn, LAST)) if is_cut else ((FIRST, LAST),):
        inside = Period(first, last)
        net = estimated = cut = Fraction(0)
        for bill in bills:
            part = signed(bill) * days(bill.period, inside)
            net += part
            estimated += part if bill.is_estimate else 0
            cut += part if not bill.is_estimate and 0 < days(bill.period, inside) < 1 else 0
        if not net:
            continue
        mine = metered = Fraction(0)
        for window in stretches(joined):
            rows = [one for one in readings if window.contains(one.period)]
            read = {one: Fraction(one.amount.amount) * days(one.period, inside) for one in rows}
            billed = sum(
                (signed(one) * days(one.period, inside) for one in bills if window.contains(one.period)),
                Fraction(0),
            )
            left = billed - sum(read.values(), Fraction(0))
            mine += left * weight(key, outputs, window, product)
            mine += sum((part for one, part in read.items() if one.product == product), Fraction(0))
            metered += sum(
                (
                    part
                    for one, part in read.items()
                    if one.product == product and days(one.period, inside) == 1
                ),
                Fraction(0),
            )
        if key.method not in {KeyMethod.SHARES, KeyMethod.METERED} and taking == (product,):
            metered = mine
        amount += mine
        nobody = min(max(estimated / net, Fraction(0)), Fraction(1))  # a credit note may take estimates back
        measured += metered * (1 - nobody - min(max(cut / net, Fraction(0)), 1 - nobody))
        secondary += mine * nobody
    return Part(amount, measured, secondary)


def signed(bill: Bill) -> Fraction:
    """A credit note is below zero."""
    return -Fraction(bill.amount.amount) if bill.is_credit else Fraction(bill.amount.amount)


def days(period: Period, inside: Period) -> Fraction:
    """Which part of a period's days lies inside."""
    return Fraction(period.overlap_days(inside), period.days)


def stretches(joined: Iterable[tuple[date, date]]) -> list[Period]:
    """Days any row covers, one window as long as some row covers a day and the next one."""
    spans = list(joined)
    found: list[Period] = []
    for number in range(PERIOD.days):
        day = FIRST + timedelta(days=number)
        if not any(start <= day < end for start, end in spans):
            continue
        before = day - timedelta(days=1)
        if found and any(start <= before and day < end for start, end in spans):
            found[-1] = Period(found[-1].start, day + timedelta(days=1))
        else:
            found.append(Period(day, day + timedelta(days=1)))
    return found


def weight(key: Key, outputs: Iterable[Output], window: Period, product: str) -> Fraction:
    """The product's part of what a key spreads in a window."""
    if key.method is KeyMethod.SHARES:
        return Fraction(key.shares.get(product, 0))
    if key.method is KeyMethod.METERED:
        return Fraction(0)
    inside = [one for one in outputs if window.contains(one.period)]
    whole = sum((counts(key, one) for one in inside), Fraction(0))
    own = sum((counts(key, one) for one in inside if one.product == product), Fraction(0))
    return own / whole if whole else Fraction(0)


def counts(key: Key, output: Output) -> Fraction:
    """What an output weighs."""
    measures = {
        KeyMethod.MASS: output.amount.amount,
        KeyMethod.MACHINE_HOURS: output.machine_hours,
        KeyMethod.ECONOMIC: output.revenue,
    }
    return Fraction(measures[key.method] or 0)


def amounts_of(calculation: Calculation) -> dict[tuple[str, str], Fraction]:
    """What each product gets of each flow."""
    found: dict[tuple[str, str], Fraction] = {}
    for entry in calculation.entries:
        for product in calculation.account.products:
            place = (entry.spreading.flow.id, product.id)
            found[place] = found.get(place, Fraction(0)) + entry.spreading.amount_of(product.id)
    return found


def figures_of(calculation: Calculation) -> Mapping[tuple[str, Column], Decimal | None]:
    """Every figure of every product."""
    return {
        (product.id, column): calculation.own(product.id, [column])
        for product in calculation.account.products
        for column in Column
    }


@quick
@given(sites())
def test_products_and_rest_are_the_bills_in_every_window(site: SiteAccount) -> None:
    for entry in calculate(site, BOOK).entries:
        spreading, names = entry.spreading, [one.id for one in site.products]
        assert sum(map(spreading.amount_of, names), Fraction(0)) + spreading.rest == spreading.site_amount
        weights = spreading.weights
        for place in range(len(spreading.windows)):
            given_away = sum(spreading.units_in(name, place) for name in names)
            rest = spreading.to_spread[place] * weights.unspread[place]
            assert given_away + rest == spreading.total[place] * weights.denominator


@quick
@given(sites())
def test_amounts_and_measured_shares_are_those_found_by_hand(site: SiteAccount) -> None:
    calculation = calculate(site, BOOK)
    found = amounts_of(calculation)
    for flow in site.flows:
        for product in site.products:
            part = by_hand(site, flow, product.id)
            assert found.get((flow.id, product.id), 0) == part.amount
            lines = [one for one in calculation.lines(product.id) if one.flow.id == flow.id]
            assert sum((one.amount * one.measured for one in lines), Fraction(0)) == (
                part.measured if lines else 0
            )
            assert sum((one.amount * one.secondary for one in lines), Fraction(0)) == (
                part.secondary if lines else 0
            )
            if part.amount and lines:
                shares = shares_of(lines, [effect.column for effect in lines[0].entry.effects][:1])
                near = abs(Fraction(shares.measured) - part.measured / part.amount)
                assert near <= Fraction(2, 10**4)  # four decimals, of amounts of six digits


@quick
@given(sites(), st.sampled_from([Decimal(2), Decimal("0.5"), Decimal(1000)]))
def test_making_more_of_everything_leaves_what_each_product_gets(site: SiteAccount, by: Decimal) -> None:
    more = tuple(
        replace(
            one,
            amount=replace(one.amount, amount=one.amount.amount * by),
            machine_hours=(one.machine_hours or 0) * by,
            revenue=(one.revenue or 0) * by,
        )
        for one in site.outputs
    )
    assert amounts_of(calculate(replace(site, outputs=more), BOOK)) == amounts_of(calculate(site, BOOK))


@quick
@given(sites())
def test_a_product_split_in_two_gets_together_what_it_got(site: SiteAccount) -> None:
    """A half of the key's data, of its readings and of its stated share each; read backwards, two merged."""
    halves = tuple(one for each in site.outputs for one in split_output(each))
    keys = tuple(
        replace(
            key,
            products=(*key.products, "z") if "a" in key.products else key.products,
            shares={**key.shares, "a": key.shares["a"] / 2, "z": key.shares["a"] / 2} if key.shares else {},
        )
        for key in site.keys
    )
    readings = tuple(one for each in site.readings for one in split_reading(each))
    two = replace(
        site,
        products=(*site.products, Product("z", "z", UnitCode.KILOGRAM)),
        outputs=halves,
        keys=keys,
        readings=readings,
    )
    before, after = amounts_of(calculate(site, BOOK)), amounts_of(calculate(two, BOOK))
    for (flow, product), amount in before.items():
        parts = after[flow, product] + (after[flow, "z"] if product == "a" else 0)
        assert parts == amount


def split_output(output: Output) -> tuple[Output, ...]:
    """Of product `a` two halves, one of them of `z`."""
    if output.product != "a":
        return (output,)
    half = replace(
        output,
        amount=replace(output.amount, amount=output.amount.amount / 2),
        machine_hours=(output.machine_hours or 0) / 2,
        revenue=(output.revenue or 0) / 2,
    )
    return (half, replace(half, id=f"{half.id} z", product="z"))


def split_reading(reading: Reading) -> tuple[Reading, ...]:
    """Of product `a` two halves, one of them of `z`."""
    if reading.product != "a":
        return (reading,)
    half = replace(reading, amount=replace(reading.amount, amount=reading.amount.amount / 2))
    return (half, replace(half, id=f"{half.id} z", product="z"))


@quick
@given(sites(), st.data())
def test_other_units_on_the_bills_change_nothing(site: SiteAccount, data: st.DataObject) -> None:
    def other(amount: Quantity) -> Quantity:
        unit, factor = data.draw(st.sampled_from(SMALLER[amount.unit]))
        return Quantity(amount.amount * Decimal(factor), unit)

    same = replace(
        site,
        bills=tuple(replace(one, amount=other(one.amount)) for one in site.bills),
        readings=tuple(replace(one, amount=other(one.amount)) for one in site.readings),
    )
    assert figures_of(calculate(same, BOOK)) == figures_of(calculate(site, BOOK))
    assert amounts_of(calculate(same, BOOK)) == amounts_of(calculate(site, BOOK))


@quick
@given(sites(), st.randoms())
def test_the_order_of_rows_means_nothing(site: SiteAccount, chance: Random) -> None:
    def shuffled(rows: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(rows, len(rows)))

    mixed = replace(site, **{name: shuffled(rows) for name, rows in vars(site).items() if name != "period"})
    assert figures_of(calculate(mixed, BOOK)) == figures_of(calculate(site, BOOK))
    assert amounts_of(calculate(mixed, BOOK)) == amounts_of(calculate(site, BOOK))


@quick
@given(sites())
def test_a_bill_given_as_two_of_the_same_days_changes_nothing(site: SiteAccount) -> None:
    def split(bill: Bill) -> tuple[Bill, ...]:
        part = bill.amount.amount / 4
        rest = replace(bill, id=f"{bill.id} b", amount=replace(bill.amount, amount=bill.amount.amount - part))
        return (replace(bill, amount=replace(bill.amount, amount=part)), rest)

    two = replace(site, bills=tuple(one for bill in site.bills for one in split(bill)))
    first, second = calculate(site, BOOK), calculate(two, BOOK)
    assert figures_of(first) == figures_of(second)
    for product in site.products:
        pairs = zip(first.lines(product.id), second.lines(product.id), strict=True)
        assert all((one.measured, one.secondary) == (other.measured, other.secondary) for one, other in pairs)


@quick
@given(sites())
def test_a_bill_and_its_credit_note_are_the_net_bill(site: SiteAccount) -> None:
    credited = {one.id.removesuffix(" credit"): one for one in site.bills if one.is_credit}
    net = tuple(
        replace(one, amount=replace(one.amount, amount=one.amount.amount - credited[one.id].amount.amount))
        if one.id in credited
        else one
        for one in site.bills
        if not one.is_credit
    )
    assert figures_of(calculate(replace(site, bills=net), BOOK)) == figures_of(calculate(site, BOOK))


@quick
@given(
    st.lists(amounts, min_size=2, max_size=5), st.sampled_from([SharingRule.ECONOMIC, SharingRule.PHYSICAL])
)
def test_main_product_and_by_products_bear_the_whole(made: list[Decimal], rule: SharingRule) -> None:
    names = "abcde"[: len(made)]
    site = SiteAccount(
        period=PERIOD,
        flows=(Flow("f", "F", Water(), UnitCode.CUBIC_METRE, "mass"),),
        bills=(Bill("1", "f", PERIOD, Quantity(Decimal(1000), UnitCode.CUBIC_METRE)),),
        products=tuple(Product(name, name, UnitCode.KILOGRAM) for name in names),
        outputs=tuple(
            Output(name, name, PERIOD, Quantity(amount, UnitCode.KILOGRAM), revenue=amount)
            for name, amount in zip(names, made, strict=True)
        ),
        keys=(Key("mass", "mass", KeyMethod.MASS),),
        co_products=tuple(CoProduct(name, "a", rule) for name in names[1:]),
    )
    assert sum(part for _, part, _ in bearing(site).values()) == 1
    calculation = calculate(site, BOOK)
    # the turn of the year cuts the bill in two
    assert sum((line.amount for name in names for line in calculation.lines(name)), Fraction(0)) == 1000
