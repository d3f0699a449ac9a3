"""One worker process of the local engine, as the bridge sees it: spawned, fed a chunk at a time, killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgpack

from ..packed import Bytes, Packed, frame_parts
from .local_wire import from_parts, to_parts

_LAUNCHER = str(Path(__file__).resolve().parent.parent / "launch.py")
_PROGRAM = "from anant_bridge.engines.local_worker import main; main()"
_SEND_BUFFER_BYTES = 1 << 20


class LocalProcess:
    """`on_result` gets the payloads of each answer, `on_end` the reason when the process is gone."""

    def __init__(
        self,
        env: Mapping[str, str],
        on_result: Callable[[LocalProcess, list[Packed | None]], None],
        on_end: Callable[[LocalProcess, str], None],
    ) -> None:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    _LAUNCHER,
                    str(os.getpid()),
                    sys.executable,
                    "-c",
                    _PROGRAM,
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                env=dict(env),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
        self._socket = ours
        self._on_result = on_result
        self._on_end = on_end
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self.ready: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.over_limit = False

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def start(self) -> None:
        """Begins to read from the process."""
        self._reading = asyncio.get_running_loop().create_task(self._read())

    def send(self, verb: str, payloads: list[Packed | None]) -> None:
        """Hands a chunk to the process, which must be ready and idle."""
        assert self._writer is not None
        self._writer.writelines(frame_parts(to_parts(verb, payloads)))

    def kill(self) -> None:
        """SIGKILL to the process and its group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:
            pass

    async def close(self) -> None:
        """Ends the process and waits for it."""
        if self._writer is not None:
            self._writer.close()
        else:
            self._socket.close()
        self.kill()
        if self._reading is not None:
            self._reading.cancel()
        while self._process.poll() is None:
            await asyncio.sleep(0.002)

    def resident_bytes(self) -> int:
        """Resident memory of the process; 0 when it cannot be told."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0

    async def _read(self) -> None:
        reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=1 << 20)
        try:
            while True:
                parts = await _read_message(reader)
                if self.ready.done():
                    self._on_result(self, from_parts(parts)[1])
                else:
                    self.ready.set_result(msgpack.unpackb(parts[1]))
        except (asyncio.IncompleteReadError, OSError):
            pass
        self._writer.close()
        reason = await self._describe_end()
        if not self.ready.done():
            self.ready.set_exception(RuntimeError(reason))
        self._on_end(self, reason)

    async def _describe_end(self) -> str:
        for _ in range(500):
            code = self._process.poll()
            if code is not None:
                break
            await asyncio.sleep(0.002)
        else:
            self.kill()
            code = self._process.wait()
        if self.over_limit:
            return f"E_OUT_OF_MEMORY: worker process {self.pid} exceeded its memory limit and was killed"
        return (
            f"worker process {self.pid} ended by signal {-code}"
            if code < 0
            else (f"worker process {self.pid} ended with exit code {code}")
        )


async def _read_message(reader: asyncio.StreamReader) -> list[Bytes]:
    (count,) = struct.unpack("<I", await reader.readexactly(4))
    parts: list[Bytes] = []
    for _ in range(count):
        (size,) = struct.unpack("<I", await reader.readexactly(4))
        if size == 0xFFFFFFFF:
            (size,) = struct.unpack("<Q", await reader.readexactly(8))
        parts.append(await reader.readexactly(size))
    return parts
