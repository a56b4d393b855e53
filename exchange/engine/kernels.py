"""Which loops do the work: scipy's, or the compiled ones where numba is installed and the network is large."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from exchange.engine.errors import EngineError

COMPILED_FROM = 5_000  # products; below that the first call of a process would cost more than it saves


def compiled_kernels(products: int, wanted: bool | None = None) -> ModuleType | None:
    """The module `compiled`, or None for scipy's loops; `wanted` decides where it is not None.

    Raises `EngineError` when the compiled ones are wanted and numba is not there.
    """
    if wanted is False or (wanted is None and products < COMPILED_FROM):
        return None
    module = _module()
    if module is None and wanted:
        raise EngineError("There is no numba here to compile with.", advice="Install the extra `fast`.")
    return module


@cache
def _module() -> ModuleType | None:
    try:
        from exchange.engine import compiled
    except ImportError:  # not installed, or not for this numpy
        return None
    return compiled
