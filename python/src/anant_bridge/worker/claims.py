"""
Claim files: where each worker process of the bridge's machine notes, in a mapped page that survives it, which chunks
and which of their attempts it has begun. When a worker dies, the bridge reads what had begun and what had not.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns
from typing import Literal

_ENTRY = struct.Struct("<QI36s")
RING = 256
"""Chunks a thread's ring remembers; older ones are overwritten, which only blurs what is known of them."""
_THREADS_MAX = 64
"""Threads of one process that can hold claims; further ones go unclaimed, which blurs the same."""
_RING_BYTES = RING * _ENTRY.size
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

    def claim(self, chunk: str, index: int) -> None:
        """Notes that attempt `index` of `chunk` begins now."""
        if chunk != self._chunk:
            self._chunk = chunk
            self._next = (self._next + 1) % RING
        place = self._offset + self._next * _ENTRY.size
        _ENTRY.pack_into(self._page, place, monotonic_ns(), index, chunk.encode()[:36])


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
            self._rings[key] = ClaimRing(page, used * _RING_BYTES)
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
                    os.ftruncate(fd, _THREADS_MAX * _RING_BYTES)
                    self._pages[directory] = mmap.mmap(fd, _THREADS_MAX * _RING_BYTES)
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


def latest_claims(directory: str, pid: int) -> list[str]:
    """The chunk each thread of a process took last."""
    return [max(ring)[2] for ring in _rings(f"{directory}/{pid}")]


def _rings(path: str) -> list[list[tuple[int, int, str]]]:
    try:
        data = Path(path).read_bytes()
    except OSError:
        return []
    rings = []
    for start in range(0, len(data) - _RING_BYTES + 1, _RING_BYTES):
        entries = _ENTRY.iter_unpack(data[start : start + _RING_BYTES])
        ring = [
            (time, at, name.rstrip(b"\0").decode("ascii", "replace")) for time, at, name in entries if time
        ]
        if not ring:
            break
        rings.append(ring)
    return rings
