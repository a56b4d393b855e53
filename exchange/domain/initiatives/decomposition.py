"""What a change of own effect from one period to the next is made of: exact Shapley shares (method section 8).

Each cause is set to its earlier or later state; `period_model` has the formula. Where one period has no
state of a cause, the other's stands for it, so that its coming or going counts where it belongs:
- a product made in one period only has the same use per unit in both: its coming is mix, and volume;
- nothing at all made in one period: the shares of products are the other's, and volume explains all;
- an input a product uses in one period only has the same split and factors in both: intensity;
- what is used without any product, or for one of which none was made, does not follow volume: intensity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache

from exchange.domain.initiatives.initiative import Place
from exchange.domain.initiatives.period_model import PeriodModel, Use, comparable
from exchange.domain.initiatives.shapley import shapley

Pair = tuple[str, str]  # product, input
ZERO = Fraction(0)


class Cause(StrEnum):
    """What an effect changed by, in the fixed order of method section 8."""

    VOLUME = "volume"
    MIX = "mix"
    INTENSITY_WHERE = "intensity_where"
    INTENSITY_ELSEWHERE = "intensity_elsewhere"
    FACTORS = "factors"
    DATA_BASIS = "data_basis"
    METHOD = "method"


@dataclass(frozen=True)
class _State:
    """One period's states of the causes, over what the data of both periods cover."""

    volume: Fraction
    mix: Mapping[str, Fraction]
    per_unit: Mapping[Pair, Fraction]
    unexplained: Mapping[Pair, Fraction]
    split: Mapping[Pair, Mapping[str, Fraction]]
    factors: Mapping[str, Fraction]
    data_basis: Fraction
    method: Fraction


def decompose(before: PeriodModel, after: PeriodModel, place: Place) -> dict[Cause, Fraction]:
    """Each cause's part of after.total - before.total, in the indicator's unit; they sum to it exactly.

    An input counts as where the initiative applies if one of its flows does.
    """
    inputs = {**before.inputs, **after.inputs}
    first, second = comparable(before, after)
    old, new = (_state(model, uses, inputs) for model, uses in ((before, first), (after, second)))
    old, new = _completed(old, new), _completed(new, old)
    where = frozenset(
        (use.product, inputs.get(use.flow, use.flow))
        for use in (*first, *second)
        if use.amount and place.holds(use.product, use.flow)
    )
    everywhere = frozenset(old.split)  # completed: the pairs of both
    parts = ((Cause.INTENSITY_WHERE, where), (Cause.INTENSITY_ELSEWHERE, everywhere - where))

    @cache
    def used(intensity: Cause, pairs: frozenset[Pair], later: frozenset[Cause]) -> Fraction:
        volume, mix, use, factors = (
            new if cause in later else old for cause in (Cause.VOLUME, Cause.MIX, intensity, Cause.FACTORS)
        )
        return sum((_amount(volume, mix, use, pair) * _price(mix, factors, pair) for pair in pairs), ZERO)

    def value(later: frozenset[Cause]) -> Fraction:
        core = (
            used(intensity, pairs, later & {Cause.VOLUME, Cause.MIX, intensity, Cause.FACTORS})
            for intensity, pairs in parts
        )
        data = new if Cause.DATA_BASIS in later else old
        method = new if Cause.METHOD in later else old
        return sum(core, data.data_basis + method.method)

    return shapley(value, tuple(Cause))


def _amount(volume: _State, mix: _State, use: _State, pair: Pair) -> Fraction:
    """How much of the input goes to the product: V x s x a, and what follows no volume."""
    product, _ = pair
    made = volume.volume * mix.mix.get(product, ZERO)
    return made * use.per_unit.get(pair, ZERO) + use.unexplained.get(pair, ZERO)


def _price(mix: _State, factors: _State, pair: Pair) -> Fraction:
    """Effect per unit of the input: sum over its flows of q x k."""
    return sum((share * factors.factors[flow] for flow, share in mix.split[pair].items()), ZERO)


def _state(model: PeriodModel, uses: Iterable[Use], inputs: Mapping[str, str]) -> _State:
    """The period's states, as far as it has them."""
    by_pair: dict[Pair, dict[str, Fraction]] = {}
    for use in uses:
        if use.amount:
            flows = by_pair.setdefault((use.product, inputs.get(use.flow, use.flow)), {})
            flows[use.flow] = flows.get(use.flow, ZERO) + use.amount
    amounts = {pair: sum(flows.values(), ZERO) for pair, flows in by_pair.items()}
    volume = model.volume()
    compared = sum(
        (amount * model.factors[flow] for flows in by_pair.values() for flow, amount in flows.items()), ZERO
    )
    return _State(
        volume=volume,
        mix={product: Fraction(made) / volume for product, made in model.volumes.items() if made},
        per_unit={
            pair: amount / model.volume(pair[0]) for pair, amount in amounts.items() if model.volume(pair[0])
        },
        unexplained={pair: amount for pair, amount in amounts.items() if not model.volume(pair[0])},
        split={
            pair: {flow: amount / amounts[pair] for flow, amount in flows.items()}
            for pair, flows in by_pair.items()
        },
        factors=model.factors,
        data_basis=model.total - model.method_adjustment - compared,
        method=model.method_adjustment,
    )


def _completed(own: _State, other: _State) -> _State:
    """The states with the other period's where this one has none."""
    borrowed = {pair: use for pair, use in other.per_unit.items() if pair[0] not in own.mix}
    return replace(
        own,
        mix=own.mix or other.mix,
        per_unit={**borrowed, **own.per_unit},
        split={**other.split, **own.split},
        factors={**other.factors, **own.factors},
    )
