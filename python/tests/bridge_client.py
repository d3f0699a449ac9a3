"""A small synchronous client of the bridge protocol, for tests: spawns a bridge and talks to it over ZeroMQ."""

from __future__ import annotations

import itertools
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgpack
import zmq

from anant_bridge.packed import FileBuffer, Packed
from anant_bridge.spool import map_file
from anant_bridge.values import decode, encode
from anant_bridge.wire import BufferTaker, pack_message, to_frames, unpack_message

SRC = str(Path(__file__).resolve().parent.parent / "src")
TESTS = str(Path(__file__).resolve().parent)
DEADLINE_S = 60.0


class BridgeClient:
    """`with BridgeClient("local") as client: client.run("tasks:echo", 1)`."""

    def __init__(
        self,
        engine: str,
        options: dict[str, Any] | None = None,
        *,
        node: dict[str, str] | None = None,
        share: bool = True,
        protocol: int = 1,
        greet: bool = True,
    ) -> None:
        self.folder = tempfile.mkdtemp(
            prefix="anant-test-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        )
        self.shared_dir = f"{self.folder}/shared"
        os.mkdir(self.shared_dir)
        Path(f"{self.shared_dir}/probe").write_bytes(b"")
        token = secrets.token_hex(8)
        env = dict(os.environ, ANANT_BRIDGE_TOKEN=token)
        env["PYTHONPATH"] = SRC
        endpoint = f"ipc://{self.folder}/bridge"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "anant_bridge", "spawned", "--bind", endpoint],
            stdin=subprocess.PIPE,
            env=env,
        )
        self._connect(endpoint)
        self.events: list[list[Any]] = []
        self.buffers: dict[int, list[Any]] = {}
        self.others: list[tuple[str, dict[str, Any]]] = []
        self.ends: dict[tuple[str, int], list[Any]] = {}
        self._calls = itertools.count(1)
        self._ids = itertools.count(1)
        self.welcome: dict[str, Any] = {}
        self.hello = {
            "protocol": protocol,
            "session": secrets.token_hex(4),
            "token": token,
            "client": "test 0",
            "shared_dir": self.shared_dir if share else None,
            "probe": "probe" if share else None,
            "engine": engine,
            "options": options or {},
            "node": node,
            "python_path": [TESTS],
        }
        if greet:
            self.send("hello", self.hello)
            kind, body, _ = self.wait_for(lambda kind, body: kind in ("welcome", "refused"))
            if kind == "refused":
                self.close()
                raise RefusedError(body)
            self.welcome = body

    def _connect(self, endpoint: str) -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)

    def __enter__(self) -> BridgeClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Messages.

    def send(self, kind: str, body: dict[str, Any], frames: Iterable[Any] = ()) -> None:
        self.socket.send_multipart([pack_message(kind, body), *frames], copy=False)

    def receive(self, timeout: float) -> tuple[str, dict[str, Any], list[Any]] | None:
        if not self.socket.poll(max(0, int(timeout * 1000))):
            return None
        frames = self.socket.recv_multipart(copy=False)
        kind, body = unpack_message(frames[0].bytes)
        if kind == "ping":
            self.send("pong", body)
        return kind, body, [frame.buffer for frame in frames[1:]]

    def wait_for(
        self, wanted: Callable[[str, dict[str, Any]], bool], timeout: float = DEADLINE_S
    ) -> tuple[str, dict[str, Any], list[Any]]:
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None:
                break
            kind, body, frames = message
            if kind == "events":
                self._take_events(body, frames)
            if wanted(kind, body):
                return kind, body, frames
            if kind not in ("events", "ping", "pong"):
                self.others.append((kind, body))
        raise TimeoutError("The bridge did not answer in time.")

    def until(self, done: Callable[[], bool], timeout: float = DEADLINE_S) -> None:
        if not done():
            self.wait_for(lambda kind, body: done(), timeout)

    def _take_events(self, body: dict[str, Any], frames: list[Any]) -> None:
        taker = BufferTaker(frames, body.get("files"), self.shared_dir)
        for event in body["events"]:
            if event[0] == "item":
                event[4] = self._value(*taker.take(event[4]))
            elif event[0] == "end":
                if event[3] == "ok":
                    event[4] = self._value(*taker.take(event[4])) if event[4] is not None else None
                self.ends[event[1], event[2]] = event[3:]
            self.events.append(event)

    def _value(self, body: bytes, buffers: list[Any]) -> Any:
        held = []
        for buffer in buffers:
            if isinstance(buffer, FileBuffer):
                held.append(map_file(buffer))
                os.unlink(buffer.path)
            else:
                held.append(buffer)
        return decode(body, held)

    # Calls.

    def submit(
        self,
        target: str | dict[str, Any],
        inputs: list[Any],
        *,
        options: dict[str, Any] | None = None,
        references: list[str] | None = None,
        attempt: int = 1,
        ids: list[str] | None = None,
    ) -> list[tuple[str, int]]:
        definition = (
            target if isinstance(target, dict) else {"kind": "python", "name": target, "target": target}
        )
        names = ids or [f"t{next(self._ids)}" for _ in inputs]
        rows, frames = [], []
        for name, value in zip(names, inputs, strict=True):
            packed = value if isinstance(value, Packed) else encode(value, "input")
            rows.append([0, name, attempt, [packed.body, len(packed.buffers)], references or [], options])
            frames += packed.buffers
        wire, files = to_frames(frames)
        self.send("submit", {"defs": [definition], "tasks": rows, "files": files}, wire)
        return [(name, attempt) for name in names]

    def outcome(self, key: tuple[str, int], timeout: float = DEADLINE_S) -> list[Any]:
        self.until(lambda: key in self.ends, timeout)
        return self.ends[key]

    def run(self, target: str | dict[str, Any], value: Any = None, **more: Any) -> list[Any]:
        return self.outcome(self.submit(target, [value], **more)[0])

    def map(self, target: str | dict[str, Any], values: list[Any], **more: Any) -> list[list[Any]]:
        keys = self.submit(target, values, **more)
        self.until(lambda: all(key in self.ends for key in keys))
        return [self.ends[key] for key in keys]

    def call(self, kind: str, frames: Iterable[Any] = (), **body: Any) -> Any:
        number = next(self._calls)
        self.send(kind, {"call": number, **body}, frames)
        _, answer, buffers = self.wait_for(lambda kind, body: kind == "reply" and body["call"] == number)
        if "error" in answer:
            raise CallError(answer["error"])
        if kind == "get":
            taker = BufferTaker(buffers, answer.get("files"), self.shared_dir)
            return self._value(*taker.take(answer["ok"]))
        return answer["ok"]

    def cancel(self, key: tuple[str, int], how: str) -> str:
        return str(self.call("cancel", requests=[[*key, how]])[0])

    def put(self, name: str, value: Any) -> Any:
        packed = encode(value)
        return self.call("put", packed.buffers, object=name, value=[packed.body, len(packed.buffers)])

    def started(self, key: tuple[str, int]) -> str:
        """Waits for the start of an attempt; returns its worker."""
        self.until(lambda: any(e[0] == "start" and (e[1], e[2]) == key for e in self.events))
        return str(next(e[3] for e in self.events if e[0] == "start" and (e[1], e[2]) == key))

    def events_of(self, key: tuple[str, int], kind: str) -> list[list[Any]]:
        return [e for e in self.events if e[0] == kind and (e[1], e[2]) == key]

    def store_file(self, data: bytes | memoryview, name: str) -> FileBuffer:
        Path(f"{self.shared_dir}/{name}").write_bytes(data)
        return FileBuffer(f"{self.shared_dir}/{name}", 0, len(data))

    def send_blob(self, sha256: str, data: bytes) -> None:
        self.send("blob", {"sha256": sha256}, [data])

    def stop(self, grace_ms: int = 0) -> int:
        self.send("stop", {"grace_ms": grace_ms})
        self.wait_for(lambda kind, body: kind == "stopped")
        return self.process.wait(30)

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(30)
        self.socket.close(0)
        self.context.term()
        import shutil

        shutil.rmtree(self.folder, ignore_errors=True)


class RefusedError(Exception):
    """The bridge refused the hello."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body["message"])
        self.body = body


class CallError(Exception):
    """A call was answered by an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


def msgpack_head(value: Any) -> bytes:
    return bytes(msgpack.packb(value))
