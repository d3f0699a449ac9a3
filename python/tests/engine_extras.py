"""What Ray and Celery must do besides the clauses of every engine."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from bridge_client import BridgeClient, CallError
from conftest import descendants, eventually, is_alive


def family_of(client: BridgeClient) -> dict[int, str]:
    """Everything below the bridge: process id to command line."""
    found = {}
    for pid in descendants(client.process.pid):
        with contextlib.suppress(OSError):
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def find_process(client: BridgeClient, word: str) -> int:
    """The process below the bridge whose command starts or runs `word`; guards only carry it as an argument."""
    return next(
        pid for pid, command in family_of(client).items() if word in command and "guard.py" not in command
    )


def state_seen(client: BridgeClient, state: str) -> bool:
    """Whether the engine said that it is in that state."""
    return any(event[0] == "state" and event[1] == state for event in client.events)


def assert_nothing_survives_a_kill(client: BridgeClient, within_s: float = 2.0) -> None:
    """Kills the bridge with SIGKILL: everything below it must be gone in time."""
    family = family_of(client)
    assert len(family) > 2
    client.process.kill()
    client.process.wait()
    eventually(lambda: not any(is_alive(pid) for pid in family), within_s)


def assert_nothing_survives_a_stop(client: BridgeClient) -> None:
    """Stops the bridge: everything below it must be gone when it has ended."""
    family = family_of(client)
    assert client.stop() == 0
    eventually(lambda: not any(is_alive(pid) for pid in family), 2.0)


def waiting(folder: Path) -> dict[str, Any]:
    """Input of `tasks:wait_for_file` for a task that never ends by itself."""
    return {"started": str(folder / "started"), "release": str(folder / "never")}


class EngineExtras:
    """Subclasses give a `client` fixture."""

    def test_a_storm_of_cancels(self, client: BridgeClient, gate: Path) -> None:
        held = client.submit("tasks:wait_for_file", [{"release": str(gate)}] * 2)
        for key in held:
            client.started(key)
        keys = client.submit("tasks:noop", list(range(2_000)))
        answers = client.call("cancel", requests=[[*key, "ask"] for key in keys])
        assert set(answers) == {"cancelled"}
        client.until(lambda: all(key in client.ends for key in keys))
        assert {client.ends[key][0] for key in keys} == {"cancelled"}
        gate.touch()
        assert {client.outcome(key)[0] for key in held} == {"ok"}

    def test_nothing_grows_over_ten_thousand_tasks(self, client: BridgeClient) -> None:
        def count() -> list[int]:
            return [len(os.listdir(f"/proc/{client.process.pid}/{what}")) for what in ("fd", "task")]

        client.map("tasks:noop", list(range(2_000)))
        before = count()
        for _ in range(5):
            assert {end[0] for end in client.map("tasks:noop", list(range(2_000)))} == {"ok"}
        after = count()
        assert all(now <= then + 2 for now, then in zip(after, before, strict=True)), (before, after)
        assert client.call("health")["open_tasks"] == 0

    def test_a_kept_result_nobody_waits_for_is_not_kept(self, client: BridgeClient, gate: Path) -> None:
        (key,) = client.submit(
            "tasks:wait_for_file", [{"release": str(gate)}], options={"output": "reference"}
        )
        client.started(key)
        client.cancel(key, "forget")
        gate.touch()
        client.run("tasks:noop")

        def is_gone() -> bool:
            with pytest.raises(CallError) as caught:
                client.call("get", object=f"result:{key[0]}:1")
            return caught.value.code == "E_OBJECT_LOST"

        client.map("tasks:noop", list(range(20)))
        assert is_gone()
