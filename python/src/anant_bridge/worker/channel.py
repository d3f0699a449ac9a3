"""
The worker's end of the side channel (`docs/protocol.md`, section 2): one thread per process and session. It reports
what runs, by looking at it now and then, so that short tasks cost nothing; and it acts on cancels and credits.
"""

from __future__ import annotations

import os
import signal
import socket as sockets
import threading
from collections import OrderedDict, deque
from time import monotonic
from typing import Any

import zmq

from ..attempt import AttemptKey
from ..packed import Buffer, Bytes
from ..version import __version__
from ..wire import ProtocolError, pack_message, to_frames, unpack_message
from .call import CallResult
from .chunk_run import ChunkRun
from .machine import machine_id
from .questions import Questions
from .session_info import SessionInfo

TICK_S = 0.02
"""How often running attempts are looked at; also the least run time that is reported as a start at once."""
ACTIVE_S = 0.5
"""How long after the last chunk the thread keeps looking that often."""
PING_S = 1.0
SILENCE_S = 15.0
"""Silence of the bridge after which it counts as gone: running attempts are asked to stop."""
RELIEF_S = 0.05
"""Run time after which an attempt no longer holds up the others of its chunk."""
REPORT_S = 0.05
"""At most 20 progress reports and heartbeats a second and attempt."""
SKIPS_MAX = 10_000
"""Cancelled attempts remembered; the oldest is forgotten, and would run if it still came."""
OUTBOX_MAX = 10_000
"""Stream items waiting to be sent; a producer waits beyond (its credits end long before)."""
FLUSH_MS = 300


class Channel:
    """One session's side channel in this process."""

    def __init__(self, info: SessionInfo, worker: str) -> None:
        self.info = info
        self._worker = worker
        self._runs: dict[int, ChunkRun] = {}
        self._outbox: deque[tuple[list[Any], list[Buffer]]] = deque()
        self._blobs: Questions[str, bytes] = Questions(self._wake)
        self._permits: Questions[AttemptKey, str] = Questions(self._wake)
        self._skips: OrderedDict[AttemptKey, str] = OrderedDict()
        self._linked = threading.Event()
        self._asleep = False
        self._closing = False
        self.closed = False
        self.said_bye = False
        self._last_active = monotonic()
        self._last_heard = self._last_active
        self._last_ping = 0.0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._context = zmq.Context(io_threads=1)
        self._socket = self._connect()
        self._thread = threading.Thread(target=self._serve, name="anant-channel", daemon=True)
        self._thread.start()

    @property
    def is_linked(self) -> bool:
        """Whether the bridge has answered and was heard lately."""
        return self._linked.is_set()

    @property
    def is_idle(self) -> bool:
        """Whether no chunk of the session runs here."""
        return not self._runs

    def wait_linked(self, timeout: float) -> bool:
        """Waits for the bridge's first answer."""
        return self._linked.wait(timeout)

    def begin(self, run: ChunkRun) -> None:
        """Takes a chunk under observation."""
        self._runs[id(run)] = run
        if self._asleep:
            self._wake()

    def finish(self, run: ChunkRun) -> None:
        """Ends the observation."""
        self._runs.pop(id(run), None)
        self._last_active = monotonic()

    def skip_reason(self, key: AttemptKey) -> str | None:
        """How the attempt was cancelled, when it must not run."""
        return self._skips.get(key)

    def post_item(self, event: list[Any], buffers: list[Buffer]) -> None:
        """Sends a stream item."""
        self._outbox.append((event, buffers))
        self._wake()

    def fetch_blob(self, sha256: str, timeout: float) -> bytes | None:
        """A kernel's bytes from the bridge; None when it does not answer in time."""
        return self._blobs.ask(sha256, timeout) if self.is_linked else None

    def ask_permit(self, key: AttemptKey, timeout: float) -> str | None:
        """Leave to begin an at-most-once attempt: `granted`, `denied`, or None when the bridge does not answer."""
        return self._permits.ask(key, timeout) if self.is_linked else None

    def close(self) -> None:
        """Ends the thread."""
        self._closing = True
        self._wake()
        self._thread.join(1.0)

    def _connect(self) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.DEALER)
        socket.linger = FLUSH_MS
        socket.sndhwm = OUTBOX_MAX
        curve = self.info.curve
        if curve is not None:
            socket.curve_serverkey = curve.server.encode()
            socket.curve_publickey = curve.public.encode()
            socket.curve_secretkey = curve.secret.encode()
        socket.connect(self.info.endpoint)
        return socket

    def _wake(self) -> None:
        try:
            os.write(self._wake_write, b"\0")
        except OSError:
            pass

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._wake_read, zmq.POLLIN)
        self._introduce()
        try:
            while not self._closing:
                self._asleep = True
                active = bool(self._runs) or monotonic() - self._last_active < ACTIVE_S
                poller.poll(int((TICK_S if active else PING_S) * 1000))
                self._asleep = False
                self._drain_wakes()
                self._receive()
                self._observe()
                self._send_items()
                self._keep_alive()
        except zmq.ZMQError:
            pass
        finally:
            self._shut()

    def _shut(self) -> None:
        self.closed = True
        self._linked.clear()
        self._blobs.close()
        self._permits.close()
        self._socket.close()
        self._context.term()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _drain_wakes(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                pass
        except OSError:
            pass

    def _introduce(self) -> None:
        self._send(
            "worker",
            {
                "host": sockets.gethostname(),
                "pid": os.getpid(),
                "name": self._worker,
                "machine": machine_id(),
                "version": __version__,
            },
        )

    def _send(self, kind: str, body: dict[str, Any], frames: list[Bytes] | None = None) -> None:
        try:
            self._socket.send_multipart(
                [self.info.token.encode(), pack_message(kind, body), *(frames or [])], zmq.DONTWAIT
            )
        except zmq.Again:
            # The bridge has not read for long; it will count this worker as silent.
            pass

    def _keep_alive(self) -> None:
        now = monotonic()
        if now - self._last_ping >= PING_S:
            self._last_ping = now
            self._send("ping", {"seq": int(now)})
            if not self._linked.is_set():
                self._introduce()
        if self._linked.is_set() and now - self._last_heard > SILENCE_S:
            self._linked.clear()
            for run in list(self._runs.values()):
                with run.lock:
                    self._ask(run)

    def _observe(self) -> None:
        now = monotonic()
        events: list[Any] = []
        for run in list(self._runs.values()):
            with run.lock:
                item = run.current
                if item is None:
                    continue
                ran = now - run.started_at
                if not run.start_reported and ran >= TICK_S / 2:
                    run.start_reported = True
                    events.append(["start", item.id, item.attempt, self._worker])
                if now - run.reported_at >= REPORT_S:
                    if run.progress_dirty and run.progress is not None:
                        events.append(["progress", item.id, item.attempt, *run.progress])
                        run.reported_at = now
                    elif run.heartbeat_dirty:
                        events.append(["heartbeat", item.id, item.attempt])
                        run.reported_at = now
                    run.progress_dirty = run.heartbeat_dirty = False
                if len(run.call.items) > 1 and ran >= RELIEF_S:
                    self._relieve(run)
        if events:
            self._send("events", {"events": events})

    def _relieve(self, run: ChunkRun) -> None:
        finished, returned = run.relieve()
        if not finished and not returned:
            return
        result = CallResult(self._worker, True, finished, True).pack()
        frames, files = to_frames(result.buffers)
        body = {"chunk": run.call.chunk, "result": result.body, "returned": returned, "files": files}
        self._send("relief", body, frames)

    def _send_items(self) -> None:
        while self._outbox:
            events: list[Any] = []
            buffers: list[Buffer] = []
            while self._outbox and len(events) < 512:
                event, owned = self._outbox.popleft()
                events.append(event)
                buffers += owned
            frames, files = to_frames(buffers)
            self._send("events", {"events": events, "files": files}, frames)
        while (sha256 := self._blobs.take()) is not None:
            self._send("blob-need", {"sha256": sha256})
        while (key := self._permits.take()) is not None:
            self._send("permit-need", {"id": key[0], "attempt": key[1]})

    def _receive(self) -> None:
        while True:
            try:
                frames = self._socket.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return
            self._last_heard = monotonic()
            try:
                kind, body = unpack_message(frames[0])
            except ProtocolError:
                continue
            self._handle(kind, body, frames[1:])

    def _handle(self, kind: str, body: dict[str, Any], frames: list[bytes]) -> None:
        if kind == "welcome":
            for id_, attempt, how in body["skips"]:
                self._skip((id_, attempt), how)
            self._linked.set()
        elif kind == "pong":
            self._linked.set()
        elif kind == "cancel":
            self._cancel(body["serial"], body["requests"])
        elif kind == "credit":
            for id_, attempt, count in body["grants"]:
                self._credit((id_, attempt), count)
        elif kind == "blob" and frames:
            self._blobs.answer(body["sha256"], frames[0])
        elif kind == "permit":
            self._permits.answer((body["id"], body["attempt"]), body["answer"])
        elif kind == "bye":
            self._bye(body.get("how") == "kill")

    def _skip(self, key: AttemptKey, how: str) -> None:
        self._skips[key] = how
        while len(self._skips) > SKIPS_MAX:
            self._skips.popitem(last=False)

    def _cancel(self, serial: int, requests: list[Any]) -> None:
        states: list[list[Any]] = []
        doomed: list[AttemptKey] = []
        for id_, attempt, how in requests:
            key = (id_, attempt)
            state = "skipped"
            for run in list(self._runs.values()):
                with run.lock:
                    position = run.position(key)
                    if position == "running":
                        state = self._stop(run, how)
                        if state == "dying":
                            doomed.append(key)
                    elif position == "done":
                        state = "done"
            if state == "skipped":
                self._skip(key, how)
            states.append([id_, attempt, state])
        if doomed and self._die(doomed, serial, states):
            return
        for entry in states:
            if (entry[0], entry[1]) in doomed:
                entry[2] = "done"
        self._send("ack", {"serial": serial, "states": states})

    def _stop(self, run: ChunkRun, how: str) -> str:
        if how != "kill":
            self._ask(run)
            return "asked"
        if run.kill_child is None:
            return "dying"
        run.killed = True
        run.kill_child()
        return "killing"

    def _ask(self, run: ChunkRun) -> None:
        run.cancelled.set()
        run.credits.notify_all()
        self._forward(run, "cancel", {})

    def _forward(self, run: ChunkRun, kind: str, fields: dict[str, Any]) -> None:
        if run.forward is not None:
            try:
                run.forward(kind, fields)
            except OSError:
                # The host child is gone; the thread that reads from it will say so.
                pass

    def _die(self, doomed: list[AttemptKey], serial: int, states: list[list[Any]]) -> bool:
        """Ends this process, but only while one of the doomed attempts still runs; its lock keeps it from moving on."""
        for run in list(self._runs.values()):
            with run.lock:
                if run.current_key not in doomed or run.position(run.current_key) != "running":
                    continue
                self._relieve(run)
                self._send("ack", {"serial": serial, "states": states})
                self._socket.close(FLUSH_MS)
                self._context.term()
                os.kill(os.getpid(), signal.SIGKILL)
                return True
        return False

    def _credit(self, key: AttemptKey, count: int) -> None:
        for run in list(self._runs.values()):
            with run.lock:
                if run.current_key != key:
                    continue
                run.credits_left += count
                run.credits.notify_all()
                self._forward(run, "credit", {"credits": count})

    def _bye(self, kill: bool) -> None:
        self._closing = self.said_bye = True
        self._linked.clear()
        doomed: list[AttemptKey] = []
        for run in list(self._runs.values()):
            with run.lock:
                self._ask(run)
                key = run.current_key
                if kill and key is not None and self._stop(run, "kill") == "dying":
                    doomed.append(key)
        if doomed:
            self._die(doomed, 0, [])
