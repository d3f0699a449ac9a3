"""What travels between the local engine and its worker processes: a verb and payloads, as parts of a pipe message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgpack

from ..packed import Buffer, Bytes, FileBuffer, Packed


def to_parts(verb: str, payloads: Sequence[Packed | None]) -> list[Bytes]:
    """Part 0 describes the payloads; the others are their buffers, files excepted."""
    parts: list[Bytes] = [b""]
    rows: list[Any] = []
    for payload in payloads:
        if payload is None:
            rows.append(None)
            continue
        described: list[Any] = []
        for buffer in payload.buffers:
            if isinstance(buffer, FileBuffer):
                described.append([buffer.path, buffer.offset, buffer.size])
            else:
                described.append(None)
                parts.append(buffer)
        rows.append([payload.body, described])
    parts[0] = msgpack.packb([verb, rows])
    return parts


def from_parts(parts: Sequence[Bytes]) -> tuple[str, list[Packed | None]]:
    """Reads what `to_parts` made."""
    verb, rows = msgpack.unpackb(parts[0], raw=False)
    payloads: list[Packed | None] = []
    position = 1
    for row in rows:
        if row is None:
            payloads.append(None)
            continue
        buffers: list[Buffer] = []
        for described in row[1]:
            if described is None:
                buffers.append(parts[position])
                position += 1
            else:
                buffers.append(FileBuffer(*described))
        payloads.append(Packed(row[0], buffers))
    return verb, payloads
