"""
Claim files: where each worker process of this machine notes, in a mapped page that survives it, which chunk and
which of its attempts it runs. When a worker dies, the bridge reads from it what had begun and what had not.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from pathlib import Path

_ENTRY = struct.Struct("<I32sI")
_SLOTS_MAX = 64
"""Threads of one process that can hold a claim; further ones go unclaimed, which only blurs `started`."""
_FILES_MAX = 4096
"""Files read at most when a chunk is looked up."""


class ClaimFile:
    """One thread's slot in its process's claim file."""

    def __init__(self, page: mmap.mmap, offset: int) -> None:
        self._page = page
        self._offset = offset

    def claim(self, chunk: str, index: int) -> None:
        """Notes that attempt `index` of `chunk` begins now."""
        _ENTRY.pack_into(self._page, self._offset, 1, chunk.encode()[:32], index)


class ClaimBook:
    """The claim files of this process, one per directory, one slot per thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: dict[str, mmap.mmap | None] = {}
        self._slots: dict[tuple[str, int], ClaimFile] = {}

    def slot(self, directory: str | None) -> ClaimFile | None:
        """The calling thread's slot, or None when claims are not possible there."""
        if directory is None:
            return None
        key = (directory, threading.get_ident())
        found = self._slots.get(key)
        if found is not None:
            return found
        with self._lock:
            page = self._page(directory)
            used = sum(1 for held in self._slots if held[0] == directory)
            if page is None or used >= _SLOTS_MAX:
                return None
            self._slots[key] = ClaimFile(page, used * _ENTRY.size)
            return self._slots[key]

    def forget(self, directory: str) -> None:
        """Drops the file of a directory whose session has ended."""
        with self._lock:
            self._pages.pop(directory, None)
            for key in [key for key in self._slots if key[0] == directory]:
                del self._slots[key]

    def _page(self, directory: str) -> mmap.mmap | None:
        if directory not in self._pages:
            try:
                fd = os.open(f"{directory}/{os.getpid()}", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
                try:
                    os.ftruncate(fd, _SLOTS_MAX * _ENTRY.size)
                    self._pages[directory] = mmap.mmap(fd, _SLOTS_MAX * _ENTRY.size)
                finally:
                    os.close(fd)
            except OSError:
                self._pages[directory] = None
        return self._pages[directory]


def find_claim(directory: str, chunk: str) -> int | None:
    """The attempt of `chunk` that some process began last, or None when no process of this machine took it."""
    wanted = chunk.encode()[:32]
    best: int | None = None
    try:
        files = sorted(Path(directory).iterdir())[:_FILES_MAX]
    except OSError:
        return None
    for file in files:
        try:
            data = file.read_bytes()
        except OSError:
            continue
        for valid, name, index in _ENTRY.iter_unpack(data[: len(data) // _ENTRY.size * _ENTRY.size]):
            if valid and name.rstrip(b"\0") == wanted:
                best = index if best is None else max(best, index)
    return best
