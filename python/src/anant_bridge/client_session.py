"""One client's session with its engine: performs the effects of the state machine."""

from __future__ import annotations

import asyncio
import secrets
import socket as sockets
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import zmq

from .dispatcher import Dispatcher
from .effects import (
    CancelAttempts,
    CheckHealth,
    Effect,
    EndSession,
    GrantCredits,
    Hello,
    ObjectCall,
    RefuseAttempt,
    Send,
    StartEngine,
    StopActor,
    StopSession,
    SubmitAttempts,
)
from .engines import create_engine
from .engines.base import Engine, EngineInfo
from .errors import BridgeError
from .folders import Folders
from .outbox import Outbox
from .packed import Buffer, Bytes, FileBuffer, Packed
from .session import Session, SessionLimits
from .side_channel import SideChannel, bind
from .spool import Spool, discard, map_file
from .surroundings import Surroundings
from .version import PROTOCOL_VERSION, __version__
from .wire import to_frames
from .worker.session_info import CurveKeys, SessionInfo
from .zap import ZapGate

ENGINE_STOP_S = 5.0
"""How long an engine may take to stop after `stop`."""
ABANDON_STOP_S = 0.8
"""How long an engine may take to stop when the client is gone."""
HEALTH_TIMEOUT_S = 4.0

SendMessage = Callable[[str, dict[str, Any], list[Bytes]], bool]
Over = Callable[[Literal["stopped", "refused", "ended"]], None]


class ClientSession:
    """See the module. `spawn` runs a coroutine, `over` is called once when the session has ended."""

    def __init__(
        self,
        session: Session,
        name: str,
        epoch: int,
        send: SendMessage,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        over: Over,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._session = session
        self._name = name
        self._epoch = epoch
        self._send = send
        self._spawn = spawn
        self._over = over
        self._folders: Folders | None = None
        self._engine: Engine | None = None
        self._info: EngineInfo | None = None
        self._dispatcher: Dispatcher | None = None
        self._channel: SideChannel | None = None
        self._gate: ZapGate | None = None
        self._context: zmq.Context[zmq.Socket[bytes]] | None = None
        self._outbox: Outbox | None = None
        self._closing = False
        self.is_closed = False

    @property
    def is_closing(self) -> bool:
        """Whether it is ending, but not yet closed."""
        return self._session.phase in ("stopping", "over") and not self.is_closed

    def receive(self, head: Bytes, frames: list[Bytes]) -> None:
        """A message from the client."""
        if self._dispatcher is not None:
            self._session.open_count = self._dispatcher.open_count
        for effect in self._session.receive(head, frames, self._loop.time()):
            self._perform(effect)

    def tick(self) -> None:
        """Once a second."""
        for effect in self._session.tick(self._loop.time()):
            self._perform(effect)
        if self._channel is not None:
            self._channel.tick(self._loop.time())

    async def abandon(self) -> None:
        """The client is gone: ends everything without a word, and removes the shared directory."""
        await self._close(ABANDON_STOP_S, shared=True)

    def remove_folders(self) -> None:
        """Removes the session's directories, the shared one too."""
        if self._folders is not None:
            self._folders.remove(shared=True)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send(kind, body):
                self._send(kind, body, [])
            case SubmitAttempts(attempts) if self._dispatcher is not None:
                self._dispatcher.submit(attempts)
            case RefuseAttempt(attempt, code, reason, advice) if self._dispatcher is not None:
                self._dispatcher.refuse_attempt(attempt, code, reason, advice)
            case GrantCredits(grants) if self._dispatcher is not None:
                for key, count in grants:
                    self._dispatcher.grant(key, count)
            case StartEngine(hello):
                self._spawn(self._start(hello))
            case CancelAttempts():
                self._spawn(self._cancel(effect))
            case ObjectCall():
                self._spawn(self._object_call(effect))
            case StopActor(call, actor) if self._dispatcher is not None:
                self._dispatcher.actors.stop(actor)
                self._reply(call, True)
            case CheckHealth(call):
                self._spawn(self._health(call))
            case StopSession(grace):
                self._spawn(self._stop(grace))
            case EndSession(reason):
                self._spawn(self._end(reason))

    # Start.

    async def _start(self, hello: Hello) -> None:
        try:
            await self._open(hello)
        except BridgeError as error:
            await self._refuse(error)
        except Exception as error:
            failure = BridgeError(
                "E_BACKEND_UNAVAILABLE",
                f'The engine "{hello.engine}" could not be started: {type(error).__name__}: {error}',
                "Read the bridge's log for the full error.",
            )
            _print_traceback(error)
            await self._refuse(failure)

    async def _open(self, hello: Hello) -> None:
        folders = self._folders = Folders(hello.shared_dir, hello.probe)
        spool = Spool(folders.spool, f"b.{self._name}") if folders.is_shared else None
        self._outbox = Outbox(self._send_events, spool)
        around = Surroundings(
            session=self._name,
            engine_name=hello.engine,
            python_path=hello.python_path,
            scratch=folders.scratch,
            spool=folders.spool,
            claims=folders.claims,
            emit=self._outbox.put,
            log=self._log,
            find_blob=self._session.blobs.get,
        )
        self._engine = create_engine(hello.engine)
        dispatcher = Dispatcher(self._engine, around)
        info = self._info = await self._engine.start(hello.options, dispatcher)
        around.shares_files = info.shares_files
        self._open_channel(dispatcher, around, info, hello)
        dispatcher.resize(info.slots)
        self._dispatcher = dispatcher
        limits = SessionLimits(info.window, info.payload_max, folders.is_shared)
        self._session.opened(limits, self._loop.time())
        self._send("welcome", self._welcome(info, folders), [])

    def _open_channel(
        self, dispatcher: Dispatcher, around: Surroundings, info: EngineInfo, hello: Hello
    ) -> None:
        is_loopback = info.channel_host in ("127.0.0.1", "localhost", "::1")
        self._context = zmq.Context()
        curve: CurveKeys | None = None
        if not is_loopback:
            server_public, server_secret = zmq.curve_keypair()
            public, secret = zmq.curve_keypair()
            curve = CurveKeys(server_public.decode(), public.decode(), secret.decode())
            self._gate = ZapGate(self._context, {public})
            socket, port = bind(self._context, "0.0.0.0", server_secret)
        else:
            socket, port = bind(self._context, "127.0.0.1", None)
        token = secrets.token_hex(16)
        files = around.spool if info.shares_files else None
        self._channel = SideChannel(socket, token, dispatcher, self._session.blobs.get, files)
        around.channel = self._channel
        memory = hello.options.get("node_memory_bytes_max")
        around.session_info = SessionInfo(
            id=self._name,
            endpoint=f"tcp://{info.channel_host}:{port}",
            token=token,
            engine=hello.engine,
            payload_max=info.payload_max,
            node_exec=hello.node_exec,
            node_host=hello.node_host,
            node_memory_bytes_max=int(memory) if isinstance(memory, (int, float)) else None,
            python_path=hello.python_path,
            spool=files,
            claims=around.claims if info.shares_files else None,
            curve=curve,
        ).pack()

    def _welcome(self, info: EngineInfo, folders: Folders) -> dict[str, Any]:
        versions = {"python": ".".join(map(str, sys.version_info[:3])), "anant_bridge": __version__}
        return {
            "protocol": PROTOCOL_VERSION,
            "epoch": self._epoch,
            "engine": self._session.hello.engine if self._session.hello else "",
            "versions": versions | dict(info.versions),
            "slots": info.slots,
            "window": info.window,
            "payload_max": info.payload_max,
            "shared": folders.is_shared,
            "details": {"host": sockets.gethostname()} | dict(info.details),
        }

    async def _refuse(self, error: BridgeError) -> None:
        details = {str(name): str(value) for name, value in error.details.items()}
        self._send("refused", error.to_map() | {"details": details}, [])
        self._log("error", f"refused: {error.code} {error.message}")
        await self._close(ABANDON_STOP_S, shared=False)
        self._over("refused")

    # Calls.

    async def _cancel(self, effect: CancelAttempts) -> None:
        if self._dispatcher is not None:
            self._reply(effect.call, list(await self._dispatcher.cancel(effect.requests)))

    async def _object_call(self, effect: ObjectCall) -> None:
        engine = self._engine
        if engine is None:
            return
        try:
            if effect.verb == "put" and effect.value is not None:
                await self._put(effect.call, effect.objects[0], effect.value)
            elif effect.verb == "get":
                found = await engine.get(effect.objects[0])
                self._reply_value(effect.call, found)
            else:
                engine.release(effect.objects)
                self._reply(effect.call, True)
        except BridgeError as error:
            self._send("reply", {"call": effect.call, "error": error.to_map()}, [])
        except Exception as error:
            _print_traceback(error)
            failure = BridgeError(
                "E_BACKEND_UNAVAILABLE", f"{type(error).__name__}: {error}", "See the bridge's log."
            )
            self._send("reply", {"call": effect.call, "error": failure.to_map()}, [])

    async def _put(self, call: int, name: str, value: Packed) -> None:
        assert self._engine is not None
        files = [buffer for buffer in value.buffers if isinstance(buffer, FileBuffer)]
        try:
            held: list[Buffer] = [map_file(b) if isinstance(b, FileBuffer) else b for b in value.buffers]
        finally:
            discard(list(files))
        stored = Packed(value.body, held)
        await self._engine.put(name, stored)
        self._reply(call, {"bytes": stored.nbytes})

    async def _health(self, call: int) -> None:
        if self._engine is None or self._dispatcher is None:
            return
        try:
            health = await asyncio.wait_for(self._engine.health(), HEALTH_TIMEOUT_S)
        except Exception as error:
            state, reason, slots = "down", f"{type(error).__name__}: {error}", 0
        else:
            state, reason, slots = health.state, health.reason, health.slots
        answer = {"state": state, "reason": reason, "slots": slots, "open_tasks": self._dispatcher.open_count}
        self._reply(call, answer)

    def _reply(self, call: int, answer: object) -> None:
        if self._outbox is not None:
            # What happened before the answer must not arrive after it.
            self._outbox.flush()
        self._send("reply", {"call": call, "ok": answer}, [])

    def _reply_value(self, call: int, value: Packed) -> None:
        assert self._outbox is not None
        frames, files = to_frames([self._outbox.carried(buffer) for buffer in value.buffers])
        body = {"call": call, "ok": [value.body, len(frames)], "files": files or None}
        self._send("reply", body, frames)

    def _send_events(self, events: list[Any], buffers: list[Buffer]) -> bool:
        frames, files = to_frames(buffers)
        body = {"epoch": self._epoch, "events": events, "files": files or None}
        return self._send("events", body, frames)

    def _log(self, level: str, message: str) -> None:
        self._send("log", {"level": level, "message": message, "fields": {}}, [])
        print(f"anant-bridge: {level}: {message}", file=sys.stderr, flush=True)

    # End.

    async def _stop(self, grace: float) -> None:
        if self._dispatcher is not None:
            await self._dispatcher.drain(grace)
        if self._outbox is not None:
            self._outbox.flush()
        await self._close(ENGINE_STOP_S, shared=False)
        self._send("stopped", {}, [])
        self._over("stopped")

    async def _end(self, reason: str) -> None:
        print(f"anant-bridge: the session ended: {reason}", file=sys.stderr, flush=True)
        await self._close(ABANDON_STOP_S, shared=False)
        self._over("ended")

    async def _close(self, stop_timeout: float, *, shared: bool) -> None:
        """Ends the engine and everything of the session. Safe to call twice."""
        if self._closing:
            while not self.is_closed:
                await asyncio.sleep(0.01)
            return
        self._closing = True
        self._session.phase = "over"
        if self._dispatcher is not None:
            await self._dispatcher.drain(0)
        if self._channel is not None:
            self._channel.close("kill")
        if self._engine is not None:
            try:
                await asyncio.wait_for(self._engine.stop(stop_timeout / 2), stop_timeout)
            except Exception as error:
                print(
                    f"anant-bridge: the engine did not stop cleanly: {error!r}", file=sys.stderr, flush=True
                )
        if self._gate is not None:
            self._gate.close()
        if self._context is not None:
            self._context.term()
        if self._folders is not None:
            self._folders.remove(shared=shared)
        self.is_closed = True


def _print_traceback(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error, file=sys.stderr)
