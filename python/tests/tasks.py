"""Task functions the tests run on workers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

__version__ = "1.2.3"


def echo(value: Any) -> Any:
    return value


def noop(value: Any) -> Any:
    return None


def pid(value: Any) -> int:
    return os.getpid()


def add(value: Any) -> Any:
    return value["a"] + value["b"]


def fail(value: Any) -> Any:
    try:
        {}["missing"]
    except KeyError as error:
        raise ValueError(f"bad {value}") from error


def leak_function(value: Any) -> Any:
    return {"rows": [1, {"f": lambda: 0}]}


def die(value: Any) -> Any:
    os._exit(7)


def wait_for_file(value: dict[str, Any]) -> str:
    """Leaves its pid in `started`, then waits for `release`."""
    if "started" in value:
        Path(value["started"]).write_text(str(os.getpid()))
    deadline = time.monotonic() + 60
    while not os.path.exists(value["release"]):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.002)
    return "released"


def mark(value: str) -> str:
    with open(value, "a") as file:
        file.write("x")
    return "marked"


def sometimes_wait(value: dict[str, Any]) -> str:
    """A tiny task, unless it is told to wait."""
    if value.get("log"):
        with open(value["log"], "a") as file:
            file.write(f"{value['n']}\n")
    if value.get("release"):
        return wait_for_file(value)
    if value.get("die"):
        os._exit(9)
    return "quick"


def spin(value: Any) -> None:
    while True:
        pass


def until_cancelled(value: Any, context: Any) -> str:
    context.signal.wait(60)
    context.raise_if_cancelled()
    return "not cancelled"


def ignores_cancel(value: Any, context: Any) -> str:
    context.signal.wait(60)
    return "finished all the same"


def report(value: int, context: Any) -> str:
    for step in range(value):
        context.progress(step + 1, value, f"step {step + 1}")
    return f"{context.task_id}/{context.attempt}"


def count(value: int) -> Any:
    yield from range(value)


def count_then_fail(value: int) -> Any:
    yield from range(value)
    raise RuntimeError("after the last")


def count_marked(value: dict[str, Any]) -> Any:
    """Notes each item it makes, so that a test sees how far ahead it runs."""
    for number in range(value["items"]):
        with open(value["log"], "a") as file:
            file.write("x")
        yield number


def big(value: int) -> Any:
    return np.arange(value, dtype=np.float64)


def total(value: Any) -> float:
    return float(np.sum(value))


async def from_coroutine(value: Any) -> Any:
    return {"coroutine": value}


def sleeps(value: float) -> float:
    time.sleep(value)
    return value


def misbehave(value: dict[str, int]) -> int:
    """Speaks to the bridge as this worker may, but says nothing that makes sense."""
    import gc

    import zmq

    from anant_bridge.wire import pack_message
    from anant_bridge.worker.channel import Channel
    from anant_bridge.worker.machine import machine_id
    from hostile import Hostile, post

    info = next(held.info for held in gc.get_objects() if isinstance(held, Channel))
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.connect(info.endpoint)
    token = info.token.encode()
    # A worker that was introduced is listened to.
    me = {"host": "h", "pid": 2**40, "name": "mallory", "machine": machine_id(), "version": "0"}
    # Not by `post`, which may read and forget the answer.
    socket.send_multipart([token, pack_message("worker", me)])
    assert socket.poll(60_000)
    post(socket, Hostile(value["seed"]).messages(value["count"], [token]))
    socket.close(60_000)
    context.term()
    return value["count"]
