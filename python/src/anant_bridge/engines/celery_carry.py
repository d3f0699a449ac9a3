"""
Payloads as Celery carries them: one byte string in which file buffers are named, not read. Large ones are cut into
parts that lie in Redis, and only their number travels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgpack

from ..packed import Buffer, FileBuffer, Packed
from .celery_keys import INLINE_BYTES_MAX, PART_BYTES

Carried: TypeAlias = bytes | int
"""The bytes themselves, or the number of parts they were cut into."""


def pack_payload(payload: Packed) -> bytes:
    """One byte string for a payload."""
    rows: list[Any] = [
        [buffer.path, buffer.offset, buffer.size] if isinstance(buffer, FileBuffer) else buffer
        for buffer in payload.buffers
    ]
    packed: bytes = msgpack.packb([payload.body, rows])
    return packed


def unpack_payload(data: bytes) -> Packed:
    """The payload again. Raises ValueError on malformed bytes."""
    fields = msgpack.unpackb(data, max_bin_len=2**32 - 1)
    if not isinstance(fields, list) or len(fields) != 2 or not isinstance(fields[0], bytes):
        raise ValueError("A carried payload is not [body, buffers].")
    return Packed(fields[0], [_buffer(row) for row in fields[1]])


def carry(data: bytes, store: Callable[[int, bytes], None]) -> Carried:
    """Keeps small data as it is; hands larger data to `store`, part by part."""
    if len(data) <= INLINE_BYTES_MAX:
        return data
    count = 0
    for count, part in enumerate(cut(data), 1):
        store(count - 1, part)
    return count


def cut(data: bytes) -> Iterator[bytes]:
    """The parts of `data`."""
    view = memoryview(data)
    for start in range(0, len(data), PART_BYTES):
        yield bytes(view[start : start + PART_BYTES])


def join(parts: Sequence[bytes | None]) -> bytes:
    """The data again. Raises LookupError when a part is gone."""
    if any(part is None for part in parts):
        raise LookupError("a part of the payload is gone from Redis")
    return b"".join(part for part in parts if part is not None)


def _buffer(row: object) -> Buffer:
    if isinstance(row, bytes):
        return row
    if isinstance(row, list) and len(row) == 3:
        return FileBuffer(str(row[0]), int(row[1]), int(row[2]))
    raise ValueError("A carried buffer is neither bytes nor a file.")
