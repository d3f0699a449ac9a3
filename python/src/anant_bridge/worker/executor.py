"""Executes the attempts of one chunk, each by its definition's kind, and turns whatever happens into a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BridgeError
from ..packed import Buffer, Packed
from ..spool import Spool
from ..values import ObjectRef, decode, encode
from ..wire import BufferTaker
from . import python_task
from .call import CallItem, Record
from .channel import Channel
from .chunk_run import ChunkRun
from .context import TaskCancelledError
from .node_host import HostEnd, NodeOptions, run_call
from .remote_error import describe
from .residents import Residents
from .session_info import SessionInfo

if TYPE_CHECKING:
    # WebAssembly is imported by the first kernel, not by every worker.
    from .kernel_host import CompiledKernel, KernelHost
    from .kernel_layout import Signature

BLOB_TIMEOUT_S = 10.0
"""How long a worker waits for a kernel's bytes over the side channel."""
_REFUSALS = frozenset(
    (
        "E_TASK_NOT_FOUND",
        "E_TASK_VERSION",
        "E_TASK_INVALID",
        "E_KERNEL_INVALID",
        "E_CAPABILITY_MISSING",
        "E_PROTOCOL_VERSION",
        "E_OBJECT_LOST",
    )
)
_signatures: dict[str, Signature] = {}


class BlobMissingError(Exception):
    """The kernel's bytes did not come; the bridge must send them with the chunk."""


class Executor:
    """Runs attempts of one definition on the calling thread."""

    def __init__(
        self,
        run: ChunkRun,
        channel: Channel,
        info: SessionInfo,
        kernels: Callable[[], KernelHost],
        residents: Residents,
        objects: Sequence[Packed],
        spool: Spool | None,
    ) -> None:
        self._run = run
        self._call = run.call
        self._channel = channel
        self._info = info
        self._kernels = kernels
        self._residents = residents
        self._spool = spool
        self._objects = dict(zip(run.call.references, objects, strict=True))
        self._resolved: dict[str, Any] = {}
        self._sequence = 0

    def execute(self, index: int, item: CallItem) -> Record:
        """Runs one attempt to its end. Never raises."""
        self._sequence = 0
        try:
            kind = self._call.definition.get("kind")
            if kind == "python":
                record = self._python(index, item)
            elif kind == "kernel":
                record = self._kernel(index, item)
            elif kind == "typescript":
                record = self._typescript(index, item)
            else:
                raise BridgeError("E_TASK_INVALID", f"There is no kind of task called {kind!r}.")
        except BlobMissingError:
            record = Record(index, "blob-missing", None)
        except TaskCancelledError as error:
            how = Record(index, "cancelled", "ask")
            record = how if self._run.cancelled.is_set() else self._failed(index, error)
        except BaseException as error:
            record = self._failed(index, error)
        record.items = self._sequence
        return record

    def _failed(self, index: int, error: BaseException) -> Record:
        if isinstance(error, BridgeError) and error.code == "E_WORKER_EXITED":
            # The host child did not even start: another attempt may find a healthier machine.
            return Record(index, "lost", [error.message, "no", False])
        if isinstance(error, BridgeError) and error.code in _REFUSALS:
            return Record(index, "refused", [error.code, error.message, error.advice])
        return Record(index, "app-error", describe(error, skip_frames=3))

    def _python(self, index: int, item: CallItem) -> Record:
        definition, actor = self._call.definition, self._call.actor
        target, version = str(definition.get("target", "")), str(definition.get("version", "") or "")
        if actor is not None and self._call.method is not None:
            function, count = self._residents.method(actor, self._call.method)
        else:
            function, count = python_task.resolve(target, version)
        value = self._decode(item)
        result = python_task.call(function, count, value, self._run.context(item))
        if actor is not None and self._call.method is None:
            self._residents.keep(actor, result)
            return self._ok(index, None)
        if self._call.output != "stream":
            return self._ok(index, result)
        source = python_task.iterate(result)
        if source is None:
            raise BridgeError(
                "E_TASK_INVALID",
                f'"{target}" is declared as a stream but returned {type(result).__name__}.',
                "Write it as a generator (with yield), or declare it as returning a value.",
            )
        self._pump(item, source)
        return self._ok(index, None)

    def _pump(self, item: CallItem, source: Iterator[Any]) -> None:
        if not self._channel.is_linked:
            raise BridgeError(
                "E_CAPABILITY_MISSING",
                "The worker cannot reach the bridge, so it cannot stream.",
                "Let workers connect to the bridge's side channel, or return one value.",
            )
        try:
            while True:
                self._await_credit()
                try:
                    part = next(source)
                except StopIteration:
                    return
                packed = self._checked(encode(part, f"items[{self._sequence}]"))
                self._emit_item(item, self._sequence, packed.body, self._stored(packed.buffers))
                self._sequence += 1
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()

    def _emit_item(self, item: CallItem, sequence: int, body: bytes, buffers: list[Buffer]) -> None:
        event = ["item", item.id, item.attempt, sequence, [body, len(buffers)]]
        self._channel.post_item(event, buffers)

    def _await_credit(self) -> None:
        run = self._run
        with run.credits:
            while run.credits_left <= 0 and not run.cancelled.is_set():
                run.credits.wait(1.0)
            if run.cancelled.is_set():
                raise TaskCancelledError("The stream was cancelled.")
            run.credits_left -= 1

    def _kernel(self, index: int, item: CallItem) -> Record:
        definition = self._call.definition
        sha256 = str(definition.get("blob", ""))
        from .kernel_layout import read_signature

        kernel = self._kernels().cached(sha256) or self._load_kernel(sha256)
        signature = _signatures.get(self._call.digest)
        if signature is None:
            signature = read_signature(definition.get("signature"))
            if len(_signatures) > 4096:
                _signatures.clear()
            _signatures[self._call.digest] = signature
        return self._ok(index, kernel.call(str(definition.get("export")), signature, self._decode(item)))

    def _load_kernel(self, sha256: str) -> CompiledKernel:
        code = self._call.blob or self._channel.fetch_blob(sha256, BLOB_TIMEOUT_S)
        if code is None:
            raise BlobMissingError
        return self._kernels().compile(sha256, code)

    def _typescript(self, index: int, item: CallItem) -> Record:
        info = self._info
        if info.node_exec is None or info.node_host is None:
            raise BridgeError(
                "E_CAPABILITY_MISSING",
                "TypeScript tasks cannot run here: the client named no Node executable and host program.",
                "Connect from a client that has @anant/bridge installed.",
            )
        limit = self._call.memory_bytes or info.node_memory_bytes_max
        body, buffers = item.body, item.buffers
        if self._objects:
            packed = encode(self._decode(item), "input")
            body, buffers = packed.body, packed.buffers
        options = NodeOptions(info.node_exec, info.node_host, limit, info.payload_max)
        child = self._residents.take_child(self._call, options)
        run = self._run
        identity = {"id": item.id, "attempt": item.attempt}
        with run.lock:
            run.kill_child = child.kill
            run.forward = lambda kind, fields: child.send(kind, identity | fields)
        request = identity | {
            "def": self._call.definition,
            "value": [body, len(buffers)],
            "stream": self._call.output == "stream",
            "credits": run.credits_left,
            "actor": None if self._call.actor is None else {"method": self._call.method},
        }

        def on_message(kind: str, fields: dict[str, Any], parts: list[memoryview]) -> None:
            self._relay(item, kind, fields, parts)

        end: HostEnd | None = None
        try:
            end = run_call(child, request, buffers, on_message)
        finally:
            with run.lock:
                run.kill_child = run.forward = None
            self._residents.leave_child(self._call, child, made=end is not None and end.status == "ok")
        return self._from_host(index, end)

    def _relay(self, item: CallItem, kind: str, fields: dict[str, Any], parts: list[memoryview]) -> None:
        run = self._run
        if kind == "progress":
            run.report_progress(float(fields["done"]), float(fields["total"]), fields.get("note"))
        elif kind == "heartbeat":
            run.report_heartbeat()
        elif kind == "item":
            body, buffers = BufferTaker(parts, None, None).take(fields["value"])
            self._emit_item(item, int(fields["sequence"]), body, self._stored(buffers))
            self._sequence += 1

    def _from_host(self, index: int, end: HostEnd) -> Record:
        if end.status == "lost" and self._run.killed:
            return Record(index, "cancelled", "kill")
        if end.status == "cancelled":
            return Record(index, "cancelled", "ask")
        if end.status != "ok":
            return Record(index, end.status, end.detail)
        if end.detail is None:
            return self._ok(index, None)
        return Record(index, "ok", [end.detail, len(end.buffers)], self._stored(end.buffers))

    def _decode(self, item: CallItem) -> Any:
        return decode(item.body, item.buffers, self._resolve if self._objects else None)

    def _resolve(self, ref: ObjectRef) -> Any:
        if ref.id not in self._resolved:
            stored = self._objects.get(ref.id)
            if stored is None:
                raise BridgeError(
                    "E_OBJECT_LOST",
                    f'The stored object "{ref.id}" is not among those of this task.',
                    "Pass references that this backend returned, and release them only after the task.",
                )
            self._resolved[ref.id] = decode(stored.body, stored.buffers)
        return self._resolved[ref.id]

    def _ok(self, index: int, result: object) -> Record:
        packed = self._checked(encode(result, "result"))
        buffers = packed.buffers if self._call.output == "reference" else self._stored(packed.buffers)
        return Record(index, "ok", [packed.body, len(buffers)], buffers)

    def _checked(self, packed: Packed) -> Packed:
        size = packed.nbytes
        if size > self._info.payload_max:
            raise BridgeError(
                "E_PAYLOAD_TOO_LARGE",
                f"The result takes {size} bytes; at most {self._info.payload_max} can be carried.",
                "Return less, stream it in parts, or write it to shared storage and return where it is.",
            )
        return packed

    def _stored(self, buffers: list[Buffer]) -> list[Buffer]:
        if self._spool is None:
            return buffers
        return [self._spool.store(buffer) for buffer in buffers]
