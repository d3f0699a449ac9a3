"""
Ray behind the bridge: a chunk is one call without retries, of a slot actor on a private node and of a Ray task
elsewhere. Its result comes back by a callback per reference; stored objects are references only this module sees.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import ray

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import Packed
from .base import EngineHealth, EngineHost, EngineInfo
from .inbox import Inbox
from .option_reader import OptionReader
from .ray_calls import Unplaceable, own_host
from .ray_cluster import AttachedRay, LocalRay, RayCluster
from .ray_ending import read_ending
from .ray_link import RayLink
from .ray_residents import RayResidents
from .ray_slots import RaySlots, is_plain
from .ray_worker import slim, widen
from .worker_env import worker_env

WINDOW = 8_192
"""Attempts open at once by default: Ray keeps every pending task in the driver's memory."""
CLIENT_WINDOW = 256
CLIENT_PAYLOAD_BYTES_MAX = 16 << 20
"""Ray Client moves everything through one connection at a fraction of the speed, so less is let in."""
WATCH_S = 0.2
"""How often the engine asks its link whether the cluster is still there."""
GET_TIMEOUT_S = 120.0
"""How long a stored value may take to come from another node."""
RECONNECT_S_MIN = 0.5
RECONNECT_S_MAX = 30.0
"""Pauses between two tries to reach a lost cluster again."""
DIRECT_PUT_BYTES_MAX = 1 << 20
"""Larger values are copied into the store by another thread."""


@dataclass(slots=True)
class _Open:
    """A chunk in Ray's hands. `kept` is the reference of its stored value."""

    chunk: Chunk
    result: Any
    kept: Any = None


class RayEngine:
    """See `Engine` in `base.py`."""

    name: ClassVar[str] = "ray"

    def __init__(self) -> None:
        self._host: EngineHost
        self._link: RayLink
        self._slots: RaySlots | None = None
        self._inbox: Inbox[tuple[_Open, Future[Any]]]
        self._open: dict[str, _Open] = {}
        self._objects: dict[str, Any] = {}
        self._residents: RayResidents
        self._ready = False
        self._down = "not started"
        self._slots_asked: int | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self, options: Mapping[str, object], host: EngineHost) -> EngineInfo:
        """See `Engine.start`."""
        reader = OptionReader(options)
        reader.only(
            "address", "local", "slots", "window", "payload_bytes_max", "namespace", "node_memory_bytes_max"
        )
        self._host = host
        self._inbox = Inbox(asyncio.get_running_loop(), self._settle)
        self._slots_asked = reader.whole("slots", 1, 100_000)
        cluster = self._choose(reader, host)
        self._link = RayLink(cluster, self._slots_asked)
        await self._link.open()
        self._residents = self._link.residents()
        self._slots = None if cluster.is_remote else RaySlots(self._link.slots, self._launch)
        self._ready = True
        self._watcher = asyncio.create_task(self._watch())
        client = cluster.is_client
        return EngineInfo(
            slots=self._link.slots,
            window=reader.whole("window", 1, 1_000_000) or (CLIENT_WINDOW if client else WINDOW),
            versions={"ray": ray.__version__},
            details=cluster.details,
            payload_max=reader.whole("payload_bytes_max", 1, 2**40)
            or (CLIENT_PAYLOAD_BYTES_MAX if client else 2**31),
            shares_files=not cluster.is_remote,
            channel_host=own_host() if cluster.is_remote else "127.0.0.1",
        )

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.submit`."""
        for chunk in chunks:
            if not self._ready:
                self._host.lose(chunk, f"Ray is not reachable: {self._down}", started="no")
            elif not self._has_place(chunk):
                continue
            elif self._slots is None or chunk.options.actor is not None:
                self._launch(chunk)
            else:
                self._slots.offer(chunk)
        if self._slots is not None:
            self._slots.fill()

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.revoke`. Workers ignore the interrupt, so a chunk that runs after all is not disturbed."""
        for chunk in chunks:
            held = self._open.get(chunk.id)
            if self._slots is not None and self._slots.remove(chunk):
                self._host.drop(chunk)
            elif held is not None and self._ready and self._link.pool is None:
                with contextlib.suppress(Exception):
                    ray.cancel(held.result, force=False, recursive=False)

    def stop_actor(self, actor: str, *, idle: bool) -> None:
        """See `ActorEngine.stop_actor`."""
        self._residents.stop(actor, idle=idle and self._ready)

    async def put(self, object_id: str, value: Packed) -> None:
        """See `Engine.put`."""
        self._require_ready()
        try:
            if value.nbytes <= DIRECT_PUT_BYTES_MAX:
                reference = ray.put(value)
            else:
                reference = await asyncio.get_running_loop().run_in_executor(None, ray.put, value)
        except Exception as error:
            raise BridgeError(
                "E_OUT_OF_MEMORY",
                f"Ray cannot store {value.nbytes} bytes: {type(error).__name__}: {error}",
                "Release objects, or give Ray a larger object store.",
            ) from error
        self._objects[object_id] = reference

    async def get(self, object_id: str) -> Packed:
        """See `Engine.get`."""
        self._require_ready()
        reference = self._reference(object_id)
        try:
            value = await asyncio.wait_for(asyncio.wrap_future(reference.future()), GET_TIMEOUT_S)
        except Exception as error:
            raise _lost_object(object_id, f"{type(error).__name__}: {error}"[:300]) from error
        if not isinstance(value, Packed):
            raise _lost_object(object_id, "its task left no value")
        return value

    def release(self, object_ids: Sequence[str]) -> None:
        """See `Engine.release`."""
        for object_id in object_ids:
            self._objects.pop(object_id, None)

    async def health(self) -> EngineHealth:
        """See `Engine.health`."""
        if not self._ready:
            return EngineHealth("down", self._down, 0)
        try:
            nodes = await self._link.list_nodes()
        except Exception as error:
            text = f"Ray's control service does not answer: {error!r:.200}"
            return EngineHealth("degraded", text, self._link.slots)
        return EngineHealth("ready", f"{nodes} node(s)", self._link.slots)

    async def stop(self, grace: float) -> None:
        """See `Engine.stop`."""
        self._ready = False
        self._down = "the bridge is stopping"
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._watcher
            self._watcher = None
        self._open.clear()
        self._objects.clear()
        await self._link.close(grace)

    def _choose(self, reader: OptionReader, host: EngineHost) -> RayCluster:
        namespace = reader.text("namespace") or f"anant-{host.session}"
        address = _address(reader)
        if address is not None:
            return AttachedRay(address, namespace)
        local = reader.map("local") or OptionReader({}, "options.local")
        local.only("workers", "threads_per_worker", "memory_bytes_max")
        workers = local.whole("workers", 1, 1_024) or self._slots_asked or _cpus()
        threads = local.whole("threads_per_worker", 1, 64) or 1
        memory = local.whole("memory_bytes_max", 1 << 20, 2**50)
        return LocalRay(workers * threads, namespace, worker_env(host), memory)

    def _launch(self, chunk: Chunk) -> bool:
        """Hands a chunk to Ray; False when it was settled at once."""
        try:
            self._hand_over(chunk)
        except Unplaceable as found:
            self._refuse(
                chunk, "E_CAPABILITY_MISSING", str(found), "Ask for less, or add a node that has it."
            )
        except KeyError as gone:
            self._host.lose(
                chunk, f"The actor {gone} is not here: it was stopped, or its worker died.", started="no"
            )
        except BridgeError as error:
            self._refuse(chunk, error.code, error.message, error.advice)
        except Exception as error:
            # Ray did not take it: it cannot run.
            self._host.lose(chunk, f"Ray refused the task: {type(error).__name__}: {error}", started="no")
        else:
            return True
        return False

    def _hand_over(self, chunk: Chunk) -> None:
        """Raises Unplaceable, BridgeError E_OBJECT_LOST, and what Ray raises."""
        calls, pool, options = self._link.calls, self._link.pool, chunk.options
        assert calls is not None
        references = [self._reference(object_id) for object_id in chunk.references]
        keeps = chunk.keeps_result
        # References travel as top-level arguments: only those does Ray fetch before it starts the task.
        if options.actor is not None:
            returned = self._residents.call(options, slim(self._host.pack(chunk)), references)
        elif pool is not None and is_plain(chunk):
            returned = pool.call(chunk.id, keeps, slim(self._host.pack(chunk)), references)
        else:
            returned = calls.function(options).remote(slim(self._host.pack(chunk)), *references)
        held = _Open(chunk, *returned) if keeps else _Open(chunk, returned)
        self._open[chunk.id] = held
        held.result.future().add_done_callback(partial(self._arrived, held))

    def _reference(self, object_id: str) -> Any:
        found = self._objects.get(object_id)
        if found is None:
            raise _lost_object(object_id, "it was released or never stored here")
        return found

    def _has_place(self, chunk: Chunk) -> bool:
        """Refuses what can never run; on a cluster that may grow, an unmet demand is only a warning."""
        calls = self._link.calls
        if is_plain(chunk) or calls is None:
            return True
        try:
            calls.check(chunk.options)
        except Unplaceable as found:
            if not self._link.cluster.is_remote or chunk.options.node is not None:
                self._refuse(
                    chunk, "E_CAPABILITY_MISSING", str(found), "Ask for less, or add a node that has it."
                )
                return False
            for attempt in chunk.attempts:
                attempt.warn("degraded", "resources", self.name, f"{found} It waits until the cluster grows.")
        return True

    def _arrived(self, held: _Open, future: Future[Any]) -> None:
        """On a thread of Ray's."""
        self._inbox.put((held, future))

    def _settle(self, batch: list[tuple[_Open, Future[Any]]]) -> None:
        for held, future in batch:
            chunk = held.chunk
            if self._open.get(chunk.id) is not held:
                continue
            del self._open[chunk.id]
            error = future.exception()
            if self._link.pool is not None:
                self._link.pool.ended(chunk.id, is_healthy=error is None)
            if self._slots is not None:
                self._slots.ended(chunk)
            if error is not None:
                self._fail(chunk, error)
                continue
            value = future.result()
            if chunk.keeps_result:
                value, is_kept = value
                # Of an attempt that ended meanwhile nobody will release the value.
                if is_kept and not chunk.is_over:
                    self._objects[chunk.object_id] = held.kept
            self._host.finish(chunk, widen(value))
        if self._slots is not None and self._ready:
            self._slots.fill()

    def _fail(self, chunk: Chunk, error: BaseException) -> None:
        ending = read_ending(error)
        if ending.kind == "dropped":
            self._host.drop(chunk)
        elif ending.kind == "refused":
            self._refuse(chunk, ending.code, ending.reason, ending.advice)
        else:
            if chunk.options.actor is not None:
                self._residents.stop(chunk.options.actor, idle=False)
            self._host.lose(chunk, ending.reason, started=ending.started, suspect=ending.suspect)

    def _refuse(self, chunk: Chunk, code: str, reason: str, advice: str) -> None:
        self._host.refuse(chunk, code, reason, advice)

    async def _watch(self) -> None:
        """Sees the end of the cluster, settles everything, and connects again."""
        slots = self._link.slots
        while True:
            await asyncio.sleep(WATCH_S)
            reason = await self._link.trouble()
            if reason is not None:
                await self._recover(reason)
            if self._link.slots != slots:
                slots = self._link.slots
                self._host.resize(slots)

    async def _recover(self, reason: str) -> None:
        self._ready = False
        self._down = reason
        lost = [held.chunk for held in self._open.values()]
        waiting = self._slots.clear() if self._slots is not None else []
        self._open.clear()
        self._objects.clear()
        for chunk in lost:
            self._host.lose(chunk, reason)
        for chunk in waiting:
            self._host.lose(chunk, reason, started="no")
        self._host.state("down", reason)
        await self._link.close(0)
        delay = RECONNECT_S_MIN
        while True:
            try:
                await self._link.open()
                break
            except BridgeError as error:
                self._host.log("warn", f"Ray cannot be reached again yet: {error.message}")
            await asyncio.sleep(delay)
            delay = min(RECONNECT_S_MAX, delay * 2)
        self._residents = self._link.residents()
        self._ready = True
        self._host.state("ready", "Ray is reachable again; what was stored there is gone.")

    def _require_ready(self) -> None:
        if not self._ready:
            raise BridgeError(
                "E_ENGINE_UNREACHABLE", f"Ray is not reachable: {self._down}", "Try again later."
            )


def _lost_object(object_id: str, why: str) -> BridgeError:
    return BridgeError(
        "E_OBJECT_LOST",
        f'The stored object "{object_id}" is gone: {why}.',
        "Store it again, or run the task that made it again.",
    )


def _cpus() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _address(reader: OptionReader) -> str | None:
    address = reader.text("address")
    return None if address == "local" else address
