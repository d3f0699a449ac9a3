"""Cancels open attempts and answers truthfully what was done: here, in the engine's queue, or on a worker."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from .attempt import Attempt, AttemptKey, CancelAnswer, CancelStrategy, Chunk
from .chunking import Chunker
from .ledger import Ledger
from .side_channel import SideChannel

DYING_GRACE_S = 0.6
"""Time a local worker has to end itself after it said so; it may have been stopped in between."""
KILL_GRACE_S = 3.0
"""Time an engine has to notice a worker that ended itself; then the attempt is `cancelled` all the same."""


class ChunkView(Protocol):
    """What the canceller must know about chunks."""

    def chunk_of(self, key: AttemptKey) -> Chunk | None:
        """The chunk an attempt was handed over in."""

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """Asks the engine to take back chunks that have nothing left to do."""

    @property
    def all_linked(self) -> bool:
        """Whether every worker seen so far is on the side channel, so that their answers are complete."""


class Canceller:
    """See the module."""

    def __init__(
        self,
        ledger: Ledger,
        chunker: Chunker,
        chunks: ChunkView,
        channel: Callable[[], SideChannel | None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._ledger = ledger
        self._chunker = chunker
        self._chunks = chunks
        self._channel = channel

    async def cancel(self, requests: Sequence[tuple[str, int, CancelStrategy]]) -> list[CancelAnswer]:
        """Acts on open attempts; one answer per request, in order."""
        answers: dict[int, CancelAnswer] = {}
        asked: dict[AttemptKey, CancelStrategy] = {}
        attempts = [self._ledger.get((id_, number)) for id_, number, _ in requests]
        for index, (id_, number, how) in enumerate(requests):
            answer = self._cancel_here((id_, number), how)
            if answer is None:
                asked[id_, number] = how
            else:
                answers[index] = answer
        channel = self._channel()
        if asked and channel is not None:
            touched = [chunk for key in asked if (chunk := self._chunks.chunk_of(key)) is not None]
            states = await channel.cancel(asked)
            for index, (id_, number, how) in enumerate(requests):
                attempt = attempts[index]
                if index not in answers and attempt is not None:
                    answers[index] = self._cancel_there(attempt, how, states[id_, number])
            nowhere = {key for key, state in states.items() if state == "skipped"}
            self._revoke_idle(touched, nowhere)
        return [answers.get(index, "unsupported") for index in range(len(requests))]

    def _revoke_idle(self, touched: Sequence[Chunk], nowhere: Collection[AttemptKey]) -> None:
        """Chunks of which nothing is left that runs, or shall, need not stay in the engine's queue."""
        idle = {
            chunk.id: chunk
            for chunk in touched
            if not chunk.closed and all(attempt.ended or attempt.key in nowhere for attempt in chunk.attempts)
        }
        if idle:
            self._chunks.revoke(list(idle.values()))

    def _cancel_here(self, key: AttemptKey, how: CancelStrategy) -> CancelAnswer | None:
        """The answer, when no worker needs to be asked."""
        attempt = self._ledger.get(key)
        if attempt is None:
            return "already-done" if self._ledger.was_known(key) else "unknown-task"
        if self._chunker.remove(key) is not None:
            self._ledger.end(attempt, "cancelled", how)
            return "cancelled"
        if how == "forget":
            self._ledger.end(attempt, "cancelled", how)
            return "cancelled"
        if attempt.cancel != "kill":
            attempt.cancel = how
        return None

    def _cancel_there(self, attempt: Attempt, how: CancelStrategy, state: str) -> CancelAnswer:
        """The answer, from what the workers said."""
        key = attempt.key
        if attempt.ended:
            # It ended while the workers answered, perhaps because they were asked.
            if attempt.status == "cancelled":
                return "cancelled"
            return "requested" if state == "asked" else "already-done"
        if state in ("killing", "dying"):
            if state == "dying":
                self._loop.call_later(DYING_GRACE_S, self._kill_from_here, key)
            return self._await_kill(attempt)
        if state == "done":
            return "already-done"
        if state == "unanswered" and how == "kill" and self._kill_from_here(key):
            return self._await_kill(attempt)
        if state == "skipped" and self._chunks.all_linked:
            self._ledger.end(attempt, "cancelled", how)
            return "cancelled"
        return "requested"

    def _await_kill(self, attempt: Attempt) -> CancelAnswer:
        attempt.killed = True
        self._loop.call_later(KILL_GRACE_S, self._end_killed, attempt)
        return "cancelled"

    def _kill_from_here(self, key: AttemptKey) -> bool:
        """Ends a local worker that does not even answer: foreign code holds its interpreter, or it is stopped."""
        channel = self._channel()
        link = channel.worker_of(key) if channel is not None else None
        if link is None or not link.is_local or link.running != {key}:
            return False
        try:
            os.kill(link.pid, signal.SIGKILL)
        except OSError:
            return False
        return True

    def _end_killed(self, attempt: Attempt) -> None:
        if not attempt.ended:
            self._ledger.end(attempt, "cancelled", "kill")
