"""
The tasks that the conformance clauses run, in Python: the same as the kit's TypeScript fixtures, name by name. Tasks
meet the test at files: a task writes its mark to `started`, and goes on when the file `release` exists.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .worker.context import Context

FILE_WAIT_S_MAX = 120.0
"""Longest a fixture waits for a file. Past it the task raises: a test must not hang for ever."""
FILE_POLL_S = 0.004
MEMORY_BYTES_MAX = 8 * 1024**3
"""Most memory `exhaust_memory` takes before it gives up."""

Input = dict[str, Any]


class ConformanceError(Exception):
    """The error the fixtures raise."""


class ConformanceStop(BaseException):
    """Not an `Exception`: user code may raise such things too."""


def _mark_started(task: Input) -> None:
    path = task.get("started")
    if path is None:
        return
    # Written aside and renamed: a reader never sees half a mark.
    aside = Path(f"{path}.part")
    aside.write_text(json.dumps({"pid": os.getpid(), "parent": os.getppid()}))
    aside.rename(path)


def _wait_for(path: str, poll_s: float = FILE_POLL_S, at_poll: Callable[[], None] | None = None) -> None:
    end = time.monotonic() + FILE_WAIT_S_MAX
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise TimeoutError(f"No file {path} within {FILE_WAIT_S_MAX} s.")
        if not os.path.isdir(os.path.dirname(path)):
            raise FileNotFoundError(f"The test that was to write {path} has ended.")
        if at_poll is not None:
            at_poll()
        time.sleep(poll_s)


def _append(path: str, line: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _count_run(path: str) -> int:
    _append(path, "run")
    return len(Path(path).read_text(encoding="utf-8").splitlines())


def echo(value: Any) -> Any:
    """The input."""
    return value


def add(task: Input) -> float:
    """a + b."""
    result: float = task["a"] + task["b"]
    return result


def sum_list(values: list[float]) -> float:
    """The sum of a list."""
    return sum(values)


def describe_context(_value: Any, context: Context) -> dict[str, Any]:
    """Who the task is."""
    return {"taskId": context.task_id, "attempt": context.attempt}


def fail(task: Input) -> NoReturn:
    """Raises what `kind` names."""
    kind, message = task["kind"], task["message"]
    if kind == "custom":
        raise ConformanceError(message)
    if kind == "text":
        raise ConformanceStop(message)
    if kind == "record":
        raise SystemExit(message)
    if kind == "nothing":
        raise ConformanceError
    if kind == "huge":
        raise ConformanceError(message + "x" * (8 * 1024 * 1024))
    if kind == "loop":
        error = ConformanceError(message)
        raise error from error
    if kind == "cause":
        try:
            try:
                raise TypeError("the root")
            except TypeError as root:
                raise IndexError("the middle") from root
        except IndexError as middle:
            raise ConformanceError(message) from middle
    raise TypeError(f'fail knows no kind "{kind}".')


def sleep_until_signal(task: Input, context: Context) -> NoReturn:
    """Waits until cancellation is asked for, then raises as a well-behaved task does."""
    _mark_started(task)
    context.signal.wait()
    context.raise_if_cancelled()
    raise AssertionError("woken without a cancellation")


def hang(task: Input) -> NoReturn:
    """Waits for ever and ignores cancellation."""
    _mark_started(task)
    never = threading.Event()
    while True:
        never.wait(60.0)


def busy_loop(task: Input) -> NoReturn:
    """Never yields."""
    _mark_started(task)
    while True:
        pass


def exit_process(task: Input) -> NoReturn:
    """Ends its own process."""
    _mark_started(task)
    os._exit(int(task["code"]))


def exhaust_memory(task: Input) -> str:
    """Takes memory until it is stopped."""
    _mark_started(task)
    chunk_bytes = 16 * 1024 * 1024
    kept: list[NDArray[np.uint8]] = []
    for _ in range(MEMORY_BYTES_MAX // chunk_bytes):
        kept.append(np.ones(chunk_bytes, dtype=np.uint8))
    return f"no limit stopped {len(kept)} chunks"


def report_progress(task: Input, context: Context) -> int:
    """Reports `steps` of `steps`, one after the other."""
    steps: int = task["steps"]
    for done in range(1, steps + 1):
        context.progress(done, steps, task.get("note"))
    return steps


def report_and_wait(task: Input, context: Context) -> str:
    """Reports progress once, then waits for `release`; so that an early report can be told from a late one."""
    context.progress(task["done"], task["total"], task["note"])
    _wait_for(task["release"])
    return "released"


def beat_and_wait(task: Input, context: Context) -> str:
    """Sends one heartbeat, then waits for `release`."""
    context.heartbeat()
    _wait_for(task["release"])
    return "released"


def beat_until(task: Input, context: Context) -> str:
    """Sends heartbeats until `release` exists."""
    _mark_started(task)
    _wait_for(task["release"], 0.02, context.heartbeat)
    return "released"


def stream_count(task: Input) -> Iterator[int]:
    """Yields 0 … count-1; at item `failAt` it raises instead; `produced` counts what was really produced."""
    for item in range(task["count"]):
        if item == task.get("failAt"):
            raise ConformanceError(f"failed at {item}")
        if task.get("produced") is not None:
            _append(task["produced"], str(item))
        yield item


def stream_items(task: Input) -> Iterator[Any]:
    """Yields the parts of `items`, whatever they are."""
    yield from task["items"]


def stream_function() -> Iterator[Any]:
    """Yields one item, then a value no backend can carry."""
    yield "portable"
    yield lambda: "not portable"


def stream_until_signal(_value: Any, context: Context) -> Iterator[str]:
    """Yields one item, then waits for cancellation."""
    yield "first"
    context.signal.wait()
    context.raise_if_cancelled()


def return_function() -> Any:
    """A value no backend can carry, two levels deep."""
    return {"rows": [{"when": lambda: 0}]}


def return_nothing() -> None:
    """None."""


def return_large(task: Input) -> bytes:
    """Bytes whose element i is i modulo 251."""
    size = int(task["bytes"])
    return np.resize(np.arange(251, dtype=np.uint8), size).tobytes()


def digest_bytes(task: Input) -> dict[str, int]:
    """Length and a sum that depends on the order, so that a wrong byte shows."""
    data: bytes = task["bytes"]
    digest = 0
    for byte in data:
        digest = (digest * 31 + byte) % 1_000_003
    return {"length": len(data), "digest": digest}


def wait_for_file(task: Input) -> str:
    """Marks its start and returns once `release` exists; cancellation does not interrupt it."""
    _mark_started(task)
    _wait_for(task["release"])
    return "released"


def slow_start(task: Input, context: Context) -> str:
    """Like `wait_for_file`, but says nothing until the file exists: a task that is slow to start."""
    _wait_for(task["release"])
    context.heartbeat()
    return "started"


def record(task: Input) -> Any:
    """Appends `line` to the file and returns `value`: counts how often it really ran."""
    _append(task["path"], task["line"])
    return task.get("value", task["line"])


def record_and_wait(task: Input) -> str:
    """Appends `line`, waits for `release`, returns `line`."""
    line: str = task["line"]
    _append(task["path"], line)
    _mark_started(task)
    _wait_for(task["release"])
    return line


def record_span(task: Input) -> str:
    """Appends `begin` and `end` around a wait for `release`: shows which executions overlapped."""
    line: str = task["line"]
    _append(task["path"], f"begin {line}")
    _wait_for(task["release"])
    _append(task["path"], f"end {line}")
    return line


def fail_until(task: Input) -> int:
    """Fails its first `times` executions, counted in the file; then returns how often it ran."""
    runs = _count_run(task["path"])
    if runs <= task["times"]:
        raise ConformanceError(f"run {runs} fails")
    return runs


def exit_until(task: Input) -> int:
    """Ends its own worker on its first `times` executions; then returns how often it ran."""
    runs = _count_run(task["path"])
    if runs <= task["times"]:
        os._exit(7)
    return runs


class Counter:
    """A counter: the actor of the clauses."""

    def __init__(self, task: Input) -> None:
        if task["from"] < 0:
            raise ConformanceError("a counter starts at 0 or above")
        self._value: float = task["from"]

    def add(self, step: float) -> float:
        """Adds and reads."""
        self._value += step
        return self._value

    def read(self) -> float:
        """The value."""
        return self._value

    def hold(self, task: Input) -> float:
        """Waits for `release`."""
        _mark_started(task)
        _wait_for(task["release"])
        return self._value

    def refuse(self, message: str) -> NoReturn:
        """Raises."""
        raise ConformanceError(message)

    def exit(self) -> NoReturn:
        """Ends its own process."""
        os._exit(7)
