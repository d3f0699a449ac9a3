"""Executes chunks in this process: one runtime per process, one side channel per session."""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ..errors import BridgeError
from ..packed import Packed
from ..spool import Spool
from .call import Call, CallItem, CallResult, Record
from .channel import Channel
from .chunk_run import ChunkRun
from .claims import ClaimBook
from .executor import Executor
from .machine import machine_id
from .node_host import NodeHost
from .residents import Residents
from .session_info import SessionInfo

if TYPE_CHECKING:
    from .kernel_host import KernelHost

SESSIONS_MAX = 16
"""Sessions a process remembers; the least recently used idle one is closed."""
LINK_TIMEOUT_S = 3.0
"""How long the first chunk of a session waits for the bridge's side channel. Without it tasks run all the same."""
PERMIT_TIMEOUT_S = 5.0
"""How long an at-most-once attempt waits for leave to begin; without it, it does not."""
STREAM_CREDITS = 16
NAME = f"{os.uname().nodename}/{os.getpid()}"


class WorkerSession:
    """What this process holds for one session."""

    def __init__(self, packed: bytes, runtime: Runtime) -> None:
        self.info = SessionInfo.unpack(packed)
        for folder in reversed(self.info.python_path):
            if folder not in sys.path:
                sys.path.insert(0, folder)
        self.channel = Channel(self.info, runtime.name)
        self.waited = False

    @property
    def usable(self) -> bool:
        """Whether its side channel is alive, or was ended by the bridge for good."""
        return not self.channel.closed or self.channel.said_bye

    def link(self) -> None:
        """Waits for the bridge the first time, so that cancelled attempts are known before anything runs."""
        if not self.waited:
            self.channel.wait_linked(LINK_TIMEOUT_S)
            self.waited = True


class Runtime:
    """Everything this process keeps between chunks."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.name = f"{os.uname().nodename}/{self.pid}"
        self._kernels: KernelHost | None = None
        self.node = NodeHost()
        self.residents = Residents(self.node)
        self._claims = ClaimBook()
        self._lock = threading.Lock()
        self._sessions: OrderedDict[bytes, WorkerSession] = OrderedDict()

    def kernels(self) -> KernelHost:
        """The kernels of this process; WebAssembly is imported by the first one."""
        if self._kernels is None:
            from .kernel_host import KernelHost

            with self._lock:
                if self._kernels is None:
                    self._kernels = KernelHost()
        return self._kernels

    def session(self, packed: bytes) -> WorkerSession:
        """The session of a chunk, opened when it is new."""
        found = self._sessions.get(packed)
        if found is not None and found.usable:
            return found
        with self._lock:
            found = self._sessions.pop(packed, None)
            if found is None or not found.usable:
                found = WorkerSession(packed, self)
            self._sessions[packed] = found
            idle = [key for key, held in self._sessions.items() if held is not found and held.channel.is_idle]
            for key in idle[: max(0, len(self._sessions) - SESSIONS_MAX)]:
                oldest = self._sessions.pop(key)
                oldest.channel.close()
                if oldest.info.claims is not None:
                    self._claims.forget(oldest.info.claims)
            return found

    def run(self, payload: Packed, objects: Sequence[Packed]) -> tuple[Packed, Packed | None]:
        """Executes a chunk. The second part is the value to keep, for a result by reference."""
        call = Call.unpack(payload)
        session = self.session(call.session)
        channel = session.channel
        if channel.said_bye:
            records = [
                Record(i, "lost", ["The session has ended.", "no", False]) for i in range(len(call.items))
            ]
            return CallResult(self.name, False, records).pack(), None
        session.link()
        ring = self._claims.ring(session.info.claims)
        run = ChunkRun(call, ring)
        spool = None
        if session.info.spool is not None:
            spool = Spool(session.info.spool, f"r.{call.chunk}.{self.pid}")
        executor = Executor(run, channel, session.info, self.kernels, self.residents, objects, spool)
        kept: Packed | None = None
        channel.begin(run)
        try:
            while (step := run.advance(STREAM_CREDITS)) is not None:
                index, item = step
                how = channel.skip_reason((item.id, item.attempt))
                if how is not None:
                    run.record(Record(index, "cancelled", how))
                    continue
                if call.needs_permit and (denial := self._ask_permit(channel, index, item)) is not None:
                    run.record(denial)
                    continue
                began = perf_counter_ns()
                record = executor.execute(index, item)
                record.run_us = (perf_counter_ns() - began) // 1000
                if call.output == "reference" and record.status == "ok":
                    kept = Packed(record.detail[0], record.buffers)
                    record = self._reference(record, item.id, item.attempt, kept)
                run.record(record)
        finally:
            channel.finish(run)
        result = CallResult(self.name, channel.is_linked, run.rest(), run.was_relieved).pack()
        if ring is not None and kept is None:
            ring.keep(call.chunk, result)
        return result, kept

    def _ask_permit(self, channel: Channel, index: int, item: CallItem) -> Record | None:
        """None when the attempt may begin."""
        permit = channel.ask_permit((item.id, item.attempt), PERMIT_TIMEOUT_S)
        if permit == "granted":
            return None
        if permit == "denied":
            return Record(index, "denied", None)
        reason = "It must run at most once, and its worker could not ask the bridge for leave to begin."
        return Record(index, "lost", [reason, "no", False])

    def _reference(self, record: Record, id_: str, attempt: int, kept: Packed) -> Record:
        detail = [f"result:{id_}:{attempt}", kept.nbytes]
        return Record(record.index, "ok-reference", detail, run_us=record.run_us)


_runtime: Runtime | None = None
_runtime_lock = threading.Lock()


def runtime() -> Runtime:
    """The runtime of this process; a forked child gets its own."""
    global _runtime
    current = _runtime
    if current is None or current.pid != os.getpid():
        with _runtime_lock:
            current = _runtime
            if current is None or current.pid != os.getpid():
                current = _runtime = Runtime()
    return current


def execute(payload: Packed, objects: Sequence[Packed]) -> Packed:
    """See `anant_bridge.worker.run_chunk`."""
    return _guarded(payload, objects)[0]


def execute_reference(payload: Packed, objects: Sequence[Packed]) -> tuple[Packed, Packed | None]:
    """See `anant_bridge.worker.run_reference`."""
    return _guarded(payload, objects)


def _guarded(payload: Packed, objects: Sequence[Packed]) -> tuple[Packed, Packed | None]:
    try:
        return runtime().run(payload, objects)
    except BridgeError as error:
        record = Record(-1, "refused", [error.code, error.message, error.advice])
        return CallResult(NAME, False, [record]).pack(), None


def probe() -> dict[str, Any]:
    """Versions and place of this worker, for the check at connect."""
    import msgpack
    import numpy
    import zmq

    from ..version import __version__

    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "anant_bridge": __version__,
        "msgpack": ".".join(map(str, msgpack.version[:3])),
        "numpy": numpy.__version__,
        "pyzmq": zmq.__version__,
        "machine": machine_id(),
        "pid": os.getpid(),
        "host": os.uname().nodename,
    }
