"""What is not known, and which totals are therefore "at least" (method section 3)."""

from __future__ import annotations

from fractions import Fraction

from exchange.domain.linking.amounts import mass_of
from exchange.domain.linking.inputs import together
from exchange.domain.linking.intake import RESOURCES, Intake
from exchange.domain.linking.ladder import Missing
from exchange.domain.linking.makings import Making
from exchange.domain.linking.records import COLUMNS
from exchange.domain.linking.result import Gap

EVERY_COLUMN = frozenset(COLUMNS)


def gaps_of(node: int, intake: Intake, fixed: frozenset[str], doubled: frozenset[str]) -> list[Gap]:
    """The gaps of one node. A column with a declared footprint has none: the declaration covers its upstream.

    `doubled`: columns in which pooled deliveries could not be netted.
    """
    making, dataset = intake.making, intake.making.dataset
    party = dataset.organisation or None
    open_columns = EVERY_COLUMN - fixed
    if making.refused:
        mass = unit_mass(making)
        return [Gap(node, open_columns, "data_refused", dataset.name, party, mass=mass)]
    gaps = []
    if unstated := open_columns - dataset.own.keys():
        gaps.append(Gap(node, unstated, "own_missing", dataset.name, party))
    if incomplete := open_columns & dataset.incomplete:
        gaps.append(Gap(node, incomplete, "own_incomplete", dataset.name, party))
    if open_columns:
        gaps += _upstream(node, intake, open_columns)
    if uncertain := doubled - fixed:
        gaps.append(Gap(node, uncertain, "pool_not_netted", dataset.name, party))
    return gaps


def unit_mass(making: Making) -> Fraction | None:
    """Kilograms of one unit of the product itself."""
    return mass_of(Fraction(1), making.dataset.unit, making.dataset.mass)


def _upstream(node: int, intake: Intake, open_columns: frozenset[str]) -> list[Gap]:
    """What goes into a node from nobody knows where: inputs not stated, lines and pooled deliveries without source."""
    gaps = _unstated_inputs(node, intake, open_columns)
    for entry in together(intake.inputs):
        for part in entry.missing:
            mass = entry.mass_share(part.share)
            gaps.append(Gap(node, open_columns, part.reason, part.name, part.party, entry.line.line, mass))
    for one in intake.pooled:
        if isinstance(one.part, Missing):
            gaps.append(
                Gap(node, open_columns, one.part.reason, one.part.name, one.part.party, mass=one.mass)
            )
    return gaps


def _unstated_inputs(node: int, intake: Intake, open_columns: frozenset[str]) -> list[Gap]:
    """Inputs the maker says nothing of: the whole recipe, or the part of its own resources outside it."""
    dataset = intake.making.dataset
    party = dataset.organisation or None
    if dataset.recipe is None:
        mass = max(intake.own_mass, unit_mass(intake.making) or Fraction(0)) - intake.pooled_mass
        mass = max(mass, Fraction(0))
        return [Gap(node, open_columns, "recipe_missing", dataset.name, party, mass=mass or None)]
    outside, columns = intake.unstated_mass, open_columns - {RESOURCES}
    if not outside or not columns:
        return []
    return [Gap(node, columns, "inputs_unstated", dataset.name, party, mass=outside)]
