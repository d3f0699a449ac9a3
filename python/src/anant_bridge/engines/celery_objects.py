"""Stored objects behind Celery: in files where the workers see them, in Redis otherwise. They end with the session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import redis
from redis.asyncio import Redis

from ..errors import BridgeError
from ..packed import Buffer, Bytes, FileBuffer, Packed
from ..spool import Spool, discard, map_file
from .celery_carry import Carried, cut, pack_payload, unpack_payload
from .celery_keys import INLINE_BYTES_MAX, SESSION_TTL_S, SessionKeys
from .celery_order import StoredObject
from .celery_results import drop, fetch

_OUTAGES = (redis.RedisError, OSError, TimeoutError)


class CeleryObjects:
    """The objects of one session. `folder` is where large buffers become files, or None."""

    def __init__(self, client: Redis, keys: SessionKeys, folder: str | None) -> None:
        self._client = client
        self._keys = keys
        self._files = Spool(folder, "o") if folder is not None else None
        self._objects: dict[str, StoredObject] = {}

    def find(self, object_ids: Sequence[str]) -> list[StoredObject]:
        """Where objects lie, for a worker. Raises BridgeError E_OBJECT_LOST."""
        found = []
        for object_id in object_ids:
            item = self._objects.get(object_id)
            if item is None:
                raise lost_object(object_id, "it was released or never stored here")
            found.append(item)
        return found

    def adopt(self, object_id: str, carried: Carried) -> None:
        """Takes over what a worker stored."""
        self._objects[object_id] = StoredObject(object_id, carried)

    async def put(self, object_id: str, value: Packed) -> None:
        """Stores a value. Raises BridgeError."""
        buffers: list[Buffer] = list(value.buffers)
        if self._files is not None:
            loop = asyncio.get_running_loop()
            buffers = [await loop.run_in_executor(None, self._files.store, buffer) for buffer in buffers]
        data = pack_payload(Packed(value.body, buffers))
        item = StoredObject(object_id, data)
        if len(data) > INLINE_BYTES_MAX:
            item = StoredObject(object_id, await self._store(item.part_name, data))
        self._objects[object_id] = item

    async def get(self, object_id: str) -> Packed:
        """Reads a value. Raises BridgeError E_OBJECT_LOST, E_ENGINE_UNREACHABLE."""
        item = self.find([object_id])[0]
        try:
            found = unpack_payload(await fetch(self._client, self._keys, item.part_name, item.carried))
            buffers: list[Buffer] = [_mapped(buffer) for buffer in found.buffers]
        except (LookupError, ValueError, FileNotFoundError) as error:
            raise lost_object(object_id, str(error)) from error
        except _OUTAGES as error:
            raise unreachable(error) from error
        return Packed(found.body, buffers)

    def release(self, object_ids: Sequence[str]) -> list[StoredObject]:
        """Forgets objects; what is returned must be given to `remove`."""
        return [item for name in object_ids if (item := self._objects.pop(name, None)) is not None]

    async def remove(self, items: Sequence[StoredObject]) -> None:
        """Deletes files and parts of released objects. An outage leaves parts to their expiry."""
        for item in items:
            with contextlib.suppress(LookupError, ValueError, *_OUTAGES):
                data = await fetch(self._client, self._keys, item.part_name, item.carried)
                discard(unpack_payload(data).buffers)
                await drop(self._client, self._keys, item.part_name, item.carried)

    async def renew(self) -> None:
        """Puts off the expiry of everything stored. Raises what Redis raises."""
        for item in list(self._objects.values()):
            if isinstance(item.carried, int):
                for index in range(item.carried):
                    await self._client.expire(self._keys.part(item.part_name, index), SESSION_TTL_S)

    def clear(self) -> None:
        """Forgets everything: the store has lost its data."""
        self._objects.clear()

    async def _store(self, name: str, data: bytes) -> Carried:
        count = 0
        try:
            for count, part in enumerate(cut(data), 1):
                await self._client.set(self._keys.part(name, count - 1), part, ex=SESSION_TTL_S)
        except redis.ResponseError as error:
            raise BridgeError(
                "E_OUT_OF_MEMORY",
                f"Redis cannot store {len(data)} bytes: {error}",
                "Release objects, or give Redis more memory.",
            ) from error
        except _OUTAGES as error:
            raise unreachable(error) from error
        return count


def lost_object(object_id: str, why: str) -> BridgeError:
    """The error for an object that is not there."""
    return BridgeError(
        "E_OBJECT_LOST",
        f'The stored object "{object_id}" is gone: {why}.',
        "Store it again, or run the task that made it again.",
    )


def unreachable(error: BaseException) -> BridgeError:
    """The error for a Redis that does not answer."""
    return BridgeError(
        "E_ENGINE_UNREACHABLE",
        f"The Redis of Celery's results does not answer: {type(error).__name__}: {error}",
        "Try again later, and check that it runs.",
    )


def _mapped(buffer: Buffer) -> Bytes:
    return map_file(buffer) if isinstance(buffer, FileBuffer) else buffer
