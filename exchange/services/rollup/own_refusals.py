"""What of one's own product could not be counted in the newest roll-ups, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.domain.periods import Period
from exchange.services.context import Context
from exchange.services.products import get_product
from exchange.store import rollups as query


@dataclass(frozen=True)
class OwnRefusal:
    """Why a product is a gap in the network of a period. `line`: of its recipe or the delivery it is about, or ""."""

    period: Period
    code: str
    line: str
    detail: str
    advice: str


def refusals_of_product(ctx: Context, product_id: str) -> tuple[OwnRefusal, ...]:
    """Of one of the actor's own products, each once, by period; NotFoundError of anybody else's.

    Who asks about a period is not told, nor how many do.
    """
    get_product(ctx, product_id)
    found: dict[OwnRefusal, None] = {}
    with ctx.store.read() as session:
        for run in query.newest_runs(session):
            period = Period(run.period_start, run.period_end)
            for one in run.checks:
                if one["name"] == "refused" and one["product"] == product_id:
                    found[
                        OwnRefusal(period, one["code"], one.get("line", ""), one["detail"], one["advice"])
                    ] = None
    return tuple(found)
