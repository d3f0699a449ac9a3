"""Node host children of this process: TypeScript tasks, one call at a time each (`docs/protocol.md`, section 3)."""

from __future__ import annotations

import os
import select
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from ..errors import BridgeError
from ..packed import Buffer, Bytes, FileBuffer
from ..pipe import PipeClosedError, PipeReader, PipeWriter
from ..spool import map_file
from ..version import PROTOCOL_VERSION
from ..wire import BufferTaker, ProtocolError, pack_message, unpack_message
from .spawner import SPAWNER

READY_TIMEOUT_S = 20.0
"""Time a child has to say `ready`; a slower one is killed and the call refused."""
IDLE_MAX = 8
"""Idle children kept per process; further ones are ended when their call is done."""
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """How children are started."""

    exec: str
    host: str
    memory_bytes_max: int | None
    payload_bytes_max: int


@dataclass(slots=True)
class HostEnd:
    """How a call ended; `status` and `detail` as in `end` events."""

    status: str
    detail: Any
    buffers: list[Buffer]


class NodeChild:
    """One child process and its pipes."""

    def __init__(self, options: NodeOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        to_child_read, to_child_write = os.pipe()
        from_child_read, from_child_write = os.pipe()
        try:
            self.process: subprocess.Popen[bytes] = SPAWNER.spawn(
                _command(options, to_child_read, from_child_write), (to_child_read, from_child_write)
            )
        except BaseException:
            os.close(to_child_write)
            os.close(from_child_read)
            raise
        finally:
            os.close(to_child_read)
            os.close(from_child_write)
        self._out_fd, self._in_fd = to_child_write, from_child_read
        self._writer = PipeWriter(to_child_write)
        self._reader = PipeReader(from_child_read)
        self.retiring = False
        self._closed = False

    def wait_ready(self) -> None:
        """Waits for `ready`. Raises BridgeError; the child is dead then."""
        try:
            readable, _, _ = select.select([self._in_fd], [], [], READY_TIMEOUT_S)
            message = self.read() if readable else None
        except (PipeClosedError, ProtocolError, ValueError, OSError):
            message = None
        if message is None or message[0] != "ready":
            self.close()
            raise BridgeError(
                "E_WORKER_EXITED",
                f"The Node host child did not start ({self.describe_end()}).",
                f"Run {self.options.exec} {self.options.host} on the worker and read its error.",
            )
        if message[1].get("protocol") != PROTOCOL_VERSION:
            self.close()
            raise BridgeError(
                "E_PROTOCOL_VERSION",
                f"The Node host child speaks protocol {message[1].get('protocol')}, the worker {PROTOCOL_VERSION}.",
                "Install the same version of Anant for Node and Python.",
            )

    def send(self, kind: str, body: dict[str, Any], buffers: list[Bytes] | None = None) -> None:
        """Sends a message. Raises OSError when the child is gone."""
        with self._lock:
            if self._closed:
                raise BrokenPipeError
            self._writer.write([pack_message(kind, body), *(buffers or [])])

    def read(self) -> tuple[str, dict[str, Any], list[memoryview]] | None:
        """The next message, or None when the child has ended. Raises PipeClosedError, ProtocolError, ValueError."""
        parts = self._reader.read()
        if parts is None:
            return None
        kind, body = unpack_message(parts[0])
        return kind, body, parts[1:]

    def kill(self) -> None:
        """SIGKILL. The thread that reads sees end-of-file."""
        self.process.kill()

    def close(self) -> None:
        """Ends the child (end-of-file, then SIGKILL) and closes the pipes."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            os.close(self._out_fd)
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._in_fd)

    def describe_end(self) -> str:
        """Why the child ended, for people."""
        try:
            code = self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            return "it still runs"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether it ended the way a child ends that exceeds its memory limit."""
        return self.process.poll() == -6


class NodeHost:
    """The children of one process, by their options. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[NodeChild] = []
        self._all: set[NodeChild] = set()

    def take(self, options: NodeOptions) -> NodeChild:
        """An idle child of these options, or a new one. Raises BridgeError."""
        with self._lock:
            for child in reversed(self._idle):
                if child.options == options:
                    self._idle.remove(child)
                    if child.process.poll() is None:
                        return child
                    self._all.discard(child)
                    child.close()
                    break
        _check_options(options)
        child = NodeChild(options)
        child.wait_ready()
        with self._lock:
            self._all.add(child)
        return child

    def give_back(self, child: NodeChild) -> None:
        """Keeps a healthy child for the next call."""
        ended: NodeChild | None = None
        with self._lock:
            if child.retiring or child.process.poll() is not None:
                ended = child
            else:
                self._idle.append(child)
                if len(self._idle) > IDLE_MAX:
                    ended = self._idle.pop(0)
            if ended is not None:
                self._all.discard(ended)
        if ended is not None:
            ended.close()

    def discard(self, child: NodeChild) -> None:
        """Ends a child for good."""
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)
        child.process.kill()
        child.close()

    def close(self) -> None:
        """Ends all children."""
        with self._lock:
            children, self._all, self._idle = list(self._all), set(), []
        for child in children:
            child.process.kill()
            child.close()


def run_call(
    child: NodeChild,
    body: dict[str, Any],
    buffers: list[Buffer],
    on_message: Callable[[str, dict[str, Any], list[memoryview]], None],
) -> HostEnd:
    """
    Runs one call to its end. `on_message` gets `progress`, `heartbeat` and `item`. A child that dies makes the
    call `lost`; it must be discarded then (`child.process.poll()` is not None).
    """
    began = monotonic()
    try:
        child.send("call", body, [map_file(b) if isinstance(b, FileBuffer) else b for b in buffers])
        while (message := child.read()) is not None:
            kind, fields, parts = message
            if kind != "end":
                on_message(kind, fields, parts)
                continue
            if fields.get("retire"):
                child.retiring = True
            return _read_end(fields, parts)
    except (OSError, PipeClosedError):
        pass
    except (ProtocolError, ValueError) as error:
        child.kill()
        return HostEnd("lost", [f"The Node host child broke the protocol: {error}", "yes", True], [])
    why = child.describe_end()
    if child.ran_out_of_memory:
        why = f"E_OUT_OF_MEMORY: it exceeded its memory limit ({why})"
    seconds = monotonic() - began
    return HostEnd(
        "lost",
        [f"The Node host child ended while it ran the task: {why}, after {seconds:.1f} s.", "yes", True],
        [],
    )


def _read_end(fields: dict[str, Any], parts: list[memoryview]) -> HostEnd:
    status, detail = fields.get("status"), fields.get("detail")
    if status not in ("ok", "app-error", "cancelled", "refused"):
        raise ProtocolError(f"A call ended with the unknown status {status!r}.")
    if status == "ok" and detail is not None:
        body, buffers = BufferTaker(parts, None, None).take(detail)
        return HostEnd("ok", body, buffers)
    return HostEnd(status, detail, [])


def _command(options: NodeOptions, fd_in: int, fd_out: int) -> list[str]:
    command = [options.exec]
    tail: list[str] = []
    if options.memory_bytes_max:
        command.append(f"--max-old-space-size={max(16, options.memory_bytes_max // _MEBIBYTE)}")
        tail = ["--memory-bytes-max", str(options.memory_bytes_max)]
    return [
        *command,
        options.host,
        "--fd-in",
        str(fd_in),
        "--fd-out",
        str(fd_out),
        "--payload-bytes-max",
        str(options.payload_bytes_max),
        *tail,
    ]


def _check_options(options: NodeOptions) -> None:
    for what, path in (("Node executable", options.exec), ("Node host program", options.host)):
        if not Path(path).is_file():
            raise BridgeError(
                "E_CAPABILITY_MISSING",
                f"TypeScript tasks cannot run on this worker: the {what} {path} does not exist there.",
                "Install Node 20.19 or newer and Anant at the same paths on every worker.",
            )
