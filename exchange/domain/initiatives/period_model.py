"""One period's own effect of a site in one indicator, in the parts whose change is told apart.

E = V x sum over products p of s(p) x sum over inputs i of a(p, i) x sum over flows f of q(p, i, f) x k(f)
  + what no unit of product explains + what only one period's data cover + method.
V is the volume of all products in a common unit, s a product's share of it, a its use of an input per unit,
q the share of a flow (a supplier, a recipe) in that input, k a flow's effect per unit of flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from exchange.domain.errors import InvalidError

REST = ""  # stands for a product where no product explains the use


@dataclass(frozen=True)
class Use:
    """How much of a flow went to a product in a part of the period (such as a month; "": not told apart).

    `is_measured`: metered or counted for this product, not spread by a key.
    """

    product: str
    flow: str
    amount: Fraction
    part: str = ""
    is_measured: bool = False


@dataclass(frozen=True)
class PeriodModel:
    """What a period's effect is made of.

    `volumes`: produced by product, in one unit for all. `factors`: effect per unit of flow. `inputs` names,
    for flows that stand in for each other in one unit (steel of two suppliers), the input they both are; any
    other flow is an input of its own. `not_covered`: flows and parts there are no data of, part "" meaning
    the whole flow. `site_metered`: flows whose amount at the site is from its own meter or bills.
    `method_adjustment`: how much of the effect is there only by this period's version of the method.

    `InvalidError`: `observation.volume` and `observation.amount` below zero, `observation.factor` for a flow
    that is used and has none, `observation.rest` for a volume of what is no product.
    """

    volumes: Mapping[str, Fraction]
    uses: tuple[Use, ...]
    factors: Mapping[str, Fraction]
    inputs: Mapping[str, str] = field(default_factory=dict)
    not_covered: frozenset[tuple[str, str]] = frozenset()
    site_metered: frozenset[str] = frozenset()
    method_adjustment: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if REST in self.volumes:
            raise _refused("rest", "A volume is given of what is no product.", "Name the product.")
        if any(volume < 0 for volume in self.volumes.values()):
            raise _refused("volume", "A produced amount is below zero.", "Give zero or more.")
        if any(use.amount < 0 for use in self.uses):
            raise _refused("amount", "A used amount is below zero.", "Set the credit off against its bill.")
        missing = sorted({use.flow for use in self.uses} - set(self.factors))
        if missing:
            raise _refused(
                "factor", f"There is no factor for {', '.join(missing)}.", "Choose a factor for each flow."
            )

    @property
    def total(self) -> Fraction:
        """The period's effect in the indicator's unit."""
        return sum((use.amount * self.factors[use.flow] for use in self.uses), self.method_adjustment)

    def volume(self, product: str | None = None) -> Fraction:
        """How much was produced of a product, or of all."""
        if product is not None:
            return self.volumes.get(product, Fraction(0))
        return sum(self.volumes.values(), Fraction(0))


def comparable(before: PeriodModel, after: PeriodModel) -> tuple[tuple[Use, ...], tuple[Use, ...]]:
    """The uses of each period whose flow and part the data of both cover.

    Where either period does not tell a flow's parts apart, a part missing from the other takes out the whole
    flow: nobody knows how much of the year's bill was that month's.
    """
    gaps = before.not_covered | after.not_covered
    torn = {flow for flow, part in gaps if not part}
    gapped = {flow for flow, _ in gaps}
    torn |= {use.flow for use in (*before.uses, *after.uses) if not use.part and use.flow in gapped}
    first, second = (
        tuple(use for use in model.uses if use.flow not in torn and (use.flow, use.part) not in gaps)
        for model in (before, after)
    )
    return first, second


def _refused(what: str, detail: str, advice: str) -> InvalidError:
    return InvalidError(detail, code=f"observation.{what}", advice=advice)
