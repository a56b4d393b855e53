"""What the supplier of the story says of its company beside its site: years, a target, an initiative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from exchange.demo.story.organisations import SUPPLIER
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import EffortIndicator, Motive

CompanyYear: TypeAlias = tuple[
    int, Decimal, Decimal, Decimal
]  # year, value added and turnover in DKK, people


@dataclass(frozen=True)
class Promise:
    """A reduction of the whole company's effect, as a part of the base year's."""

    indicator: Indicator
    base_year: int
    target_year: int
    reduction: str


@dataclass(frozen=True)
class Action:
    """Something done at the site: `change` is the part by which its flow's use is expected to fall or rise."""

    title: str
    effort: EffortIndicator
    in_force: date
    flow: str
    change: str
    investment: str
    saving: str
    motive: Motive


# Value added and turnover are the sums of the products': made x value added (or price) of one (a test adds them up).
COMPANY_YEARS: Mapping[str, tuple[CompanyYear, ...]] = {
    SUPPLIER: (
        (2023, Decimal("20338400"), Decimal("36917600"), Decimal("44")),
        (2024, Decimal("21751344"), Decimal("38526480"), Decimal("44")),
        (2025, Decimal("23425540"), Decimal("40508840"), Decimal("45")),
    ),
}
TARGET = Promise(Indicator.CO2E, 2023, 2030, "0.4")
# Asked for by the customer's open request. 4 % of 1.2 GWh at 1.90 DKK saves about 92 000 DKK a year.
INITIATIVE = Action(
    "Behovsstyret trykluft og LED i maskinhallen",
    EffortIndicator.INVESTMENT,
    date(2025, 1, 1),
    "El",
    "-0.04",
    "340000",
    "92000",
    Motive.CUSTOMER_DEMANDS,
)
