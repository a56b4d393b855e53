"""What goes into one node: its own statements, its recipe resolved to sources, and its part in the pool."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from exchange.domain.indicators import Indicator
from exchange.domain.linking.inputs import Input
from exchange.domain.linking.makings import Making
from exchange.domain.linking.pool import Pooled, pooled_mass
from exchange.domain.linking.result import NodeKind

RESOURCES = Indicator.RESOURCES.value
CUT_OFF = Fraction(1, 100)  # of the mass input of a unit process (EN 15804 6.3.6)


@dataclass(frozen=True)
class Intake:
    """A node before netting, with everything that goes into it. Masses are in kg per unit of the product."""

    making: Making
    inputs: tuple[Input, ...]
    pooled: tuple[Pooled, ...]

    @cached_property
    def mass(self) -> Fraction | None:
        """Its inputs: of lines and pool together, or the maker's own resources where they are more.

        None where nothing states a mass.
        """
        if self.making.kind is NodeKind.DEFAULT:
            return None
        masses = [entry.mass for entry in self.inputs if entry.mass is not None]
        return max(sum(masses, Fraction(0)) + self.pooled_mass, self.own_mass) or None

    @cached_property
    def own_mass(self) -> Fraction:
        """The maker's own resources before netting; 0 where it states none."""
        effect = self.making.dataset.own.get(RESOURCES)
        return effect.amount if effect else Fraction(0)

    @cached_property
    def pooled_mass(self) -> Fraction:
        """What came by the pool, whether or not from a node."""
        return pooled_mass(self.pooled)

    @property
    def unstated_mass(self) -> Fraction:
        """Own resources that no line explains, no pool brought and no cut-off rule excuses.

        0 where it is no more than 1 % of the input mass: the cut-off criterion of EN 15804 6.3.6 per unit process.
        Of a category default, a refused product and a missing recipe nothing is said here.
        """
        dataset = self.making.dataset
        if self.making.kind is NodeKind.DEFAULT or self.making.refused or dataset.recipe is None:
            return Fraction(0)
        explained = sum(
            (entry.line.explains.get(RESOURCES, Fraction(0)) for entry in self.inputs), Fraction(0)
        )
        left = self.own_mass - explained - dataset.burden_free - self.pooled_mass
        return left if left > CUT_OFF * (self.mass or 0) else Fraction(0)
