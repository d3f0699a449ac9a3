"""What the session's state machine asks its caller to do, and the client's greeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .attempt import Attempt, AttemptKey, AttemptOptions, CancelStrategy
from .packed import Packed
from .wire import ProtocolError, items, text, whole


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
class StopActor:
    """End an actor, and its open calls `lost`; reply to `call`."""

    call: int
    actor: str


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
    | StopActor
    | CheckHealth
    | StopSession
    | EndSession
)


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
    actor, method = options.get("actor") or (None, None)
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
        actor=None if actor is None else text(actor, "actor", 512),
        method=None if method is None else text(method, "method", 512),
    )


_DEFAULTS = AttemptOptions()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ProtocolError("A number in a task's options is not one.")
    return value


def _number_or_none(value: object) -> float | None:
    return None if value is None else _number(value)


def read_hello(body: dict[str, Any]) -> Hello:
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
