"""
Stands between the client's session and an engine: it knows every open attempt, groups them into chunks, turns what
engines and workers report into events, and fences what comes too late. The `EngineHost` of the engine.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, Literal

from .attempt import Attempt, AttemptKey, CancelAnswer, CancelStrategy, Chunk, Started
from .chunking import Chunker
from .engines.base import Engine, EngineState
from .errors import BridgeError
from .packed import Buffer, FileBuffer, Packed
from .side_channel import SideChannel, WorkerLink
from .spool import discard, discard_prefix, map_file
from .worker.call import Call, CallItem, CallResult, Record
from .worker.claims import Finding, find_claim, latest_claims

DEATH_GRACE_S = 2.0
"""Time an engine has to report on its own what a dead worker ran; results may still be on their way."""
KILL_GRACE_S = 3.0
"""Time an engine has to notice a worker that ended itself; then the attempt is `cancelled` all the same."""
RELIEF_GRACE_S = 5.0
"""Time the side channel has to deliver what a chunk handed over before it ended."""
ITEMS_GRACE_S = 10.0
"""Time the last items of a stream have to arrive after its end did, by the other path."""
RETURNS_MAX = 3
"""How often an attempt that certainly had not begun is handed over again before it is reported `lost`."""
ENDED_MAX = 65_536
"""Ended attempts remembered, to answer late cancels and refuse repeated submits; the oldest go first."""

Emit = Callable[[list[Any], list[Buffer]], None]


@dataclass(slots=True)
class Surroundings:
    """What a dispatcher needs from the session around it; the last three are known once the engine runs."""

    session: str
    engine_name: str
    python_path: Sequence[str]
    scratch: str
    spool: str
    claims: str
    emit: Emit
    log: Callable[[str, str], None]
    find_blob: Callable[[str], bytes | None]
    session_info: bytes = b""
    """Packed `SessionInfo`, sent with every chunk."""
    shares_files: bool = False
    """Whether workers see the spool and the claims directory."""
    channel: SideChannel | None = None


class Dispatcher:
    """See the module. All calls on the loop's thread."""

    def __init__(self, engine: Engine, around: Surroundings) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._around = around
        self._chunker = Chunker(1, self._chunk_names())
        self._open: dict[AttemptKey, Attempt] = {}
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._chunks: dict[str, Chunk] = {}
        self._chunk_of: dict[AttemptKey, Chunk] = {}
        self._held_ends: dict[AttemptKey, tuple[Record, asyncio.TimerHandle]] = {}
        self._inline_blobs: set[str] = set()
        self._saw_unlinked = False
        self._pumping = False
        self._deadline: asyncio.TimerHandle | None = None
        self._stopping = False
        self._is_down = False
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()

    # What the session asks for.

    @property
    def open_count(self) -> int:
        """Attempts without an end."""
        return len(self._open)

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
        for attempt in attempts:
            if attempt.key in self._open:
                discard(attempt.buffers)
                continue
            newest = self._newest.get(attempt.id, 0)
            self._open[attempt.key] = attempt
            if attempt.number <= newest:
                self._end_refused(
                    attempt, "E_TASK_DUPLICATE", "This attempt, or a newer one, was submitted before."
                )
                continue
            self._supersede(attempt.id, newest)
            self._newest[attempt.id] = attempt.number
            self._newest.move_to_end(attempt.id)
            self._chunker.offer(attempt, now)
        self._idle.clear()
        self._trim()
        self._pump_soon()

    def refuse_attempt(self, attempt: Attempt, code: str, reason: str, advice: str = "") -> None:
        """Ends an attempt that was never taken in."""
        self._open[attempt.key] = attempt
        self._end_refused(attempt, code, reason, advice)

    async def cancel(self, requests: Sequence[tuple[str, int, CancelStrategy]]) -> list[CancelAnswer]:
        """Acts on open attempts; one answer per request."""
        answers: dict[int, CancelAnswer] = {}
        channel = self._around.channel
        asked: dict[AttemptKey, CancelStrategy] = {}
        for index, (id_, number, how) in enumerate(requests):
            answer = self._cancel_here((id_, number), how)
            if answer is None:
                asked[id_, number] = how
            else:
                answers[index] = answer
        if asked and channel is not None:
            states = await channel.cancel(asked)
            revoked = [chunk for key in asked if (chunk := self._chunk_of.get(key)) is not None]
            for index, (id_, number, how) in enumerate(requests):
                if index not in answers:
                    answers[index] = self._cancel_there((id_, number), how, states[id_, number])
            idle = {c.id: c for c in revoked if not c.closed and all(a.ended or a.cancel for a in c.attempts)}
            queued = [c for c in idle.values() if not any(a.started for a in c.attempts)]
            if queued:
                self._engine.revoke(queued)
        return [answers.get(index, "unsupported") for index in range(len(requests))]

    def grant(self, key: AttemptKey, credits: int) -> None:  # noqa: A002
        """Stream credits for a running attempt."""
        if key in self._open and self._around.channel is not None:
            self._around.channel.grant(key, credits)

    async def drain(self, grace: float) -> None:
        """Waits up to `grace` seconds for open attempts, then ends the rest as `lost`."""
        try:
            if grace > 0:
                await asyncio.wait_for(self._idle.wait(), grace)
        except TimeoutError:
            pass
        self._stopping = True
        for attempt in self._chunker.clear():
            self._end_lost(attempt, "The bridge was stopped.", "no")
        for attempt in list(self._open.values()):
            self._end_lost(attempt, "The bridge was stopped.", "yes" if attempt.started else "maybe")

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
        run_us = []
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
        if not self._close(chunk):
            return
        self._chunker.ended(chunk, [])
        if len(chunk.attempts) > 1:
            self._chunker.taint(chunk.attempts[0].definition.digest, self._loop.time())
        claim = Finding("unclear")
        if self._around.shares_files:
            claim = find_claim(self._around.claims, chunk.id, chunk.submitted_ns)
            discard_prefix(self._around.spool, f"r.{chunk.id}.")
        for index, attempt in enumerate(chunk.attempts):
            if not self._holds(chunk, attempt):
                continue
            if claim.state == "never" or (claim.state == "begun" and index > claim.index):
                self._give_back(attempt, reason)
            elif claim.state == "begun" and index < claim.index:
                self._end_lost(attempt, f"{reason} (it had ended, its result was not delivered)", "yes")
            else:
                certain: Started = "yes" if attempt.started or claim.state == "begun" else started
                alone = claim.state == "begun" or len(chunk.attempts) == 1 or attempt.started
                self._end_lost(attempt, reason, certain, suspect and alone)
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
                    self._end(attempt, "unknown", reason)
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
                self._end(attempt, "cancelled", attempt.cancel)
            else:
                self._give_back(attempt, "The engine gave it back.")
        self._pump_soon()

    def pack(self, chunk: Chunk) -> Packed:
        """See EngineHost."""
        first = chunk.attempts[0]
        definition = first.definition
        sha256 = definition.data.get("blob")
        blob = self._around.find_blob(sha256) if definition.digest in self._inline_blobs and sha256 else None
        items = [CallItem(a.id, a.number, a.body, self._carried(a.buffers)) for a in chunk.attempts]
        return Call(
            chunk.id,
            self._around.session_info,
            dict(definition.data),
            definition.digest,
            first.options.output,
            first.options.memory_bytes,
            list(first.references),
            items,
            blob,
        ).pack()

    def state(self, state: EngineState, reason: str) -> None:
        """See EngineHost."""
        self._is_down = state == "down"
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
        attempt = self._open.get((id_, number))
        if attempt is None:
            discard(buffers)
            return False
        if not attempt.started:
            self._start(attempt, worker.name)
        if kind == "item":
            attempt.items_seen += 1
            self._around.emit(["item", id_, number, event[3], [event[4], len(buffers)]], buffers)
            self._release_end(attempt)
        elif kind in ("progress", "heartbeat"):
            self._around.emit(event, [])
        return True

    def on_relief(self, worker: WorkerLink, chunk: str, result: Packed, returned: list[int]) -> None:
        """See SideChannelListener."""
        found = self._chunks.get(chunk)
        if found is None:
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
        if self._around.shares_files and worker.is_local:
            names.update(latest_claims(self._around.claims, worker.pid))
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
        for chunk in chunks:
            self._chunks[chunk.id] = chunk
            chunk.submitted_ns = monotonic_ns()
            for attempt in chunk.attempts:
                self._chunk_of[attempt.key] = chunk
        if chunks:
            self._engine.submit(chunks)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        due = self._chunker.deadline()
        if due is not None:
            self._deadline = self._loop.call_at(due, self._pump_soon)

    def _chunk_names(self) -> Callable[[], str]:
        prefix = self._around.session[:12]
        number = 0

        def name() -> str:
            nonlocal number
            number += 1
            return f"{prefix}-{number}"

        return name

    def _carried(self, buffers: list[Buffer]) -> list[Buffer]:
        if self._around.shares_files:
            return buffers
        return [map_file(b) if isinstance(b, FileBuffer) else b for b in buffers]

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
            self._end(attempt, "cancelled", attempt.cancel)
        elif self._stopping or self._is_down or attempt.returns >= RETURNS_MAX:
            self._end_lost(attempt, reason, "no")
        else:
            attempt.returns += 1
            attempt.alone = True
            self._chunker.offer(attempt, self._loop.time())

    def _send_blob_inline(self, attempt: Attempt) -> None:
        self._inline_blobs.add(attempt.definition.digest)
        self._give_back(attempt, "The worker could not get the kernel's bytes.")

    # Cancelling.

    def _cancel_here(self, key: AttemptKey, how: CancelStrategy) -> CancelAnswer | None:
        """The answer, when no worker needs to be asked."""
        attempt = self._open.get(key)
        if attempt is None:
            return "already-done" if self._newest.get(key[0], 0) >= key[1] else "unknown-task"
        if self._chunker.remove(key) is not None:
            self._end(attempt, "cancelled", how)
            return "cancelled"
        if how == "forget":
            self._end(attempt, "cancelled", how)
            return "cancelled"
        if attempt.cancel != "kill":
            attempt.cancel = how
        return None

    def _cancel_there(self, key: AttemptKey, how: CancelStrategy, state: str) -> CancelAnswer:
        """The answer, from what the workers said."""
        attempt = self._open.get(key)
        if attempt is None:
            # It ended before its worker's answer arrived; what the worker did with the request still counts.
            answers: dict[str, CancelAnswer] = {"asked": "requested", "killing": "cancelled"}
            return answers.get(state, "already-done")
        if state == "killing":
            return self._await_kill(attempt)
        if state == "done":
            return "already-done"
        if state == "unanswered" and how == "kill" and self._kill_from_here(key):
            return self._await_kill(attempt)
        if state == "skipped" and not self._saw_unlinked:
            self._end(attempt, "cancelled", how)
            return "cancelled"
        return "requested"

    def _await_kill(self, attempt: Attempt) -> CancelAnswer:
        attempt.killed = True
        self._loop.call_later(KILL_GRACE_S, self._end_killed, attempt)
        return "cancelled"

    def _kill_from_here(self, key: AttemptKey) -> bool:
        """Ends a local worker that does not even answer: its interpreter is held by foreign code, or it is stopped."""
        link = self._around.channel.worker_of(key) if self._around.channel is not None else None
        if link is None or not link.is_local or link.running != {key}:
            return False
        try:
            os.kill(link.pid, signal.SIGKILL)
        except OSError:
            return False
        return True

    def _end_killed(self, attempt: Attempt) -> None:
        if not attempt.ended:
            self._end(attempt, "cancelled", "kill")

    # Ending.

    def _start(self, attempt: Attempt, worker: str) -> None:
        attempt.started = True
        self._around.emit(["start", attempt.id, attempt.number, worker], [])

    def _settle(self, chunk: Chunk, record: Record, worker: str) -> None:
        """Ends an attempt by what its worker said."""
        if not 0 <= record.index < len(chunk.attempts):
            discard(record.buffers)
            return
        attempt = chunk.attempts[record.index]
        if not self._holds(chunk, attempt):
            discard(record.buffers)
            return
        if record.status not in ("refused", "cancelled") and not attempt.started:
            self._start(attempt, worker)
        if record.progress is not None:
            self._around.emit(["progress", attempt.id, attempt.number, *record.progress], [])
        if record.items > attempt.items_seen:
            timer = self._loop.call_later(ITEMS_GRACE_S, self._miss_items, attempt)
            self._held_ends[attempt.key] = (record, timer)
            return
        self._end_by_record(attempt, record)

    def _end_by_record(self, attempt: Attempt, record: Record) -> None:
        if record.status == "cancelled" and attempt.killed:
            record.detail = "kill"
        attempt.warnings += record.warnings
        self._end(attempt, record.status, record.detail, record.buffers)

    def _release_end(self, attempt: Attempt) -> None:
        held = self._held_ends.get(attempt.key)
        if held is not None and attempt.items_seen >= held[0].items:
            del self._held_ends[attempt.key]
            held[1].cancel()
            self._end_by_record(attempt, held[0])

    def _miss_items(self, attempt: Attempt) -> None:
        if self._held_ends.pop(attempt.key, None) is not None:
            self._end_lost(attempt, "Items of the stream were lost on the way to the bridge.", "yes")

    def _miss_relief(self, chunk: Chunk) -> None:
        self._chunks.pop(chunk.id, None)
        self._lose_all(chunk, "What the worker handed over did not arrive.", "maybe")

    def _lose_late(self, name: str, reason: str) -> None:
        chunk = self._chunks.get(name)
        if chunk is not None:
            self.lose(chunk, reason, started="yes", suspect=True)

    def _lose_all(self, chunk: Chunk, reason: str, started: Started) -> None:
        for attempt in chunk.attempts:
            if self._holds(chunk, attempt) and attempt.key not in self._held_ends:
                self._end_lost(attempt, reason, "yes" if attempt.started else started)

    def _refuse_all(self, chunk: Chunk, detail: list[Any]) -> None:
        for attempt in chunk.attempts:
            if self._holds(chunk, attempt):
                self._end(attempt, "refused", detail)

    def _end_refused(self, attempt: Attempt, code: str, reason: str, advice: str = "") -> None:
        self._end(attempt, "refused", [code, reason, advice])

    def _end_lost(self, attempt: Attempt, reason: str, started: Started, suspect: bool = False) -> None:
        if attempt.killed:
            self._end(attempt, "cancelled", "kill")
        else:
            self._end(attempt, "lost", [reason, started, suspect])

    def _end(self, attempt: Attempt, status: str, detail: Any, buffers: list[Buffer] | None = None) -> None:
        if attempt.ended:
            return
        attempt.ended = True
        key = attempt.key
        self._open.pop(key, None)
        self._chunk_of.pop(key, None)
        held = self._held_ends.pop(key, None)
        if held is not None:
            held[1].cancel()
        if self._around.channel is not None and (attempt.cancel is None or status != "cancelled"):
            self._around.channel.forget(key)
        discard(attempt.buffers)
        event = ["end", attempt.id, attempt.number, status, detail, attempt.warnings or None]
        self._around.emit(event, buffers or [])
        if not self._open:
            self._idle.set()

    def _supersede(self, id_: str, number: int) -> None:
        """A newer attempt fences the older one: what it still returns is dropped."""
        old = self._open.pop((id_, number), None)
        if old is not None:
            old.ended = True
            self._chunker.remove(old.key)
            self._chunk_of.pop(old.key, None)
            discard(old.buffers)
            if self._around.channel is not None:
                self._around.channel.forget(old.key)

    def _trim(self) -> None:
        for _ in range(len(self._newest) - ENDED_MAX):
            id_, number = next(iter(self._newest.items()))
            if (id_, number) in self._open:
                self._newest.move_to_end(id_)
            else:
                del self._newest[id_]

    def _note_unlinked(self, worker: str) -> None:
        if not self._saw_unlinked:
            self._saw_unlinked = True
            self._around.log(
                "warn",
                f"Worker {worker} cannot reach the bridge's side channel: no progress, streams or exact kill there.",
            )
