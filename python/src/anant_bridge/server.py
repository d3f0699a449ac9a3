"""The bridge process: one ROUTER for the client, and one `ClientSession` at a time behind it."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from time import time
from typing import Any, Literal

import zmq

from .client_session import ClientSession
from .effects import Send, StartEngine
from .packed import Bytes
from .port import Port
from .session import Session
from .wire import ProtocolError, pack_message, unpack_message

TICK_S = 1.0
HELLO_TIMEOUT_S = 60.0
"""A spawned bridge that nobody greets ends after this time."""
LINGER_MS = 1000
STRANGERS_EVERY_S = 10.0
"""How often the log tells of messages that are not from a client: whoever sends many must not fill it."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the server runs. An `attached` one serves one session after the other; a spawned one ends with its first."""

    endpoint: str
    token: str
    attached: bool


class Server:
    """See the module."""

    def __init__(self, options: ServerOptions, socket: zmq.Socket[bytes]) -> None:
        self._options = options
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._port = Port(socket, self._receive)
        self._identity: bytes | None = None
        self._client: ClientSession | None = None
        self._held: tuple[bytes, Bytes, list[Bytes]] | None = None
        self._epoch = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._strangers = 0
        self._strangers_said_at = 0.0
        self.ended: asyncio.Future[int] = self._loop.create_future()

    async def run(self) -> int:
        """Serves until it is told to end; returns the exit code."""
        started = self._loop.time()
        while not self.ended.done():
            await asyncio.wait([self.ended], timeout=TICK_S)
            self._tick()
            waited = self._loop.time() - started
            if self._client is None and not self._options.attached and waited > HELLO_TIMEOUT_S:
                log("No client greeted this bridge.")
                self.end(1)
        await self._finish()
        return self.ended.result()

    def end(self, code: int) -> None:
        """Makes `run` return."""
        if not self.ended.done():
            self.ended.set_result(code)

    def spawn_abandon(self) -> None:
        """The client is gone: ends everything at once and removes what it shared."""
        self._spawn(self._abandon())

    def remove_folders(self) -> None:
        """The last resort of a hard exit, from any thread."""
        if self._client is not None:
            self._client.remove_folders()

    async def _abandon(self) -> None:
        if self._client is not None:
            await self._client.abandon()
        self.end(0)

    async def _finish(self) -> None:
        if self._client is not None and not self._client.is_closed:
            await self._client.abandon()
        self._port.close()
        self._socket.close(LINGER_MS)

    def _tick(self) -> None:
        if self._client is not None:
            self._client.tick()
        now = self._loop.time()
        if self._strangers > 0 and now - self._strangers_said_at >= STRANGERS_EVERY_S:
            log(f"Refused {self._strangers} messages that are no greeting of this bridge's client.")
            self._strangers, self._strangers_said_at = 0, now

    def _receive(self, frames: list[Bytes]) -> None:
        identity, head, buffers = bytes(frames[0]), frames[1] if len(frames) > 1 else b"", frames[2:]
        client = self._client
        if client is not None and identity == self._identity and not client.is_closed:
            client.receive(head, buffers)
            return
        if self._options.attached:
            self._receive_next(identity, head, buffers)
        elif client is None:
            self._begin(identity, head, buffers)
        elif not client.is_closed:
            self._turn_away(identity, head)

    def _receive_next(self, identity: bytes, head: Bytes, buffers: list[Bytes]) -> None:
        """Of somebody who is not the client of the session: who greets as it should is the next one."""
        effects = self._new_session().receive(head, buffers, self._loop.time())
        client = self._client
        if not any(isinstance(effect, StartEngine) for effect in effects):
            self._strangers += 1
            for effect in effects:
                if isinstance(effect, Send):
                    self._send(identity, effect.kind, effect.body, [])
        elif client is None or client.is_closed:
            self._begin(identity, head, buffers)
        elif client.is_closing and self._held is None:
            # The session before is on its way out; the next client need not know.
            self._held = (identity, head, buffers)
        else:
            self._turn_away(identity, head)

    def _new_session(self) -> Session:
        return Session(self._options.token, has_pipe=not self._options.attached)

    def _begin(self, identity: bytes, head: Bytes, buffers: list[Bytes]) -> None:
        # Milliseconds since 1970 grow over restarts, too.
        self._epoch = max(self._epoch + 1, int(time() * 1000))
        session = self._new_session()
        self._identity = identity
        self._client = ClientSession(
            session,
            secrets.token_hex(8),
            self._epoch,
            lambda kind, body, extra: self._send(identity, kind, body, extra),
            self._spawn,
            self._session_over,
        )
        self._client.receive(head, buffers)

    def _turn_away(self, identity: bytes, head: Bytes) -> None:
        """One session at a time: a second client is told so, anything else is ignored."""
        try:
            kind, _ = unpack_message(head)
        except ProtocolError:
            return
        if kind == "hello":
            body = {
                "code": "E_BACKEND_UNAVAILABLE",
                "message": "This bridge serves another client.",
                "advice": "Wait until it disconnects, or start another bridge.",
                "details": {},
            }
            self._send(identity, "refused", body, [])

    def _send(self, identity: bytes, kind: str, body: dict[str, Any], buffers: list[Bytes]) -> bool:
        return self._port.send([identity, pack_message(kind, body), *buffers])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log(f"A task of the bridge failed: {task.exception()!r}")
            raise task.exception()  # type: ignore[misc]

    def _session_over(self, how: Literal["stopped", "refused", "ended"]) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._begin(*held)
        if not self._options.attached:
            self.end({"stopped": 0, "refused": 3, "ended": 1}[how])


def log(line: str) -> None:
    """A line on standard error, which is the bridge's log."""
    print(f"anant-bridge: {line}", file=sys.stderr, flush=True)
