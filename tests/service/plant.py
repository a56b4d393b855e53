"""A small company for tests of development, targets, initiatives and its own dataset: one site, two years.

Every year: electricity and gas are spread by mass, arms weigh 10 kg each, frames 20 kg.
2024: 100 arms and 50 frames, 1 000 + 1 000 kg; 10 000 kWh electricity and 20 000 kWh gas on the lower heating value.
2025: the same output; 9 000 kWh electricity and 15 000 kWh gas.
CO2e 2024: 10 000 x 0.161 + 20 000 x 0.0036 GJ x 56.1 = 1 610 + 4 039.2 = 5 649.2 kg
CO2e 2025: 9 000 x 0.135 + 15 000 x 0.0036 x 56.1 = 1 215 + 3 029.4 = 4 244.4 kg
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exchange.domain.calculation.account import Energy, FlowDetail, HeatingValue, KeyMethod
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services.bills import NewBill, enter_bill
from exchange.services.calculation_views import CalculationView
from exchange.services.calculations import calculate_site
from exchange.services.context import Context
from exchange.services.flows import NewFlow, add_flow
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.products import NewProduct, register_product
from exchange.services.site_products import set_site_product
from exchange.services.sites import NewSite, create_site
from exchange.services.spreading_keys import list_keys
from tests import factories
from tests.factories import Party

GRID, GAS = Energy("electricity_grid"), Energy("natural_gas")


@dataclass
class Plant:
    """The company, its first site, and the ids of its products."""

    party: Party
    site_id: str
    arm: str
    frame: str

    @property
    def ctx(self) -> Context:
        """A Context of its administrator."""
        return self.party.ctx

    def bill(
        self,
        name: str,
        detail: FlowDetail,
        amount: str,
        unit: str,
        period: Period,
        *,
        site_id: str = "",
        is_estimate: bool = False,
    ) -> str:
        """Enter a bill of a flow spread by mass; the flow's id."""
        quantity, site = Quantity(Decimal(amount), UnitCode(unit)), site_id or self.site_id
        key = next(one.id for one in list_keys(self.ctx, site) if one.method is KeyMethod.MASS)
        flow = add_flow(self.ctx, site, NewFlow(name, detail, quantity.unit, key_id=key))
        heating = HeatingValue.LOWER if detail == GAS else None
        new = NewBill(flow.id, period, quantity, heating, is_estimate=is_estimate, is_confirmed=True)
        enter_bill(self.ctx, site, new)
        return flow.id

    def make(self, product_id: str, pieces: str, period: Period, revenue: str | None = None) -> None:
        """Enter what was made of a product."""
        amount = Quantity(Decimal(pieces), UnitCode.PIECE)
        sold = None if revenue is None else Decimal(revenue)
        enter_output(self.ctx, self.site_id, NewOutput(product_id, period, amount, None, sold))

    def energy_of(self, number: int, electricity: str, gas: str) -> tuple[str, str]:
        """A year's two bills; the flows' ids."""
        return (
            self.bill("Electricity", GRID, electricity, "KWH", year(number)),
            self.bill("Gas", GAS, gas, "KWH", year(number)),
        )

    def calculate(self, number: int, site_id: str = "") -> CalculationView:
        """Calculate a calendar year."""
        return calculate_site(self.ctx, site_id or self.site_id, year(number))


def plant(ctx: Context, name: str = "Fjord Plast") -> Plant:
    """The company with its site and products, nothing booked yet."""
    party = factories.party(ctx, name)
    site = create_site(party.ctx, NewSite("Hall", city="Skive", postal_code="7800")).id
    made = []
    for number, title, mass in (("A", "Arm", "10"), ("F", "Frame", "20")):
        product = register_product(party.ctx, NewProduct(number, title, "H87", f"steel-{title.lower()}"))
        set_site_product(party.ctx, site, product.id, Decimal(mass))
        made.append(product.id)
    return Plant(party, site, *made)


def two_years(ctx: Context) -> Plant:
    """The company with both years booked and calculated."""
    own = plant(ctx)
    for number, electricity, gas in ((2024, "10000", "20000"), (2025, "9000", "15000")):
        own.make(own.arm, "100", year(number), "600000")
        own.make(own.frame, "50", year(number), "400000")
        own.energy_of(number, electricity, gas)
        own.calculate(number)
    return own
