"""Refusals of the engine: a stable code, the nodes concerned by their ids, and the way out."""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Base of every refusal by the engine; `nodes` are integer ids of the network, never names."""

    code: ClassVar[str] = "engine.error"
    title: ClassVar[str] = "The network cannot be computed"

    def __init__(self, detail: str, *, nodes: tuple[int, ...] = (), path: str = "", advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.error_code = self.code
        self.nodes = nodes
        self.path = path
        self.advice = advice


class ShapeError(EngineError):
    """Arrays that do not fit each other, ids outside the network, numbers that are not finite."""

    code = "engine.shape"


class RangeError(EngineError):
    """An amount or effect that is no number, or so large or small that arithmetic would lose it."""

    code = "engine.range"


class BalanceError(EngineError):
    """More delivered of a product than was produced and drawn from stock."""

    code = "engine.balance"


class ZeroOutputError(EngineError):
    """A product with inputs or effects and no output: nothing to divide by."""

    code = "engine.zero_output"


class LoopError(EngineError):
    """A loop that needs as much of itself as it gives, or more; `gain` is its spectral radius.

    `others`: members of further loops of which the same is known, so that all can be corrected at once.
    """

    code = "engine.loop_gain"

    def __init__(self, nodes: tuple[int, ...], gain: float, others: tuple[int, ...] = ()) -> None:
        named = ", ".join(str(node) for node in nodes[:12]) + (", ..." if len(nodes) > 12 else "")
        super().__init__(
            f"The loop of products {named} gains {gain:.6g}: it needs as much of itself as it gives.",
            nodes=nodes,
            advice="Correct the amounts per unit in one of these recipes; the gain must be below 1.",
        )
        self.gain = gain
        self.others = others


class NotConvergedError(EngineError):
    """A loop gains so nearly 1 that neither sweeps nor acceleration gave a certified figure."""

    code = "engine.not_converged"


class ColumnNeededError(EngineError):
    """Activity differs between columns whose declared values differ: a column must be named."""

    code = "engine.column_needed"


class DamagedError(EngineError):
    """Bytes that are not whole arrays, or not those that were packed."""

    code = "engine.damaged"
