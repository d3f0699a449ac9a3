"""The open attempts of a session: who is open, who ended, and exactly one end event for each. Fences what is late."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from .attempt import Attempt, AttemptKey, Started
from .packed import Buffer
from .spool import discard
from .worker.call import Record

ITEMS_GRACE_S = 10.0
"""Time the last items of a stream have to arrive after its end did, by the other path."""
ENDED_MAX = 65_536
"""Ended attempts remembered, to answer late cancels and refuse repeated submits; the oldest go first."""

Emit = Callable[[list[Any], list[Buffer]], None]


class Ledger:
    """`emit` takes an event and its buffers; `on_end` hears of every attempt that left."""

    def __init__(self, emit: Emit, on_end: Callable[[Attempt, str], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._emit = emit
        self._on_end = on_end
        self._open: dict[AttemptKey, Attempt] = {}
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._held: dict[AttemptKey, tuple[Record, asyncio.TimerHandle]] = {}
        self.idle = asyncio.Event()
        self.idle.set()

    def __len__(self) -> int:
        return len(self._open)

    def get(self, key: AttemptKey) -> Attempt | None:
        """The open attempt of that key."""
        return self._open.get(key)

    def all(self) -> Iterable[Attempt]:
        """A copy of the open attempts."""
        return list(self._open.values())

    def was_known(self, key: AttemptKey) -> bool:
        """Whether this attempt, or a newer one, was submitted before."""
        return self._newest.get(key[0], 0) >= key[1]

    def admit(self, attempt: Attempt) -> bool:
        """
        Opens an attempt. False for one that is open already (ignored) and for one that is not the newest of its id
        (ended `refused`). A newer attempt fences an older one that is still open.
        """
        if attempt.key in self._open:
            discard(attempt.buffers)
            return False
        newest = self._newest.get(attempt.id, 0)
        self._add(attempt)
        if attempt.number <= newest:
            self.refuse(attempt, "E_TASK_DUPLICATE", "This attempt, or a newer one, was submitted before.")
            return False
        superseded = self._open.pop((attempt.id, newest), None)
        if superseded is not None:
            self._leave(superseded, "superseded")
        self._newest[attempt.id] = attempt.number
        self._newest.move_to_end(attempt.id)
        self._trim()
        return True

    def refuse_new(self, attempt: Attempt, code: str, reason: str, advice: str) -> None:
        """Ends an attempt that was never opened."""
        if attempt.key not in self._open:
            self._add(attempt)
            self.refuse(attempt, code, reason, advice)

    def start(self, attempt: Attempt, worker: str) -> None:
        """Says that it runs, once."""
        if not attempt.started:
            attempt.started = True
            self._emit(["start", attempt.id, attempt.number, worker], [])

    def report(self, attempt: Attempt, event: list[Any]) -> None:
        """Passes a heartbeat or progress on, but not progress that is known already or comes after the last word."""
        if event[0] == "heartbeat":
            self._emit(event, [])
        elif not self.is_settled(attempt):
            self._pass_on(attempt, event[3:])

    def item(self, attempt: Attempt, sequence: int, body: bytes, buffers: list[Buffer]) -> None:
        """Passes a stream item on, and the end that waited for it."""
        attempt.items_seen += 1
        self._emit(["item", attempt.id, attempt.number, sequence, [body, len(buffers)]], buffers)
        held = self._held.get(attempt.key)
        if held is not None and attempt.items_seen >= held[0].items:
            del self._held[attempt.key]
            held[1].cancel()
            self._end_by_record(attempt, held[0])

    def settle(self, attempt: Attempt, record: Record) -> None:
        """Ends it by what its worker said; a stream waits for its last items."""
        if record.progress is not None:
            self._pass_on(attempt, record.progress)
        if record.items > attempt.items_seen:
            timer = self._loop.call_later(ITEMS_GRACE_S, self._miss_items, attempt)
            self._held[attempt.key] = (record, timer)
        else:
            self._end_by_record(attempt, record)

    def _pass_on(self, attempt: Attempt, report: list[Any]) -> None:
        if report != attempt.progress:
            attempt.progress = report
            self._emit(["progress", attempt.id, attempt.number, *report], [])

    def is_settled(self, attempt: Attempt) -> bool:
        """Whether it has ended, or its end is known and only waits for items."""
        return attempt.ended or attempt.key in self._held

    def refuse(self, attempt: Attempt, code: str, reason: str, advice: str = "") -> None:
        """Ends it `refused`."""
        self.end(attempt, "refused", [code, reason, advice])

    def lose(self, attempt: Attempt, reason: str, started: Started, suspect: bool = False) -> None:
        """Ends it `lost`, or `cancelled` when a worker had said that it kills it."""
        if attempt.killed:
            self.end(attempt, "cancelled", "kill")
        else:
            self.end(attempt, "lost", [reason, started, suspect])

    def end(self, attempt: Attempt, status: str, detail: Any, buffers: list[Buffer] | None = None) -> None:
        """Ends it; only the first end counts."""
        if attempt.ended:
            discard(buffers or [])
            return
        self._open.pop(attempt.key, None)
        self._leave(attempt, status)
        self._emit(
            ["end", attempt.id, attempt.number, status, detail, attempt.warnings or None], buffers or []
        )

    def _add(self, attempt: Attempt) -> None:
        self._open[attempt.key] = attempt
        self.idle.clear()

    def _leave(self, attempt: Attempt, status: str) -> None:
        attempt.ended, attempt.status = True, status
        held = self._held.pop(attempt.key, None)
        if held is not None:
            held[1].cancel()
            discard(held[0].buffers)
        discard(attempt.buffers)
        self._on_end(attempt, status)
        if not self._open:
            self.idle.set()

    def _end_by_record(self, attempt: Attempt, record: Record) -> None:
        if record.status == "cancelled" and attempt.killed:
            record.detail = "kill"
        attempt.warnings += record.warnings
        self.end(attempt, record.status, record.detail, record.buffers)

    def _miss_items(self, attempt: Attempt) -> None:
        if attempt.key in self._held:
            self.lose(attempt, "Items of the stream were lost on the way to the bridge.", "yes")

    def _trim(self) -> None:
        for _ in range(len(self._newest) - ENDED_MAX):
            id_, number = next(iter(self._newest.items()))
            if (id_, number) in self._open:
                self._newest.move_to_end(id_)
            else:
                del self._newest[id_]
