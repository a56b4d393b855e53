"""The bar that shows how a figure came about: measured, allocated, secondary, unknown."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from markupsafe import Markup

QUALITIES = ("measured", "allocated", "secondary", "unknown")
WIDTH = Decimal(200)
HEIGHT = 10


def quality_bar(shares: Mapping[str, Decimal], description: str) -> Markup:
    """A stacked bar of shares of one, in the fixed order; widths add up to the bar's exactly.

    `description` says the same in words and is the image's name.
    """
    parts, left = [], Decimal(0)
    for quality in QUALITIES:
        width = shares.get(quality, Decimal(0)) * WIDTH
        if width > 0:
            parts.append(
                Markup('<rect class="q-{}" x="{}" y="0" width="{}" height="{}"/>').format(
                    quality, _short(left), _short(width), HEIGHT
                )
            )
        left += width
    return Markup(
        '<svg class="vcx-quality" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, description, Markup("").join(parts))


def _short(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.01')).normalize():f}"
