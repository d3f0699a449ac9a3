"""
The client's session as a state machine: handshake, messages in, effects out, liveness, errors counted. Pure: the
caller moves bytes, keeps the clock and performs the effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal, TypeAlias, cast

import msgpack

from .attempt import Attempt, CancelStrategy, Definition
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
    read_hello,
    read_options,
)
from .packed import Bytes, Packed, byte_length
from .version import PROTOCOL_VERSION
from .wire import FRAMES_MAX, BufferTaker, ProtocolError, items, text, unpack_message, whole

ERRORS_MAX = 3
"""Protocol errors that end a session."""
SILENCE_S = 15.0
"""Silence of the client that ends a session without a control pipe."""
PAUSE_S = 2.0
"""A tick that comes this late means this process was stopped; silence is counted anew."""
BLOBS_BYTES_MAX = 1 << 30
"""Bytes of all kernels of a session; more are answered by `error`."""
DEFINITIONS_MAX = 65_536
"""Definitions remembered by their bytes; the memory starts over when it is full."""
ID_CHARS_MAX = 128

Phase: TypeAlias = Literal["new", "starting", "open", "stopping", "over"]


@dataclass(slots=True)
class SessionLimits:
    """Known once the engine runs."""

    window: int = 0
    payload_max: int = 0
    shared: bool = False


@dataclass(slots=True)
class Session:
    """One client session. `token` is what the client must present; `has_pipe` says that a control pipe is watched."""

    token: str
    has_pipe: bool
    phase: Phase = "new"
    hello: Hello | None = None
    limits: SessionLimits = field(default_factory=SessionLimits)
    blobs: dict[str, bytes] = field(default_factory=dict)
    open_count: int = 0
    _errors: int = 0
    _last_heard: float = 0.0
    _last_tick: float = 0.0
    _sequence: int = 0
    _definitions: dict[bytes, Definition] = field(default_factory=dict)

    def opened(self, limits: SessionLimits, now: float) -> None:
        """The engine runs and `welcome` was sent."""
        self.limits = limits
        self.phase = "open"
        self._last_heard = self._last_tick = now

    def receive(self, head: Bytes, frames: Sequence[Bytes], now: float) -> list[Effect]:
        """What one message from the client leads to."""
        self._last_heard = now
        if self.phase == "over":
            return []
        try:
            if len(frames) >= FRAMES_MAX:
                raise ProtocolError(
                    f"A message of {len(frames) + 1} frames is over the limit of {FRAMES_MAX}."
                )
            kind, body = unpack_message(head)
            return self._act(kind, body, frames)
        except ProtocolError as error:
            return self._fault(error.message)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return self._fault(f"A message has a body of the wrong shape: {type(error).__name__}: {error}")

    def tick(self, now: float) -> list[Effect]:
        """Call every second: pings, and silence."""
        if self.phase not in ("open", "stopping"):
            return []
        if now - self._last_tick > PAUSE_S:
            self._last_heard = now
        self._last_tick = now
        if not self.has_pipe and now - self._last_heard > SILENCE_S:
            return self._over(f"The client was silent for {SILENCE_S:g} seconds.")
        self._sequence += 1
        return [Send("ping", {"seq": self._sequence})]

    def _fault(self, message: str) -> list[Effect]:
        self._errors += 1
        answer: list[Effect] = [Send("error", {"message": message})]
        if self._errors >= ERRORS_MAX or self.phase == "new":
            answer += self._over(f"The client broke the protocol {self._errors} times; last: {message}")
        return answer

    def _over(self, reason: str) -> list[Effect]:
        self.phase = "over"
        return [EndSession(reason)]

    def _act(self, kind: str, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        if self.phase == "new":
            return self._on_hello(kind, body)
        if kind == "ping":
            return [Send("pong", {"seq": whole(body.get("seq", 0), "seq")})]
        if kind == "pong":
            return []
        if self.phase == "starting":
            raise ProtocolError(f'"{kind}" came before the welcome.')
        if kind == "error":
            return []
        handler = _HANDLERS.get(kind)
        if handler is None:
            raise ProtocolError(f'Messages of kind "{kind:.40}" are not known.')
        return handler(self, body, frames)

    def _on_hello(self, kind: str, body: dict[str, Any]) -> list[Effect]:
        if kind != "hello":
            raise ProtocolError(f'The first message must be "hello", not "{kind:.40}".')
        if whole(body.get("protocol"), "protocol") != PROTOCOL_VERSION:
            refusal = {
                "code": "E_PROTOCOL_VERSION",
                "message": f"The client speaks protocol {body.get('protocol')}, the bridge {PROTOCOL_VERSION}.",
                "advice": "Install the same version of Anant for Node and Python.",
                "details": {"expected": str(PROTOCOL_VERSION), "got": str(body.get("protocol"))},
            }
            return [Send("refused", refusal), *self._over("The protocol versions differ.")]
        if not compare_digest(str(body.get("token") or "").encode(), self.token.encode()):
            refusal = {
                "code": "E_PROTOCOL",
                "message": "The client's token is not this bridge's.",
                "advice": "Give the client the token of the bridge's --token-file.",
                "details": {},
            }
            return [Send("refused", refusal), *self._over("The token was wrong.")]
        self.hello = read_hello(body)
        self.phase = "starting"
        return [StartEngine(self.hello)]

    def _on_submit(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        definitions = [self._definition(item) for item in items(body["defs"], "defs")]
        taker = self._taker(frames, body)
        taken: list[Attempt] = []
        out: list[Effect] = []
        for row in items(body["tasks"], "tasks"):
            index, id_, number, value, references, options = row
            payload, buffers = taker.take(value)
            attempt = Attempt(
                text(id_, "task id", ID_CHARS_MAX),
                whole(number, "attempt"),
                definitions[whole(index, "definition index")],
                payload,
                buffers,
                tuple(text(ref, "reference", 512) for ref in references or ()),
                read_options(options),
            )
            refusal = self._reason_to_refuse(attempt, self.open_count + len(taken))
            if refusal is None:
                taken.append(attempt)
            else:
                out.append(RefuseAttempt(attempt, *refusal))
        return [SubmitAttempts(taken), *out] if taken else out

    def _reason_to_refuse(self, attempt: Attempt, open_count: int) -> tuple[str, str, str] | None:
        size = len(attempt.body) + sum(byte_length(buffer) for buffer in attempt.buffers)
        if size > self.limits.payload_max:
            return (
                "E_PAYLOAD_TOO_LARGE",
                f"The input takes {size} bytes; the engine accepts {self.limits.payload_max}.",
                "Store it with put and pass the reference, or pass the path of a file that workers can read.",
            )
        if open_count >= self.limits.window:
            return (
                "E_QUEUE_FULL",
                f"More than {self.limits.window} attempts are open.",
                "Keep to the agreed window.",
            )
        if attempt.definition.kind == "kernel":
            return self._reason_to_refuse_kernel(attempt.definition)
        return None

    def _reason_to_refuse_kernel(self, definition: Definition) -> tuple[str, str, str] | None:
        blob, version = definition.data.get("blob"), definition.data.get("version")
        if version and version != blob:
            return (
                "E_TASK_VERSION",
                f"The kernel's module has the hash {blob}, its definition names {version}.",
                "Define the task from the module that is there now.",
            )
        if blob not in self.blobs:
            return (
                "E_KERNEL_INVALID",
                "The bytes of the kernel's module never came.",
                "Send the blob before the task.",
            )
        return None

    def _definition(self, item: object) -> Definition:
        if not isinstance(item, dict):
            raise ProtocolError("A definition is not a map.")
        packed: bytes = msgpack.packb(item)
        found = self._definitions.get(packed)
        if found is None:
            kind = item.get("kind")
            if kind not in ("typescript", "python", "kernel"):
                raise ProtocolError(f"There is no kind of definition called {kind!r:.40}.")
            digest = sha256(packed).hexdigest()[:24]
            found = Definition(kind, text(item.get("name", ""), "name"), item, digest)
            if len(self._definitions) >= DEFINITIONS_MAX:
                self._definitions.clear()
            self._definitions[packed] = found
        return found

    def _on_blob(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        digest = text(body["sha256"], "sha256", 64)
        held = sum(map(len, self.blobs.values()))
        if frames and held + len(frames[0]) > BLOBS_BYTES_MAX:
            raise ProtocolError(f"The kernels of a session may take {BLOBS_BYTES_MAX} bytes together.")
        if len(frames) != 1 or sha256(frames[0]).hexdigest() != digest:
            raise ProtocolError("A blob does not have the hash it was announced with.")
        self.blobs[digest] = bytes(frames[0])
        return []

    def _on_cancel(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        requests: list[tuple[str, int, CancelStrategy]] = []
        for id_, number, how in items(body["requests"], "requests"):
            if how not in ("forget", "ask", "kill"):
                raise ProtocolError(f"One cannot cancel by {how!r:.40}.")
            requests.append((text(id_, "task id"), whole(number, "attempt"), cast(CancelStrategy, how)))
        return [CancelAttempts(whole(body["call"], "call"), requests)]

    def _on_credit(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        grants = [
            ((text(id_, "task id"), whole(number, "attempt")), whole(count, "credits"))
            for id_, number, count in items(body["grants"], "grants")
        ]
        return [GrantCredits([grant for grant in grants if grant[1] > 0])]

    def _on_put(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        payload, buffers = self._taker(frames, body).take(body["value"])
        name = text(body["object"], "object", 512)
        return [ObjectCall("put", whole(body["call"], "call"), [name], Packed(payload, buffers))]

    def _on_get(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        return [ObjectCall("get", whole(body["call"], "call"), [text(body["object"], "object", 512)])]

    def _on_release(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        names = [text(name, "object", 512) for name in items(body["objects"], "objects")]
        return [ObjectCall("release", whole(body["call"], "call"), names)]

    def _on_actor_stop(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        return [StopActor(whole(body["call"], "call"), text(body["actor"], "actor", 512))]

    def _on_health(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        return [CheckHealth(whole(body["call"], "call"))]

    def _on_stop(self, body: dict[str, Any], frames: Sequence[Bytes]) -> list[Effect]:
        self.phase = "stopping"
        return [StopSession(max(0, whole(body.get("grace_ms", 0), "grace_ms")) / 1000)]

    def _taker(self, frames: Sequence[Bytes], body: dict[str, Any]) -> BufferTaker:
        directory = self.hello.shared_dir if self.hello is not None and self.limits.shared else None
        return BufferTaker(frames, body.get("files"), directory)


_HANDLERS = {
    "submit": Session._on_submit,
    "blob": Session._on_blob,
    "cancel": Session._on_cancel,
    "credit": Session._on_credit,
    "put": Session._on_put,
    "get": Session._on_get,
    "release": Session._on_release,
    "actor-stop": Session._on_actor_stop,
    "health": Session._on_health,
    "stop": Session._on_stop,
}
