"""The bridge's end of the side channel: the workers it knows, what they report, and what they are told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Protocol

import zmq

from .attempt import AttemptKey
from .bounds import bound
from .errors import BridgeError
from .packed import Buffer, Bytes, Packed
from .port import Port
from .wire import BufferTaker, ProtocolError, items, pack_message, text, unpack_message, whole
from .worker.machine import machine_id
from .zap import secure

WORKERS_MAX = 10_000
"""Workers of one session; more are not answered, and run without a side channel."""
FRAMES_HELD_MAX = 100_000
"""Messages to a worker that ZeroMQ holds; more are dropped."""
ANSWER_TIMEOUT_S = 2.0
"""How long workers have to answer a cancel."""
SILENCE_S = 60.0
"""Silence after which a worker on another machine counts as dead. (Here the kernel tells at once.)"""


@dataclass(slots=True, eq=False)
class WorkerLink:
    """One worker process that introduced itself."""

    identity: bytes
    name: str
    host: str
    pid: int
    is_local: bool
    last_heard: float
    running: set[AttemptKey] = field(default_factory=set)
    pidfd: int | None = None


class SideChannelListener(Protocol):
    """Whom the side channel tells."""

    def on_worker_event(self, worker: WorkerLink, event: list[Any], buffers: list[Buffer]) -> bool:
        """A `start`, `progress`, `heartbeat` or `item` with the buffers of its value. Whether the attempt is open."""

    def on_relief(self, worker: WorkerLink, chunk: str, result: Packed, returned: list[int]) -> None:
        """A chunk gave back attempts that had not begun, and hands over results of those that had ended."""

    def grant_permit(self, worker: WorkerLink, key: AttemptKey) -> bool:
        """Whether an at-most-once attempt may begin on this worker; true once."""

    def on_worker_death(self, worker: WorkerLink, reason: str) -> None:
        """The worker's process is gone."""


@dataclass(slots=True)
class _Inquiry:
    """One cancel that workers are asked about."""

    waiting: set[bytes]
    states: dict[AttemptKey, str]
    done: asyncio.Future[None]


# An answer that says more wins over one that says less.
_WEIGHT = {"skipped": 0, "done": 1, "asked": 2, "killing": 3, "dying": 4}


class SideChannel:
    """A ROUTER that workers of one session connect to."""

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        token: str,
        listener: SideChannelListener,
        find_blob: Callable[[str], bytes | None],
        files: str | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket
        self._token = token.encode()
        self._listener = listener
        self._find_blob = find_blob
        self._files = files
        self._inquiries: dict[int, _Inquiry] = {}
        self._serial = 0
        self._skips: dict[AttemptKey, str] = {}
        self._running_on: dict[AttemptKey, WorkerLink] = {}
        self.workers: dict[bytes, WorkerLink] = {}
        self._port = Port(socket, self._receive)

    async def cancel(self, requests: Mapping[AttemptKey, str]) -> dict[AttemptKey, str]:
        """
        Asks every worker to stop, kill or skip attempts. The state of each: `killing` (its host child), `dying` (the
        worker itself), `asked`, `done`, `skipped` (no worker runs it, and none will) or `unanswered`.
        """
        self._skips.update(requests)
        if not self.workers:
            return dict.fromkeys(requests, "skipped")
        self._serial += 1
        serial = self._serial
        inquiry = _Inquiry(set(self.workers), {}, self._loop.create_future())
        self._inquiries[serial] = inquiry
        rows = [[id_, attempt, how] for (id_, attempt), how in requests.items()]
        self._broadcast("cancel", {"serial": serial, "requests": rows})
        try:
            await asyncio.wait_for(inquiry.done, ANSWER_TIMEOUT_S)
        except TimeoutError:
            pass
        finally:
            del self._inquiries[serial]
        # Only when every worker has answered is it certain that none runs it.
        nowhere = "unanswered" if inquiry.waiting else "skipped"
        found = {key: inquiry.states.get(key, "skipped") for key in requests}
        return {key: nowhere if state == "skipped" else state for key, state in found.items()}

    def forget(self, key: AttemptKey) -> None:
        """An attempt has ended: nothing needs to be known about it any more."""
        self._skips.pop(key, None)
        link = self._running_on.pop(key, None)
        if link is not None:
            link.running.discard(key)

    def worker_of(self, key: AttemptKey) -> WorkerLink | None:
        """The worker that said it runs the attempt."""
        return self._running_on.get(key)

    def grant(self, key: AttemptKey, credits: int) -> None:  # noqa: A002
        """Passes stream credits to the worker that runs the attempt."""
        body = {"grants": [[key[0], key[1], credits]]}
        link = self._running_on.get(key)
        if link is None:
            self._broadcast("credit", body)
        else:
            self._send(link.identity, "credit", body)

    def tick(self, now: float) -> None:
        """Looks for silent workers."""
        for link in [w for w in self.workers.values() if not w.is_local and now - w.last_heard > SILENCE_S]:
            self._lose(link, f"worker {link.name} was silent for {SILENCE_S:g} s")

    def forgive(self, now: float) -> None:
        """This process was itself stopped: begins counting silence anew."""
        for link in self.workers.values():
            link.last_heard = now

    def close(self, how: str) -> None:
        """Says goodbye. With `kill`, workers end the user code of this session that still runs."""
        self._broadcast("bye", {"how": how})
        self._port.close()
        for link in list(self.workers.values()):
            self._drop(link)
        self._socket.close(200)

    def _send(
        self, identity: bytes, kind: str, body: Mapping[str, Any], frames: list[Bytes] | None = None
    ) -> None:
        self._port.send([identity, pack_message(kind, body), *(frames or [])])

    def _broadcast(self, kind: str, body: Mapping[str, Any]) -> None:
        head = pack_message(kind, body)
        for identity in self.workers:
            self._port.send([identity, head])

    def _receive(self, frames: list[Bytes]) -> None:
        if len(frames) < 3 or not compare_digest(bytes(frames[1]), self._token):
            return
        identity = bytes(frames[0])
        try:
            kind, body = unpack_message(frames[2])
            self._handle(identity, kind, body, frames[3:])
        except (ProtocolError, KeyError, IndexError, TypeError, ValueError):
            # A worker of another version; it was told so at connect, or will be silent.
            return

    def _handle(self, identity: bytes, kind: str, body: dict[str, Any], frames: list[Bytes]) -> None:
        if kind == "worker":
            self._introduce(identity, body)
            return
        link = self.workers.get(identity)
        if link is None:
            return
        link.last_heard = self._loop.time()
        if kind == "ping":
            self._send(identity, "pong", {"seq": body.get("seq", 0)})
        elif kind == "events":
            self._events(link, body, frames)
        elif kind == "ack":
            self._answer(identity, body)
        elif kind == "relief":
            taker = BufferTaker(frames, body.get("files"), self._files)
            payload, buffers = taker.take([body["result"], len(frames)])
            returned = [whole(n, "returned") for n in items(body["returned"], "returned")]
            self._listener.on_relief(link, text(body["chunk"], "chunk"), Packed(payload, buffers), returned)
        elif kind == "permit-need":
            key = (text(body["id"], "id"), whole(body["attempt"], "attempt"))
            is_granted = self._listener.grant_permit(link, key)
            if is_granted:
                self._note_running(link, key)
            answer = "granted" if is_granted else "denied"
            self._send(identity, "permit", {"id": key[0], "attempt": key[1], "answer": answer})
        elif kind == "blob-need":
            sha256 = text(body["sha256"], "sha256")
            code = self._find_blob(sha256)
            if code is not None:
                self._send(identity, "blob", {"sha256": sha256}, [code])

    def _introduce(self, identity: bytes, body: dict[str, Any]) -> None:
        link = self.workers.get(identity)
        if link is None:
            if len(self.workers) >= WORKERS_MAX:
                return
            is_local = body.get("machine") == machine_id()
            link = WorkerLink(
                identity,
                text(body["name"], "name"),
                text(body["host"], "host"),
                whole(body["pid"], "pid"),
                is_local,
                self._loop.time(),
            )
            self.workers[identity] = link
            if is_local:
                self._watch(link)
        skips = [[id_, attempt, how] for (id_, attempt), how in self._skips.items()]
        self._send(identity, "welcome", {"skips": skips})

    def _watch(self, link: WorkerLink) -> None:
        try:
            link.pidfd = os.pidfd_open(link.pid)
        except (OSError, AttributeError, OverflowError):
            return
        self._loop.add_reader(link.pidfd, self._lose, link, f"worker process {link.pid} ended")

    def _lose(self, link: WorkerLink, reason: str) -> None:
        self._drop(link)
        for inquiry in self._inquiries.values():
            inquiry.waiting.discard(link.identity)
            self._settle(inquiry)
        self._listener.on_worker_death(link, reason)

    def _drop(self, link: WorkerLink) -> None:
        self.workers.pop(link.identity, None)
        for key in link.running:
            if self._running_on.get(key) is link:
                del self._running_on[key]
        if link.pidfd is not None:
            self._loop.remove_reader(link.pidfd)
            os.close(link.pidfd)
            link.pidfd = None

    def _events(self, link: WorkerLink, body: dict[str, Any], frames: list[Bytes]) -> None:
        taker = BufferTaker(frames, body.get("files"), self._files)
        for event in items(body["events"], "events"):
            kind, key = event[0], (event[1], event[2])
            buffers: list[Buffer] = []
            if kind == "item":
                event[4], buffers = taker.take(event[4])
            if self._listener.on_worker_event(link, event, buffers):
                self._note_running(link, key)

    def _note_running(self, link: WorkerLink, key: AttemptKey) -> None:
        if key not in link.running:
            link.running.add(key)
            self._running_on[key] = link

    def _answer(self, identity: bytes, body: dict[str, Any]) -> None:
        inquiry = self._inquiries.get(whole(body["serial"], "serial"))
        if inquiry is None:
            return
        for id_, attempt, state in items(body["states"], "states"):
            known = inquiry.states.get((id_, attempt), "skipped")
            if _WEIGHT.get(state, 0) >= _WEIGHT[known]:
                inquiry.states[id_, attempt] = state
        inquiry.waiting.discard(identity)
        self._settle(inquiry)

    def _settle(self, inquiry: _Inquiry) -> None:
        if not inquiry.waiting and not inquiry.done.done():
            inquiry.done.set_result(None)


def bind(
    context: zmq.Context[zmq.Socket[bytes]], host: str, secret: bytes | None
) -> tuple[zmq.Socket[bytes], int]:
    """A ROUTER bound to a free port of `host`, a CURVE server when `secret` is given. Raises BridgeError."""
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.sndhwm = FRAMES_HELD_MAX
    bound(socket)
    if secret is not None:
        secure(socket, secret)
    try:
        return socket, socket.bind_to_random_port(f"tcp://{host}")
    except zmq.ZMQError as error:
        socket.close()
        raise BridgeError(
            "E_BACKEND_UNAVAILABLE",
            f"The side channel cannot listen on {host}: {error}.",
            "Check the engine's options.",
        ) from error
