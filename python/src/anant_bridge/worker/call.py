"""The payload of a chunk and its result: what `EngineHost.pack` writes, the worker reads, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgpack

from ..errors import BridgeError
from ..packed import Buffer, Packed

CALL_VERSION = 2
"""Version of this layout. A worker refuses another one: its package is older or newer than the bridge's."""


@dataclass(slots=True)
class CallItem:
    """One attempt inside a chunk."""

    id: str
    attempt: int
    body: bytes
    buffers: list[Buffer]


@dataclass(slots=True)
class Call:
    """One chunk, as a worker sees it."""

    chunk: str
    session: bytes
    """The packed session map, equal bytes for every chunk of a session."""
    definition: dict[str, Any]
    digest: str
    output: str
    memory_bytes: int | None
    references: list[str]
    items: list[CallItem]
    needs_permit: bool = False
    """At-most-once: the bridge must let it begin, which it does once, whatever the engine repeats."""
    blob: bytes | None = None
    """A kernel's bytes, only for workers that cannot ask for them."""
    actor: str | None = None
    """The actor that lives in this worker, if the chunk is for one."""
    method: str | None = None
    """Of that actor; None to construct it."""

    def pack(self) -> Packed:
        """The payload for `run_chunk`."""
        buffers = [buffer for item in self.items for buffer in item.buffers]
        body: bytes = msgpack.packb(
            [
                CALL_VERSION,
                self.chunk,
                self.session,
                self.definition,
                self.digest,
                self.output,
                self.memory_bytes,
                self.references,
                [[item.id, item.attempt, item.body, len(item.buffers)] for item in self.items],
                self.needs_permit,
                self.blob,
                self.actor,
                self.method,
            ]
        )
        return Packed(body, buffers)

    @staticmethod
    def unpack(payload: Packed) -> Call:
        """Reads a payload. Raises BridgeError E_VERSION_SKEW."""
        fields = msgpack.unpackb(payload.body, raw=False)
        if not isinstance(fields, list) or not fields or fields[0] != CALL_VERSION:
            raise BridgeError(
                "E_VERSION_SKEW",
                "The worker's anant-bridge cannot read this chunk: it is of another version than the bridge's.",
                "Install the same version of anant-bridge on every worker.",
            )
        _, chunk, session, definition, digest, output, memory, references, rows, permit, blob, *actor = fields
        items, taken = [], 0
        for id_, attempt, body, count in rows:
            items.append(CallItem(id_, attempt, body, payload.buffers[taken : taken + count]))
            taken += count
        return Call(
            chunk, session, definition, digest, output, memory, references, items, permit, blob, *actor
        )


@dataclass(slots=True)
class Record:
    """How one attempt of a chunk ended. `status` and `detail` are as in `end` events."""

    index: int
    status: str
    detail: Any
    buffers: list[Buffer] = field(default_factory=list)
    run_us: int = 0
    items: int = 0
    progress: list[Any] | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class CallResult:
    """
    What a chunk returned. `linked` says whether the worker reached the bridge over the side channel; `relieved`, that
    some attempts were handed over or given back there, so that their records are not here.
    """

    worker: str
    linked: bool
    records: list[Record]
    relieved: bool = False

    def pack(self) -> Packed:
        """The payload for `EngineHost.finish`."""
        rows = [
            [r.index, r.status, r.detail, len(r.buffers), r.run_us, r.items, r.progress, r.warnings]
            for r in self.records
        ]
        body: bytes = msgpack.packb([CALL_VERSION, self.worker, self.linked, rows, self.relieved])
        return Packed(body, [buffer for record in self.records for buffer in record.buffers])

    @staticmethod
    def unpack(packed: Packed) -> CallResult:
        """Reads a result. Raises BridgeError E_VERSION_SKEW."""
        fields = msgpack.unpackb(packed.body, raw=False)
        if not isinstance(fields, list) or len(fields) != 5 or fields[0] != CALL_VERSION:
            raise BridgeError(
                "E_VERSION_SKEW",
                "The worker's anant-bridge answers in a form of another version.",
                "Install the same version of anant-bridge on every worker.",
            )
        records, taken = [], 0
        for index, status, detail, count, run_us, items, progress, warnings in fields[3]:
            buffers = packed.buffers[taken : taken + count]
            taken += count
            records.append(Record(index, status, detail, buffers, run_us, items, progress, warnings))
        return CallResult(fields[1], fields[2], records, fields[4])
