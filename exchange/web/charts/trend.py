"""A small line through a few periods: the direction at a glance, the figures are in the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup

WIDTH, HEIGHT, EDGE = 120, 32, 5


def trend(values: Sequence[Decimal | None], description: str, joined: Sequence[bool] | None = None) -> Markup:
    """Points in order of time, None where a period has no figure (the line breaks there).

    `joined` says of each point whether it may be compared with the one before it: where not, the line breaks too.

    The scale starts at zero, so that a small change looks small. Fewer than two figures give no chart.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    top = max(max(known), Decimal(0)) or Decimal(1)
    points = [None if v is None else (_x(i, len(values)), _y(v, top)) for i, v in enumerate(values)]
    dots = [Markup('<circle cx="{}" cy="{}" r="3"/>').format(*point) for point in points if point]
    lines = [
        Markup('<line x1="{}" y1="{}" x2="{}" y2="{}"/>').format(*here, *there)
        for (here, there), is_joined in zip(
            pairwise(points), (joined or [True] * len(points))[1:], strict=True
        )
        if here and there and is_joined
    ]
    return Markup(
        '<svg class="vcx-trend" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="axis" x1="0" y1="{}" x2="{}" y2="{}"/>{}{}</svg>'
    ).format(
        WIDTH,
        HEIGHT,
        description,
        HEIGHT - 1,
        WIDTH,
        HEIGHT - 1,
        Markup("").join(lines),
        Markup("").join(dots),
    )


def _x(index: int, count: int) -> int:
    return EDGE + (WIDTH - 2 * EDGE) * index // (count - 1)


def _y(value: Decimal, top: Decimal) -> int:
    height = HEIGHT - 1 - EDGE
    return EDGE + round(height - height * float(max(value, Decimal(0)) / top))
