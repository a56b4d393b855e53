"""Quality of what is left of a figure when parts of known kind are taken out (method section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exchange.domain.linking.records import Effect, Shares


def by_kind(effect: Effect) -> list[Fraction]:
    """The absolute amount split into measured, allocated, secondary and unknown."""
    shares = effect.shares
    kinds = (shares.measured, shares.allocated, shares.secondary, shares.unknown)
    whole = sum(kinds)
    return [abs(effect.amount) * kind / whole for kind in kinds] if whole else [Fraction(0)] * 4


def shares_of(parts: Sequence[Fraction], otherwise: Shares) -> Shares:
    """Shares from the amounts by kind, none below zero; `otherwise` where there is nothing to share."""
    kept = [max(part, Fraction(0)) for part in parts]
    whole = sum(kept)
    return Shares(*(part / whole for part in kept)) if whole else otherwise


def less(effect: Effect, metered: Fraction, spread: Fraction) -> Effect:
    """The effect without `metered`, which comes out of its measured part, and without `spread`.

    `spread` comes out of the other parts in proportion. What one side cannot give the other gives.
    """
    if not metered and not spread:
        return effect
    measured, *others = by_kind(effect)
    elsewhere = sum(others, Fraction(0))
    from_others = min(spread + max(metered - measured, Fraction(0)), elsewhere)
    from_measured = metered + spread - from_others
    kept = 1 - from_others / elsewhere if elsewhere else Fraction(0)
    left = [measured - from_measured, *(part * kept for part in others)]
    return Effect(effect.amount - metered - spread, shares_of(left, effect.shares))
