"""Every clause on the built-in engine, and what is particular to it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bridge_client import BridgeClient, RefusedError
from conftest import eventually
from engine_clauses import EngineClauses, LoopbackClauses


class TestLocal(EngineClauses, LoopbackClauses):
    @pytest.fixture
    def client(self, local: BridgeClient) -> BridgeClient:
        return local


def test_a_stopped_worker_can_still_be_killed(tmp_path: Path, gate: Path) -> None:
    started = tmp_path / "pid"
    with BridgeClient("local", {"local": {"workers": 1}}) as client:
        (key,) = client.submit("tasks:wait_for_file", [{"started": str(started), "release": str(gate)}])
        client.started(key)
        os.kill(int(started.read_text()), signal.SIGSTOP)
        assert client.cancel(key, "kill") == "cancelled"
        assert client.outcome(key)[:2] == ["cancelled", "kill"]
        assert client.run("tasks:echo", 1)[:2] == ["ok", 1]


def test_a_worker_that_takes_too_much_memory_is_killed() -> None:
    with BridgeClient("local", {"local": {"workers": 1, "memory_bytes_max": 300 << 20}}) as client:
        status, (reason, started, suspect), _ = client.run("anant_bridge.conformance:exhaust_memory", {})
        assert (status, started, suspect) == ("lost", "yes", True)
        assert "E_OUT_OF_MEMORY" in reason


def test_priorities_order_the_queue(tmp_path: Path, gate: Path) -> None:
    log = str(tmp_path / "log")
    with BridgeClient("local", {"local": {"workers": 1}}) as client:
        (held,) = client.submit("tasks:wait_for_file", [{"release": str(gate)}])
        client.started(held)
        keys = [
            client.submit("tasks:sometimes_wait", [{"n": p, "log": log}], options={"priority": p})[0]
            for p in (1, 5, 3, -2, 4)
        ]
        # The health call is answered after everything sent before it was handed over.
        client.call("health")
        gate.touch()
        client.until(lambda: all(key in client.ends for key in keys))
        assert Path(log).read_text().split() == ["5", "4", "3", "1", "-2"]


@pytest.mark.parametrize(
    ("engine", "options", "code"),
    [
        ("no-such-engine", {}, "E_BACKEND_UNKNOWN"),
        ("local", {"workers": 2}, "E_CONFIG_INVALID"),
        ("local", {"local": {"workers": "two"}}, "E_CONFIG_INVALID"),
    ],
)
def test_an_engine_that_cannot_start_is_refused(engine: str, options: dict[str, object], code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient(engine, options)
    assert caught.value.body["code"] == code
    assert caught.value.body["advice"]


def test_another_protocol_version_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient("local", protocol=99)
    assert caught.value.body["code"] == "E_PROTOCOL_VERSION"


def test_without_a_shared_directory_everything_travels_in_messages() -> None:
    import numpy as np

    with BridgeClient("local", {"local": {"workers": 1}}, share=False) as client:
        assert client.welcome["shared"] is False
        data = np.arange(500_000.0)
        status, back, _ = client.run("tasks:echo", data)
        assert status == "ok" and np.array_equal(back, data)


def test_a_thousand_tasks_leave_no_files_or_processes_behind() -> None:
    with BridgeClient("local", {"local": {"workers": 2}}) as client:
        client.map("tasks:noop", [None] * 1000)
        before = len(os.listdir(f"/proc/{client.process.pid}/fd"))
        for _ in range(3):
            client.map("tasks:noop", [None] * 1000)
        eventually(lambda: len(os.listdir(f"/proc/{client.process.pid}/fd")) <= before)
        assert client.call("health")["open_tasks"] == 0
        assert client.stop(1000) == 0
