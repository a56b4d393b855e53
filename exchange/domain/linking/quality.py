"""Quality of what is left of a figure when parts of known kind are taken out (method section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exchange.domain.linking.records import Effect, Shares

NOTHING = Fraction(0)


def by_kind(effect: Effect) -> list[Fraction]:
    """The absolute amount split into measured, allocated, secondary and unknown."""
    shares = effect.shares
    kinds = (shares.measured, shares.allocated, shares.secondary, shares.unknown)
    whole = sum(kinds)
    if not whole:
        return [Fraction(0)] * 4
    size = abs(effect.amount) if whole == 1 else abs(effect.amount) / whole
    return [size * kind if kind else kind for kind in kinds]


def shares_of(parts: Sequence[Fraction], otherwise: Shares) -> Shares:
    """Shares from the amounts by kind, none below zero; `otherwise` where there is nothing to share."""
    kept = [part if part.numerator > 0 else NOTHING for part in parts]
    whole = sum(kept, NOTHING)
    return Shares(*(part / whole if part else part for part in kept)) if whole else otherwise


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
