"""60 products x 36 months x 25 inputs against one bare Decimal multiply-and-add over the same rows.

Run: python -m benchmarks.calculation. Exits 1 where the calculation takes more than 8 times the bare loop.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from os import cpu_count
from random import Random
from statistics import median

from exchange.domain.calculation.account import (
    Bill,
    Energy,
    Flow,
    HeatingValue,
    Key,
    KeyMethod,
    Material,
    Output,
    Product,
    SiteAccount,
    Waste,
    Water,
)
from exchange.domain.calculation.effects import Column
from exchange.domain.calculation.explain import explain_line
from exchange.domain.calculation.figures import Calculation, calculate
from exchange.domain.factors import FactorBook
from exchange.domain.periods import Period
from exchange.domain.quantities import Quantity, UnitCode

PRODUCTS, MONTHS, INPUTS = 60, 36, 25
LIMIT = 8
ROUNDS = 15
COLUMNS = tuple(Column)


def main() -> int:
    """Print the times and their ratio."""
    account = make_account(Random(20260101))
    bare = [(Decimal(bill.amount.amount), Decimal("0.016667")) for bill in account.bills] * PRODUCTS
    assert len(bare) == PRODUCTS * MONTHS * INPUTS
    rival, ours = [], []
    for _ in range(ROUNDS):
        rival.append(_timed(lambda: multiply_and_add(bare)))
        ours.append(_timed(lambda: all_figures(account)))
    ratio = median(ours) / median(rival)
    calculation = calculate(account, FactorBook())
    opening = min(_timed(lambda: open_one(calculation)) for _ in range(ROUNDS))
    print(f"{platform.python_implementation()} {platform.python_version()}, {cpu_count()} cores")
    print(f"rows: {len(bare)} = {PRODUCTS} products x {MONTHS} months x {INPUTS} inputs")
    print(
        f"bare Decimal multiply-and-add: median {median(rival) * 1e3:.1f} ms, best {min(rival) * 1e3:.1f} ms"
    )
    print(f"calculation, steps kept:       median {median(ours) * 1e3:.1f} ms, best {min(ours) * 1e3:.1f} ms")
    print(f"ratio of medians {ratio:.2f}, of bests {min(ours) / min(rival):.2f}, limit {LIMIT}")
    print(f"opening one figure out of {PRODUCTS * len(COLUMNS)}: {opening * 1e3:.2f} ms")
    return 0 if ratio <= LIMIT else 1


def multiply_and_add(rows: list[tuple[Decimal, Decimal]]) -> Decimal:
    """The rival: nothing kept, nothing converted, nothing checked."""
    total = Decimal(0)
    for amount, factor in rows:
        total += amount * factor
    return total


def all_figures(account: SiteAccount) -> list[Decimal | None]:
    """Every figure of every product."""
    calculation = calculate(account, FactorBook())
    return [calculation.own(product.id, (column,)) for product in account.products for column in COLUMNS]


def open_one(calculation: Calculation) -> object:
    """One figure's own steps: the CO2e of one product."""
    columns = (Column.SCOPE1, Column.SCOPE2_LOCATION)
    lines = calculation.lines("p30")
    return [explain_line(line, columns) for line in lines if line.adds_to(columns)]


def make_account(random: Random) -> SiteAccount:
    """Three years of monthly bills of 25 inputs over monthly production of 60 products."""
    months = [_month(2023 + number // 12, number % 12 + 1) for number in range(MONTHS)]
    products = tuple(
        Product(f"p{n}", f"Product {n}", UnitCode.PIECE, _amount(random, 1, 9)) for n in range(PRODUCTS)
    )
    outputs = tuple(
        Output(
            f"o{product.id}-{n}",
            product.id,
            month,
            Quantity(Decimal(random.randint(50, 900)), UnitCode.PIECE),
        )
        for product in products
        for n, month in enumerate(months)
    )
    keys = (Key("mass", "Mass made", KeyMethod.MASS), Key("pieces", "Pieces made", KeyMethod.PIECES))
    flows = tuple(_flow(number, keys[number % 2].id) for number in range(INPUTS))
    bills = tuple(
        Bill(
            f"b{flow.id}-{n}", flow.id, month,
            Quantity(_amount(random, 100, 90000), _billed_in(flow, n)),
            HeatingValue.UPPER if _is_energy(flow) else None,
        )
        for flow in flows
        for n, month in enumerate(months)
    )  # fmt: skip
    return SiteAccount(Period(months[0].start, months[-1].end), flows, bills, products, outputs, keys)


def _flow(number: int, key: str) -> Flow:
    carriers = ("electricity_grid", "district_heat", "natural_gas", "gas_diesel_oil")
    if number < len(carriers):
        return Flow(f"f{number}", carriers[number], Energy(carriers[number]), UnitCode.KILOWATT_HOUR, key)
    if number == len(carriers):
        return Flow(f"f{number}", "Water", Water(), UnitCode.CUBIC_METRE, key)
    if number < 10:
        return Flow(f"f{number}", f"Waste {number}", Waste("120101", "recycling"), UnitCode.KILOGRAM, key)
    return Flow(f"f{number}", f"Material {number}", Material(), UnitCode.KILOGRAM, key)


def _billed_in(flow: Flow, month: int) -> UnitCode:
    return UnitCode.MEGAWATT_HOUR if _is_energy(flow) and month % 5 == 0 else flow.unit


def _is_energy(flow: Flow) -> bool:
    return isinstance(flow.detail, Energy)


def _amount(random: Random, low: int, high: int) -> Decimal:
    return Decimal(random.randint(low * 100, high * 100)).scaleb(-2)


def _month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
