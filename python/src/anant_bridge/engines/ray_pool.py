"""The slot actors of a private node: each runs one plain chunk at a time, and is replaced when it dies."""

from __future__ import annotations

import contextlib
from typing import Any

import ray

from . import ray_worker


class RayPool:
    """As many actors as slots. They hold no CPU of Ray's: the engine admits what runs beside them."""

    def __init__(self, slots: int) -> None:
        # Core decides about another attempt, so neither actors nor their calls are ever repeated by Ray.
        self._class = ray.remote(num_cpus=0, max_restarts=0, max_task_retries=0)(ray_worker.Slot)
        self._slots = slots
        self._idle = [self._class.remote() for _ in range(slots)]
        self._busy: dict[str, Any] = {}

    def describe(self) -> Any:
        """A reference to the versions of a slot."""
        return self._idle[0].describe.remote()

    def call(self, chunk: str, keeps_result: bool, payload: Any, references: list[Any]) -> Any:
        """Runs a chunk in an idle slot; its reference, or two when the result is kept."""
        actor = self.take()
        self._busy[chunk] = actor
        method = actor.call_keep.options(num_returns=2) if keeps_result else actor.call
        return method.remote(payload, *references)

    def take(self) -> Any:
        """An idle slot, or a new one; for good, unless it is given back."""
        return self._idle.pop() if self._idle else self._class.remote()

    def give_back(self, actor: Any) -> None:
        """Takes a slot again; beyond the size of the pool it ends."""
        if len(self._idle) + len(self._busy) < self._slots:
            self._idle.append(actor)
        else:
            with contextlib.suppress(Exception):
                ray.kill(actor)

    def ended(self, chunk: str, *, is_healthy: bool) -> None:
        """A chunk has ended; a slot that may be dead is given up for a new one."""
        actor = self._busy.pop(chunk, None)
        if actor is None:
            return
        if is_healthy:
            self._idle.append(actor)
            return
        with contextlib.suppress(Exception):
            ray.kill(actor)
        self._idle.insert(0, self._class.remote())
