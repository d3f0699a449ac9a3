"""The tasks that both sides of `bench/bridge.mjs` run."""

from __future__ import annotations

from typing import Any

import numpy

_made: dict[int, Any] = {}


def noop(value: Any) -> Any:
    """Nothing but the way there and back."""
    return value


def take(array: Any) -> float:
    """Touches both ends of an array that travelled to the worker."""
    return float(array[0] + array[-1])


def make(count: int) -> Any:
    """An array that travels back; made once, so that making it is not measured."""
    if count not in _made:
        _made[count] = numpy.arange(count, dtype=numpy.float64)
    return _made[count]
