"""Whose data are in a chain's figures, and which field group of them its viewers must hold (method section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exchange.domain.linking import COLUMNS
from exchange.domain.linking.records import VALUE_ADDED
from exchange.services.rollup.chain_parts import Readings
from exchange.services.rollup.chain_reach import Reach

Contributions = frozenset[tuple[str, str]]


def contributions(reach: Reach, column: int, readings: Readings) -> Contributions:
    """(dataset, what it stands behind) of one indicator; the words are those of `release_contribution`.

    Inside are own or declared effects and value added, a target's or member's own always; and every recipe that is
    followed, whether or not its product states a figure: 40 kg of steel are 80 kg at 2 kg per kg. A group's total
    follows none. It is output times own effect, and so tells the output to who knows the effect.
    """
    indicator, found = COLUMNS[column], set[tuple[str, str]]()
    for one in reach.counted[column]:
        node = reach.nodes[one]
        found |= {(dataset, "indicators") for dataset in _stating(reach, one, column)}
        if reach.is_group:
            found |= {(dataset, "output") for dataset in _with(reach, one, "commercial")}
        if VALUE_ADDED in node.own:
            found |= {(dataset, "commercial") for dataset in _with(reach, one, "commercial")}
        if not reach.is_group and indicator not in node.fixed:
            found |= {(dataset, "process") for dataset in _recipe(reach, one)}
    found |= {(dataset, "process") for one in reach.netting for dataset in _recipe(reach, one)}
    return frozenset(found | set(_beside(reach, column, readings)))


def _beside(reach: Reach, column: int, readings: Readings) -> Iterator[tuple[str, str]]:
    """What stands beside the total: a group's upstream, which its own recipes lead to, and recipes not counted."""
    outside = (*reach.beside[column], *readings.inside)
    for one in outside:
        yield from ((dataset, "beside") for dataset in _stating(reach, one, column))
    followed = {one for one in outside if COLUMNS[column] not in reach.nodes[one].fixed} | readings.opened
    for one in followed | (set(reach.core) if reach.is_group else set()):
        yield from ((dataset, "beside_process") for dataset in _recipe(reach, one))


def _stating(reach: Reach, position: int, column: int) -> list[str]:
    node = reach.nodes[position]
    if position in reach.core:
        return list(node.datasets)
    has_figure = COLUMNS[column] in node.own or COLUMNS[column] in node.fixed
    return [one for one in node.datasets if has_figure and "indicators" in reach.contributors[one].groups]


def _recipe(reach: Reach, position: int) -> Iterable[str]:
    """The datasets that a node's links were made from; all of them where none states a recipe: a pool was spread."""
    if not reach.links_into.get(position):
        return ()
    datasets = reach.nodes[position].datasets
    return [one for one in datasets if "process" in reach.contributors[one].groups] or datasets


def _with(reach: Reach, position: int, group: str) -> list[str]:
    """The product datasets of a node that carry a field group."""
    found = ((one, reach.contributors[one]) for one in reach.nodes[position].datasets)
    return [one for one, facts in found if facts.kind == "product" and group in facts.groups]
