"""When the client dies, so do the bridge and everything it started, in time and without leftovers."""

from __future__ import annotations

import os
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bridge_client import BridgeClient
from conftest import descendants, eventually, is_alive, node_options

END_S = 2.0

ENGINES = [
    ("local", {"local": {"workers": 2}}),
    pytest.param(
        "dask",
        {"local": {"workers": 2}},
        marks=pytest.mark.skipif(
            __import__("importlib.util").util.find_spec("distributed") is None,
            reason="distributed is not installed",
        ),
    ),
]


def busy_bridge(engine: str, options: dict[str, Any], folder: Path) -> tuple[BridgeClient, list[int]]:
    """A bridge with a Python task and, where Node's host is built, a TypeScript task running for ever."""
    client = BridgeClient(engine, options, node=node_options())
    (key,) = client.submit("tasks:spin", [None])
    client.started(key)
    if node_options() is not None:
        module = folder / "spin.mjs"
        module.write_text("export const spin = () => { for (;;); };")
        version = sha256(module.read_bytes()).hexdigest()[:16]
        definition = {"kind": "typescript", "name": "spin", "module": module.as_uri(), "export": "spin"}
        (key,) = client.submit(definition | {"version": version}, [None])
        client.started(key)
        # A task has started when its worker has it: the child may still be booting.
        eventually(lambda: any(map(descendants, descendants(client.process.pid))))
    return client, descendants(client.process.pid)


@pytest.mark.parametrize(("engine", "options"), ENGINES)
def test_end_of_file_ends_everything_in_time(engine: str, options: dict[str, Any], tmp_path: Path) -> None:
    client, below = busy_bridge(engine, options, tmp_path)
    assert len(below) >= 2 and all(map(is_alive, below))
    assert client.process.stdin is not None
    began = time.monotonic()
    client.process.stdin.close()
    assert client.process.wait(10) == 0
    eventually(lambda: not any(map(is_alive, below)))
    assert time.monotonic() - began < END_S
    assert not os.path.exists(client.shared_dir)


@pytest.mark.parametrize(("engine", "options"), ENGINES)
def test_a_killed_bridge_takes_its_workers_and_their_children_along(
    engine: str, options: dict[str, Any], tmp_path: Path
) -> None:
    client, below = busy_bridge(engine, options, tmp_path)
    os.kill(client.process.pid, signal.SIGKILL)
    began = time.monotonic()
    eventually(lambda: not any(map(is_alive, below)))
    assert time.monotonic() - began < END_S
    client.close()


def test_a_killed_worker_takes_its_node_child_along(tmp_path: Path) -> None:
    if node_options() is None:
        pytest.skip("the Node host program is not built")
    client, _ = busy_bridge("local", {"local": {"workers": 2}}, tmp_path)
    with client:
        children = {pid: descendants(pid) for pid in descendants(client.process.pid)}
        worker, (child,) = next((pid, below) for pid, below in children.items() if below)
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: not is_alive(child))


def test_end_of_file_before_hello_and_while_the_engine_starts() -> None:
    for greet in (False, True):
        client = BridgeClient("local", {"local": {"workers": 2}}, greet=False)
        if greet:
            client.send("hello", client.hello)
        began = time.monotonic()
        client.close()
        assert time.monotonic() - began < END_S + 1
        assert client.process.returncode == 0


def test_stop_waits_for_open_tasks_and_loses_the_rest(tmp_path: Path, gate: Path) -> None:
    client = BridgeClient("local", {"local": {"workers": 2}})
    with client:
        (short,) = client.submit("tasks:sleeps", [0.2])
        (long,) = client.submit("tasks:wait_for_file", [{"release": str(gate)}])
        client.started(short)
        client.started(long)
        assert client.stop(grace_ms=4000) == 0
        assert client.ends[short][0] == "ok"
        assert client.ends[long][0] == "lost" and client.ends[long][1][1] == "yes"
