"""A msgpack body with its out-of-band buffers: the unit every engine carries, stores and returns."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

Bytes: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class FileBuffer:
    """A buffer that lies in a file of a directory both sides can read. Whoever made the file's directory cleans it."""

    path: str
    offset: int
    size: int


Buffer: TypeAlias = Bytes | FileBuffer

_COUNT = struct.Struct("<I")
_LONG = struct.Struct("<Q")
_LONG_MARK = 0xFFFFFFFF


def byte_length(buffer: Buffer) -> int:
    """Size of a buffer in bytes."""
    if isinstance(buffer, FileBuffer):
        return buffer.size
    return buffer.nbytes if isinstance(buffer, memoryview) else len(buffer)


class Packed:
    """
    An opaque payload: `body` (msgpack bytes) and `buffers`.

    Pickle protocol 5 carries the buffers out of band, so Dask frames and Ray's object store take them without a
    copy. `to_bytes` and `from_bytes` are for engines that carry one byte string only.
    """

    __slots__ = ("body", "buffers")

    def __init__(self, body: bytes, buffers: list[Buffer] | None = None) -> None:
        self.body = body
        self.buffers: list[Buffer] = buffers if buffers is not None else []

    @property
    def nbytes(self) -> int:
        """Total size of body and buffers in bytes."""
        return len(self.body) + sum(byte_length(buffer) for buffer in self.buffers)

    def __sizeof__(self) -> int:
        return self.nbytes

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packed):
            return NotImplemented
        return self.body == other.body and [bytes(_raw(b)) for b in self.buffers] == [
            bytes(_raw(b)) for b in other.buffers
        ]

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if protocol >= 5:
            carried: list[Any] = [
                buffer if isinstance(buffer, FileBuffer) else pickle.PickleBuffer(buffer)
                for buffer in self.buffers
            ]
        else:
            carried = [b if isinstance(b, FileBuffer) else bytes(b) for b in self.buffers]
        return (_rebuild, (self.body, carried))

    def to_bytes(self) -> bytes:
        """One byte string: count of parts, then length and bytes of each. File buffers cannot travel so."""
        return b"".join(frame_parts([self.body, *(_raw(buffer) for buffer in self.buffers)]))

    @staticmethod
    def from_bytes(data: Bytes) -> Packed:
        """Reads what `to_bytes` wrote; buffers are views of `data`. Raises ValueError on malformed bytes."""
        parts = parse_parts(data)
        return Packed(bytes(parts[0]), list(parts[1:]))


def _rebuild(body: bytes, carried: list[Any]) -> Packed:
    return Packed(
        body,
        [
            item if isinstance(item, (FileBuffer, bytes, bytearray)) else memoryview(item).cast("B")
            for item in carried
        ],
    )


def _raw(buffer: Buffer) -> Bytes:
    if isinstance(buffer, FileBuffer):
        raise TypeError("A file buffer must be read before it is put into one byte string.")
    return buffer


def frame_parts(parts: list[Bytes]) -> list[Bytes]:
    """Frames parts as on the pipe of a host child: uint32 LE count, then each as length and bytes."""
    out: list[Bytes] = [_COUNT.pack(len(parts))]
    for part in parts:
        size = part.nbytes if isinstance(part, memoryview) else len(part)
        out.append(_COUNT.pack(size) if size < _LONG_MARK else _COUNT.pack(_LONG_MARK) + _LONG.pack(size))
        out.append(part)
    return out


def parse_parts(data: Bytes) -> list[memoryview]:
    """Splits one framed message into views of its parts. Raises ValueError on malformed bytes."""
    view = memoryview(data).cast("B")
    position = 0

    def take(size: int) -> memoryview:
        nonlocal position
        if size > len(view) - position:
            raise ValueError("The framed message is truncated.")
        position += size
        return view[position - size : position]

    (count,) = _COUNT.unpack(take(4))
    if count == 0 or count > len(view) // 4:
        raise ValueError(f"A framed message cannot have {count} parts.")
    parts = []
    for _ in range(count):
        (size,) = _COUNT.unpack(take(4))
        if size == _LONG_MARK:
            (size,) = _LONG.unpack(take(8))
        parts.append(take(size))
    if position != len(view):
        raise ValueError("The framed message has bytes after its last part.")
    return parts
