"""
Ray behind the bridge: a chunk is one Ray task without retries, its result comes back by a callback per reference,
and stored objects are references that only this module sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import ray

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import FileBuffer, Packed
from ..spool import discard, map_file
from ..version import __version__
from .base import EngineHealth, EngineHost, EngineInfo
from .inbox import Inbox
from .option_reader import OptionReader
from .ray_calls import RayCalls, Unplaceable, read_nodes
from .ray_cluster import AttachedRay, LocalRay, RayCluster
from .ray_ending import read_ending
from .ray_worker import slim, widen
from .worker_env import worker_env

WINDOW = 8_192
"""Attempts open at once by default: Ray keeps every pending task in the driver's memory."""
CLIENT_WINDOW = 256
CLIENT_PAYLOAD_BYTES_MAX = 16 << 20
"""Ray Client moves everything through one connection at a fraction of the speed, so less is let in."""
PROBE_TIMEOUT_S = 30.0
"""How long the first worker may take to say its versions."""
WATCH_S = 0.2
NODES_S = 2.0
"""How often a cluster reached by address is asked whether it is still there, and how long it has to answer."""
NODES_TIMEOUT_S = 3.5
NODES_FAILURES_MAX = 2
GET_TIMEOUT_S = 120.0
RECONNECT_S_MAX = 30.0
DIRECT_PUT_BYTES_MAX = 1 << 20


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
        self._cluster: RayCluster
        self._inbox: Inbox[tuple[_Open, Future[Any]]]
        self._calls: RayCalls | None = None
        self._open: dict[str, _Open] = {}
        self._objects: dict[str, Any] = {}
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
        self._cluster = self._choose(reader, host)
        await self._cluster.connect()
        try:
            versions = await self._check_worker()
            slots = await self._open_for_work()
        except BaseException:
            await self._cluster.disconnect(1)
            raise
        self._watcher = asyncio.create_task(self._watch())
        client = self._cluster.is_client
        return EngineInfo(
            slots=slots,
            window=reader.whole("window", 1, 1_000_000) or (CLIENT_WINDOW if client else WINDOW),
            versions=versions,
            details=self._cluster.details,
            payload_max=reader.whole("payload_bytes_max", 1, 2**40)
            or (CLIENT_PAYLOAD_BYTES_MAX if client else 2**31),
            shares_files=isinstance(self._cluster, LocalRay),
        )

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.submit`."""
        for chunk in chunks:
            if not self._ready or self._calls is None:
                self._host.lose(chunk, f"Ray is not reachable: {self._down}", started="no")
                continue
            try:
                self._launch(chunk, self._calls)
            except Unplaceable as found:
                self._refuse(
                    chunk, "E_CAPABILITY_MISSING", str(found), "Ask for less, or add a node that has it."
                )
            except Exception as error:
                # Ray did not take it: it cannot run.
                self._host.lose(chunk, f"Ray refused the task: {type(error).__name__}: {error}", started="no")

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.revoke`. Workers ignore the interrupt, so a chunk that runs after all is not disturbed."""
        for chunk in chunks:
            held = self._open.get(chunk.id)
            if held is not None and self._ready:
                with contextlib.suppress(Exception):
                    ray.cancel(held.result, force=False, recursive=False)

    async def put(self, object_id: str, value: Packed) -> None:
        """See `Engine.put`."""
        self._require_ready()
        whole = Packed(value.body, [map_file(b) if isinstance(b, FileBuffer) else b for b in value.buffers])
        try:
            if whole.nbytes <= DIRECT_PUT_BYTES_MAX:
                reference = ray.put(whole)
            else:
                reference = await asyncio.get_running_loop().run_in_executor(None, ray.put, whole)
        except Exception as error:
            raise BridgeError(
                "E_OUT_OF_MEMORY",
                f"Ray cannot store {whole.nbytes} bytes: {type(error).__name__}: {error}",
                "Release objects, or give Ray a larger object store.",
            ) from error
        finally:
            discard(value.buffers)
        self._objects[object_id] = reference

    async def get(self, object_id: str) -> Packed:
        """See `Engine.get`."""
        self._require_ready()
        reference = self._objects.get(object_id)
        if reference is None:
            raise _lost_object(object_id, "it was released or never stored here")
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
            await self._refresh_nodes()
        except Exception as error:
            return EngineHealth(
                "degraded", f"Ray's control service does not answer: {error!r:.200}", self._slots()
            )
        nodes = len(self._calls.nodes) if self._calls is not None else 0
        return EngineHealth("ready", f"{nodes} node(s)", self._slots())

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
        await self._cluster.disconnect(grace)

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

    async def _check_worker(self) -> dict[str, str]:
        """The versions of the engine, after a worker has shown that it can import this package and that it fits."""
        self._calls = RayCalls()
        try:
            reference = self._calls.describe()
            seen = await asyncio.wait_for(asyncio.wrap_future(reference.future()), PROBE_TIMEOUT_S)
        except TimeoutError as error:
            raise BridgeError(
                "E_ENGINE_UNREACHABLE",
                f"No Ray worker answered within {PROBE_TIMEOUT_S:g} s.",
                "Check that the cluster can start workers (`ray status`).",
            ) from error
        except Exception as error:
            ending = read_ending(error)
            raise BridgeError(
                ending.code or "E_ENGINE_UNREACHABLE",
                f"A Ray worker failed its first task: {ending.reason}",
                ending.advice,
            ) from error
        here = {"anant_bridge": __version__, "python": platform.python_version(), "ray": ray.__version__}
        _compare(here, seen)
        return {"ray": ray.__version__}

    async def _open_for_work(self) -> int:
        await self._refresh_nodes()
        self._ready = True
        return self._slots()

    def _launch(self, chunk: Chunk, calls: RayCalls) -> None:
        options = chunk.options
        if options.has_resources or options.has_placement:
            self._place(chunk, calls)
        references = []
        for object_id in chunk.references:
            reference = self._objects.get(object_id)
            if reference is None:
                error = _lost_object(object_id, "it was released or never stored here")
                self._refuse(chunk, error.code, error.message, error.advice)
                return
            references.append(reference)
        function = calls.function(options)
        # References travel as top-level arguments: only those does Ray fetch before it starts the task.
        returned = function.remote(slim(self._host.pack(chunk)), *references)
        held = _Open(chunk, *returned) if chunk.keeps_result else _Open(chunk, returned)
        self._open[chunk.id] = held
        held.result.future().add_done_callback(partial(self._arrived, held))

    def _place(self, chunk: Chunk, calls: RayCalls) -> None:
        """Raises Unplaceable; on a cluster that may grow, an unmet demand is only a warning."""
        try:
            calls.check(chunk.options)
        except Unplaceable as found:
            if isinstance(self._cluster, LocalRay) or chunk.options.node is not None:
                raise
            for attempt in chunk.attempts:
                attempt.warn("degraded", "resources", self.name, f"{found} It waits until the cluster grows.")

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
            if error is not None:
                self._fail(chunk, error)
                continue
            value = future.result()
            if chunk.keeps_result:
                value, is_kept = value
                if is_kept:
                    self._objects[chunk.object_id] = held.kept
            self._host.finish(chunk, widen(value))

    def _fail(self, chunk: Chunk, error: BaseException) -> None:
        ending = read_ending(error)
        if ending.kind == "dropped":
            self._host.drop(chunk)
        elif ending.kind == "refused":
            self._refuse(chunk, ending.code, ending.reason, ending.advice)
        else:
            self._host.lose(chunk, ending.reason, started=ending.started, suspect=ending.suspect)

    def _refuse(self, chunk: Chunk, code: str, reason: str, advice: str) -> None:
        self._host.refuse(chunk, code, reason, advice)

    async def _watch(self) -> None:
        """Sees the end of the cluster, settles everything, and connects again until it is stopped."""
        failures, ticks = 0, 0
        while True:
            await asyncio.sleep(WATCH_S)
            ticks += 1
            reason = self._cluster.has_died()
            if reason is None and ticks * WATCH_S >= NODES_S:
                ticks = 0
                failures = await self._count_failure(failures)
                if failures >= NODES_FAILURES_MAX:
                    reason = "Ray's control service does not answer."
            if reason is not None:
                failures = ticks = 0
                await self._recover(reason)

    async def _count_failure(self, failures: int) -> int:
        if isinstance(self._cluster, LocalRay):
            return 0
        try:
            await self._refresh_nodes()
        except Exception:
            return failures + 1
        return 0 if self._calls is not None and self._calls.nodes else failures + 1

    async def _recover(self, reason: str) -> None:
        self._ready = False
        self._down = reason
        self._calls = None
        lost = list(self._open.values())
        self._open.clear()
        self._objects.clear()
        for held in lost:
            self._host.lose(held.chunk, reason)
        self._host.state("down", reason)
        delay = 0.5
        while True:
            try:
                await self._cluster.disconnect(0)
                await self._cluster.connect()
                await self._check_worker()
                await self._open_for_work()
                break
            except BridgeError as error:
                self._host.log("warn", f"Ray cannot be reached again yet: {error.message}")
            await asyncio.sleep(delay)
            delay = min(RECONNECT_S_MAX, delay * 2)
        self._host.state("ready", "Ray is reachable again; what was stored there is gone.")

    async def _refresh_nodes(self) -> None:
        loop = asyncio.get_running_loop()
        nodes = await asyncio.wait_for(loop.run_in_executor(None, read_nodes), NODES_TIMEOUT_S)
        if self._calls is not None:
            self._calls.nodes = nodes

    def _slots(self) -> int:
        if self._slots_asked is not None:
            return self._slots_asked
        nodes = self._calls.nodes if self._calls is not None else ()
        return max(1, int(sum(node.resources.get("CPU", 0.0) for node in nodes)))

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


def _compare(here: Mapping[str, str], seen: Mapping[str, str]) -> None:
    """Raises BridgeError E_VERSION_SKEW. Of Python, only the minor version must be equal."""
    for what, wanted in here.items():
        found = seen.get(what, "unknown")
        same = found == wanted
        if what == "python":
            same = found.split(".")[:2] == wanted.split(".")[:2]
        if not same:
            raise BridgeError(
                "E_VERSION_SKEW",
                f"The bridge has {what} {wanted}, a Ray worker has {found}.",
                "Install the same versions on the bridge's machine and on every Ray node.",
                {"what": what, "expected": wanted, "actual": found},
            )


def _cpus() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _address(reader: OptionReader) -> str | None:
    address = reader.text("address")
    return None if address == "local" else address
