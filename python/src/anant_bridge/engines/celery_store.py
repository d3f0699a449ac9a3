"""The worker's end of the Redis store: tickets, payload parts and results. One client per process, made after fork."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

import msgpack
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .celery_carry import Carried, carry, join
from .celery_keys import CLAIM_SCRIPT, DELIVER_SCRIPT, SESSION_TTL_S, SessionKeys

if TYPE_CHECKING:
    from redis import Redis

CLAIM_TIMEOUT_S = 10.0
DELIVER_TIMEOUT_S = 60.0
"""How long an unreachable store is tried again before a claim, or a delivery, fails."""
SOCKET_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
_BACKOFF_S_MAX = 2.0
_OUTAGES = (redis.ConnectionError, redis.TimeoutError, OSError)

Answer = TypeVar("Answer")


class StoreUnreachableError(Exception):
    """The store did not answer for too long."""


def connect(url: str, timeout: float = SOCKET_TIMEOUT_S) -> Redis:
    """A client that fails fast: waiting is decided here, per operation."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )


class Store:
    """One process's client. All scripts may be repeated: a lost reply does no harm."""

    def __init__(self, url: str) -> None:
        self._client = connect(url)
        self._claim = self._client.register_script(CLAIM_SCRIPT)
        self._deliver = self._client.register_script(DELIVER_SCRIPT)

    def claim(self, keys: SessionKeys, chunk: str, worker: str) -> bool:
        """Takes the ticket of a chunk; False when there is none. Raises StoreUnreachableError."""
        holder = f"{worker} {os.getpid()} {uuid.uuid4().hex}"

        def attempt() -> bool:
            taken = self._claim(keys=[keys.tickets, keys.running], args=[chunk, holder, SESSION_TTL_S])
            # The reply of a first try may have been lost after it took the ticket.
            return bool(taken) or self._client.hget(keys.running, chunk) == holder.encode()

        return _insist(attempt, CLAIM_TIMEOUT_S)

    def holder(self, keys: SessionKeys, chunk: str) -> tuple[str, int] | None:
        """Worker and process that took the ticket of a chunk which has not ended. Raises StoreUnreachableError."""
        found = _insist(lambda: self._client.hget(keys.running, chunk), CLAIM_TIMEOUT_S)
        parts = found.decode().split(" ") if isinstance(found, bytes) else []
        return (parts[0], int(parts[1])) if len(parts) == 3 and parts[1].isdigit() else None

    def fetch(self, keys: SessionKeys, name: str, carried: Carried) -> bytes:
        """The bytes of a payload. Raises LookupError when parts are gone, StoreUnreachableError."""
        if isinstance(carried, bytes):
            return carried
        names = [keys.part(name, index) for index in range(carried)]
        return join(_insist(lambda: self._get_each(names), CLAIM_TIMEOUT_S))

    def keep(self, keys: SessionKeys, name: str, data: bytes) -> Carried:
        """Stores large data as parts; small data is returned to travel inline. Raises StoreUnreachableError."""

        def store(index: int, part: bytes) -> None:
            _insist(
                lambda: self._client.set(keys.part(name, index), part, ex=SESSION_TTL_S), DELIVER_TIMEOUT_S
            )

        return carry(data, store)

    def deliver(
        self, keys: SessionKeys, chunk: str, kind: str, data: Any, timeout: float = DELIVER_TIMEOUT_S
    ) -> None:
        """Tells the bridge how a chunk ended. Raises StoreUnreachableError."""
        packed: bytes = msgpack.packb(data)
        _insist(
            lambda: self._deliver(
                keys=[keys.results, keys.running, keys.lease], args=[chunk, kind, packed, SESSION_TTL_S]
            ),
            timeout,
        )

    def beat(self, key: str, worker: str, data: str) -> None:
        """Writes a worker's beat; an outage is ignored, the next beat tells."""
        try:
            self._client.hset(key, worker, data)
        except _OUTAGES:
            return

    def forget_beat(self, key: str, worker: str) -> None:
        """Removes the beats of a worker that ends in order."""
        try:
            self._client.hdel(key, worker)
        except _OUTAGES:
            return

    def _get_each(self, names: Sequence[str]) -> list[bytes | None]:
        # One by one: a single MGET of large parts would hold the server and double the memory.
        return [self._client.get(name) for name in names]


def _insist(action: Callable[[], Answer], timeout: float) -> Answer:
    deadline = monotonic() + timeout
    delay = 0.05
    while True:
        try:
            return action()
        except _OUTAGES as error:
            if monotonic() + delay > deadline:
                raise StoreUnreachableError(f"{type(error).__name__}: {error}") from error
        sleep(delay)
        delay = min(_BACKOFF_S_MAX, delay * 2)


_stores: dict[tuple[int, str], Store] = {}


def store_of(url: str) -> Store:
    """The store of this process; a forked child gets its own."""
    key = (os.getpid(), url)
    found = _stores.get(key)
    if found is None:
        _stores.clear()
        found = _stores[key] = Store(url)
    return found
