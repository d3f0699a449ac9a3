"""Messages `[kind, body]` with buffers, as ZeroMQ frames: packing, limits, and reading hostile ones safely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgpack

from .errors import BridgeError
from .packed import Buffer, Bytes, FileBuffer
from .spool import resolve_name

HEAD_BYTES_MAX = 64 << 20
"""Largest frame 0. A larger message is answered by `error` and ignored."""
FRAMES_MAX = 65_536
"""Most frames of a message. Senders split before; receivers answer `error`."""

_PACKER = msgpack.Packer(use_bin_type=True, autoreset=True)


class ProtocolError(BridgeError):
    """The other side broke the protocol; three of these end a session."""

    def __init__(self, message: str) -> None:
        super().__init__("E_PROTOCOL", message, "Run the same version of Anant on both sides.")


def pack_message(kind: str, body: Mapping[str, Any]) -> bytes:
    """Frame 0 of a message."""
    packed: bytes = _PACKER.pack([kind, body])
    return packed


def unpack_message(head: Bytes) -> tuple[str, dict[str, Any]]:
    """Reads frame 0. Raises ProtocolError."""
    if len(head) > HEAD_BYTES_MAX:
        raise ProtocolError(f"A message head of {len(head)} bytes is over the limit of {HEAD_BYTES_MAX}.")
    try:
        message = msgpack.unpackb(head, raw=False, strict_map_key=True)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        raise ProtocolError(f"A message is not msgpack: {error}") from error
    if type(message) is not list or len(message) != 2:
        raise ProtocolError("A message is not [kind, body].")
    kind, body = message
    if type(kind) is not str or type(body) is not dict:
        raise ProtocolError("A message is not [kind, body].")
    return kind, body


class BufferTaker:
    """Hands out a message's buffers in the order in which its values appear."""

    def __init__(self, frames: Sequence[Bytes], files: object, directory: str | None) -> None:
        self._buffers: list[Buffer] = list(frames)
        self._next = 0
        for index in files if isinstance(files, list) else ():
            number = whole(index, "files")
            if directory is None or not 0 <= number < len(frames):
                raise ProtocolError("A file buffer was announced that does not exist or was not agreed.")
            self._buffers[number] = read_file_buffer(frames[number], directory)

    def take(self, value: object) -> tuple[bytes, list[Buffer]]:
        """Body and buffers of an encoded value `[bytes, n]`. Raises ProtocolError."""
        if type(value) is not list or len(value) != 2 or type(value[0]) is not bytes:
            raise ProtocolError("An encoded value is not [bytes, n].")
        count = whole(value[1], "buffer count")
        first = self._next
        if not 0 <= count <= len(self._buffers) - first:
            raise ProtocolError("A value owns more buffers than the message has left.")
        self._next = first + count
        return value[0], self._buffers[first : first + count]


def read_file_buffer(frame: Bytes, directory: str) -> FileBuffer:
    """The file buffer a frame describes. Raises ProtocolError."""
    try:
        item = msgpack.unpackb(frame, raw=False)
        path = resolve_name(directory, item["path"])
        offset, size = whole(item["offset"], "offset"), whole(item["bytes"], "bytes")
    except (ValueError, TypeError, KeyError, msgpack.UnpackException) as error:
        raise ProtocolError(f"A file buffer is malformed: {error}") from error
    if offset < 0 or size < 0:
        raise ProtocolError("A file buffer has a negative offset or size.")
    return FileBuffer(path, offset, size)


def write_file_buffer(buffer: FileBuffer) -> bytes:
    """The frame that describes a file buffer of the shared directory."""
    name = buffer.path.rpartition("/")[2]
    packed: bytes = _PACKER.pack({"path": name, "offset": buffer.offset, "bytes": buffer.size})
    return packed


def whole(value: object, what: str) -> int:
    """An integer that may have arrived as a float without fraction. Raises ProtocolError."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise ProtocolError(f"{what} is not an integer.")


def text(value: object, what: str, size_max: int = 4096) -> str:
    """A string of bounded length. Raises ProtocolError."""
    if type(value) is not str or len(value) > size_max:
        raise ProtocolError(f"{what} is not a string of at most {size_max} characters.")
    return value


def items(value: object, what: str) -> list[Any]:
    """A list. Raises ProtocolError."""
    if type(value) is not list:
        raise ProtocolError(f"{what} is not a list.")
    return value


def to_frames(buffers: Iterable[Buffer]) -> tuple[list[Bytes], list[int]]:
    """Frames of buffers, and the numbers of those that are file buffers."""
    frames: list[Bytes] = []
    files: list[int] = []
    for buffer in buffers:
        if isinstance(buffer, FileBuffer):
            files.append(len(frames))
            frames.append(write_file_buffer(buffer))
        else:
            frames.append(buffer)
    return frames, files
