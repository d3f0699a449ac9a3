"""Framed messages over a pair of file descriptors in blocking mode (`docs/protocol.md`, section 3)."""

from __future__ import annotations

import os
import struct

from .packed import Bytes, frame_parts

PARTS_MAX = 65_536
"""Most parts of one message; more is a protocol error."""
MESSAGE_BYTES_MAX = 2**36
"""Largest message; more is a protocol error, so that a broken length cannot ask for all memory."""
_JOIN_BYTES_MAX = 1 << 16
_IOV_MAX = 512


class PipeClosedError(Exception):
    """The other end is gone in the middle of a message."""


class PipeReader:
    """Reads whole messages; buffers small ones so that a message costs few system calls."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._held = bytearray()

    def read(self) -> list[memoryview] | None:
        """The next message's parts; None at end-of-file between messages. Raises PipeClosedError, ValueError."""
        if not self._held and not self._more():
            return None
        (count,) = struct.unpack("<I", self._take(4))
        if not 0 < count <= PARTS_MAX:
            raise ValueError(f"A message cannot have {count} parts.")
        parts, total = [], 0
        for _ in range(count):
            (size,) = struct.unpack("<I", self._take(4))
            if size == 0xFFFFFFFF:
                (size,) = struct.unpack("<Q", self._take(8))
            total += size
            if total > MESSAGE_BYTES_MAX:
                raise ValueError("A message is too large.")
            parts.append(memoryview(self._take(size)))
        return parts

    @property
    def has_more(self) -> bool:
        """Whether bytes of a further message are already held, so that polling the descriptor is not enough."""
        return bool(self._held)

    def _more(self) -> bool:
        data = os.read(self._fd, 1 << 16)
        self._held += data
        return bool(data)

    def _take(self, size: int) -> bytes:
        held = self._held
        if size > len(held) + (1 << 16):
            return self._take_large(size)
        while len(held) < size:
            if not self._more():
                raise PipeClosedError
        taken = bytes(held[:size])
        del held[:size]
        return taken

    def _take_large(self, size: int) -> bytes:
        out = bytearray(size)
        view = memoryview(out)
        filled = len(self._held)
        view[:filled] = self._held
        self._held.clear()
        while filled < size:
            got = os.readv(self._fd, [view[filled:]])
            if not got:
                raise PipeClosedError
            filled += got
        return out  # type: ignore[return-value]


class PipeWriter:
    """Writes whole messages. Not thread-safe: callers hold their own lock."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write(self, parts: list[Bytes]) -> None:
        """Writes one message. Raises BrokenPipeError when the other end is gone."""
        pending = [memoryview(piece).cast("B") for piece in _joined(frame_parts(parts)) if len(piece)]
        while pending:
            wrote = os.writev(self._fd, pending[:_IOV_MAX])
            while wrote and pending:
                head = pending[0]
                if wrote >= head.nbytes:
                    wrote -= head.nbytes
                    pending.pop(0)
                else:
                    pending[0] = head[wrote:]
                    wrote = 0


def _joined(pieces: list[Bytes]) -> list[Bytes]:
    """Joins small pieces, so that a message of small parts is one write."""
    out: list[Bytes] = []
    small = bytearray()
    for piece in pieces:
        size = piece.nbytes if isinstance(piece, memoryview) else len(piece)
        if size <= _JOIN_BYTES_MAX:
            small += piece
            continue
        if small:
            out.append(bytes(small))
            small.clear()
        out.append(piece)
    if small:
        out.append(bytes(small))
    return out
