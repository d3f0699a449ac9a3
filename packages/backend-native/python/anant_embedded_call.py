"""One call while it runs: its context, its credits, and how it reports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from anant_bridge.worker.context import CancelledFlag, Context, TaskCancelledError

REPORT_S = 0.05
"""At most 20 progress reports and heartbeats a second; the last progress always travels."""


class EmbeddedCall:
    """Shared by the thread that executes and the one that reads the socket."""

    def __init__(self, request: dict[str, Any], send: Callable[[str, dict[str, Any]], None]) -> None:
        self.serial: int = request["serial"]
        self.prefix: str = request["prefix"]
        self.signal = CancelledFlag()
        self.items = 0
        self.context = Context(
            request["id"], request["attempt"], self.signal, self._report_progress, self._report_heartbeat
        )
        self._send = send
        self._lock = threading.Condition()
        # Credits come one by one, as the host child that reads the stream gets its own.
        self._credits = 0
        self._pending: dict[str, Any] | None = None
        self._reported_at = float("-inf")

    def apply(self, kind: str, count: int) -> None:
        """Takes a `cancel`, which asks the task to stop, or a `credit` for more stream items."""
        with self._lock:
            if kind == "cancel":
                self.signal.set()
            else:
                self._credits += count
            self._lock.notify_all()

    def await_credit(self) -> None:
        """Waits for a credit and takes it. Raises TaskCancelledError when the task is asked to stop."""
        with self._lock:
            while self._credits <= 0 and not self.signal.is_set():
                self._lock.wait(1.0)
            if self.signal.is_set():
                raise TaskCancelledError("The stream was cancelled.")
            self._credits -= 1

    def flush(self) -> None:
        """Sends the last progress."""
        with self._lock:
            pending, self._pending = self._pending, None
        if pending is not None:
            self._send("progress", pending)

    def _report_progress(self, done: float, total: float, note: str | None) -> None:
        report = {"serial": self.serial, "done": done, "total": total, "note": note}
        with self._lock:
            if not self._is_due():
                self._pending = report
                return
            self._pending = None
        self._send("progress", report)

    def _report_heartbeat(self) -> None:
        with self._lock:
            if not self._is_due():
                return
        self._send("heartbeat", {"serial": self.serial})

    def _is_due(self) -> bool:
        now = monotonic()
        if now - self._reported_at < REPORT_S:
            return False
        self._reported_at = now
        return True
