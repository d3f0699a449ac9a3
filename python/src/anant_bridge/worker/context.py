"""What a running Python task sees: who it is, whether it was asked to stop, and how to report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

NOTE_CHARS_MAX = 1024
"""Longer progress notes are cut."""


class TaskCancelledError(Exception):
    """Raised by `Context.raise_if_cancelled`; a task that lets it escape ends `cancelled`."""


class CancelledFlag(threading.Event):
    """Set when cancellation was asked for. `cancelled` reads it, `wait(timeout)` waits for it."""

    @property
    def cancelled(self) -> bool:
        """Whether the task was asked to stop."""
        return self.is_set()


@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a Python task."""

    task_id: str
    attempt: int
    signal: CancelledFlag
    _progress: Callable[[float, float, str | None], None]
    _heartbeat: Callable[[], None]

    @property
    def cancelled(self) -> bool:
        """Whether the task was asked to stop."""
        return self.signal.is_set()

    def raise_if_cancelled(self) -> None:
        """Raises TaskCancelledError when the task was asked to stop."""
        if self.signal.is_set():
            raise TaskCancelledError(f"Task {self.task_id} was asked to stop.")

    def progress(self, done: float, total: float, note: str | None = None) -> None:
        """
        Reports `done` of `total`, in any unit, both finite and not negative; also a heartbeat. At most 20 reports a
        second travel, the last one always. Raises ValueError.
        """
        if not (isfinite(done) and isfinite(total) and done >= 0 and total >= 0):
            raise ValueError(f"progress needs finite numbers from 0, not {done} of {total}.")
        self._progress(float(done), float(total), None if note is None else str(note)[:NOTE_CHARS_MAX])

    def heartbeat(self) -> None:
        """Says that the task is alive, for its heartbeat timeout."""
        self._heartbeat()
