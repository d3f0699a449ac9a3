"""What nobody should send: malformed ZMTP over plain connections, and malformed messages of peers that speak it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgpack
import zmq

AT_ONCE = 64
ANSWER_S_MAX = 0.015
"""How long a connection is left open for an answer."""
SOURCES = 32
"""A new connection needs a port of this side: one address has 28,000, and ended ones rest a while."""
BYTES_MAX = 2_048

_GREETING = bytes.fromhex("ff00000000000000017f0300")
_NULL = _GREETING + b"NULL".ljust(20, b"\0") + bytes(32)
_CURVE = _GREETING + b"CURVE".ljust(20, b"\0") + bytes(32)
_PLAIN = _GREETING + b"PLAIN".ljust(20, b"\0") + bytes(32)
_READY = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06DEALER"
_OPENINGS = (
    b"",
    _GREETING,
    _NULL,
    _CURVE,
    _PLAIN,
    _NULL + _READY,
    # Frames that announce 2^63 - 1 bytes, 1 TiB and 5 GiB; commands that announce more than they may have.
    _NULL + _READY + b"\x02" + (2**63 - 1).to_bytes(8, "big"),
    _NULL + _READY + b"\x02" + (1 << 40).to_bytes(8, "big"),
    _NULL + _READY + b"\x03" + (5 << 30).to_bytes(8, "big"),
    _NULL + b"\x06" + (2**63 - 1).to_bytes(8, "big"),
    _NULL + b"\x04\xff\x05READY\xff",
    _CURVE + b"\x04\xc8\x05HELLO",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
    bytes.fromhex("16030140000100"),
)

_KINDS = [
    "hello",
    "submit",
    "blob",
    "cancel",
    "credit",
    "put",
    "get",
    "release",
    "actor-stop",
    "health",
    "ping",
    "pong",
    "stop",
    "error",
]
_WORKER_KINDS = ["worker", "ping", "events", "ack", "relief", "blob-need", "permit-need", "bye"]
_KEYS = (
    *(
        "protocol",
        "session",
        "token",
        "engine",
        "options",
        "node",
        "python_path",
        "defs",
        "tasks",
        "files",
        "sha256",
    ),
    *(
        "requests",
        "call",
        "grants",
        "object",
        "objects",
        "value",
        "actor",
        "seq",
        "grace_ms",
        "name",
        "host",
        "pid",
    ),
    *("machine", "version", "events", "serial", "states", "chunk", "result", "returned", "id", "attempt"),
)


class Hostile:
    """Everything is drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0

    def flood(self, endpoint: str, frames: int) -> None:
        """Sends so many malformed beginnings, each on a connection of its own."""
        asyncio.run(self._flood(endpoint, frames))

    def messages(self, count: int, first: Sequence[bytes] = ()) -> list[list[bytes]]:
        """Malformed messages, each behind the frames in `first`."""
        return [[*first, *self._message()] for _ in range(count)]

    async def _flood(self, endpoint: str, frames: int) -> None:
        left = iter(range(frames))

        async def one() -> None:
            for index in left:
                await self._send(endpoint, self._opening(index))

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))

    async def _send(self, endpoint: str, data: bytes) -> None:
        try:
            reader, writer = await self._connect(endpoint)
        except OSError:
            return
        try:
            writer.write(data)
            await asyncio.wait_for(reader.read(), ANSWER_S_MAX)
        except (OSError, TimeoutError):
            pass
        finally:
            writer.close()

    async def _connect(self, endpoint: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if endpoint.startswith("ipc://"):
            return await asyncio.open_unix_connection(endpoint.removeprefix("ipc://"))
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        self._count += 1
        source = (f"127.0.1.{1 + self._count % SOURCES}", 0)
        return await asyncio.open_connection(host, int(port), local_addr=source)

    def _opening(self, index: int) -> bytes:
        return _OPENINGS[index % len(_OPENINGS)] + self._random.randbytes(self._random.randint(1, BYTES_MAX))

    def _message(self) -> list[bytes]:
        draw = self._random
        kind: Any = draw.choice([*_KINDS, *_WORKER_KINDS])
        if kind == "hello" or draw.random() < 0.1:
            kind = self._value(1)
        body = {draw.choice(_KEYS): self._value(3) for _ in range(draw.randint(0, 6))}
        head = bytearray(msgpack.packb([kind, body]))
        match draw.randint(0, 5):
            case 0:
                head = head[: draw.randint(0, len(head))]
            case 1:
                for _ in range(draw.randint(1, 4)):
                    head[draw.randrange(len(head))] = draw.randrange(256)
            case 2:
                head = bytearray(draw.randbytes(draw.randint(0, BYTES_MAX)))
            case 3:
                # Lists and maps that announce four billion entries, and far too deep nesting.
                head = bytearray(
                    draw.choice((b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x91" * 5_000))
                )
        return [bytes(head), *(draw.randbytes(draw.randint(0, 200)) for _ in range(draw.randint(0, 3)))]

    def _value(self, depth: int) -> Any:
        draw = self._random
        match draw.randint(0, 9 if depth > 0 else 6):
            case 0:
                return draw.choice(
                    (None, True, float("nan"), float("inf"), 1e308, -1, 2**63, 2**64 - 1, -(2**63))
                )
            case 1 | 2:
                return draw.randint(-5, 70_000)
            case 3 | 4:
                return draw.choice(
                    ("", "x" * 5_000, "../../etc/passwd", "local", "kill", "item", "start", "\0")
                )
            case 5 | 6:
                return draw.randbytes(draw.randint(0, 40))
            case 7 | 8:
                return [self._value(depth - 1) for _ in range(draw.randint(0, 6))]
        return {draw.choice(_KEYS): self._value(depth - 1) for _ in range(draw.randint(0, 4))}


def post(socket: zmq.Socket[bytes], messages: Sequence[Sequence[bytes]], wait_ms: int = 60_000) -> None:
    """Sends all of them; what comes back is read and forgotten, so that nobody waits for this side."""
    socket.sndtimeo = wait_ms
    for message in messages:
        socket.send_multipart(message)
        while socket.poll(0):
            socket.recv_multipart()


def resident_bytes(pid: int) -> int:
    """Memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
