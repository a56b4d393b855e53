"""Why a chain's total changed from one period to the next, in the words of a company's own account (section 8)."""

from __future__ import annotations

from enum import StrEnum


class ChainCause(StrEnum):
    """What a part of the change is due to; the parts sum to the change exactly.

    `mix`: other suppliers, or other amounts of what was linked in both periods. `intensity`: own effect per unit
    (or a declared footprint); to the owner of an initiative it is told in two, where it applies and elsewhere.
    `data_basis`: whatever changed at a product whose linking, gaps or known figures did,
    so that linking more is never shown as development. `membership`: targets or members of one period only.
    """

    VOLUME = "volume"
    MIX = "mix"
    INTENSITY = "intensity"
    INTENSITY_WHERE = "intensity_where"
    INTENSITY_ELSEWHERE = "intensity_elsewhere"
    FACTORS = "factors"
    DATA_BASIS = "data_basis"
    METHOD = "method"
    MEMBERSHIP = "membership"
