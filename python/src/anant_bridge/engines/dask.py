"""The Dask engine: one asyncio loop, one client, one key per chunk; every Future is held until its chunk has ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

import dask
import distributed
from distributed import Client, Future, LocalCluster

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import FileBuffer, Packed
from ..version import __version__
from ..worker.machine import machine_id
from . import dask_worker
from .base import EngineHealth, EngineHost, EngineInfo, EngineState
from .dask_cluster import (
    WORKERS_TIMEOUT_S,
    connect,
    local_address_towards,
    mend_local,
    quieten,
    start_local,
)
from .dask_ends import DaskEnds
from .dask_options import DaskOptions, read_options
from .dask_placement import Placement
from .dask_versions import check_versions, check_workers

SCATTER_BYTES_MIN = 1 << 20
"""Larger payloads go to a worker directly, not through the scheduler's graph."""
RECONNECT_WAIT_S = 1.0
WATCH_S = 2.0
"""How often the cluster's size is looked at."""
OBJECTS_MAX = 100_000
"""Stored objects; `put` is refused beyond."""
CALL_TIMEOUT_S = 10.0


class DaskEngine:
    """See the module."""

    name: ClassVar[str] = "dask"

    def __init__(self) -> None:
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None
        self._placement = Placement()
        self._objects: dict[str, Future] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._state: EngineState = "ready"
        self._slots = 0
        self._prefix = ""

    async def start(self, options: Any, host: EngineHost) -> EngineInfo:
        """See Engine."""
        self._host = host
        self._ends = DaskEnds(host, self._spawn, lambda: self._client, self._hold)
        self._options = read_options(options)
        self._prefix = f"anant-{host.session[:8]}"
        quieten()
        try:
            if self._options.address is None:
                self._cluster = await start_local(self._options, host)
            self._client = await connect(self._options, self._cluster)
            described = await self._check(self._client)
        except BaseException:
            await self.stop(0)
            raise
        self._spawn(self._watch_cluster())
        return self._describe(self._options, described)

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See Engine."""
        if self._client is None or self._state == "down":
            for chunk in chunks:
                self._host.lose(chunk, "The Dask scheduler is not connected.", started="no")
            return
        plain: dict[tuple[float, Any], list[tuple[Chunk, Packed]]] = {}
        for chunk in chunks:
            try:
                demand = self._placement.demand(chunk.options)
                payload = self._host.pack(chunk)
            except (BridgeError, OSError, ValueError) as error:
                self._refuse(chunk, error)
                continue
            size = sum(0 if isinstance(b, FileBuffer) else len(b) for b in payload.buffers) + len(
                payload.body
            )
            if chunk.references or chunk.keeps_result or size >= SCATTER_BYTES_MIN:
                self._spawn(self._submit_alone(chunk, payload, demand, size))
            else:
                plain.setdefault((chunk.options.priority, demand), []).append((chunk, payload))
        for (priority, demand), group in plain.items():
            self._submit_group(group, priority, demand)

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See Engine."""
        futures = self._ends.revoke(list(chunks))
        if futures and self._client is not None:
            self._spawn(self._client.cancel(futures, asynchronous=True, force=True))

    async def put(self, object_id: str, value: Packed) -> None:
        """See Engine."""
        client = self._connected()
        if len(self._objects) >= OBJECTS_MAX:
            raise BridgeError(
                "E_QUEUE_FULL", f"{OBJECTS_MAX} objects are stored.", "Release objects after use."
            )
        self._objects[object_id] = await self._scatter(client, value)

    async def get(self, object_id: str) -> Packed:
        """See Engine."""
        client = self._connected()
        future = self._objects.get(object_id)
        if future is None:
            raise _object_lost(object_id)
        try:
            return await client.gather(future, asynchronous=True, direct=True)  # type: ignore[no-any-return]
        except (asyncio.CancelledError, Exception) as error:
            if future.status in ("cancelled", "lost", "error") or not isinstance(
                error, asyncio.CancelledError
            ):
                self._objects.pop(object_id, None)
                raise _object_lost(object_id) from error
            raise

    def release(self, object_ids: Sequence[str]) -> None:
        """See Engine."""
        for object_id in object_ids:
            future = self._objects.pop(object_id, None)
            if future is not None:
                future.release()

    async def health(self) -> EngineHealth:
        """See Engine."""
        if self._client is None or self._state == "down":
            return EngineHealth("down", "the Dask scheduler is not connected", 0)
        await self._refresh(self._client)
        workers = len(self._placement.workers)
        if not workers:
            return EngineHealth("degraded", "the Dask cluster has no workers", 0)
        wanted = self._options.workers if self._cluster is not None else workers
        slots = self._placement.slots
        if workers < wanted:
            return EngineHealth("degraded", f"{workers} of {wanted} workers run", slots)
        return EngineHealth("ready", f"{workers} workers", slots)

    async def stop(self, grace: float) -> None:
        """See Engine."""
        self._stopping = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        self._objects.clear()
        if cluster is not None:
            _end_workers(cluster)
        for part in (client, cluster):
            if part is not None:
                try:
                    await asyncio.wait_for(part.close(timeout=max(grace, 0.2)), max(grace, 0.2) + 1)
                except (TimeoutError, OSError, asyncio.CancelledError):
                    pass

    # Submitting.

    def _submit_group(self, group: list[tuple[Chunk, Packed]], priority: float, demand: Any) -> None:
        assert self._client is not None
        try:
            futures = self._client.map(
                dask_worker.call,
                [payload for _, payload in group],
                key=[self._key() for _ in group],
                pure=False,
                retries=0,
                **_restrictions(demand, priority),
            )
        except Exception as error:
            for chunk, _ in group:
                self._host.lose(chunk, f"Dask did not take the task: {error}", started="no")
            return
        for (chunk, _), future in zip(group, futures, strict=True):
            self._ends.watch(chunk, future)

    async def _submit_alone(self, chunk: Chunk, payload: Packed, demand: Any, size: int) -> None:
        """Chunks with references, a kept result or a large payload."""
        try:
            client = self._connected()
            missing = [ref for ref in chunk.references if ref not in self._objects]
            if missing:
                raise _object_lost(missing[0])
            objects = [self._objects[ref] for ref in chunk.references]
            argument: Any = payload
            if size >= SCATTER_BYTES_MIN:
                argument = await self._scatter(client, payload)
            future = client.submit(
                dask_worker.call_keep if chunk.keeps_result else dask_worker.call,
                argument,
                *objects,
                key=self._key(),
                pure=False,
                retries=0,
                **_restrictions(demand, chunk.options.priority),
            )
        except BridgeError as error:
            self._refuse(chunk, error)
        except Exception as error:
            self._host.lose(
                chunk, f"Dask did not take the task: {type(error).__name__}: {error}", started="no"
            )
        else:
            self._ends.watch(chunk, future)

    async def _scatter(self, client: Client, value: Packed) -> Future:
        found = await client.scatter(
            [value], asynchronous=True, hash=False, direct=True, timeout=CALL_TIMEOUT_S
        )
        return found[0]

    def _hold(self, object_id: str, future: Future) -> str | None:
        if len(self._objects) >= OBJECTS_MAX:
            return f"{OBJECTS_MAX} objects are stored."
        self._objects[object_id] = future
        return None

    def _key(self) -> str:
        return f"{self._prefix}-{uuid.uuid4().hex}"

    def _refuse(self, chunk: Chunk, error: Exception) -> None:
        if isinstance(error, BridgeError):
            self._host.refuse(chunk, error.code, error.message, error.advice)
        else:
            self._host.lose(chunk, f"The input cannot be read: {error}", started="no")

    # The cluster.

    async def _check(self, client: Client) -> dict[str, Any]:
        """Versions of everybody, and what workers say of themselves. Raises BridgeError."""
        if self._options.slots is None or self._cluster is not None:
            try:
                await client.wait_for_workers(1, timeout=WORKERS_TIMEOUT_S)
            except (TimeoutError, OSError) as error:
                raise BridgeError(
                    "E_ENGINE_UNREACHABLE",
                    f"The Dask cluster has had no worker for {WORKERS_TIMEOUT_S:g} seconds.",
                    "Start workers, or set slots when they are started on demand.",
                ) from error
        check_versions(await client.get_versions(check=False))
        try:
            described: dict[str, Any] = await client.run(
                dask_worker.describe, self._host.scratch, asynchronous=True
            )
        except Exception as error:
            raise BridgeError(
                "E_VERSION_SKEW",
                f"anant-bridge cannot be used on the Dask workers: {type(error).__name__}: {error}",
                f"Run on every worker: pip install anant-bridge=={__version__}",
            ) from error
        check_workers(described, __version__, sys.version_info[:2])
        await self._refresh(client)
        return described

    def _describe(self, options: DaskOptions, described: dict[str, Any]) -> EngineInfo:
        assert self._client is not None
        address = str(self._client.scheduler.address)
        is_here = all(w["machine"] == machine_id() and w["sees_files"] for w in described.values())
        slots = self._slots = self._placement.slots or options.slots or 1
        return EngineInfo(
            slots=slots,
            window=options.window,
            versions={"dask": dask.__version__, "distributed": distributed.__version__},
            details={"scheduler": address, "workers": str(len(self._placement.workers))},
            payload_max=options.payload_bytes_max,
            # Later workers of a cluster that is not ours may be elsewhere.
            shares_files=self._cluster is not None,
            channel_host="127.0.0.1" if is_here and described else local_address_towards(address),
        )

    async def _refresh(self, client: Client) -> None:
        identity = await asyncio.wait_for(client.scheduler.identity(n_workers=-1), CALL_TIMEOUT_S)
        self._placement.update(identity["workers"])

    async def _watch_cluster(self) -> None:
        """Keeps the number of slots fresh, and brings the client back after the scheduler was lost."""
        while not self._stopping:
            await asyncio.sleep(WATCH_S if self._state == "ready" else RECONNECT_WAIT_S)
            client = self._client
            try:
                if client is None or client.status != "running":
                    await self._reconnect(client)
                    continue
                await self._refresh(client)
            except (OSError, TimeoutError, BridgeError):
                continue
            self._note_size()
            if self._cluster is not None and mend_local(self._cluster, self._options.workers) > 0:
                self._host.log(
                    "warn", "A Dask worker could not be started again; another one takes its place."
                )

    def _note_size(self) -> None:
        slots = self._placement.slots
        if slots:
            self._note_state("ready", f"{len(self._placement.workers)} Dask workers")
        else:
            self._note_state("degraded", "the Dask cluster has no workers")
        if slots and slots != self._slots:
            self._slots = slots
            self._host.resize(slots)

    def _note_state(self, state: EngineState, reason: str) -> None:
        if state != self._state:
            self._state = state
            self._host.state(state, reason)

    async def _reconnect(self, client: Client | None) -> None:
        if self._state != "down":
            self._objects.clear()
            self._note_state("down", "the connection to the Dask scheduler was lost")
        if client is not None and client.status in ("connecting", "newly-created"):
            return
        if client is not None:
            self._client = None
            await asyncio.wait_for(client.close(timeout=1), 3)
        fresh = await connect(self._options, self._cluster)
        try:
            await self._check(fresh)
        except BaseException:
            await fresh.close(timeout=1)
            raise
        self._client = fresh

    def _connected(self) -> Client:
        if self._client is None or self._state == "down":
            raise BridgeError(
                "E_ENGINE_UNREACHABLE",
                "The Dask scheduler is not connected.",
                "Try again once it is reachable.",
            )
        return self._client

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _restrictions(demand: Any, priority: float) -> dict[str, Any]:
    out: dict[str, Any] = {"priority": priority}
    if demand.workers is not None:
        out["workers"] = list(demand.workers)
    if demand.resources is not None:
        out["resources"] = dict(demand.resources)
    return out


def _end_workers(cluster: LocalCluster) -> None:
    """Worker processes of a local cluster hold nothing worth a goodbye."""
    for nanny in list(cluster.workers.values()):
        # Otherwise it would start another one.
        nanny.close_gracefully(reason="anant-bridge-stop")
        if nanny.pid is not None:
            try:
                os.kill(nanny.pid, signal.SIGKILL)
            except OSError:
                pass


def _object_lost(object_id: str) -> BridgeError:
    return BridgeError(
        "E_OBJECT_LOST",
        f'Dask no longer has the stored object "{object_id}".',
        "Store it again; objects on a worker or scheduler that died are gone.",
    )
