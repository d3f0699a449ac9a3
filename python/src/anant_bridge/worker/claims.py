"""
Claim files: where each worker process of the bridge's machine notes, in a mapped page that survives it, which chunks
and which of their attempts it has begun, and keeps small results for a while. When a worker dies, the bridge reads
what had begun, what had not, and what had ended although the engine could not deliver it any more.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from dataclasses import dataclass
from time import monotonic_ns
from typing import Literal

import msgpack

from ..packed import Buffer, FileBuffer, Packed

_ENTRY = struct.Struct("<QI36s")
RING = 256
"""Chunks a thread's ring remembers; older ones are overwritten, which only blurs what is known of them."""
_THREADS_MAX = 64
"""Threads of one process that can hold claims; further ones go unclaimed, which blurs the same."""
RESULTS = 16
"""Results a thread keeps; older ones are overwritten. An engine delivers within milliseconds."""
RESULT_BYTES_MAX = 16_384
"""Larger results are not kept."""
_RESULT = struct.Struct("<I36s")
_RESULT_BYTES = _RESULT.size + RESULT_BYTES_MAX
_RING_BYTES = RING * _ENTRY.size
_THREAD_BYTES = _RING_BYTES + RESULTS * _RESULT_BYTES
_FILES_MAX = 4096
"""Files read at most when a chunk is looked up; with more, nothing is certain."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What claim files say of a chunk: it had `begun` up to attempt `index`, it had `never` begun (certain), or the
    files do not reach back far enough (`unclear`).
    """

    state: Literal["begun", "never", "unclear"]
    index: int = -1


class ClaimRing:
    """The claims of one thread. Entries are `(monotonic time in ns, attempt, chunk)`, a time of 0 is empty."""

    def __init__(self, page: mmap.mmap, offset: int) -> None:
        self._page = page
        self._offset = offset
        self._next = -1
        self._chunk = ""
        self._next_result = -1

    def claim(self, chunk: str, index: int) -> None:
        """Notes that attempt `index` of `chunk` begins now."""
        if chunk != self._chunk:
            self._chunk = chunk
            self._next = (self._next + 1) % RING
        place = self._offset + self._next * _ENTRY.size
        _ENTRY.pack_into(self._page, place, monotonic_ns(), index, chunk.encode()[:36])

    def keep(self, chunk: str, result: Packed) -> None:
        """Keeps a chunk's result where it survives this process, if it is small."""
        if result.nbytes > RESULT_BYTES_MAX - 64 * (1 + len(result.buffers)):
            return
        described = [
            [b.path, b.offset, b.size] if isinstance(b, FileBuffer) else bytes(b) for b in result.buffers
        ]
        data: bytes = msgpack.packb([result.body, described])
        if len(data) > RESULT_BYTES_MAX:
            return
        self._next_result = (self._next_result + 1) % RESULTS
        place = self._offset + _RING_BYTES + self._next_result * _RESULT_BYTES
        # The size comes last, so that a result cut off by death is none.
        _RESULT.pack_into(self._page, place, 0, chunk.encode()[:36])
        self._page[place + _RESULT.size : place + _RESULT.size + len(data)] = data
        _RESULT.pack_into(self._page, place, len(data), chunk.encode()[:36])


class ClaimBook:
    """The claim files of this process: one per directory, with one ring per thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: dict[str, mmap.mmap | None] = {}
        self._rings: dict[tuple[str, int], ClaimRing] = {}

    def ring(self, directory: str | None) -> ClaimRing | None:
        """The calling thread's ring, or None when claims are not possible there."""
        if directory is None:
            return None
        key = (directory, threading.get_ident())
        found = self._rings.get(key)
        if found is not None:
            return found
        with self._lock:
            page = self._page(directory)
            used = sum(1 for held in self._rings if held[0] == directory)
            if page is None or used >= _THREADS_MAX:
                return None
            self._rings[key] = ClaimRing(page, used * _THREAD_BYTES)
            return self._rings[key]

    def forget(self, directory: str) -> None:
        """Drops the file of a directory whose session has ended."""
        with self._lock:
            self._pages.pop(directory, None)
            for key in [key for key in self._rings if key[0] == directory]:
                del self._rings[key]

    def _page(self, directory: str) -> mmap.mmap | None:
        if directory not in self._pages:
            try:
                fd = os.open(f"{directory}/{os.getpid()}", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
                try:
                    os.ftruncate(fd, _THREADS_MAX * _THREAD_BYTES)
                    self._pages[directory] = mmap.mmap(fd, _THREADS_MAX * _THREAD_BYTES)
                finally:
                    os.close(fd)
            except OSError:
                self._pages[directory] = None
        return self._pages[directory]


def find_claim(directory: str, chunk: str, since_ns: int) -> Finding:
    """What is known of a chunk that was handed over at monotonic time `since_ns`."""
    try:
        names = os.listdir(directory)
    except OSError:
        return Finding("unclear")
    index, reaches_back = -1, len(names) <= _FILES_MAX
    for name in names[:_FILES_MAX]:
        for ring in _rings(f"{directory}/{name}"):
            index = max([index, *(at for _, at, held in ring if held == chunk)])
            if len(ring) == RING and min(time for time, _, _ in ring) > since_ns:
                reaches_back = False
    if index >= 0:
        return Finding("begun", index)
    return Finding("never" if reaches_back else "unclear")


def find_result(directory: str, chunk: str) -> Packed | None:
    """The result of a chunk that had ended on a worker of this machine, if it was kept."""
    wanted = chunk.encode()[:36]
    try:
        names = os.listdir(directory)[:_FILES_MAX]
    except OSError:
        return None
    for name in names:
        for thread in _threads(f"{directory}/{name}"):
            for number in range(RESULTS):
                place = _RING_BYTES + number * _RESULT_BYTES
                size, held = _RESULT.unpack_from(thread, place)
                if size and held.rstrip(b"\0") == wanted:
                    body, described = msgpack.unpackb(
                        thread[place + _RESULT.size : place + _RESULT.size + size]
                    )
                    buffers: list[Buffer] = [b if isinstance(b, bytes) else FileBuffer(*b) for b in described]
                    return Packed(body, buffers)
    return None


def latest_claims(directory: str, pid: int) -> list[str]:
    """The chunk each thread of a process took last."""
    return [max(ring)[2] for ring in _rings(f"{directory}/{pid}")]


def _rings(path: str) -> list[list[tuple[int, int, str]]]:
    rings = []
    for thread in _threads(path):
        entries = _ENTRY.iter_unpack(thread[:_RING_BYTES])
        rings.append(
            [(time, at, name.rstrip(b"\0").decode("ascii", "replace")) for time, at, name in entries if time]
        )
    return rings


def _threads(path: str) -> list[bytes]:
    """The part of each thread that has claimed anything."""
    parts = []
    try:
        with open(path, "rb") as file:
            while len(part := file.read(_THREAD_BYTES)) == _THREAD_BYTES and any(part[: _ENTRY.size]):
                parts.append(part)
    except OSError:
        pass
    return parts
