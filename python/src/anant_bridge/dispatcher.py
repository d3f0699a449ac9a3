"""Between the client's session and an engine: groups attempts into chunks, hands them over, and turns what engines and
workers report into ends. The `EngineHost` of the engine and the `SideChannelListener` of the workers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from time import monotonic_ns
from typing import Any, Literal

from .actor_book import ActorBook
from .attempt import Attempt, AttemptKey, CancelAnswer, CancelStrategy, Chunk, Started
from .canceller import Canceller
from .chunking import Chunker
from .engines.base import Engine, EngineState
from .errors import BridgeError
from .ledger import Ledger
from .packed import Buffer, Packed
from .side_channel import WorkerLink
from .spool import discard
from .surroundings import Surroundings
from .worker.call import CallResult, Record

DEATH_GRACE_S = 2.0
"""Time an engine has to report on its own what a dead worker ran; results may still be on their way."""
RELIEF_GRACE_S = 5.0
"""Time the side channel has to deliver what a chunk handed over before it ended."""
RETURNS_MAX = 3
"""How often an attempt that certainly had not begun is handed over again before it is reported `lost`."""


class Dispatcher:
    """See the module. All calls on the loop's thread."""

    def __init__(self, engine: Engine, around: Surroundings) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._around = around
        name = (f"{around.session[:12]}-{number}" for number in itertools.count(1)).__next__
        self._chunker = Chunker(1, name)
        self._ledger = Ledger(around.emit, self._on_end)
        self.actors = ActorBook(engine, self._ledger, self, name)
        self._canceller = Canceller(self._ledger, self._chunker, self, lambda: around.channel)
        self._chunks: dict[str, Chunk] = {}
        self._chunk_of: dict[AttemptKey, Chunk] = {}
        self._inline_blobs: set[str] = set()
        self._pumping = False
        self._deadline: asyncio.TimerHandle | None = None
        self._stopping = False
        self._is_down = False
        self.all_linked = True

    # What the session asks for.

    @property
    def open_count(self) -> int:
        """Attempts without an end."""
        return len(self._ledger)

    @property
    def session(self) -> str:
        """Random id of this session."""
        return self._around.session

    @property
    def python_path(self) -> Sequence[str]:
        """Folders the client asked to be importable."""
        return self._around.python_path

    @property
    def scratch(self) -> str:
        """A private directory, removed with the session."""
        return self._around.scratch

    def submit(self, attempts: Sequence[Attempt]) -> None:
        """Takes attempts in. Repeated and outdated ones are dropped or refused; the others end by exactly one event."""
        now = self._loop.time()
        for attempt in filter(self._ledger.admit, attempts):
            if attempt.options.actor is not None:
                self.actors.offer(attempt)
            else:
                self._chunker.offer(attempt, now)
        self._pump_soon()

    def refuse_attempt(self, attempt: Attempt, code: str, reason: str, advice: str = "") -> None:
        """Ends an attempt that was never taken in."""
        self._ledger.refuse_new(attempt, code, reason, advice)

    async def cancel(self, requests: Sequence[tuple[str, int, CancelStrategy]]) -> list[CancelAnswer]:
        """Acts on open attempts; one answer per request."""
        return await self._canceller.cancel(requests)

    def grant(self, key: AttemptKey, credits: int) -> None:  # noqa: A002
        """Stream credits for a running attempt."""
        if self._ledger.get(key) is not None and self._around.channel is not None:
            self._around.channel.grant(key, credits)

    async def drain(self, grace: float) -> None:
        """Waits up to `grace` seconds for open attempts, then ends the rest as `lost`."""
        try:
            if grace > 0:
                await asyncio.wait_for(self._ledger.idle.wait(), grace)
        except TimeoutError:
            pass
        self._stopping = True
        for attempt in self._chunker.clear():
            self._ledger.lose(attempt, "The bridge was stopped.", "no")
        for attempt in self._ledger.all():
            self._ledger.lose(attempt, "The bridge was stopped.", "yes" if attempt.started else "maybe")

    # What the engine reports (EngineHost).

    def finish(self, chunk: Chunk, result: Packed) -> None:
        """See EngineHost."""
        if not self._close(chunk):
            discard(result.buffers)
            return
        try:
            answer = CallResult.unpack(result)
        except (BridgeError, ValueError, TypeError) as error:
            self._lose_all(chunk, f"The worker's answer cannot be read: {error}", "maybe")
            return
        if not answer.linked:
            self._note_unlinked(answer.worker)
        run_us: list[int] = []
        for record in answer.records:
            if record.index < 0:
                self._refuse_all(chunk, record.detail)
                continue
            if record.status == "blob-missing":
                self._send_blob_inline(chunk.attempts[record.index])
                continue
            run_us.append(record.run_us)
            self._settle(chunk, record, answer.worker)
        self._chunker.ended(chunk, run_us)
        if answer.relieved and any(self._holds(chunk, attempt) for attempt in chunk.attempts):
            # What was handed over on the side channel may still be on its way.
            self._chunks[chunk.id] = chunk
            self._loop.call_later(RELIEF_GRACE_S, self._miss_relief, chunk)
        else:
            self._lose_all(chunk, "The worker returned without a result for this attempt.", "maybe")
        self._pump_soon()

    def lose(self, chunk: Chunk, reason: str, *, started: Started = "maybe", suspect: bool = False) -> None:
        """See EngineHost."""
        if chunk.closed:
            return
        if (result := self._around.kept_result(chunk)) is not None:
            self.finish(chunk, result)
            return
        self._close(chunk)
        self._chunker.ended(chunk, [])
        if len(chunk.attempts) > 1:
            self._chunker.taint(chunk.attempts[0].definition.digest, self._loop.time())
        claim = self._around.claim_of(chunk)
        self._around.discard_results(chunk)
        for index, attempt in enumerate(chunk.attempts):
            if not self._holds(chunk, attempt):
                continue
            if claim.state == "never" or (claim.state == "begun" and index > claim.index):
                self._give_back(attempt, reason)
            elif claim.state == "begun" and index < claim.index:
                self._ledger.lose(attempt, f"{reason} (it had ended, its result was not delivered)", "yes")
            else:
                certain: Started = "yes" if attempt.started or claim.state == "begun" else started
                alone = claim.state == "begun" or len(chunk.attempts) == 1 or attempt.started
                # A worker that dies of the kill it was sent may be missed before its answer is heard.
                attempt.killed |= suspect and attempt.cancel == "kill"
                self._ledger.lose(attempt, reason, certain, suspect and alone)
        self._pump_soon()

    def refuse(self, chunk: Chunk, code: str, reason: str, advice: str = "") -> None:
        """See EngineHost."""
        if self._close(chunk):
            self._chunker.ended(chunk, [])
            self._refuse_all(chunk, [code, reason, advice])
            self._pump_soon()

    def doubt(self, chunk: Chunk, reason: str) -> None:
        """See EngineHost."""
        if self._close(chunk):
            self._chunker.ended(chunk, [])
            for attempt in chunk.attempts:
                if self._holds(chunk, attempt):
                    self._ledger.end(attempt, "unknown", reason)
            self._pump_soon()

    def drop(self, chunk: Chunk) -> None:
        """See EngineHost."""
        if not self._close(chunk):
            return
        self._chunker.ended(chunk, [])
        for attempt in chunk.attempts:
            if not self._holds(chunk, attempt):
                continue
            if attempt.cancel is not None:
                self._ledger.end(attempt, "cancelled", attempt.cancel)
            else:
                self._give_back(attempt, "The engine gave it back.")
        self._pump_soon()

    def pack(self, chunk: Chunk) -> Packed:
        """See EngineHost."""
        return self._around.pack(chunk, inline_blob=chunk.attempts[0].definition.digest in self._inline_blobs)

    def state(self, state: EngineState, reason: str) -> None:
        """See EngineHost."""
        self._is_down = state == "down"
        if self._is_down:
            self.actors.clear()
        self._around.emit(["state", state, reason], [])

    def resize(self, slots: int) -> None:
        """See EngineHost."""
        self._chunker.slots = max(1, slots)
        self._pump_soon()

    def log(self, level: Literal["debug", "info", "warn", "error"], message: str) -> None:
        """See EngineHost."""
        self._around.log(level, message)

    # What workers report (SideChannelListener).

    def on_worker_event(self, worker: WorkerLink, event: list[Any], buffers: list[Buffer]) -> bool:
        """See SideChannelListener."""
        kind, id_, number = event[0], event[1], event[2]
        attempt = self._ledger.get((id_, number))
        if attempt is None:
            discard(buffers)
            return False
        self._ledger.start(attempt, worker.name)
        if kind == "item":
            self._ledger.item(attempt, event[3], event[4], buffers)
        elif kind in ("progress", "heartbeat"):
            self._ledger.report(attempt, event)
        return True

    def grant_permit(self, worker: WorkerLink, key: AttemptKey) -> bool:
        """See SideChannelListener."""
        attempt = self._ledger.get(key)
        if attempt is None or attempt.has_permit or attempt.cancel is not None:
            return False
        attempt.has_permit = True
        self._ledger.start(attempt, worker.name)
        return True

    def on_relief(self, worker: WorkerLink, chunk: str, result: Packed, returned: list[int]) -> None:
        """See SideChannelListener."""
        if (found := self._chunks.get(chunk)) is None:
            discard(result.buffers)
            return
        for record in CallResult.unpack(result).records:
            self._settle(found, record, worker.name)
        for index in returned:
            if 0 <= index < len(found.attempts) and self._holds(found, found.attempts[index]):
                self._give_back(found.attempts[index], "Its chunk was held up.")
        self._pump_soon()

    def on_worker_death(self, worker: WorkerLink, reason: str) -> None:
        """See SideChannelListener."""
        names = {chunk.id for key in worker.running if (chunk := self._chunk_of.get(key)) is not None}
        names.update(self._around.latest_claims(worker))
        for name in names & self._chunks.keys():
            self._loop.call_later(DEATH_GRACE_S, self._lose_late, name, reason)

    # Handing over.

    def _pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pumping = False
        if self._stopping:
            return
        chunks = self._chunker.take(self._loop.time())
        if chunks:
            self.hand_over(chunks)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if (due := self._chunker.deadline()) is not None:
            self._deadline = self._loop.call_at(due, self._pump_soon)

    def hand_over(self, chunks: Sequence[Chunk]) -> None:
        """See ActorHost."""
        for chunk in chunks:
            self._chunks[chunk.id] = chunk
            chunk.submitted_ns = monotonic_ns()
            for attempt in chunk.attempts:
                self._chunk_of[attempt.key] = chunk
        self._engine.submit(chunks)

    def _close(self, chunk: Chunk) -> bool:
        if chunk.closed:
            return False
        chunk.closed = True
        self._chunks.pop(chunk.id, None)
        if self._around.channel is not None:
            for attempt in chunk.attempts:
                if attempt.ended:
                    self._around.channel.forget(attempt.key)
        return True

    def _holds(self, chunk: Chunk, attempt: Attempt) -> bool:
        """Whether the attempt is still open, and in this chunk."""
        return not attempt.ended and self._chunk_of.get(attempt.key) is chunk

    def _give_back(self, attempt: Attempt, reason: str) -> None:
        """Hands an attempt over again that certainly has not begun."""
        self._chunk_of.pop(attempt.key, None)
        if attempt.cancel is not None:
            self._ledger.end(attempt, "cancelled", attempt.cancel)
        elif self._stopping or self._is_down or attempt.returns >= RETURNS_MAX or attempt.options.actor:
            self._ledger.lose(attempt, reason, "no")
        else:
            attempt.returns += 1
            attempt.alone = True
            self._chunker.offer(attempt, self._loop.time())

    def _send_blob_inline(self, attempt: Attempt) -> None:
        self._inline_blobs.add(attempt.definition.digest)
        self._give_back(attempt, "The worker could not get the kernel's bytes.")

    # What the canceller asks for (ChunkView).

    def chunk_of(self, key: AttemptKey) -> Chunk | None:
        """See ChunkView."""
        return self._chunk_of.get(key)

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """See ChunkView."""
        self._engine.revoke(chunks)

    # Ending.

    def _settle(self, chunk: Chunk, record: Record, worker: str) -> None:
        """Ends an attempt by what its worker said."""
        attempt = chunk.attempts[record.index] if 0 <= record.index < len(chunk.attempts) else None
        if attempt is None or not self._holds(chunk, attempt):
            discard(record.buffers)
        elif record.status == "denied":
            self._end_denied(attempt)
        else:
            if record.status not in ("refused", "cancelled", "lost"):
                self._ledger.start(attempt, worker)
            self._ledger.settle(attempt, record)

    def _end_denied(self, attempt: Attempt) -> None:
        """The engine ran it a second time, and was told no: what became of the first time?"""
        first = self._around.channel.worker_of(attempt.key) if self._around.channel is not None else None
        if attempt.cancel is not None:
            self._ledger.end(attempt, "cancelled", attempt.cancel)
        elif first is not None:
            reason = "The engine handed it to a second worker; the first may still run it."
            self._ledger.end(attempt, "unknown", reason)
        else:
            self._ledger.lose(attempt, "The worker that had begun it is gone; it was not begun again.", "yes")

    def _lose_late(self, name: str, reason: str) -> None:
        chunk = self._chunks.get(name)
        if chunk is not None:
            self.lose(chunk, reason, started="yes", suspect=True)
            # Core decides about another attempt; the engine must not run this one again.
            self._engine.revoke([chunk])

    def _lose_all(self, chunk: Chunk, reason: str, started: Started) -> None:
        for attempt in chunk.attempts:
            if self._holds(chunk, attempt) and not self._ledger.is_settled(attempt):
                self._ledger.lose(attempt, reason, "yes" if attempt.started else started)

    def _refuse_all(self, chunk: Chunk, detail: list[Any]) -> None:
        for attempt in chunk.attempts:
            if self._holds(chunk, attempt):
                self._ledger.end(attempt, "refused", detail)

    def _miss_relief(self, chunk: Chunk) -> None:
        self._chunks.pop(chunk.id, None)
        self._lose_all(chunk, "What the worker handed over did not arrive.", "maybe")

    def _on_end(self, attempt: Attempt, status: str) -> None:
        key = attempt.key
        self._chunker.remove(key)
        chunk = self._chunk_of.pop(key, None)
        self.actors.ended(attempt, chunk, status)
        # One that was cancelled in the engine's queue must be skipped by workers until its chunk has come back.
        is_queued = status == "cancelled" and chunk is not None and not chunk.closed
        if self._around.channel is not None and not is_queued:
            self._around.channel.forget(key)

    def _note_unlinked(self, worker: str) -> None:
        if self.all_linked:
            self.all_linked = False
            self._around.log(
                "warn",
                f"Worker {worker} cannot reach the bridge's side channel: no progress, streams or exact kill there.",
            )
