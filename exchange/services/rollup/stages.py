"""The stages of a roll-up, in their order, as progress tells them."""

from enum import StrEnum


class Stage(StrEnum):
    """What a roll-up is at. The first five are of solving, the last two of releasing a shard of chains."""

    WAITING = "waiting"  # for another worker at the same network
    READING = "reading"
    LINKING = "linking"
    SOLVING = "solving"
    STORING = "storing"
    FIGURES = "figures"
    RELEASING = "releasing"
