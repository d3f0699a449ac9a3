"""Every clause on a local Dask cluster, and what is particular to Dask."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge_client import SRC, TESTS, BridgeClient, CallError, RefusedError
from conftest import eventually
from engine_clauses import EngineClauses, LoopbackClauses

pytest.importorskip("distributed")

from distributed import Client, LocalCluster

from anant_bridge.attempt import AttemptOptions
from anant_bridge.engines.dask_cluster import mend_local
from anant_bridge.engines.dask_placement import Placement
from anant_bridge.engines.dask_versions import check_versions, check_workers
from anant_bridge.errors import BridgeError


class TestDask(EngineClauses, LoopbackClauses):
    @pytest.fixture
    def client(self, dask: BridgeClient) -> BridgeClient:
        return dask


class Cluster:
    """A scheduler and workers that somebody else started."""

    def __init__(self, folder: Path, workers: int, *worker_options: str) -> None:
        self.folder = folder
        self._env = dict(os.environ, PYTHONPATH=f"{SRC}{os.pathsep}{TESTS}", PYTHONUNBUFFERED="1")
        self._files = 0
        self.address = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self.start_scheduler("tcp://127.0.0.1:0")
        self._worker_options = worker_options
        for _ in range(workers):
            self.start_worker()

    def start_scheduler(self, address: str) -> None:
        self._files += 1
        file = self.folder / f"scheduler{self._files}.json"
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        self.scheduler = self._run(
            "distributed.cli.dask_scheduler",
            "--host",
            host,
            "--port",
            port,
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        eventually(lambda: file.exists() and '"address"' in file.read_text())
        import json

        self.address = json.loads(file.read_text())["address"]

    def start_worker(self) -> None:
        options = ["--nthreads", "1", "--no-dashboard", "--nanny", "--local-directory", str(self.folder)]
        self.workers.append(
            self._run("distributed.cli.dask_worker", self.address, *options, *self._worker_options)
        )

    def _run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env=self._env, stdout=log, stderr=log
            )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, 2, "--resources", "widget=2")
    yield made
    made.close()


def test_a_cluster_by_address(cluster: Cluster, tmp_path: Path, gate: Path) -> None:
    with BridgeClient("dask", {"address": cluster.address}) as client:
        assert client.welcome["details"]["scheduler"] == cluster.address
        # The second worker may still be on its way; the number of slots follows.
        eventually(lambda: client.call("health")["slots"] == 2)
        assert client.run("tasks:echo", [1, 2])[:2] == ["ok", [1, 2]]
        assert {result[0] for result in client.map("tasks:noop", [None] * 500)} == {"ok"}
        data = np.arange(400_000.0)
        status, back, _ = client.run("tasks:echo", data)
        assert status == "ok" and np.array_equal(back, data)
        wanted = {"resources": {"custom": {"widget": 2}}}
        assert client.run("tasks:echo", 5, options=wanted)[:2] == ["ok", 5]
        status, detail, _ = client.run("tasks:echo", 5, options={"resources": {"custom": {"widget": 3}}})
        assert (status, detail[0]) == ("refused", "E_CAPABILITY_MISSING") and "widget" in detail[1]
        (key,) = client.submit("tasks:spin", [None])
        client.started(key)
        assert client.cancel(key, "kill") == "cancelled"
        assert client.outcome(key)[:2] == ["cancelled", "kill"]


def test_a_killed_scheduler_loses_open_tasks_and_a_new_one_is_found(
    cluster: Cluster, tmp_path: Path, gate: Path
) -> None:
    with BridgeClient("dask", {"address": cluster.address}) as client:
        client.put("stored", 1)
        waiting = client.submit("tasks:wait_for_file", [{"release": str(gate)}] * 6)
        client.started(waiting[0])
        cluster.scheduler.kill()
        client.until(lambda: all(key in client.ends for key in waiting))
        assert {client.ends[key][0] for key in waiting} == {"lost"}
        gate.touch()
        client.until(lambda: ["state", "down"] in [event[:2] for event in client.events])
        assert client.call("health")["state"] == "down"
        status, detail, _ = client.run("tasks:echo", 1)
        assert (status, detail[1]) == ("lost", "no")
        cluster.start_scheduler(cluster.address)
        cluster.start_worker()
        client.until(lambda: ["state", "ready"] in [event[:2] for event in client.events])
        with pytest.raises(CallError) as caught:
            client.call("get", object="stored")
        assert caught.value.code == "E_OBJECT_LOST"
        assert client.run("tasks:echo", 2)[:2] == ["ok", 2]


def test_at_most_once_is_kept_although_dask_runs_a_killed_task_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "runs"
    with BridgeClient("dask", {"address": cluster.address}) as client:
        value = {"path": str(path), "times": 100}
        options = {"delivery": "at-most-once"}
        status, detail, _ = client.run("anant_bridge.conformance:exit_until", value, options=options)
        assert (status, detail[1]) == ("lost", "yes")
        assert path.read_text() == "run\n"


def test_a_scheduler_that_is_not_there_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient("dask", {"address": "tcp://127.0.0.1:1"})
    assert caught.value.body["code"] == "E_ENGINE_UNREACHABLE"
    assert "127.0.0.1:1" in caught.value.body["message"] and caught.value.body["advice"]


@pytest.mark.parametrize(
    "options", [{"adress": "x"}, {"local": {"worker": 2}}, {"slots": 0}, {"tls": {"ca": "x"}}]
)
def test_options_are_checked_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient("dask", options)
    assert caught.value.body["code"] == "E_CONFIG_INVALID"


def test_a_lost_worker_takes_its_objects_and_results_along(dask: BridgeClient) -> None:
    pid = dask.run("tasks:pid")[1]
    status, (name, _), _ = dask.run("tasks:big", 1000, options={"output": "reference"})
    assert status == "ok-reference"
    pids = {pid} | {dask.run("tasks:pid")[1] for _ in range(20)}
    for worker in pids:
        os.kill(worker, signal.SIGKILL)

    def is_lost() -> bool:
        try:
            dask.call("get", object=name)
        except CallError as error:
            return error.code == "E_OBJECT_LOST"
        return False

    # Dask may compute the result again from its key, which is as good.
    eventually(lambda: is_lost() or dask.run("tasks:echo", 1)[0] == "ok")
    assert dask.run("tasks:echo", 1)[:2] == ["ok", 1]


# Pure parts.


def versions(**packages: str) -> dict[str, Any]:
    return {
        "host": {"python": packages.pop("python", "3.11.7.final.0")},
        "packages": {
            "dask": "2026.8.0",
            "distributed": "2026.8.0",
            "cloudpickle": "3.1.2",
            "msgpack": "1.2.4",
        }
        | packages,
    }


def test_equal_versions_pass() -> None:
    check_versions(
        {"client": versions(), "scheduler": versions(msgpack="1.0.0"), "workers": {"w": versions()}}
    )


@pytest.mark.parametrize(
    ("theirs", "word"),
    [
        (versions(python="3.12.1.final.0"), "Python 3.12"),
        (versions(dask="2026.7.0"), "dask 2026.7.0"),
        (versions(distributed="2025.1.0"), "distributed"),
        (versions(cloudpickle="2.0.0"), "cloudpickle"),
        (versions(msgpack="2.0.0"), "msgpack"),
        (None, "versions"),
    ],
)
@pytest.mark.parametrize("place", ["scheduler", "worker"])
def test_version_skew_is_refused_by_name(theirs: Any, word: str, place: str) -> None:
    scheduler, workers = (theirs, {}) if place == "scheduler" else (versions(), {"tcp://worker": theirs})
    with pytest.raises(BridgeError) as caught:
        check_versions({"client": versions(), "scheduler": scheduler, "workers": workers})
    assert caught.value.code == "E_VERSION_SKEW" and word in caught.value.message


def test_workers_with_another_bridge_or_python_are_refused() -> None:
    good = {"anant_bridge": "1.0", "python": "3.11.7"}
    check_workers({"w": good}, "1.0", (3, 11))
    for change in ({"anant_bridge": "0.9"}, {"python": "3.12.0"}):
        with pytest.raises(BridgeError) as caught:
            check_workers({"w": good | change}, "1.0", (3, 11))
        assert caught.value.code == "E_VERSION_SKEW"


def placement() -> Placement:
    made = Placement()
    made.update(
        {
            "tcp://a": {
                "name": "alpha",
                "host": "h1",
                "nthreads": 1,
                "memory_limit": 1000,
                "resources": {"GPU": 1},
            },
            "tcp://b": {"name": "beta", "host": "h2", "nthreads": 4, "memory_limit": 9000, "resources": {}},
        }
    )
    return made


@pytest.mark.parametrize(
    ("options", "workers", "resources"),
    [
        ({}, None, None),
        ({"gpu": 1}, None, (("GPU", 1.0),)),
        ({"cpu": 2}, ("tcp://b",), None),
        ({"cpu": 1}, ("tcp://a", "tcp://b"), None),
        ({"memory_bytes": 5000}, ("tcp://b",), None),
        ({"node": "alpha"}, ("tcp://a",), None),
        ({"node": "h2"}, ("tcp://b",), None),
    ],
)
def test_demands_become_restrictions(options: dict[str, Any], workers: Any, resources: Any) -> None:
    demand = placement().demand(AttemptOptions(**options))
    assert (demand.workers, demand.resources) == (workers, resources)


@pytest.mark.parametrize(
    "options",
    [
        {"gpu": 2},
        {"cpu": 5},
        {"memory_bytes": 10_000},
        {"node": "nowhere"},
        {"custom": {"x": 1}},
        {"labels": {"a": "b"}},
    ],
)
def test_demands_nobody_can_meet_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(BridgeError) as caught:
        placement().demand(AttemptOptions(**options))
    assert caught.value.code == "E_CAPABILITY_MISSING" and caught.value.advice


def test_a_nanny_that_gave_up_is_replaced() -> None:
    asyncio.run(close_a_nanny())


async def close_a_nanny() -> None:
    cluster = await LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard=False,
        asynchronous=True,
    )
    async with cluster:
        (nanny,) = cluster.workers.values()
        assert mend_local(cluster, 1) == 0
        await nanny.close()
        assert mend_local(cluster, 1) == 1
        async with Client(cluster, asynchronous=True) as client:
            await asyncio.wait_for(client.wait_for_workers(1), 30)
        (another,) = cluster.workers.values()
        assert another is not nanny and mend_local(cluster, 1) == 0
