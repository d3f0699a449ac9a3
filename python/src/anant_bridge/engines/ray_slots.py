"""
Who runs next on a private node. Plain chunks run in slot actors, one each: a call to a living actor takes half the
time of a Ray task, which must find a worker first. Chunks that ask for resources run as Ray tasks. The two share the
node's CPUs here, since the actors hold none of Ray's. Pure: knows no Ray.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..attempt import Chunk

Launch: TypeAlias = Callable[[Chunk], bool]
"""Hands a chunk to Ray; False when it ended at once (refused) and holds nothing."""


@dataclass(order=True, slots=True)
class _Waiting:
    urgency: float
    order: int
    chunk: Chunk = field(compare=False)
    cpus: float = field(compare=False)


class RaySlots:
    """Admits chunks by priority, then age. The first that does not fit holds up the others, so that none starves."""

    def __init__(self, cpus: float, launch: Launch) -> None:
        self.cpus = cpus
        self._launch = launch
        self._free = cpus
        self._order = itertools.count()
        self._heap: list[_Waiting] = []
        self._waiting: dict[str, _Waiting] = {}
        self._held: dict[str, float] = {}

    def offer(self, chunk: Chunk) -> None:
        """Takes a chunk in; `launch` is called when its turn comes. Bounded by the window of open attempts."""
        item = _Waiting(-chunk.options.priority, next(self._order), chunk, min(_cpus_of(chunk), self.cpus))
        self._waiting[chunk.id] = item
        heapq.heappush(self._heap, item)

    def remove(self, chunk: Chunk) -> bool:
        """Takes a waiting chunk out again; False when it is not waiting any more."""
        return self._waiting.pop(chunk.id, None) is not None

    def ended(self, chunk: Chunk) -> None:
        """A launched chunk has left Ray's hands."""
        self._free += self._held.pop(chunk.id, 0.0)

    def clear(self) -> list[Chunk]:
        """Takes out everything that waits, and forgets what was launched."""
        left = [item.chunk for item in self._waiting.values()]
        self._waiting.clear()
        self._heap.clear()
        self._held.clear()
        self._free = self.cpus
        return left

    def fill(self) -> None:
        """Launches what fits now."""
        while self._heap:
            item = self._heap[0]
            if self._waiting.get(item.chunk.id) is not item:
                heapq.heappop(self._heap)
                continue
            # Sums of fractions come out a little under the whole.
            if item.cpus > self._free + 1e-9:
                return
            heapq.heappop(self._heap)
            del self._waiting[item.chunk.id]
            self._free -= item.cpus
            self._held[item.chunk.id] = item.cpus
            if not self._launch(item.chunk):
                self.ended(item.chunk)


def is_plain(chunk: Chunk) -> bool:
    """Whether a chunk asks for nothing but a slot."""
    return not chunk.options.has_resources and not chunk.options.has_placement


def _cpus_of(chunk: Chunk) -> float:
    cpu = chunk.options.cpu
    return 1.0 if cpu is None else cpu
