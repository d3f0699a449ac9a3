"""One attempt of one task, and a chunk of them: what the bridge hands to an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from .packed import Buffer

DefinitionKind: TypeAlias = Literal["typescript", "python", "kernel"]
CancelStrategy: TypeAlias = Literal["forget", "ask", "kill"]
CancelAnswer: TypeAlias = Literal["cancelled", "requested", "already-done", "unsupported", "unknown-task"]
Started: TypeAlias = Literal["no", "yes", "maybe"]
AttemptKey: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition reference: `data` is the map of the contract, with `blob` (SHA-256) instead of a kernel's module."""

    kind: DefinitionKind
    name: str
    data: Mapping[str, Any]
    digest: str
    """Equal for equal definitions; key of caches and of measured run times."""


@dataclass(frozen=True, slots=True)
class AttemptOptions:
    """The options an engine may honour; the client's core handles the rest. Higher `priority` is more urgent."""

    priority: float = 0.0
    cpu: float | None = None
    memory_bytes: int | None = None
    gpu: float | None = None
    custom: Mapping[str, float] = field(default_factory=dict)
    node: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    tenant: str | None = None
    delivery: Literal["at-least-once", "at-most-once"] = "at-least-once"
    output: Literal["value", "stream", "reference"] = "value"
    actor: str | None = None
    """The actor that this is for."""
    method: str | None = None
    """Of that actor; None to construct it."""

    @property
    def has_resources(self) -> bool:
        """Whether the task asks for resources of any kind."""
        return bool(self.cpu is not None or self.memory_bytes or self.gpu or self.custom)

    @property
    def has_placement(self) -> bool:
        """Whether the task asks for a node or labels."""
        return self.node is not None or bool(self.labels)


@dataclass(slots=True, eq=False)
class Attempt:
    """One attempt of one task. `body` and `buffers` are its encoded input."""

    id: str
    number: int
    definition: Definition
    body: bytes
    buffers: list[Buffer]
    references: tuple[str, ...]
    options: AttemptOptions
    started: bool = False
    cancel: CancelStrategy | None = None
    """How a cancel was asked for, if it was."""
    killed: bool = False
    """A worker said that it ends this attempt's execution."""
    has_permit: bool = False
    """At-most-once: a worker was given leave to begin it."""
    alone: bool = False
    """Must not share a chunk (again)."""
    ended: bool = False
    status: str | None = None
    """How it ended."""
    progress: list[Any] | None = None
    """The last progress passed on."""
    items_seen: int = 0
    returns: int = 0
    """How often it was handed to the engine again because it certainly had not begun."""
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def key(self) -> AttemptKey:
        """(id, number): unique within a session."""
        return (self.id, self.number)

    @property
    def object_id(self) -> str:
        """The id under which a result by reference is kept."""
        return f"result:{self.id}:{self.number}"

    def warn(self, kind: str, subject: str, engine: str, message: str) -> None:
        """Adds a warning to the attempt's end: something asked for that the engine does not honour."""
        self.warnings.append({"type": kind, "subject": subject, "backend": engine, "message": message})


@dataclass(slots=True, eq=False)
class Chunk:
    """
    One engine task: 1 to 64 attempts of equal definition and options, executed in order on one worker.
    More than one only for tiny tasks; streams, references, resources and at-most-once always travel alone.
    """

    id: str
    attempts: list[Attempt]
    handle: Any = None
    """Anything the engine wants to remember about it (a Future, a task id)."""
    submitted_ns: int = 0
    """Monotonic time of its handing over."""
    closed: bool = False
    """Whether the host has settled it; later reports about it are ignored."""

    @property
    def options(self) -> AttemptOptions:
        """The options all its attempts share."""
        return self.attempts[0].options

    @property
    def references(self) -> tuple[str, ...]:
        """Ids of the stored objects its worker needs, in the order `run_chunk` expects them."""
        return self.attempts[0].references

    @property
    def keeps_result(self) -> bool:
        """Whether the result stays in the engine's object store (the chunk then has one attempt)."""
        return self.options.output == "reference"

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for its result any more; what it kept must not be stored then."""
        return self.closed or all(attempt.ended for attempt in self.attempts)

    @property
    def object_id(self) -> str:
        """Where a kept result goes."""
        return self.attempts[0].object_id
