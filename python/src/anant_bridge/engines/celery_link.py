"""One connection to a broker and a result store: what the bridge asks of them, and nothing of why."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import redis

from .celery_keys import LEASE_S, LEASE_TTL_S, RENEW_S, SESSION_TTL_S, SessionKeys, beats_key
from .celery_objects import CeleryObjects
from .celery_profile import make_app, store_url
from .celery_publisher import AMQP_LIMITS, REDIS_LIMITS, SOCKET_TIMEOUT_S, Failure, Publisher
from .celery_results import Ending, ResultReader, connect, drop
from .celery_roster import Roster
from .celery_store import connect as connect_blocking

OUTAGES = (redis.RedisError, OSError, TimeoutError)
"""What a Redis that cannot be reached raises."""
BROKER_TIMEOUT_S = 5.0
ERASE_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Where broker and store are, and under which names. `folder` takes large objects, when workers share it."""

    broker_url: str
    store_url: str
    namespace: str
    queue: str
    keys: SessionKeys
    folder: str | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What Redis knows of the session's chunks at one moment."""

    tickets: frozenset[str]
    running: dict[str, str]


class CeleryLink:
    """Connects lazily: nothing is reached before it is asked for."""

    def __init__(
        self,
        settings: LinkSettings,
        on_endings: Callable[[list[Ending]], None],
        on_failure: Callable[[Failure], None],
    ) -> None:
        self.settings = settings
        self.has_priorities = store_url(settings.broker_url) is not None
        self._renewed_at = 0.0
        self._leased_at = 0.0
        self._app = make_app(
            settings.broker_url,
            settings.store_url,
            namespace=settings.namespace,
            queue=settings.queue,
            transport_options=REDIS_LIMITS if self.has_priorities else AMQP_LIMITS,
        )
        self._client = connect(settings.store_url)
        self.publisher = Publisher(
            self._app,
            connect_blocking(settings.store_url, SOCKET_TIMEOUT_S),
            settings.keys,
            settings.queue,
            on_failure,
            has_priorities=self.has_priorities,
        )
        self.reader = ResultReader(settings.store_url, settings.keys, on_endings)
        self.objects = CeleryObjects(self._client, settings.keys, settings.folder)

    async def reach(self) -> None:
        """Proves that store and broker answer. Raises one of OUTAGES."""
        await asyncio.wait_for(self._client.ping(), BROKER_TIMEOUT_S)
        if store_url(self.settings.broker_url) == self.settings.store_url:
            return

        def connect_broker() -> None:
            with self._app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=SOCKET_TIMEOUT_S)

        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.run_in_executor(None, connect_broker), BROKER_TIMEOUT_S)
        except Exception as error:
            raise OSError(f"{type(error).__name__}: {error}") from error

    async def ping(self) -> None:
        """Raises one of OUTAGES when the store does not answer."""
        await self._client.ping()

    async def call_roll(self, roster: Roster) -> list[str]:
        """Brings a roster up to date; returns the workers that are dead. Raises one of OUTAGES."""
        key = beats_key(self.settings.namespace)
        dead = roster.update(await self._client.hgetall(key), asyncio.get_running_loop().time())
        if dead:
            await self._client.hdel(key, *dead)
        return dead

    async def forget_workers(self) -> None:
        """Deletes all beats. Raises one of OUTAGES."""
        await self._client.delete(beats_key(self.settings.namespace))

    async def look(self, withdraw: Sequence[str]) -> Sight:
        """Reads the state of all chunks, and takes back some tickets. Raises one of OUTAGES."""
        keys = self.settings.keys
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.smembers(keys.tickets)
            pipe.hgetall(keys.running)
            if withdraw:
                pipe.srem(keys.tickets, *withdraw)
            answer = await pipe.execute()
        running = {name.decode(): holder.decode() for name, holder in answer[1].items()}
        return Sight(frozenset(name.decode() for name in answer[0]), running)

    async def withdraw(self, names: Sequence[str]) -> list[str]:
        """Takes back tickets; those that were still there, and so will never run. Raises one of OUTAGES."""
        async with self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.srem(self.settings.keys.tickets, name)
            taken = await pipe.execute()
        return [name for name, had_ticket in zip(names, taken, strict=True) if had_ticket]

    async def discard(self, name: str, parts: int) -> None:
        """Deletes the parts of a payload; an outage leaves them to their expiry."""
        with contextlib.suppress(*OUTAGES):
            await drop(self._client, self.settings.keys, name, parts)

    async def renew(self) -> None:
        """Renews the lease and, less often, every expiry, when it is time. Raises one of OUTAGES."""
        now = asyncio.get_running_loop().time()
        keys = self.settings.keys
        is_all = not self._renewed_at or now - self._renewed_at >= RENEW_S
        if not is_all and now - self._leased_at < LEASE_S:
            return
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.set(keys.lease, "1", ex=LEASE_TTL_S)
            pipe.expire(keys.tickets, LEASE_TTL_S)
            for name in (keys.running, keys.results) if is_all else ():
                pipe.expire(name, SESSION_TTL_S)
            await pipe.execute()
        self._leased_at = now
        if is_all:
            await self.objects.renew()
            self._renewed_at = now

    def renew_soon(self) -> None:
        """Makes the next `renew` act: the store may have lost what it held."""
        self._renewed_at = 0.0

    async def erase(self, timeout: float) -> None:
        """Deletes the session's keys. Without tickets, nothing that is still queued can run."""
        with contextlib.suppress(*OUTAGES):
            await asyncio.wait_for(self._erase(), timeout)

    async def close(self) -> None:
        """Ends all connections."""
        self.publisher.close(0)
        await self.reader.close()
        await self._client.aclose()

    async def _erase(self) -> None:
        keys = self.settings.keys
        await self._client.unlink(keys.tickets, keys.lease, keys.results, keys.running)
        names = [name async for name in self._client.scan_iter(match=f"{keys.prefix}*", count=ERASE_COUNT)]
        for start in range(0, len(names), ERASE_COUNT):
            await self._client.unlink(*names[start : start + ERASE_COUNT])
