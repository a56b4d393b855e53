"""Amounts of a chain's page: one scale for each indicator all down the page, and parts that visibly add up in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from exchange.domain.indicators import Indicator
from exchange.domain.rounding import apportioned, last_digit
from exchange.services.chain_cells import ChainCell
from exchange.web import formats
from exchange.web.formats import Language, Scale

DIGITS = 4  # of the largest amount: one more than at a glance, so that small parts show beside large ones
ONE = Decimal(1)


def scales_of(cells: Iterable[ChainCell]) -> Mapping[Indicator, Scale]:
    """The scale of each indicator, by its largest total in any period."""
    totals: dict[Indicator, list[Decimal]] = {one: [] for one in Indicator}
    for cell in cells:
        totals[cell.indicator] += [] if cell.value is None else [cell.value]
    return {indicator: formats.choose_scale(indicator, values) for indicator, values in totals.items()}


@dataclass(frozen=True)
class Sum:
    """A total and its parts as they are shown: in one unit, rounded so that the parts add up to the total."""

    scale: Scale
    total: Decimal
    parts: tuple[Decimal, ...]

    @classmethod
    def of(cls, scale: Scale, parts: Sequence[Decimal], total: Decimal, largest: Decimal) -> Sum:
        """Parts of a total in headline units; `largest` is the amount whose digits decide how finely all are cut."""
        step = min(last_digit(largest / scale.divisor, DIGITS), ONE)
        shown = (total / scale.divisor).quantize(step, ROUND_HALF_UP)
        return cls(scale, shown, apportioned([float(one / scale.divisor) for one in parts], shown, step))

    @property
    def decimals(self) -> int:
        """As many as the amount that needs most of them, at which none has more."""
        exponents = (one.normalize().as_tuple().exponent for one in (self.total, *self.parts))
        return max(0, *(-one for one in exponents if isinstance(one, int)))

    def say(self, value: Decimal, language: Language) -> str:
        """The total or a part with its unit."""
        return self.scale.show_scaled(value, self.decimals, language)

    def say_signed(self, value: Decimal, language: Language) -> str:
        """The same of a change: more has a plus, and nothing is a bare 0."""
        if not value:
            return "0"
        return f"+{self.say(value, language)}" if value > 0 else self.say(value, language)
