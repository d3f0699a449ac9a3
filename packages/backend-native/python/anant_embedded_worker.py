"""
Executes Python calls for the embedded backend: one at a time, on the main thread. A second thread reads the socket
(inputs, cancels, credits) and ends the process when the other end is gone.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from anant_bridge.errors import BridgeError
from anant_bridge.packed import Buffer, Packed
from anant_bridge.pipe import PipeReader, PipeWriter
from anant_bridge.spool import Spool, discard
from anant_bridge.values import decode, encode
from anant_bridge.wire import BufferTaker, pack_message, to_frames, unpack_message
from anant_bridge.worker import python_task
from anant_bridge.worker.context import TaskCancelledError
from anant_bridge.worker.remote_error import describe
from anant_embedded_call import EmbeddedCall

INPUT_TIMEOUT_S = 60.0
"""How long a call waits for its input, which is sent before it."""
_REFUSALS = ("E_TASK_NOT_FOUND", "E_TASK_VERSION", "E_TASK_INVALID")
_PR_SET_PDEATHSIG = 1


class Worker:
    """One per interpreter."""

    def __init__(self, settings: dict[str, Any]) -> None:
        _die_with_parent(settings["parent"])
        _limit_memory(settings["memory_bytes_max"])
        self._directory: str = settings["directory"]
        self._payload_max: int = settings["payload_bytes_max"]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(settings["socket"])
        self._writer = PipeWriter(self._socket.fileno())
        self._write_lock = threading.Lock()
        self._inputs: dict[int, Packed] = {}
        self._arrived = threading.Condition()
        self._call: EmbeddedCall | None = None
        # Credits and cancels that overtook their call, by its serial.
        self._early: dict[int, list[tuple[str, int]]] = {}
        self._last_serial = 0
        self._actor: object | None = None
        threading.Thread(target=self._read, name="anant-socket", daemon=True).start()

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """How the call ended: `status`, its details, and how many stream items went before."""
        call = EmbeddedCall(request, self._send)
        with self._arrived:
            self._call = call
            for kind, count in self._early.pop(call.serial, []):
                call.apply(kind, count)
            self._early.clear()
        try:
            end = self._execute(call, request)
        except TaskCancelledError as error:
            cancelled = call.signal.is_set()
            end = {"status": "cancelled"} if cancelled else {"status": "app-error", "error": describe(error)}
        except BaseException as error:
            end = _failed(error)
        finally:
            with self._arrived:
                self._call = None
                self._last_serial = call.serial
        call.flush()
        return {**end, "items": call.items}

    def _execute(self, call: EmbeddedCall, request: dict[str, Any]) -> dict[str, Any]:
        packed = self._take_input(call.serial)
        function, arity = self._resolve(request)
        try:
            value = decode(packed.body, packed.buffers)
        finally:
            discard(packed.buffers)
        result = python_task.call(function, arity, value, call.context)
        if request["kind"] == "construct":
            self._actor = result
            result = None
        if request["stream"]:
            self._pump(call, request, result)
            return {"status": "ok"}
        self._send_value("result", call, self._encode(result, "result"), {})
        return {"status": "ok"}

    def _resolve(self, request: dict[str, Any]) -> tuple[Callable[..., Any], int]:
        if request["kind"] != "method":
            return python_task.resolve(request["target"], request["version"])
        name = request["method"]
        method = None if name.startswith("_") else getattr(self._actor, name, None)
        if not callable(method):
            raise BridgeError(
                "E_TASK_NOT_FOUND",
                f'The actor has no method "{name}".',
                "Call a method that its class declares.",
            )
        return method, python_task.arity(method)

    def _pump(self, call: EmbeddedCall, request: dict[str, Any], result: object) -> None:
        source = python_task.iterate(result)
        if source is None:
            raise BridgeError(
                "E_TASK_INVALID",
                f'"{request["target"]}" is declared as a stream but returned {type(result).__name__}.',
                "Write it as a generator (with yield), or declare it as returning a value.",
            )
        try:
            while True:
                call.await_credit()
                try:
                    part = next(source)
                except StopIteration:
                    return
                packed = self._encode(part, f"items[{call.items}]")
                self._send_value("item", call, packed, {"sequence": call.items})
                call.items += 1
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()

    def _encode(self, value: object, name: str) -> Packed:
        packed = encode(value, name)
        if packed.nbytes > self._payload_max:
            raise BridgeError(
                "E_PAYLOAD_TOO_LARGE",
                f"The result takes {packed.nbytes} bytes; at most {self._payload_max} can be carried.",
                "Return less, stream it in parts, or raise payloadBytesMax.",
            )
        return packed

    def _send_value(self, kind: str, call: EmbeddedCall, packed: Packed, fields: dict[str, Any]) -> None:
        spool = Spool(self._directory, f"{call.prefix}{kind}{call.items}")
        stored: list[Buffer] = [spool.store(buffer) for buffer in packed.buffers]
        frames, files = to_frames(stored)
        value = [packed.body, len(frames)]
        self._send(kind, {"serial": call.serial, "value": value, "files": files, **fields}, frames)

    def _send(self, kind: str, body: dict[str, Any], frames: list[Any] | None = None) -> None:
        with self._write_lock:
            self._writer.write([pack_message(kind, body), *(frames or [])])

    def _take_input(self, serial: int) -> Packed:
        with self._arrived:
            if not self._arrived.wait_for(lambda: serial in self._inputs, INPUT_TIMEOUT_S):
                raise TimeoutError(f"The input of the call did not arrive within {INPUT_TIMEOUT_S} s.")
            return self._inputs.pop(serial)

    def _read(self) -> None:
        reader = PipeReader(self._socket.fileno())
        try:
            while (parts := reader.read()) is not None:
                self._handle(parts)
        finally:
            # The process that started this one is gone: there is nobody to work for.
            os._exit(1)

    def _handle(self, parts: list[memoryview]) -> None:
        kind, body = unpack_message(parts[0])
        serial = int(body["serial"])
        if kind == "input":
            packed = Packed(*BufferTaker(parts[1:], body["files"], self._directory).take(body["value"]))
            with self._arrived:
                self._inputs[serial] = packed
                self._arrived.notify_all()
            return
        count = int(body.get("credits", 0))
        with self._arrived:
            call = self._call
            if call is not None and call.serial == serial:
                call.apply(kind, count)
            elif serial > self._last_serial:
                self._early.setdefault(serial, []).append((kind, count))


def _failed(error: BaseException) -> dict[str, Any]:
    if isinstance(error, BridgeError) and error.code in _REFUSALS:
        return {"status": "refused", "code": error.code, "reason": error.message, "advice": error.advice}
    return {"status": "app-error", "error": describe(error, skip_frames=2)}


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _limit_memory(bytes_max: int) -> None:
    """Limits what the interpreter may take beside what it has now; a task beyond it gets a MemoryError."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        data_pages = int(statm.read().split()[5])
    limit = bytes_max + data_pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
