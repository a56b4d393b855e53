"""What the parts of a release are by. Apart from working them out, so that reading them loads no solver."""

from __future__ import annotations

from enum import StrEnum


class PartKind(StrEnum):
    """What a part of a total is by. Those of one of the first three kinds sum to the total."""

    TIER = "tier"
    ORGANISATION = "organisation"
    PRODUCT = "product"
    READING = "reading"
    CAUSE = "cause"


UNSEEN = "unseen"  # a cause that cannot be told until it is measured
