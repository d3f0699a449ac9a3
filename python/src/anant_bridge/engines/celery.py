"""
Celery behind the bridge: a chunk is one message of one generic task. Results, objects and liveness take our own
path through Redis; the broker only carries orders, and a ticket decides whether an order may still run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, ClassVar

import celery

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import Packed
from ..version import __version__
from .base import EngineHealth, EngineHost, EngineInfo
from .celery_address import own_address, read_urls, shown
from .celery_carry import pack_payload
from .celery_keeper import Keeper
from .celery_keys import DEFAULT_NAMESPACE, DEFAULT_QUEUE, SessionKeys
from .celery_link import OUTAGES, CeleryLink, LinkSettings
from .celery_local import LocalCelery
from .celery_objects import CeleryObjects, unreachable
from .celery_order import StoredObject
from .celery_publisher import Failure, Letter
from .celery_results import Ending
from .celery_table import ChunkTable
from .inbox import Inbox
from .option_reader import OptionReader
from .worker_env import worker_env

WINDOW = 8_192
"""Attempts open at once by default: each is a message that the broker holds."""
PAYLOAD_BYTES_MAX = 512 << 20
"""For brokers somewhere else; a local one takes as much as files can hold."""
ROLL_CALL_S = 2.5
"""How long workers have to show themselves at the start."""
_OPTIONS = (
    "address", "local", "slots", "window", "payload_bytes_max", "namespace", "queue", "result_url", "tls",
    "node_memory_bytes_max",
)  # fmt: skip


class CeleryEngine:
    """See `Engine` in `base.py`."""

    name: ClassVar[str] = "celery"

    def __init__(self) -> None:
        self._host: EngineHost
        self._table: ChunkTable
        self._inbox: Inbox[Failure]
        self._settings: LinkSettings
        self._local: LocalCelery | None = None
        self._link: CeleryLink | None = None
        self._keeper: Keeper | None = None
        self._errands: set[asyncio.Task[None]] = set()

    async def start(self, options: Mapping[str, object], host: EngineHost) -> EngineInfo:
        """See `Engine.start`."""
        reader = OptionReader(options)
        reader.only(*_OPTIONS)
        self._host = host
        self._table = ChunkTable(host, self._discard)
        self._inbox = Inbox(asyncio.get_running_loop(), self._table.fail)
        slots = reader.whole("slots", 1, 100_000)
        address = reader.text("address")
        try:
            if address is None or address == "local":
                keeper = await self._start_local(reader, slots)
            else:
                keeper = await self._start_attached(reader, address, slots)
        except BaseException:
            await self._close(0.2)
            raise
        self._keeper = keeper
        keeper.start()
        is_local = self._local is not None
        payload_max = reader.whole("payload_bytes_max", 1, 2**40)
        return EngineInfo(
            slots=keeper.slots,
            window=reader.whole("window", 1, 1_000_000) or WINDOW,
            versions={"celery": celery.__version__},
            details=self._details(keeper),
            payload_max=payload_max or (2**31 if is_local else PAYLOAD_BYTES_MAX),
            shares_files=is_local,
            channel_host="127.0.0.1" if is_local else own_address(self._settings.store_url),
        )

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.submit`."""
        keeper = self._keeper
        letters = []
        now = asyncio.get_running_loop().time()
        for chunk in chunks:
            if keeper is None or not keeper.is_ready:
                why = "it is not started" if keeper is None else keeper.reason
                self._host.lose(chunk, f"Celery cannot be reached: {why}", started="no")
                continue
            try:
                letter = self._write(chunk, keeper.link)
            except BridgeError as error:
                self._host.refuse(chunk, error.code, error.message, error.advice)
                continue
            self._table.add(chunk, letter, now)
            letters.append(letter)
        if letters and keeper is not None:
            keeper.link.publisher.publish(letters)

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.revoke`: a ticket taken back is proof."""
        names = self._table.known([chunk.id for chunk in chunks])
        if names and self._keeper is not None and self._keeper.is_ready:
            self._run(self._withdraw(self._keeper.link, names))

    async def put(self, object_id: str, value: Packed) -> None:
        """See `Engine.put`."""
        await self._objects().put(object_id, value)

    async def get(self, object_id: str) -> Packed:
        """See `Engine.get`."""
        return await self._objects().get(object_id)

    def release(self, object_ids: Sequence[str]) -> None:
        """See `Engine.release`."""
        if self._keeper is not None:
            objects = self._keeper.link.objects
            items = objects.release(object_ids)
            if items:
                self._run(objects.remove(items))

    async def health(self) -> EngineHealth:
        """See `Engine.health`."""
        keeper = self._keeper
        if keeper is None or not keeper.is_ready:
            return EngineHealth("down", "not started" if keeper is None else keeper.reason, 0)
        try:
            await keeper.link.ping()
        except OUTAGES as error:
            return EngineHealth("down", f"Redis does not answer: {error!r:.200}", 0)
        trouble = keeper.link.publisher.trouble
        if trouble is not None:
            return EngineHealth("degraded", f"The broker takes no tasks: {trouble}", keeper.slots)
        queue = self._settings.queue
        workers = keeper.roster.serving(queue, asyncio.get_running_loop().time())
        if not workers and self._local is None:
            return EngineHealth("degraded", f'No Celery worker serves the queue "{queue}".', keeper.slots)
        return EngineHealth("ready", f"{len(keeper.roster.workers)} worker(s)", keeper.slots)

    async def stop(self, grace: float) -> None:
        """See `Engine.stop`."""
        await self._close(max(0.2, grace))

    # Start and end.

    async def _start_local(self, reader: OptionReader, slots_asked: int | None) -> Keeper:
        options = reader.map("local") or OptionReader({}, "options.local")
        options.only("workers", "threads_per_worker", "memory_bytes_max")
        workers = options.whole("workers", 1, 1_024) or slots_asked or _cpus()
        slots = workers * (options.whole("threads_per_worker", 1, 64) or 1)
        memory = options.whole("memory_bytes_max", 1 << 20, 2**50)
        names = _names(reader)
        local = self._local = LocalCelery(slots, *names, worker_env(self._host), memory)
        link = await self._open_local(local)
        keeper = Keeper(self._host, self._table, link, local, self._open_local, None)
        await keeper.wait_for_local(local)
        return keeper

    async def _open_local(self, local: LocalCelery) -> CeleryLink:
        await local.start_redis()
        local.start_worker()
        keys = SessionKeys.of(local.namespace, self._host.session)
        self._settings = LinkSettings(
            local.broker_url, local.store_url, local.namespace, local.queue, keys, f"{local.folder}/objects"
        )
        return await self._open_link()

    async def _start_attached(self, reader: OptionReader, address: str, slots_asked: int | None) -> Keeper:
        broker_url, result_url = read_urls(address, reader)
        namespace, queue = _names(reader)
        keys = SessionKeys.of(namespace, self._host.session)
        self._settings = LinkSettings(broker_url, result_url, namespace, queue, keys, None)
        try:
            link = await self._open_link()
        except OUTAGES as error:
            raise BridgeError(
                "E_ENGINE_UNREACHABLE",
                f"The broker {shown(address)} cannot be reached: {type(error).__name__}: {error}",
                "Start it, or correct the address.",
            ) from error
        keeper = Keeper(self._host, self._table, link, None, self._open_local, slots_asked)
        await self._meet_workers(keeper)
        return keeper

    async def _open_link(self) -> CeleryLink:
        link = self._link = CeleryLink(self._settings, self._settle, self._inbox.put)
        await link.reach()
        await link.renew()
        return link

    async def _meet_workers(self, keeper: Keeper) -> None:
        """Waits until living workers are known from the dead, and checks their versions. Raises BridgeError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ROLL_CALL_S
        while loop.time() < deadline:
            with contextlib.suppress(*OUTAGES):
                await keeper.link.call_roll(keeper.roster)
            workers = keeper.roster.workers.values()
            if workers and all(worker.proven for worker in workers):
                break
            await asyncio.sleep(0.1)
        here = {
            "anant_bridge": __version__,
            "celery": celery.__version__,
            "python": platform.python_version(),
        }
        settings = keeper.link.settings
        keeper.roster.check_versions(here, settings.queue, loop.time())
        keeper.slots = keeper.count_slots()
        if not keeper.roster.serving(settings.queue, loop.time()):
            self._host.log(
                "warn",
                f'No Celery worker serves the queue "{settings.queue}" in the namespace "{settings.namespace}" yet. '
                "Start one: ANANT_BROKER_URL=… celery -A anant_bridge.celery_app worker -P prefork",
            )

    async def _close(self, timeout: float) -> None:
        keeper, link = self._keeper, self._link
        if keeper is not None:
            link = keeper.link
            await keeper.stop("the bridge is stopping")
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        self._table.clear()
        if link is not None:
            if self._local is None:
                await link.erase(timeout)
            await link.close()
        if self._local is not None:
            await self._local.stop()

    # Chunks.

    def _write(self, chunk: Chunk, link: CeleryLink) -> Letter:
        """Raises BridgeError E_OBJECT_LOST."""
        objects = link.objects.find(chunk.references)
        self._warn(chunk, link)
        keep_as = chunk.object_id if chunk.keeps_result else None
        return Letter(
            chunk.id, pack_payload(self._host.pack(chunk)), objects, keep_as, chunk.options.priority
        )

    def _warn(self, chunk: Chunk, link: CeleryLink) -> None:
        options = chunk.options
        found = []
        if options.priority and not link.has_priorities:
            found.append(("unsupported", "priority", "This broker's queues have no priorities."))
        if options.gpu or options.custom or options.cpu not in (None, 1):
            text = "Celery has no resources; use a queue for each kind of worker."
            found.append(("unsupported", "resources", text))
        if options.has_placement:
            found.append(("unsupported", "placement", "Celery cannot choose a node; use a queue for each."))
        for attempt in chunk.attempts if found else ():
            for kind, subject, text in found:
                attempt.warn(kind, subject, self.name, text)

    async def _withdraw(self, link: CeleryLink, names: Sequence[str]) -> None:
        with contextlib.suppress(*OUTAGES):
            for name in await link.withdraw(names):
                self._table.drop(name)

    def _settle(self, endings: list[Ending]) -> None:
        objects = self._link.objects if self._link is not None else None
        for ending in endings:
            if objects is not None and not self._table.settle(ending, objects) and ending.kept is not None:
                # Nobody waits for it any more: what it kept goes.
                self._run(objects.remove([StoredObject(f"late:{ending.chunk}", ending.kept)]))

    def _discard(self, name: str, parts: int) -> None:
        if self._link is not None:
            self._run(self._link.discard(name, parts))

    # Small things.

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        """Runs a short coroutine beside everything else."""
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _objects(self) -> CeleryObjects:
        keeper = self._keeper
        if keeper is None or not keeper.is_ready:
            raise unreachable(ConnectionError("not started" if keeper is None else keeper.reason))
        return keeper.link.objects

    def _details(self, keeper: Keeper) -> dict[str, str]:
        settings = self._settings
        return {
            "mode": "attached" if self._local is None else "local",
            "broker": shown(settings.broker_url),
            "queue": settings.queue,
            "namespace": settings.namespace,
            "workers": str(len(keeper.roster.workers)),
        }


def _names(reader: OptionReader) -> tuple[str, str]:
    return reader.text("namespace") or DEFAULT_NAMESPACE, reader.text("queue") or DEFAULT_QUEUE


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
