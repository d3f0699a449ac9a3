"""Celery behind the bridge, with real workers and a real Redis."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("celery", reason="Celery is not installed")
if shutil.which("redis-server") is None:
    pytest.skip("redis-server is not on the PATH", allow_module_level=True)

import redis

from anant_bridge.engines.guarded import Guarded
from bridge_client import BridgeClient, CallError, RefusedError
from conftest import eventually, node_options
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
TESTS = Path(__file__).resolve().parent


@pytest.fixture(scope="class")
def celery_client() -> Iterator[BridgeClient]:
    with BridgeClient("celery", OPTIONS, node=node_options()) as client:
        yield client


class TestCelery(EngineClauses, EngineExtras):
    @pytest.fixture
    def client(self, celery_client: BridgeClient) -> BridgeClient:
        return celery_client

    def test_welcome(self, client: BridgeClient) -> None:
        assert client.welcome["versions"]["celery"]
        assert client.welcome["details"]["mode"] == "local"
        assert client.welcome["slots"] == 2

    def test_what_celery_cannot_do_is_a_warning(self, client: BridgeClient) -> None:
        options = {"priority": 3, "resources": {"gpu": 1}, "placement": {"node": "here"}}
        status, _, warnings = client.run("tasks:noop", 1, options=options)
        assert status == "ok"
        assert [(w["subject"], w["type"]) for w in warnings] == [
            ("resources", "unsupported"),
            ("placement", "unsupported"),
        ]

    def test_urgent_tasks_overtake(self, client: BridgeClient, gate: Path, tmp_path: Path) -> None:
        with store_of(client) as store:
            # Two run, two more the worker takes ahead; the others wait in Redis.
            held = client.submit("tasks:wait_for_file", [{"release": str(gate)}] * 4)
            eventually(lambda: store.hlen("unacked") == 4)
            keys = []
            for priority in (-1, 0, 1, 10):
                # Tasks that ask for resources travel alone.
                options = {"priority": priority, "resources": {"cpu": 1}}
                inputs = [{"n": priority, "log": str(tmp_path / "log")}] * 8
                keys += client.submit("tasks:sometimes_wait", inputs, options=options)
            eventually(lambda: queued(store) == 32)
            gate.touch()
        client.until(lambda: all(key in client.ends for key in keys + held))
        order = [int(line) for line in (tmp_path / "log").read_text().split()]
        places = {n: [place for place, found in enumerate(order) if found == n] for n in (10, 1, 0, -1)}
        # The two slots may swap neighbours.
        means = [sum(found) / len(found) for found in places.values()]
        assert means == sorted(means), order

    def test_redis_keeps_nothing_of_what_has_ended(self, client: BridgeClient) -> None:
        client.map("tasks:echo", list(range(50)))
        with store_of(client) as store:

            def leftovers() -> list[str]:
                names = [name.decode() for name in store.keys("anant:{*")]
                return [name for name in names if not name.endswith(("lease", "results"))]

            eventually(lambda: leftovers() == [])
            eventually(lambda: all(store.xlen(name) == 0 for name in store.keys("anant:{*results")))


def store_of(client: BridgeClient) -> redis.Redis:
    """The private Redis of a local engine."""
    return redis.Redis(unix_socket_path=f"{folder_of(client)}/redis.sock")


def folder_of(client: BridgeClient) -> str:
    """The folder of a local engine."""
    return str(re.findall(r"/\S*anant-celery-\w+", " ".join(family_of(client).values()))[0])


def queued(store: redis.Redis) -> int:
    """Messages that wait in Redis, of all priorities."""
    return sum(store.llen(name) for name in store.keys("anant*") if store.type(name) == b"list")


def test_a_dead_worker_is_replaced_and_only_its_tasks_are_lost(tmp_path: Path, gate: Path) -> None:
    with BridgeClient("celery", OPTIONS) as client:
        value = {"started": str(tmp_path / "started"), "release": str(gate)}
        running = client.submit("tasks:wait_for_file", [value] * 2)
        for key in running:
            client.started(key)
        queued = client.submit("tasks:echo", list(range(30)))
        main = min(pid for pid, command in family_of(client).items() if is_worker(command))
        os.kill(main, signal.SIGKILL)
        for key in running:
            status, detail, _ = client.outcome(key, 10)
            assert (status, detail[1]) == ("lost", "yes")
        assert {client.outcome(key)[0] for key in queued} == {"ok"}
        client.until(lambda: state_seen(client, "ready"))
        assert client.run("tasks:echo", "again")[:2] == ["ok", "again"]


def test_a_dead_redis_takes_everything_along_and_comes_back(tmp_path: Path) -> None:
    with BridgeClient("celery", OPTIONS) as client:
        running = client.submit("tasks:wait_for_file", [waiting(tmp_path)] * 2)
        queued = client.submit("tasks:wait_for_file", [waiting(tmp_path)] * 50)
        client.put("object-1", 1)
        client.started(running[0])
        os.kill(find_process(client, "redis-server"), signal.SIGKILL)
        assert all(client.outcome(key, 10)[0] == "lost" for key in running + queued)
        client.until(lambda: state_seen(client, "down"))
        client.until(lambda: state_seen(client, "ready"))
        assert client.run("tasks:echo", "again")[:2] == ["ok", "again"]
        with pytest.raises(CallError):
            client.call("get", object="object-1")
        assert_nothing_survives_a_stop(client)


def test_nothing_survives_a_killed_bridge() -> None:
    client = BridgeClient("celery", OPTIONS)
    try:
        client.started(client.submit("tasks:spin", [None])[0])
        folder = folder_of(client)
        assert_nothing_survives_a_kill(client)
        eventually(lambda: not os.path.exists(folder))
    finally:
        client.close()


def test_a_broker_that_is_not_there_is_refused() -> None:
    began = monotonic()
    with pytest.raises(RefusedError) as caught:
        BridgeClient("celery", {"address": "redis://:secret@127.0.0.1:1/0"})
    assert caught.value.body["code"] == "E_ENGINE_UNREACHABLE"
    assert "secret" not in caught.value.body["message"]
    assert monotonic() - began < 15


def test_a_local_engine_without_redis_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError) as caught:
        BridgeClient("celery", OPTIONS)
    assert caught.value.body["code"] == "E_ENGINE_NOT_INSTALLED"
    assert "redis-server" in caught.value.body["advice"]


def test_results_need_a_redis() -> None:
    with pytest.raises(RefusedError) as caught:
        BridgeClient("celery", {"address": "amqp://127.0.0.1:1//"})
    assert caught.value.body["code"] == "E_CONFIG_INVALID"
    assert "result_url" in caught.value.body["advice"]


class Broker:
    """A Redis of somebody else's, with workers started as the documentation says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.trees: list[Guarded] = []
        self.redis = self.start_redis()
        self.store = redis.Redis.from_url(self.url)
        eventually(self.is_up)

    def is_up(self) -> bool:
        try:
            return bool(self.store.ping())
        except redis.RedisError:
            return False

    def start_redis(self) -> Guarded:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        return self.guard(command, "redis.log")

    def start_worker(self, **environment: str) -> Guarded:
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)]),
            "ANANT_BROKER_URL": self.url,
            **environment,
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "anant_bridge.celery_app",
            "worker",
            "-P",
            "prefork",
            "-c",
            "2",
        ]
        command += ["-Q", "anant", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        return self.guard(command, "worker.log", env)

    def guard(self, command: list[str], log: str, env: dict[str, str] | None = None) -> Guarded:
        tree = Guarded(command, env=env, log=str(self.folder / log))
        self.trees.append(tree)
        return tree

    def close(self) -> None:
        for tree in self.trees:
            tree.kill()
        eventually(lambda: all(tree.poll() is not None for tree in self.trees))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.close()


def is_worker(command: str) -> bool:
    """Whether a command line is that of a Celery worker's process."""
    return "anant_bridge.celery_app" in command and "guard.py" not in command


def test_a_broker_reached_by_address(broker: Broker, tmp_path: Path, gate: Path) -> None:
    worker = broker.start_worker()
    eventually(lambda: broker.store.hlen("anant:workers") == 1, 30)
    with BridgeClient("celery", {"address": broker.url}, node=node_options()) as client:
        assert client.welcome["details"]["mode"] == "attached"
        assert client.welcome["slots"] == 2
        big = {"bytes": bytes(range(256)) * 40_000}
        assert client.run("tasks:echo", big)[:2] == ["ok", big]
        client.put("object-1", big)
        assert client.call("get", object="object-1") == big
        client.call("release", objects=["object-1"])
        (key,) = client.submit("tasks:spin", [None])
        client.started(key)
        assert client.cancel(key, "kill") == "cancelled"
        assert client.outcome(key)[:2] == ["cancelled", "kill"]

        held = client.submit("tasks:wait_for_file", [waiting(tmp_path)])[0]
        client.started(held)
        worker.kill()
        assert client.outcome(held, 30)[0] == "lost"
        queued = client.submit("tasks:echo", ["later"])[0]
        broker.start_worker()
        assert client.outcome(queued, 30)[:2] == ["ok", "later"]
        assert client.stop() == 0
        assert not list(broker.store.scan_iter("anant:{*"))


def test_a_broker_that_goes_and_comes_back_empty(broker: Broker, tmp_path: Path) -> None:
    broker.start_worker()
    eventually(lambda: broker.store.hlen("anant:workers") == 1, 30)
    with BridgeClient("celery", {"address": broker.url}) as client:
        held = client.submit("tasks:wait_for_file", [waiting(tmp_path)])[0]
        client.started(held)
        broker.redis.kill()
        client.until(lambda: state_seen(client, "down"), 20)
        status, detail, _ = client.run("tasks:echo", 1)
        assert (status, detail[1]) == ("lost", "no")
        assert client.call("health")["state"] == "down"
        broker.redis = broker.start_redis()
        client.until(lambda: state_seen(client, "ready"), 20)
        assert client.outcome(held, 30)[0] == "lost"
        assert client.outcome(client.submit("tasks:echo", ["again"])[0], 40)[:2] == ["ok", "again"]


def test_a_broker_that_fails_beside_a_store_that_lives(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = Broker(tmp_path / "store")
    try:
        broker.start_worker(ANANT_RESULT_URL=store.url)
        eventually(lambda: store.store.hlen("anant:workers") == 1, 30)
        with BridgeClient("celery", {"address": broker.url, "result_url": store.url}) as client:
            assert client.run("tasks:echo", 1)[:2] == ["ok", 1]
            broker.redis.kill()
            eventually(lambda: not broker.is_up())
            status, detail, _ = client.run("tasks:echo", 2)
            # The ticket was taken back, so it is certain that it never ran.
            assert (status, detail[1]) == ("lost", "no")
            assert client.call("health")["state"] == "degraded"
            broker.redis = broker.start_redis()
            eventually(broker.is_up)
            assert client.outcome(client.submit("tasks:echo", [3])[0], 30)[:2] == ["ok", 3]
            assert client.call("health")["state"] == "ready"
    finally:
        store.close()


def test_a_message_delivered_twice_runs_once(broker: Broker, tmp_path: Path) -> None:
    broker.start_worker()
    eventually(lambda: broker.store.hlen("anant:workers") == 1, 30)
    with BridgeClient("celery", {"address": broker.url}) as client:
        path = tmp_path / "mark"
        copies: list[bytes] = []

        def copy_message() -> bool:
            copies.extend(broker.store.lrange("anant\x06\x166", 0, -1))
            return bool(copies)

        held = client.submit("tasks:wait_for_file", [waiting(tmp_path)] * 2)
        for key in held:
            client.started(key)
        (key,) = client.submit("tasks:mark", [str(path)])
        eventually(copy_message)
        for message in copies:
            broker.store.lpush("anant\x06\x166", message)
        Path(tmp_path / "never").touch()
        assert client.outcome(key)[0] == "ok"
        eventually(lambda: broker.store.llen("anant\x06\x166") == 0 and broker.store.hlen("unacked") == 0)
        assert client.run("tasks:echo", 1)[:2] == ["ok", 1]
        assert path.read_text() == "x"


def test_workers_of_another_pool_refuse_to_start(broker: Broker) -> None:
    env = {**os.environ, "PYTHONPATH": str(TESTS.parent / "src"), "ANANT_BROKER_URL": broker.url}
    command = [sys.executable, "-m", "celery", "-A", "anant_bridge.celery_app", "worker", "-P", "threads"]
    tree = broker.guard(command, "threads.log", env)
    eventually(lambda: tree.poll() is not None, 30)
    assert "prefork" in (broker.folder / "threads.log").read_text()
