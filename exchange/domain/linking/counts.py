"""How many links one maker's recipes and pool would make: refused before they are worked out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from exchange.domain.linking.errors import LinkingError, Refusals
from exchange.domain.linking.ladder import Sources
from exchange.domain.linking.makings import Making
from exchange.domain.linking.receipts import Receipt

MOST_LINKS = 50_000  # of all products of one maker in a period: a thousand products of fifty suppliers each


def refuse_too_many(
    makings: Iterable[Making], receipts: Iterable[Receipt], sources: Sources, refusals: Refusals
) -> None:
    """Refuse of a maker above `MOST_LINKS` the products that make most of its links, until it is no longer above.

    Every line counts once for each delivery it takes, and every product for each delivery in its maker's pool.
    """
    by_maker: dict[str, list[Making]] = defaultdict(list)
    for making in makings:
        by_maker[making.dataset.organisation].append(making)
    pooled = Counter(one.recipient for one in receipts if not sources.claims.is_claimed(one))
    for maker, several in by_maker.items():
        _refuse_largest(several, pooled[maker], sources, refusals)


def _refuse_largest(makings: Sequence[Making], pooled: int, sources: Sources, refusals: Refusals) -> None:
    counted: Counter[str] = Counter()
    names: dict[str, str] = {}
    for making in makings:
        names[making.dataset.product] = making.dataset.name
        if making.dataset.product not in refusals:
            counted[making.dataset.product] += _lines(making, sources) + pooled * (
                making.dataset.produced != 0
            )
    left = sum(counted.values())
    for product, count in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        if left <= MOST_LINKS:
            return
        left -= count
        refusals.add(_too_many(product, names[product], count))


def _lines(making: Making, sources: Sources) -> int:
    """What its recipe takes; alike lines are one link of each supplier, and are counted once."""
    alike = {line.alike: line for line in making.dataset.recipe or ()}
    return sum(max(1, len(sources.claims.of_line(making, line))) for line in alike.values())


def _too_many(product: str, name: str, count: int) -> LinkingError:
    return LinkingError(
        "too_many",
        product,
        f"The recipe lines of {name} and the pool of its maker bring {count} links; all products of a maker have "
        f"{MOST_LINKS} at most.",
        "State which delivered product each line takes, and deliveries by the month or year.",
    )
