"""Reads how chunks ended from the session's stream: one consumer, no polling, nothing lost by a broken connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from .celery_carry import Carried, join
from .celery_keys import SessionKeys, result_part

BLOCK_MS = 2_000
COUNT = 256
"""Entries read at once."""
FETCH_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
SOCKET_TIMEOUT_S = 5.0
_BACKOFF_S_MAX = 2.0
_OUTAGES = (redis.RedisError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Ending:
    """How one chunk ended: `end` with its result, `lost` with a reason, or `refused` with code, reason and advice."""

    chunk: str
    kind: str
    detail: Any
    result: bytes | None = None
    kept: Carried | None = None


def connect(url: str, timeout: float = SOCKET_TIMEOUT_S) -> Redis:
    """An asyncio client that fails fast; retrying is decided by its users."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
    )


class ResultReader:
    """One session's stream. `handle` gets endings in order, on the loop."""

    def __init__(self, url: str, keys: SessionKeys, handle: Callable[[list[Ending]], None]) -> None:
        self._client = connect(url, BLOCK_MS / 1000 + SOCKET_TIMEOUT_S)
        self._keys = keys
        self._handle = handle
        self._last = b"0-0"
        self._turn = asyncio.Lock()
        self._task = asyncio.create_task(self._serve())
        self.is_behind = False
        """Whether entries are being worked on, so that a chunk may have ended although it is still open here."""

    async def drain(self) -> None:
        """Reads what is there now. Raises what Redis raises."""
        while await self._read(None):
            pass

    async def close(self) -> None:
        """Ends the reading."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def _serve(self) -> None:
        delay = 0.05
        while True:
            try:
                await self._read(BLOCK_MS)
                delay = 0.05
            except _OUTAGES:
                await asyncio.sleep(delay)
                delay = min(_BACKOFF_S_MAX, delay * 2)

    async def _read(self, block_ms: int | None) -> bool:
        async with self._turn:
            answer = await self._client.xread({self._keys.results: self._last}, count=COUNT, block=block_ms)
            rows = _rows(answer)
            if not rows:
                return False
            self.is_behind = True
            try:
                self._handle([await self._ending(fields) for _, fields in rows])
            finally:
                self.is_behind = False
            self._last = rows[-1][0]
            # What was handled is deleted; a lost reply only means that it is deleted next time.
            await self._client.xtrim(self._keys.results, minid=_after(self._last), approximate=False)
            return True

    async def _ending(self, fields: dict[bytes, bytes]) -> Ending:
        chunk, kind = fields[b"c"].decode(), fields[b"k"].decode()
        detail = msgpack.unpackb(fields[b"d"])
        if kind != "end":
            return Ending(chunk, kind, detail)
        carried, kept = detail
        try:
            result = await fetch(self._client, self._keys, result_part(chunk), carried)
        except LookupError as error:
            return Ending(chunk, "lost", f"The result of the task is gone: {error}.")
        await drop(self._client, self._keys, result_part(chunk), carried)
        return Ending(chunk, kind, None, result, kept)


async def fetch(client: Redis, keys: SessionKeys, name: str, carried: Carried) -> bytes:
    """The bytes of a payload. Raises LookupError when parts are gone, and what Redis raises."""
    if isinstance(carried, bytes):
        return carried
    parts = [await client.get(keys.part(name, index)) for index in range(carried)]
    return join(parts)


async def drop(client: Redis, keys: SessionKeys, name: str, carried: Carried) -> None:
    """Deletes the parts of a payload. Raises what Redis raises."""
    if isinstance(carried, int) and carried:
        await client.unlink(*[keys.part(name, index) for index in range(carried)])


def _rows(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The entries of the one stream that was read, in either version of the Redis protocol."""
    if not answer:
        return []
    if isinstance(answer, dict):
        found = next(iter(answer.values()))
        rows = found[0] if found and isinstance(found[0], list) else found
    else:
        rows = answer[0][1]
    return [(row[0], row[1]) for row in rows]


def _after(entry: bytes) -> str:
    milliseconds, _, number = entry.decode().partition("-")
    return f"{milliseconds}-{int(number) + 1}"
