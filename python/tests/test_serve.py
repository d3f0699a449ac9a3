"""An attached bridge: token, one session at a time, survival of its clients, encryption outside loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from anant_bridge.values import encode
from anant_bridge.wire import pack_message, unpack_message
from bridge_client import SRC, TESTS
from conftest import eventually, is_alive

DEADLINE_MS = 60_000


class Served:
    """A bridge started by `serve`."""

    def __init__(self, folder: Path, bind: str = "tcp://127.0.0.1:0", *more: str) -> None:
        (folder / "token").write_text("secret-token\n")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "anant_bridge",
                "serve",
                "--bind",
                bind,
                "--token-file",
                str(folder / "token"),
                *more,
            ],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONPATH=SRC),
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "listening on tcp://" in line, line
        self.endpoint = line.split()[-1].replace("0.0.0.0", "127.0.0.1")

    def drain(self) -> None:
        """Reads its log from now on, so that it never waits for a reader."""
        log = self.process.stderr
        assert log is not None
        threading.Thread(target=lambda: [None for _ in log], daemon=True).start()

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0
        assert self.process.stderr is not None
        self.process.stderr.close()


class Peer:
    """One connection to it."""

    def __init__(self, endpoint: str, curve: tuple[bytes, bytes, bytes] | None = None) -> None:
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        if curve is not None:
            self.socket.curve_serverkey, self.socket.curve_publickey, self.socket.curve_secretkey = curve
        self.socket.connect(endpoint)

    def send(self, kind: str, body: dict[str, Any], *frames: bytes) -> None:
        self.socket.send_multipart([pack_message(kind, body), *frames])

    def hello(self, token: str = "secret-token") -> tuple[str, dict[str, Any]]:
        hello = {"protocol": 1, "session": "s", "token": token, "client": "c", "engine": "local"}
        self.send("hello", hello | {"options": {"local": {"workers": 1}}, "python_path": [TESTS]})
        return self.wait("welcome", "refused")

    def wait(self, *kinds: str, timeout_ms: int = DEADLINE_MS) -> tuple[str, dict[str, Any]]:
        while self.socket.poll(timeout_ms):
            kind, body = unpack_message(self.socket.recv_multipart()[0])
            if kind == "ping":
                self.send("pong", body)
            if kind in kinds:
                return kind, body
        raise TimeoutError(f"no {kinds}")

    def answer(self, timeout_ms: int) -> None:
        """Answers a ping, if one comes; the rest is forgotten."""
        if self.socket.poll(timeout_ms):
            kind, body = unpack_message(self.socket.recv_multipart()[0])
            if kind == "ping":
                self.send("pong", body)

    def run(self, target: str, name: str = "a", value: object = None) -> list[Any]:
        definition = {"kind": "python", "name": target, "target": target}
        packed = encode(value)
        self.send("submit", {"defs": [definition], "tasks": [[0, name, 1, [packed.body, 0], [], None]]})
        while True:
            for event in self.wait("events")[1]["events"]:
                if event[0] == "end":
                    return list(event[3:])

    def close(self, linger_ms: int = 0) -> None:
        self.socket.close(linger_ms)
        self.context.term()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    yield server
    server.close()


def test_a_wrong_token_is_refused_and_the_right_one_is_not(served: Served) -> None:
    wrong = Peer(served.endpoint)
    kind, body = wrong.hello("guess")
    assert (kind, body["code"]) == ("refused", "E_PROTOCOL")
    wrong.close()
    peer = Peer(served.endpoint)
    assert peer.hello()[0] == "welcome"
    assert peer.run("tasks:echo")[0] == "ok"
    peer.close()


def test_one_session_at_a_time_each_under_a_new_epoch(served: Served) -> None:
    first = Peer(served.endpoint)
    _, welcome = first.hello()
    second = Peer(served.endpoint)
    kind, body = second.hello()
    assert (kind, body["code"]) == ("refused", "E_BACKEND_UNAVAILABLE")
    worker = first.run("tasks:pid")
    assert worker[0] == "ok"
    first.send("stop", {"grace_ms": 0})
    first.wait("stopped")
    first.close()
    kind, again = second.hello()
    assert kind == "welcome" and again["epoch"] > welcome["epoch"]
    assert second.run("tasks:echo")[0] == "ok"
    second.close()


def test_a_vanished_client_ends_its_tasks_and_the_bridge_stays(served: Served) -> None:
    from anant_bridge.lifeline import descendants

    peer = Peer(served.endpoint)
    peer.hello()
    definition = {"kind": "python", "name": "s", "target": "tasks:spin"}
    peer.send("submit", {"defs": [definition], "tasks": [[0, "a", 1, [b"\xc0", 0], [], None]]})
    while not any(event[0] == "start" for event in peer.wait("events")[1]["events"]):
        pass
    below = descendants(served.process.pid)
    assert below
    peer.close()
    eventually(lambda: not any(map(is_alive, below)), timeout=30)
    fresh = Peer(served.endpoint)
    assert fresh.hello()[0] == "welcome"
    fresh.close()


def test_outside_loopback_keys_are_required_and_only_listed_ones_admitted(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret-token")
    refused = subprocess.run(
        [
            sys.executable,
            "-m",
            "anant_bridge",
            "serve",
            "--bind",
            "tcp://0.0.0.0:0",
            "--token-file",
            tmp_path / "token",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ, PYTHONPATH=SRC),
    )
    assert refused.returncode == 2 and "--curve-secret" in refused.stderr
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()
    (tmp_path / "secret").write_bytes(server_secret)
    (tmp_path / "clients").write_bytes(public)
    served = Served(
        tmp_path,
        "tcp://0.0.0.0:0",
        "--curve-secret",
        str(tmp_path / "secret"),
        "--curve-clients",
        str(tmp_path / "clients"),
    )
    stranger = Peer(served.endpoint, (server_public, *zmq.curve_keypair()))
    with pytest.raises(TimeoutError):
        stranger.send("hello", {})
        stranger.wait("refused", "error", "welcome", timeout_ms=1500)
    stranger.close()
    peer = Peer(served.endpoint, (server_public, public, secret))
    assert peer.hello()[0] == "welcome"
    peer.close()
    served.close()


def test_a_bad_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "anant_bridge",
            "serve",
            "--bind",
            "tcp://127.0.0.1:0",
            "--token-file",
            "/no/such/file",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ, PYTHONPATH=SRC),
    )
    assert done.returncode == 2 and "/no/such/file" in done.stderr
