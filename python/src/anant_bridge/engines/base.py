"""
What an engine must do, and what it may ask of its host. An engine carries opaque chunks to workers and their
packed results back; tasks, events, cancelling, chunking and fencing are the host's. Everything here is called on
the event loop of the bridge's main thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from ..attempt import Chunk, Started
from ..packed import Packed

EngineState: TypeAlias = Literal["ready", "degraded", "down"]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine says of itself once it runs."""

    slots: int
    """Attempts that can run at the same moment."""
    window: int
    """Most attempts it wants open at once, queued and running."""
    versions: Mapping[str, str]
    """Of the engine's own packages, for example `{"ray": "2.60.0"}`."""
    details: Mapping[str, str] = field(default_factory=dict)
    payload_max: int = 2**31
    """Largest encoded input or result it accepts, in bytes."""
    shares_files: bool = False
    """Whether every worker can read and write files of the host's spool directory."""
    channel_host: str = "127.0.0.1"
    """Address of this machine as the workers see it, for the side channel. Outside loopback it is encrypted."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """A fresh look at the engine."""

    state: EngineState
    reason: str
    slots: int


class EngineHost(Protocol):
    """The bridge, as an engine sees it. Every chunk that was submitted ends by exactly one of the first five calls."""

    def finish(self, chunk: Chunk, result: Packed) -> None:
        """The worker's `run_chunk` (or `run_reference`) returned `result`."""

    def lose(self, chunk: Chunk, reason: str, *, started: Started = "maybe", suspect: bool = False) -> None:
        """The chunk is gone: its worker, process or engine died. `suspect` when it may itself be to blame."""

    def refuse(self, chunk: Chunk, code: str, reason: str, advice: str = "") -> None:
        """The engine can never run this (impossible resources, unknown object)."""

    def doubt(self, chunk: Chunk, reason: str) -> None:
        """Nothing can be said: it may run, or may run later (`unknown`)."""

    def drop(self, chunk: Chunk) -> None:
        """The engine gave up the chunk because it was revoked before a worker took it."""

    def pack(self, chunk: Chunk) -> Packed:
        """
        The payload for the worker's `run_chunk`. File buffers stay files when the engine shares files, and are
        read into memory otherwise.
        """

    def state(self, state: EngineState, reason: str) -> None:
        """The engine changed state. `down` should follow `lose` of every open chunk."""

    def log(self, level: Literal["debug", "info", "warn", "error"], message: str) -> None:
        """A line for the client's log."""

    @property
    def session(self) -> str:
        """Random id of this session, fit for names and prefixes ([a-z0-9]+)."""

    @property
    def python_path(self) -> Sequence[str]:
        """Folders the client asked to be importable; a local engine passes them to its workers' PYTHONPATH."""

    @property
    def scratch(self) -> str:
        """A private directory for the engine's own files; removed with the session."""

    def resize(self, slots: int) -> None:
        """The engine has more or fewer slots than it said at the start."""


class Engine(Protocol):
    """One connection to one engine. Chunks go in; the host is told how each ended."""

    name: ClassVar[str]

    async def start(self, options: Mapping[str, object], host: EngineHost) -> EngineInfo:
        """
        Connects, or starts a local engine. Runs on the main thread and may block it: nothing else happens before
        it returns. Raises BridgeError (E_ENGINE_NOT_INSTALLED, E_ENGINE_UNREACHABLE, E_VERSION_SKEW, …) and then
        leaves nothing behind.
        """

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """
        Hands chunks to the engine; never blocks and never raises. On the worker the engine calls
        `anant_bridge.worker.run_chunk(payload, objects)`, or `run_reference` when `chunk.keeps_result`, with the
        stored objects of `chunk.references` in order.
        """

    def revoke(self, chunks: Sequence[Chunk]) -> None:
        """
        Takes back chunks no worker has begun, as far as the engine can; then calls `host.drop`. Correctness does
        not depend on it: workers are told to skip cancelled attempts.
        """

    async def put(self, object_id: str, value: Packed) -> None:
        """Stores an encoded value. Raises BridgeError."""

    async def get(self, object_id: str) -> Packed:
        """Reads a stored value back. Raises BridgeError E_OBJECT_LOST."""

    def release(self, object_ids: Sequence[str]) -> None:
        """Forgets stored objects; unknown ids are ignored."""

    async def health(self) -> EngineHealth:
        """Answers within 4 seconds."""

    async def stop(self, grace: float) -> None:
        """Ends everything it started within `grace` seconds plus one. Chunks still open are the host's to settle."""


@runtime_checkable
class ActorEngine(Protocol):
    """
    An engine whose workers can hold actors. A chunk with `options.actor` goes to the worker process of that actor,
    in the order of `submit`, one at a time; one without a method makes the actor there. Its end loses its calls.
    """

    def stop_actor(self, actor: str, *, idle: bool) -> None:
        """Ends an actor; unknown ids are ignored. Of an idle one the worker may live on."""
