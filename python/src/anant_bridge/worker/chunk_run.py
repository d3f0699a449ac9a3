"""
One chunk while a worker executes it: which attempt runs now, what has ended, what was given back. The executing
thread and the side channel's thread share it; every change happens under its lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from ..attempt import AttemptKey
from .call import Call, CallItem, Record
from .claims import ClaimRing
from .context import CancelledFlag, Context


class ChunkRun:
    """State of one executing chunk."""

    def __init__(self, call: Call, claims: ClaimRing | None) -> None:
        self.call = call
        self.lock = threading.Lock()
        self.cancelled = CancelledFlag()
        self.started_at = 0.0
        self.start_reported = False
        self.reported_at = 0.0
        self.progress: list[Any] | None = None
        self.progress_dirty = False
        self.heartbeat_dirty = False
        self.credits = threading.Condition(self.lock)
        self.credits_left = 0
        # How to end the running attempt without ending this process, where its kind allows that.
        self.kill_child: Callable[[], None] | None = None
        # How to hand a cooperative cancel or credits to a host child.
        self.forward: Callable[[str, dict[str, Any]], None] | None = None
        self.killed = False
        self._claims = claims
        self._index = -1
        self._limit = len(call.items)
        self._records: list[Record] = []
        self._handed_over = 0
        self.was_relieved = False

    @property
    def current(self) -> CallItem | None:
        """The attempt that runs now. Read it under the lock."""
        return self.call.items[self._index] if 0 <= self._index < self._limit else None

    @property
    def current_key(self) -> AttemptKey | None:
        """(id, attempt) of the attempt that runs now."""
        item = self.current
        return None if item is None else (item.id, item.attempt)

    def advance(self, stream_credits: int) -> tuple[int, CallItem] | None:
        """Moves on to the next attempt and makes it the running one; None at the end."""
        with self.lock:
            if self._index + 1 >= self._limit:
                self._index = self._limit
                return None
            self._index += 1
            self.started_at = monotonic()
            self.start_reported = False
            self.reported_at = 0.0
            self.progress = None
            self.progress_dirty = self.heartbeat_dirty = False
            self.credits_left = stream_credits
            self.cancelled = CancelledFlag()
            self.kill_child = self.forward = None
            self.killed = False
            if self._claims is not None:
                self._claims.claim(self.call.chunk, self._index)
            return self._index, self.call.items[self._index]

    def record(self, record: Record) -> None:
        """Adds how the running attempt ended; it no longer runs then."""
        with self.lock:
            self.kill_child = self.forward = None
            # Even when it was sent: the side channel may lose the race with the result.
            record.progress = self.progress
            self.progress_dirty = False
            self._records.append(record)

    def context(self, item: CallItem) -> Context:
        """What user code sees of the running attempt."""
        return Context(item.id, item.attempt, self.cancelled, self.report_progress, self.report_heartbeat)

    def report_progress(self, done: float, total: float, note: str | None) -> None:
        """Remembers the latest progress; the side channel sends it at its own pace."""
        with self.lock:
            self.progress = [done, total, note]
            self.progress_dirty = True

    def report_heartbeat(self) -> None:
        """Remembers that the task is alive."""
        self.heartbeat_dirty = True

    def relieve(self) -> tuple[list[Record], list[int]]:
        """
        Hands over what has ended and gives back what has not begun, so that neither waits for the running attempt.
        Call it under the lock.
        """
        finished = self._records[self._handed_over :]
        self.was_relieved = True
        self._handed_over = len(self._records)
        returned = list(range(self._index + 1, self._limit))
        self._limit = min(self._limit, self._index + 1)
        return finished, returned

    def position(self, key: AttemptKey) -> str:
        """Where an attempt stands in this chunk: `waiting`, `running`, `done`, or `absent`. Call it under the lock."""
        for index, item in enumerate(self.call.items):
            if (item.id, item.attempt) == key:
                if index >= self._limit:
                    return "absent"
                if index > self._index:
                    return "waiting"
                ended = index < self._index or len(self._records) > self._index
                return "done" if ended else "running"
        return "absent"

    def rest(self) -> list[Record]:
        """The results not handed over yet, once the chunk has ended."""
        with self.lock:
            return self._records[self._handed_over :]
