"""
The client's session as a state machine: handshake, messages in, effects out, liveness, errors counted. Pure: the
caller moves bytes, keeps the clock and performs the effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal, TypeAlias, cast

import msgpack

from .attempt import Attempt, AttemptKey, AttemptOptions, CancelStrategy, Definition
from .packed import Buffer, Bytes, FileBuffer, Packed, byte_length
from .version import PROTOCOL_VERSION
from .wire import FRAMES_MAX, BufferTaker, ProtocolError, items, text, unpack_message, whole

ERRORS_MAX = 3
"""Protocol errors that end a session."""
SILENCE_S = 15.0
"""Silence of the client that ends a session without a control pipe."""
PAUSE_S = 2.0
"""A tick that comes this late means this process was stopped; silence is counted anew."""
DEFINITIONS_MAX = 65_536
"""Definitions remembered by their bytes; the memory starts over when it is full."""
ID_CHARS_MAX = 128

Phase: TypeAlias = Literal["new", "starting", "open", "stopping", "over"]


@dataclass(frozen=True, slots=True)
class Hello:
    """What the client asks for."""

    session: str
    client: str
    shared_dir: str | None
    probe: str | None
    engine: str
    options: Mapping[str, Any]
    node_exec: str | None
    node_host: str | None
    python_path: list[str]


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message to the client."""

    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StartEngine:
    """The handshake is complete: start the engine."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class SubmitAttempts:
    """Run these."""

    attempts: list[Attempt]


@dataclass(frozen=True, slots=True)
class RefuseAttempt:
    """This one cannot be taken in."""

    attempt: Attempt
    code: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class CancelAttempts:
    """Act on these and reply to `call`."""

    call: int
    requests: list[tuple[str, int, CancelStrategy]]


@dataclass(frozen=True, slots=True)
class GrantCredits:
    """Let streams go on."""

    grants: list[tuple[AttemptKey, int]]


@dataclass(frozen=True, slots=True)
class ObjectCall:
    """`put`, `get` or `release`; reply to `call`."""

    verb: Literal["put", "get", "release"]
    call: int
    objects: list[str]
    value: Packed | None = None


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Reply to `call`."""

    call: int


@dataclass(frozen=True, slots=True)
class StopSession:
    """Let open attempts end for up to `grace` seconds, then end the rest, say `stopped` and finish."""

    grace: float


@dataclass(frozen=True, slots=True)
class EndSession:
    """The session is over without a goodbye."""

    reason: str


Effect: TypeAlias = (
    Send
    | StartEngine
    | SubmitAttempts
    | RefuseAttempt
    | CancelAttempts
    | GrantCredits
    | ObjectCall
    | CheckHealth
    | StopSession
    | EndSession
)


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
        self.hello = _read_hello(body)
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
        blob = attempt.definition.data.get("blob")
        if attempt.definition.kind == "kernel" and blob not in self.blobs:
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
    "health": Session._on_health,
    "stop": Session._on_stop,
}


def read_options(options: object) -> AttemptOptions:
    """The options of a task by the names of the contract; nil means defaults. Raises ProtocolError."""
    if options is None:
        return _DEFAULTS
    if not isinstance(options, dict):
        raise ProtocolError("A task's options are not a map.")
    resources = options.get("resources") or {}
    placement = options.get("placement") or {}
    output = options.get("output", "value")
    delivery = options.get("delivery", "at-least-once")
    if output not in ("value", "stream", "reference") or delivery not in ("at-least-once", "at-most-once"):
        raise ProtocolError("A task's options ask for an unknown output or delivery.")
    memory = resources.get("memoryBytes")
    return AttemptOptions(
        priority=_number(options.get("priority", 0)),
        cpu=_number_or_none(resources.get("cpu")),
        memory_bytes=None if memory is None else whole(memory, "memoryBytes"),
        gpu=_number_or_none(resources.get("gpu")),
        custom={str(name): _number(count) for name, count in (resources.get("custom") or {}).items()},
        node=placement.get("node"),
        labels={str(name): str(value) for name, value in (placement.get("labels") or {}).items()},
        tenant=options.get("tenant"),
        delivery=delivery,
        output=output,
    )


_DEFAULTS = AttemptOptions()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ProtocolError("A number in a task's options is not one.")
    return value


def _number_or_none(value: object) -> float | None:
    return None if value is None else _number(value)


def _read_hello(body: dict[str, Any]) -> Hello:
    node = body.get("node") or {}
    options = body.get("options") or {}
    if not isinstance(options, dict) or not isinstance(node, dict):
        raise ProtocolError("The options of a hello are not a map.")
    shared_dir, probe = body.get("shared_dir"), body.get("probe")
    return Hello(
        session=text(body.get("session"), "session", 128),
        client=text(body.get("client") or "", "client"),
        shared_dir=None if shared_dir is None else text(shared_dir, "shared_dir"),
        probe=None if probe is None else text(probe, "probe", 200),
        engine=text(body.get("engine"), "engine", 64),
        options=options,
        node_exec=None if node.get("exec") is None else text(node["exec"], "node.exec"),
        node_host=None if node.get("host") is None else text(node["host"], "node.host"),
        python_path=[
            text(path, "python_path") for path in items(body.get("python_path") or [], "python_path")
        ],
    )


def owned_files(packed: Packed | None) -> list[Buffer]:
    """The file buffers of a payload."""
    return [] if packed is None else [buffer for buffer in packed.buffers if isinstance(buffer, FileBuffer)]
