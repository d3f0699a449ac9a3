"""Ray behind the bridge, with a real cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from anant_bridge.engines.guarded import Guarded
from bridge_client import BridgeClient, CallError, RefusedError
from conftest import descendants, eventually, node_options
from engine_clauses import EngineClauses
from engine_extras import (
    EngineExtras,
    assert_nothing_survives_a_kill,
    assert_nothing_survives_a_stop,
    family_of,
    find_process,
    state_seen,
    waiting,
)

OPTIONS = {"local": {"workers": 2}}


@pytest.fixture(scope="module", autouse=True)
def strict_references() -> Iterator[None]:
    """A reference that leaves Ray's sight would be a leak: Ray raises then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_allow_out_of_band_object_ref_serialization", "0")
        yield


@pytest.fixture(scope="class")
def ray_client() -> Iterator[BridgeClient]:
    with BridgeClient("ray", OPTIONS, node=node_options()) as client:
        yield client


class TestRay(EngineClauses, EngineExtras):
    @pytest.fixture
    def client(self, ray_client: BridgeClient) -> BridgeClient:
        return ray_client

    def test_welcome(self, client: BridgeClient) -> None:
        assert client.welcome["versions"]["ray"]
        assert client.welcome["details"]["mode"] == "local"
        assert client.welcome["details"]["address"].startswith("127.0.0.1:")

    @pytest.mark.skipif(shutil.which("ss") is None, reason="ss is not on the PATH")
    def test_everything_listens_on_loopback_only(self, client: BridgeClient) -> None:
        family = {*descendants(client.process.pid), client.process.pid}
        lines = subprocess.run(
            ["ss", "-tlnpH"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        ours = [line for line in lines if family & {int(pid) for pid in re.findall(r"pid=(\d+)", line)}]
        assert ours
        assert all("127.0.0.1" in line.split()[3] for line in ours), ours

    def test_an_actor_keeps_its_state_in_one_worker_until_it_is_stopped(self, client: BridgeClient) -> None:
        counter = "anant_bridge.conformance:Counter"

        def call(method: str | None, value: object = None) -> list[object]:
            return client.run(counter, value, options={"actor": ["count", method]})

        assert call(None, {"from": 40})[0] == "ok"
        assert client.map(counter, [1, 1], options={"actor": ["count", "add"]})[1][:2] == ["ok", 42]
        assert call(None, {"from": 0})[1][0] == "E_TASK_DUPLICATE"
        assert call("nothing")[1][0] == "E_TASK_NOT_FOUND"
        assert client.call("actor-stop", actor="count") is True
        assert call("read")[0] == "lost"
        assert call(None, {"from": 7})[0] == "ok"
        assert call("read")[:2] == ["ok", 7]
        assert client.call("actor-stop", actor="count") is True

    @pytest.mark.parametrize(
        "resources", [{"cpu": 64}, {"gpu": 4}, {"custom": {"quantum": 1}}, {"memoryBytes": 2**60}]
    )
    def test_resources_nobody_has_are_refused(
        self, client: BridgeClient, resources: dict[str, object]
    ) -> None:
        status, detail, _ = client.run("tasks:noop", 1, options={"resources": resources})
        assert (status, detail[0]) == ("refused", "E_CAPABILITY_MISSING")

    def test_resources_and_placement_are_honoured(self, client: BridgeClient) -> None:
        options = {"resources": {"cpu": 2}, "placement": {"node": "127.0.0.1"}}
        assert client.run("tasks:echo", 5, options=options) == ["ok", 5, None]
        status, detail, _ = client.run("tasks:noop", 1, options={"placement": {"node": "nowhere"}})
        assert (status, detail[0]) == ("refused", "E_CAPABILITY_MISSING")


def test_the_end_of_the_node_settles_everything_and_a_new_one_comes(tmp_path: Path) -> None:
    with BridgeClient("ray", OPTIONS) as client:
        for part in ("raylet/raylet", "gcs_server"):
            running = client.submit("tasks:wait_for_file", [waiting(tmp_path)] * 2)
            queued = client.submit("tasks:wait_for_file", [waiting(tmp_path)] * 50)
            client.put("object-1", 1)
            client.started(running[0])
            client.events.clear()
            os.kill(find_process(client, part), 9)
            assert all(client.outcome(key, 10)[0] == "lost" for key in running + queued)
            client.until(lambda: state_seen(client, "down"))
            client.until(lambda: state_seen(client, "ready"))
            assert client.run("tasks:echo", "again")[:2] == ["ok", "again"]
            with pytest.raises(CallError) as caught:
                client.call("get", object="object-1")
            assert caught.value.code == "E_OBJECT_LOST"
        assert_nothing_survives_a_stop(client)


def test_nothing_survives_a_killed_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A folder in the working directory must not pass for a package that Ray imports.
    (tmp_path / "grpc").mkdir()
    monkeypatch.chdir(tmp_path)
    client = BridgeClient("ray", OPTIONS)
    try:
        client.started(client.submit("tasks:spin", [None])[0])
        folder = re.findall(r"/\S*anant-ray-\w+", " ".join(family_of(client).values()))[0]
        assert_nothing_survives_a_kill(client)
        eventually(lambda: not os.path.exists(folder))
    finally:
        client.close()


def test_an_address_where_nothing_listens_is_refused() -> None:
    began = monotonic()
    with pytest.raises(RefusedError) as caught:
        BridgeClient("ray", {"address": "127.0.0.1:1"})
    assert caught.value.body["code"] == "E_ENGINE_UNREACHABLE"
    assert "ray start" in caught.value.body["advice"]
    assert monotonic() - began < 15


def test_unknown_options_are_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient("ray", {"adress": "auto"})
    assert caught.value.body["code"] == "E_CONFIG_INVALID"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Guarded]]:
    """A cluster that is not the bridge's: its address, and what ends it."""
    for name, value in {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "0123456789abcdef" * 4,
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src"),
    }.items():
        monkeypatch.setenv(name, value)
    folder = Path(tempfile.mkdtemp(prefix="anant-test-", dir="/tmp"))
    command = [
        sys.executable,
        "-m",
        "ray.scripts.scripts",
        "start",
        "--head",
        "--port=0",
        "--num-cpus=3",
        "--block",
    ]
    command += [
        "--node-ip-address=127.0.0.1",
        f"--temp-dir={folder}",
        "--include-dashboard=false",
        "--no-monitor",
    ]
    head = Guarded([*command, "--disable-usage-stats"], folder=str(folder), log=f"{folder}/head.log")
    try:
        address = folder / "ray_current_cluster"
        eventually(lambda: address.exists() and ":" in address.read_text(), 30)
        yield address.read_text().strip(), head
    finally:
        head.kill()
        eventually(lambda: head.poll() is not None)


def test_a_cluster_reached_by_address(cluster: tuple[str, Guarded], tmp_path: Path) -> None:
    address, head = cluster
    with BridgeClient("ray", {"address": address, "namespace": "tests"}) as client:
        assert client.welcome["slots"] == 3
        assert client.welcome["details"]["mode"] == "driver"
        assert client.run("tasks:echo", {"n": 1})[:2] == ["ok", {"n": 1}]
        warned = client.submit("tasks:noop", [1], options={"resources": {"custom": {"quantum": 1}}})[0]
        held = client.submit("tasks:wait_for_file", [waiting(tmp_path)])[0]
        client.started(held)
        head.kill()
        assert client.outcome(held, 30)[0] == "lost"
        assert client.outcome(warned, 30)[2][0]["subject"] == "resources"
        client.until(lambda: state_seen(client, "down"), 30)
