"""
Celery behind the bridge: a chunk is one message of one generic task. Results, objects and liveness take our own
path through Redis; the broker only carries orders, and a ticket decides whether an order may still run.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import celery
import redis

from ..attempt import Chunk
from ..errors import BridgeError
from ..packed import Packed
from ..version import __version__
from .base import EngineHealth, EngineHost, EngineInfo
from .celery_carry import pack_payload, unpack_payload
from .celery_keys import DEFAULT_NAMESPACE, DEFAULT_QUEUE, RENEW_S, SESSION_TTL_S, SessionKeys, beats_key
from .celery_local import LocalCelery
from .celery_objects import CeleryObjects, unreachable
from .celery_order import StoredObject
from .celery_profile import make_app, store_url
from .celery_publisher import SOCKET_TIMEOUT_S, Failure, Letter, Publisher
from .celery_results import Ending, ResultReader, connect
from .celery_roster import Roster
from .celery_store import connect as connect_blocking
from .celery_watch import LOOK_S, Watch
from .inbox import Inbox
from .option_reader import OptionReader

WINDOW = 8_192
PAYLOAD_BYTES_MAX = 512 << 20
"""For brokers somewhere else; a local one takes as much as files can hold."""
TICK_S = 0.2
PUBLISH_TIMEOUT_S = 10.0
"""A message not known to be with the broker by then ends `unknown`."""
CONNECT_TIMEOUT_S = 5.0
OUTAGE_S = 30.0
"""After so long without Redis, open attempts end `unknown`: they may still run, nobody can tell."""
ROLL_CALL_S = 2.5
"""How long workers have to show themselves at the start."""
RESTART_S_MAX = 30.0
DOUBTED_MAX = 10_000
_OUTAGES = (redis.RedisError, OSError, TimeoutError)


@dataclass(slots=True)
class _Open:
    """A chunk in Celery's hands."""

    chunk: Chunk
    letter: Letter
    since: float


class CeleryEngine:
    """See `Engine` in `base.py`."""

    name: ClassVar[str] = "celery"

    def __init__(self) -> None:
        self._host: EngineHost
        self._keys: SessionKeys
        self._publisher: Publisher | None = None
        self._reader: ResultReader | None = None
        self._client: Any = None
        self._objects: CeleryObjects | None = None
        self._local: LocalCelery | None = None
        self._inbox: Inbox[Failure]
        self._open: dict[str, _Open] = {}
        self._doubted: dict[str, None] = {}
        self._roster = Roster()
        self._watch = Watch()
        self._namespace = DEFAULT_NAMESPACE
        self._queue = DEFAULT_QUEUE
        self._broker_url = ""
        self._store_url = ""
        self._slots_asked: int | None = None
        self._slots = 1
        self._has_priorities = False
        self._ready = False
        self._down = "not started"
        self._silent_since: float | None = None
        self._renewed_at = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()

    async def start(self, options: Mapping[str, object], host: EngineHost) -> EngineInfo:
        """See `Engine.start`."""
        reader = OptionReader(options)
        reader.only(
            "address", "local", "slots", "window", "payload_bytes_max", "namespace", "queue", "result_url", "tls",
            "node_memory_bytes_max",
        )  # fmt: skip
        self._host = host
        self._inbox = Inbox(asyncio.get_running_loop(), self._hear_failures)
        self._slots_asked = reader.whole("slots", 1, 100_000)
        self._namespace = reader.text("namespace") or DEFAULT_NAMESPACE
        self._queue = reader.text("queue") or DEFAULT_QUEUE
        self._keys = SessionKeys.of(self._namespace, host.session)
        address = _address(reader)
        try:
            if address is None:
                await self._start_local(reader, host)
            else:
                await self._start_attached(reader, address)
        except BaseException:
            await self._close(0.2)
            raise
        self._ready = True
        self._keeper = asyncio.create_task(self._keep())
        is_local = self._local is not None
        payload_max = reader.whole("payload_bytes_max", 1, 2**40)
        return EngineInfo(
            slots=self._slots,
            window=reader.whole("window", 1, 1_000_000) or WINDOW,
            versions={"celery": celery.__version__},
            details=self._details(),
            payload_max=payload_max or (2**31 if is_local else PAYLOAD_BYTES_MAX),
            shares_files=is_local,
            channel_host="127.0.0.1" if is_local else _own_address(self._store_url),
        )

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.submit`."""
        letters = []
        now = asyncio.get_running_loop().time()
        for chunk in chunks:
            if not self._ready or self._publisher is None or self._objects is None:
                self._host.lose(chunk, f"Celery is not reachable: {self._down}", started="no")
                continue
            try:
                letter = self._write(chunk, self._objects)
            except BridgeError as error:
                self._host.refuse(chunk, error.code, error.message, error.advice)
                continue
            self._open[chunk.id] = _Open(chunk, letter, now)
            letters.append(letter)
        if letters and self._publisher is not None:
            self._publisher.publish(letters)

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See `Engine.revoke`: a ticket taken back is proof."""
        names = [chunk.id for chunk in chunks if chunk.id in self._open]
        if names and self._ready:
            self._run(self._withdraw(names))

    async def put(self, object_id: str, value: Packed) -> None:
        """See `Engine.put`."""
        await self._stored().put(object_id, value)

    async def get(self, object_id: str) -> Packed:
        """See `Engine.get`."""
        return await self._stored().get(object_id)

    def release(self, object_ids: Sequence[str]) -> None:
        """See `Engine.release`."""
        if self._objects is not None:
            items = self._objects.release(object_ids)
            if items:
                self._run(self._objects.remove(items))

    async def health(self) -> EngineHealth:
        """See `Engine.health`."""
        if not self._ready:
            return EngineHealth("down", self._down, 0)
        try:
            await self._client.ping()
        except _OUTAGES as error:
            return EngineHealth("down", f"Redis does not answer: {error!r:.200}", 0)
        workers = self._roster.serving(self._queue, asyncio.get_running_loop().time())
        if not workers:
            return EngineHealth(
                "degraded", f'No Celery worker serves the queue "{self._queue}".', self._slots
            )
        return EngineHealth("ready", f"{len(workers)} worker(s)", self._slots)

    async def stop(self, grace: float) -> None:
        """See `Engine.stop`."""
        self._ready = False
        self._down = "the bridge is stopping"
        await self._close(max(0.2, grace))

    # Start and end.

    async def _start_local(self, reader: OptionReader, host: EngineHost) -> None:
        local = reader.map("local") or OptionReader({}, "options.local")
        local.only("workers", "threads_per_worker", "memory_bytes_max")
        workers = local.whole("workers", 1, 1_024) or self._slots_asked or _cpus()
        slots = workers * (local.whole("threads_per_worker", 1, 64) or 1)
        memory = local.whole("memory_bytes_max", 1 << 20, 2**50)
        self._local = LocalCelery(slots, self._namespace, self._queue, host.python_path, memory)
        await self._open_local(self._local)

    async def _open_local(self, local: LocalCelery) -> None:
        await local.start_redis()
        local.start_worker()
        self._broker_url, self._store_url = local.broker_url, local.store_url
        self._connect(f"{local.folder}/objects")
        await self._renew()
        await self._wait_for_local(local)

    async def _wait_for_local(self, local: LocalCelery) -> None:
        """Until the fresh worker is seen. It is the only one, so its first beat is proof."""
        seen = asyncio.Event()

        async def look() -> None:
            while not seen.is_set():
                with contextlib.suppress(*_OUTAGES):
                    await self._call_roll()
                if self._roster.workers:
                    seen.set()
                await asyncio.sleep(0.02)

        looking = asyncio.create_task(look())
        try:
            await local.wait_for_worker(seen.is_set)
        finally:
            seen.set()
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        self._slots = sum(worker.slots for worker in self._roster.workers.values())

    async def _start_attached(self, reader: OptionReader, address: str) -> None:
        result_url = reader.text("result_url") or store_url(address)
        if result_url is None or not result_url.startswith(("redis://", "rediss://", "unix://")):
            raise BridgeError(
                "E_CONFIG_INVALID",
                f"Results need a Redis, and {_shown(address)} is not one.",
                'Set the option "result_url" to the URL of a Redis (redis://…).',
            )
        self._broker_url, self._store_url = address, result_url
        if reader.map("tls") is not None:
            self._store_url = _with_tls(result_url, reader.map("tls"))
            self._broker_url = _with_tls(address, reader.map("tls"))
        self._connect(None)
        try:
            await asyncio.wait_for(self._client.ping(), CONNECT_TIMEOUT_S)
            await self._check_broker()
            await self._renew()
            await self._call_roll()
        except _OUTAGES as error:
            raise BridgeError(
                "E_ENGINE_UNREACHABLE",
                f"The broker {_shown(address)} cannot be reached: {type(error).__name__}: {error}",
                "Start it, or correct the address.",
            ) from error
        await self._meet_workers()

    def _connect(self, folder: str | None) -> None:
        keys = self._keys
        self._has_priorities = store_url(self._broker_url) is not None
        self._client = connect(self._store_url)
        app = make_app(
            self._broker_url,
            self._store_url,
            namespace=self._namespace,
            queue=self._queue,
            transport_options={
                "socket_timeout": SOCKET_TIMEOUT_S,
                "socket_connect_timeout": SOCKET_TIMEOUT_S,
                "max_retries": 1,
            },
        )
        self._app = app
        self._publisher = Publisher(
            app,
            connect_blocking(self._store_url, SOCKET_TIMEOUT_S),
            keys,
            self._queue,
            self._inbox.put,
            has_priorities=self._has_priorities,
        )
        self._reader = ResultReader(self._store_url, keys, self._settle)
        self._objects = CeleryObjects(self._client, keys, folder)

    async def _check_broker(self) -> None:
        if store_url(self._broker_url) == self._store_url:
            return

        def reach() -> None:
            with self._app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=SOCKET_TIMEOUT_S)

        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.run_in_executor(None, reach), CONNECT_TIMEOUT_S)
        except Exception as error:
            raise OSError(f"{type(error).__name__}: {error}") from error

    async def _meet_workers(self) -> None:
        """Waits until living workers are known from the dead, and checks their versions."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ROLL_CALL_S
        while loop.time() < deadline:
            await asyncio.sleep(0.1)
            with contextlib.suppress(*_OUTAGES):
                await self._call_roll()
            workers = self._roster.workers.values()
            if workers and all(worker.proven for worker in workers):
                break
        self._roster.check_versions(self._versions(), self._queue, loop.time())
        self._resize()
        if not self._roster.serving(self._queue, loop.time()):
            self._host.log(
                "warn",
                f'No Celery worker serves the queue "{self._queue}" in the namespace "{self._namespace}" yet. '
                "Start one: ANANT_BROKER_URL=… celery -A anant_bridge.celery_app worker -P prefork",
            )

    async def _close(self, timeout: float) -> None:
        keeper, self._keeper = self._keeper, None
        tasks = [task for task in (keeper, *self._errands) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._open.clear()
        if self._local is None and self._client is not None:
            with contextlib.suppress(*_OUTAGES):
                await asyncio.wait_for(self._erase(), timeout)
        await self._disconnect()
        if self._local is not None:
            await self._local.stop()

    async def _disconnect(self) -> None:
        if self._publisher is not None:
            self._publisher.close(0)
            self._publisher = None
        if self._reader is not None:
            await self._reader.close()
            self._reader = None
        if self._client is not None:
            await self._client.aclose()

    async def _erase(self) -> None:
        """Deletes the session's keys. Without tickets, nothing that is still queued can run."""
        keys = self._keys
        await self._client.unlink(keys.tickets, keys.lease, keys.results, keys.running)
        names = [name async for name in self._client.scan_iter(match=f"{keys.prefix}*", count=1_000)]
        for start in range(0, len(names), 1_000):
            await self._client.unlink(*names[start : start + 1_000])

    # Submitting.

    def _write(self, chunk: Chunk, objects: CeleryObjects) -> Letter:
        """Raises BridgeError E_OBJECT_LOST."""
        found = objects.find(chunk.references)
        self._warn(chunk)
        keep_as = chunk.object_id if chunk.keeps_result else None
        return Letter(chunk.id, pack_payload(self._host.pack(chunk)), found, keep_as, chunk.options.priority)

    def _warn(self, chunk: Chunk) -> None:
        options = chunk.options
        if options.priority and not self._has_priorities:
            self._warn_all(chunk, "unsupported", "priority", "This broker's queues have no priorities.")
        elif options.priority not in (0, 1, 10):
            text = "Celery on Redis knows four priorities: 10 and above, above 0, 0, below 0."
            self._warn_all(chunk, "degraded", "priority", text)
        if options.gpu or options.custom or options.cpu not in (None, 1):
            self._warn_all(
                chunk, "unsupported", "resources", "Celery has no resources; use a queue per kind of worker."
            )
        if options.has_placement:
            self._warn_all(
                chunk, "unsupported", "placement", "Celery cannot choose a node; use a queue per node."
            )

    def _warn_all(self, chunk: Chunk, kind: str, subject: str, message: str) -> None:
        for attempt in chunk.attempts:
            attempt.warn(kind, subject, self.name, message)

    async def _withdraw(self, names: Sequence[str]) -> None:
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.srem(self._keys.tickets, name)
                taken = await pipe.execute()
        except _OUTAGES:
            return
        for name, had_ticket in zip(names, taken, strict=True):
            held = self._open.pop(name, None) if had_ticket else None
            if held is not None:
                self._host.drop(held.chunk)

    # Ends.

    def _settle(self, endings: list[Ending]) -> None:
        for ending in endings:
            held = self._open.pop(ending.chunk, None)
            if held is None:
                self._forget_late(ending)
            elif ending.kind == "end" and ending.result is not None:
                self._finish(held.chunk, ending)
            elif ending.kind == "refused":
                self._host.refuse(held.chunk, *ending.detail)
            else:
                self._host.lose(held.chunk, str(ending.detail), suspect=True)

    def _finish(self, chunk: Chunk, ending: Ending) -> None:
        assert ending.result is not None and self._objects is not None
        try:
            result = unpack_payload(ending.result)
        except ValueError as error:
            self._host.lose(chunk, f"The result of the task cannot be read: {error}", started="yes")
            return
        if ending.kept is not None:
            self._objects.adopt(chunk.object_id, ending.kept)
        self._host.finish(chunk, result)

    def _forget_late(self, ending: Ending) -> None:
        """A result nobody waits for: its files and what it kept go."""
        if ending.kept is not None and self._objects is not None:
            self._run(self._objects.remove([StoredObject(f"late:{ending.chunk}", ending.kept)]))

    def _hear_failures(self, failures: list[Failure]) -> None:
        for failure in failures:
            held = self._open.pop(failure.chunk, None)
            if held is None:
                continue
            if failure.fate == "not-sent":
                self._host.lose(
                    held.chunk, f"The broker did not take the task: {failure.reason}", started="no"
                )
            else:
                self._doubt(held, f"The broker may have the task: {failure.reason}")

    def _doubt(self, held: _Open, reason: str) -> None:
        if len(self._doubted) < DOUBTED_MAX:
            self._doubted[held.chunk.id] = None
        self._open.pop(held.chunk.id, None)
        self._host.doubt(held.chunk, reason)

    def _lose_open(self, reason: str) -> None:
        held, self._open = list(self._open.values()), {}
        for item in held:
            self._host.lose(item.chunk, reason)

    # Watching.

    async def _keep(self) -> None:
        """Keeps the session alive, sees what died, and brings it back."""
        loop = asyncio.get_running_loop()
        next_look = loop.time() + LOOK_S
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            self._doubt_overdue(now)
            died = self._local.what_died() if self._local is not None else None
            if died is not None and self._local is not None:
                await self._revive(self._local, died)
                next_look = loop.time() + LOOK_S
            elif now >= next_look:
                next_look = now + LOOK_S
                await self._look(now)

    def _doubt_overdue(self, now: float) -> None:
        late = [h for h in self._open.values() if not h.letter.is_sent and now - h.since > PUBLISH_TIMEOUT_S]
        for held in late:
            self._doubt(held, f"The broker did not confirm the task within {PUBLISH_TIMEOUT_S:g} s.")

    async def _look(self, now: float) -> None:
        keys = self._keys
        sent = [name for name, held in self._open.items() if held.letter.is_sent]
        try:
            await self._call_roll()
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.smembers(keys.tickets)
                pipe.hgetall(keys.running)
                if self._doubted:
                    pipe.srem(keys.tickets, *self._doubted)
                answer = await pipe.execute()
            if now - self._renewed_at > RENEW_S:
                await self._renew()
        except _OUTAGES as error:
            self._endure(now, error)
            return
        self._doubted.clear()
        self._recover(now)
        self._resize()
        if self._reader is None or self._reader.is_behind:
            return
        tickets = {name.decode() for name in answer[0]}
        running = {name.decode(): holder.decode() for name, holder in answer[1].items()}
        for loss in self._watch.look(now, sent, tickets, running, self._roster):
            held = self._open.pop(loss.chunk, None)
            if held is not None:
                self._host.lose(held.chunk, loss.reason)

    def _endure(self, now: float, error: BaseException) -> None:
        """Redis does not answer: waits for it, but not for ever."""
        reason = f"Redis does not answer: {type(error).__name__}: {error}"
        if self._silent_since is None:
            self._silent_since = now
            return
        if self._ready:
            self._ready = False
            self._down = reason
            self._host.state("down", reason)
        if now - self._silent_since > OUTAGE_S:
            for held in list(self._open.values()):
                self._doubt(held, reason)

    def _recover(self, now: float) -> None:
        if self._silent_since is not None:
            self._silent_since = None
            self._renewed_at = 0.0
        if not self._ready:
            self._ready = True
            self._host.state("ready", "Redis answers again.")

    async def _call_roll(self) -> None:
        key = beats_key(self._namespace)
        dead = self._roster.update(await self._client.hgetall(key), asyncio.get_running_loop().time())
        if dead:
            self._host.log("warn", f"Celery workers without a sign of life: {', '.join(sorted(dead))}")
            await self._client.hdel(key, *dead)

    def _resize(self) -> None:
        if self._slots_asked is not None and self._local is None:
            slots = self._slots_asked
        else:
            workers = self._roster.serving(self._queue, asyncio.get_running_loop().time())
            slots = sum(worker.slots for worker in workers) or self._slots
        if slots != self._slots:
            self._slots = slots
            if self._ready:
                self._host.resize(slots)

    async def _renew(self) -> None:
        """Renews the lease and every expiry. Raises what Redis raises."""
        keys = self._keys
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.set(keys.lease, "1", ex=SESSION_TTL_S)
            for name in (keys.tickets, keys.running, keys.results):
                pipe.expire(name, SESSION_TTL_S)
            await pipe.execute()
        if self._objects is not None:
            await self._objects.renew()
        self._renewed_at = asyncio.get_running_loop().time()

    async def _revive(self, local: LocalCelery, died: str) -> None:
        reason = f"The local {'Redis' if died == 'redis' else 'Celery worker'} ended."
        self._ready = False
        self._down = reason
        if died == "worker":
            await self._settle_worker(reason)
        self._lose_open(reason)
        self._host.state("down", reason)
        delay = 0.5
        while True:
            try:
                self._roster = Roster()
                if died == "worker" and local.what_died() == "worker":
                    local.start_worker()
                    await self._client.delete(beats_key(self._namespace))
                    await self._wait_for_local(local)
                else:
                    await self._disconnect()
                    await local.stop()
                    await self._open_local(local)
                break
            except (BridgeError, *_OUTAGES) as error:
                died = "redis"
                self._host.log("warn", f"The local Celery cannot be restarted yet: {error}")
            await asyncio.sleep(delay)
            delay = min(RESTART_S_MAX, delay * 2)
        self._ready = True
        self._host.state("ready", f"{reason} It was started again.")

    async def _settle_worker(self, reason: str) -> None:
        """After the only worker died: takes in what it delivered, and takes back what it had not begun."""
        with contextlib.suppress(*_OUTAGES):
            if self._reader is not None:
                await self._reader.drain()
            await self._withdraw([name for name, held in self._open.items() if held.letter.is_sent])

    # Small things.

    def _run(self, errand: Any) -> None:
        """Runs a short coroutine beside everything else."""
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _stored(self) -> CeleryObjects:
        if not self._ready or self._objects is None:
            raise unreachable(ConnectionError(self._down))
        return self._objects

    def _versions(self) -> dict[str, str]:
        return {
            "anant_bridge": __version__,
            "celery": celery.__version__,
            "python": platform.python_version(),
        }

    def _details(self) -> dict[str, str]:
        now = asyncio.get_running_loop().time()
        return {
            "mode": "local" if self._local is not None else "attached",
            "broker": _shown(self._broker_url),
            "queue": self._queue,
            "namespace": self._namespace,
            "workers": str(len(self._roster.serving(self._queue, now)) or len(self._roster.workers)),
        }


def _shown(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.hostname or ""
    return parts._replace(
        netloc=f"{parts.username or ''}:***@{host}" + (f":{parts.port}" if parts.port else "")
    ).geturl()


def _with_tls(url: str, tls: OptionReader | None) -> str:
    """A Redis URL that demands TLS with these files."""
    if tls is None or not url.startswith(("redis://", "rediss://")):
        return url
    tls.only("ca_file", "cert_file", "key_file")
    names = {"ca_file": "ssl_ca_certs", "cert_file": "ssl_certfile", "key_file": "ssl_keyfile"}
    given = [f"{name}={value}" for key, name in names.items() if (value := tls.text(key)) is not None]
    joint = "&" if "?" in url else "?"
    return "rediss://" + url.partition("://")[2] + joint + "&".join(["ssl_cert_reqs=required", *given])


def _own_address(url: str) -> str:
    """Address of this machine as seen from where the store is, for the side channel."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme == "unix" or host in (None, "localhost", "127.0.0.1", "::1"):
        return "127.0.0.1"
    with contextlib.suppress(OSError), socket.create_connection((host, parts.port or 6379), 2.0) as probe:
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def _cpus() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _address(reader: OptionReader) -> str | None:
    address = reader.text("address")
    return None if address == "local" else address
