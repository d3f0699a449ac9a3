"""The built-in engine: a pool of worker processes on this machine, with nothing else installed."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import Packed
from .base import EngineHealth, EngineHost, EngineInfo
from .local_process import LocalProcess
from .option_reader import OptionReader
from .worker_env import worker_env

START_TIMEOUT_S = 30.0
RESTARTS_QUICK_MAX = 5
"""Processes that may die one after the other before a restart waits."""
RESTART_WAIT_S = 1.0
WATCH_S = 0.2
"""How often memory is looked at when it is limited."""
OBJECTS_MAX = 100_000
"""Stored objects; `put` is refused beyond."""


class LocalEngine:
    """See the module."""

    name: ClassVar[str] = "local"

    def __init__(self) -> None:
        self._idle: list[LocalProcess] = []
        self._busy: dict[LocalProcess, Chunk] = {}
        self._all: set[LocalProcess] = set()
        self._queue: list[tuple[float, int, Chunk]] = []
        self._order = itertools.count()
        self._objects: dict[str, Packed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._quick_deaths = 0
        self._stopping = False
        self._workers = 0
        self._memory_max: int | None = None

    async def start(self, options: Mapping[str, object], host: EngineHost) -> EngineInfo:
        """See Engine."""
        reader = OptionReader(options)
        reader.only("local", "slots", "window", "payload_bytes_max", "node_memory_bytes_max")
        local = reader.map("local") or OptionReader({})
        local.only("workers", "threads_per_worker", "memory_bytes_max")
        reader.whole("node_memory_bytes_max", 1 << 20, 1 << 50)
        local.whole("threads_per_worker", 1, 1)
        self._workers = (
            local.whole("workers", 1, 1024) or reader.whole("slots", 1, 1024) or os.cpu_count() or 1
        )
        self._memory_max = local.whole("memory_bytes_max", 1 << 24, 1 << 50)
        self._host = host
        self._env = worker_env(host)
        for _ in range(self._workers):
            self._launch()
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                versions = (await asyncio.gather(*(process.ready for process in self._all)))[0]
        except (TimeoutError, RuntimeError, OSError) as error:
            await self.stop(0)
            raise BridgeError(
                "E_BACKEND_UNAVAILABLE",
                f"The worker processes did not start: {error or 'they took too long'}.",
                "Read the bridge's log for their error.",
            ) from error
        if self._memory_max is not None:
            self._keep(self._watch_memory(self._memory_max))
        return EngineInfo(
            slots=self._workers,
            window=reader.whole("window", 1, 1_000_000) or 8192,
            versions={"numpy": versions["numpy"]},
            details={"workers": str(self._workers)},
            payload_max=reader.whole("payload_bytes_max", 1024, 1 << 40) or 2**31,
            shares_files=True,
        )

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See Engine."""
        for chunk in chunks:
            missing = [ref for ref in chunk.references if ref not in self._objects]
            if missing:
                self._host.refuse(
                    chunk,
                    "E_OBJECT_LOST",
                    f'There is no stored object "{missing[0]}".',
                    "Store it again with put.",
                )
                continue
            heapq.heappush(self._queue, (-chunk.options.priority, next(self._order), chunk))
        self._feed()

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See Engine."""
        names = {chunk.id for chunk in chunks}
        taken = [entry[2] for entry in self._queue if entry[2].id in names]
        if taken:
            self._queue = [entry for entry in self._queue if entry[2].id not in names]
            heapq.heapify(self._queue)
        for chunk in taken:
            self._host.drop(chunk)

    async def put(self, object_id: str, value: Packed) -> None:
        """See Engine."""
        if len(self._objects) >= OBJECTS_MAX:
            raise BridgeError(
                "E_QUEUE_FULL", f"{OBJECTS_MAX} objects are stored.", "Release objects after use."
            )
        self._objects[object_id] = value

    async def get(self, object_id: str) -> Packed:
        """See Engine."""
        found = self._objects.get(object_id)
        if found is None:
            raise BridgeError(
                "E_OBJECT_LOST", f'There is no stored object "{object_id}".', "Store it again with put."
            )
        return found

    def release(self, object_ids: Sequence[str]) -> None:
        """See Engine."""
        for object_id in object_ids:
            self._objects.pop(object_id, None)

    async def health(self) -> EngineHealth:
        """See Engine."""
        alive = len(self._idle) + len(self._busy)
        if alive == self._workers:
            return EngineHealth("ready", f"{alive} worker processes", alive)
        return EngineHealth(
            "degraded" if alive else "down", f"{alive} of {self._workers} worker processes run", alive
        )

    async def stop(self, grace: float) -> None:
        """See Engine."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        processes, self._all = list(self._all), set()
        await asyncio.gather(*(process.close() for process in processes))
        self._objects.clear()

    def _launch(self) -> None:
        process = LocalProcess(self._env, self._on_result, self._on_end)
        self._all.add(process)
        process.ready.add_done_callback(lambda ready: self._on_ready(process, ready))
        process.start()

    def _on_ready(self, process: LocalProcess, ready: asyncio.Future[dict[str, Any]]) -> None:
        if not ready.cancelled() and ready.exception() is None:
            self._idle.append(process)
            self._feed()

    def _feed(self) -> None:
        while self._idle and self._queue and not self._stopping:
            _, _, chunk = heapq.heappop(self._queue)
            process = self._idle.pop()
            self._busy[process] = chunk
            verb = "run-reference" if chunk.keeps_result else "run"
            objects = [self._objects.get(ref) for ref in chunk.references]
            process.send(verb, [self._host.pack(chunk), *objects])

    def _on_result(self, process: LocalProcess, payloads: list[Packed | None]) -> None:
        chunk = self._busy.pop(process)
        self._quick_deaths = 0
        self._idle.append(process)
        if chunk.keeps_result and payloads[1] is not None:
            self._objects[chunk.object_id] = payloads[1]
        assert payloads[0] is not None
        self._host.finish(chunk, payloads[0])
        self._feed()

    def _on_end(self, process: LocalProcess, reason: str) -> None:
        self._all.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        chunk = self._busy.pop(process, None)
        if self._stopping:
            return
        self._quick_deaths += 1
        wait = 0.0 if self._quick_deaths <= RESTARTS_QUICK_MAX else RESTART_WAIT_S
        self._keep(self._relaunch(wait))
        if chunk is not None:
            self._host.lose(chunk, reason, started="maybe", suspect=True)

    async def _relaunch(self, wait: float) -> None:
        if wait:
            await asyncio.sleep(wait)
        if not self._stopping:
            self._launch()

    async def _watch_memory(self, limit: int) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            for process in list(self._all):
                if process.resident_bytes() > limit:
                    process.over_limit = True
                    process.kill()

    def _keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
