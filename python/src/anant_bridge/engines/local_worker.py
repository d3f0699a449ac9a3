"""A worker process of the local engine, one chunk at a time."""

from __future__ import annotations

import os
import queue
import sys
import threading

import msgpack

from ..packed import Bytes, Packed
from ..pipe import PipeClosedError, PipeReader, PipeWriter
from ..worker import run_chunk, run_reference
from ..worker.runtime import probe
from .local_wire import from_parts, to_parts


def main() -> None:
    """Entry point; its argument is the descriptor of a socket. Its end ends the process, whatever runs."""
    fd = int(sys.argv[1])
    os.set_blocking(fd, True)
    reader, writer = PipeReader(fd), PipeWriter(fd)
    work: queue.SimpleQueue[list[memoryview]] = queue.SimpleQueue()

    def read() -> None:
        try:
            while (parts := reader.read()) is not None:
                work.put(parts)
        except (PipeClosedError, OSError, ValueError):
            pass
        os._exit(0)

    threading.Thread(target=read, name="anant-reader", daemon=True).start()
    writer.write([msgpack.packb(["ready", []]), msgpack.packb(probe())])
    while True:
        writer.write(_answer(work.get()))


def _answer(parts: list[memoryview]) -> list[Bytes]:
    verb, payloads = from_parts(parts)
    payload, objects = payloads[0], [item for item in payloads[1:] if item is not None]
    assert payload is not None
    if verb == "run-reference":
        return to_parts("done", list(run_reference(payload, objects)))
    done: list[Packed | None] = [run_chunk(payload, objects)]
    return to_parts("done", done)
