"""The Ray actors that hold actors of the client, one each; and with that, parts of a divided graph."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Future
from typing import Any

import ray

from ..attempt import AttemptOptions
from . import ray_worker
from .ray_calls import RayCalls
from .ray_pool import RayPool


class RayResidents:
    """
    Ray runs the calls of one caller to an actor one at a time, in order. On a private node the warm slots of the pool
    become homes and return to it; elsewhere every home is a Ray actor of its own, spread over the nodes unless placed.
    """

    def __init__(self, calls: RayCalls, pool: RayPool | None) -> None:
        self._calls = calls
        self._pool = pool
        self._homes: dict[str, Any] = {}
        self._loop = asyncio.get_running_loop()

    def call(self, options: AttemptOptions, payload: Any, references: list[Any]) -> Any:
        """
        Makes the actor, or calls it; its reference, or two when the result is kept. Raises KeyError when it is gone,
        Unplaceable, and what Ray raises.
        """
        actor = options.actor
        assert actor is not None
        if options.method is None:
            self._homes[actor] = self._make(options)
        home = self._homes[actor]
        method = home.call_keep.options(num_returns=2) if options.output == "reference" else home.call
        return method.remote(payload, *references)

    def stop(self, actor: str, *, idle: bool) -> None:
        """Ends an actor. An idle one leaves its slot to the pool."""
        home = self._homes.pop(actor, None)
        if home is None:
            return
        if idle and self._pool is not None:
            forgotten = home.forget.remote(actor).future()
            forgotten.add_done_callback(
                lambda future: self._loop.call_soon_threadsafe(self._emptied, home, future)
            )
        else:
            _end(home)

    def _emptied(self, home: Any, future: Future[Any]) -> None:
        if self._pool is not None and future.exception() is None:
            self._pool.give_back(home)
        else:
            _end(home)

    def _make(self, options: AttemptOptions) -> Any:
        if self._pool is not None and not options.has_resources and not options.has_placement:
            return self._pool.take()
        arguments = {"num_cpus": 0, "scheduling_strategy": "SPREAD"}
        if options.has_resources or options.has_placement:
            arguments = self._calls.arguments(options)
        # Core decides about another attempt, so neither actors nor their calls are ever repeated by Ray.
        cls = ray.remote(max_restarts=0, max_task_retries=0)(ray_worker.Slot)
        return cls.options(**arguments).remote()


def _end(home: Any) -> None:
    with contextlib.suppress(Exception):
        ray.kill(home)
