"""
Malformed and oversized frames to every port of a bridge in a process of its own: its memory stays flat, its session
lives, and it works. `ANANT_FUZZ_FRAMES=100000` makes it the long run; `-s` shows what it measured.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zmq

from anant_bridge.session import Session, SessionLimits
from bridge_client import BridgeClient
from conftest import listening
from hostile import Hostile, post, resident_bytes
from test_serve import Peer, Served

FRAMES = int(os.environ.get("ANANT_FUZZ_FRAMES", "3000"))
"""Of each kind."""
GROWTH_BYTES_MAX = 64 << 20
ROUNDS = 5


class Fuzzed:
    """A bridge under fire: runs what attacks beside a session that lives on, and watches the bridge's memory."""

    def __init__(self, served: Served, curve: tuple[bytes, bytes, bytes] | None = None) -> None:
        self.endpoint = served.endpoint
        self.pid = served.process.pid
        self.curve = curve
        self._ids = itertools.count()
        self.peer = self.connect()
        self.run("tasks:echo")
        self.before = resident_bytes(self.pid)

    def __enter__(self) -> Fuzzed:
        return self

    def __exit__(self, *error: object) -> None:
        self.peer.close()

    def connect(self) -> Peer:
        """The next session, as soon as the one before is over."""
        deadline = time.monotonic() + 60
        while True:
            peer = Peer(self.endpoint, self.curve)
            if peer.hello()[0] == "welcome":
                return peer
            peer.close()
            assert time.monotonic() < deadline, "the session before never ended"
            time.sleep(0.05)

    def run(self, target: str, value: object = None) -> None:
        """A task, to its result."""
        end = self.peer.run(target, f"task-{next(self._ids)}", value)
        assert end[0] == "ok", end

    def attack(self, what: str, attack: Callable[[], object], frames: int = FRAMES) -> None:
        """Meanwhile the session's pings are answered."""
        held, began = resident_bytes(self.pid), time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(attack)
            while not running.done():
                self.peer.answer(100)
            running.result()
        grown = (resident_bytes(self.pid) - held) / 2**20
        print(f"{what}: {frames} frames in {time.monotonic() - began:.1f} s, grown by {grown:.1f} MiB")

    def check(self) -> None:
        """The same session runs a task, and the bridge has not grown."""
        self.run("tasks:echo")
        grown = resident_bytes(self.pid) - self.before
        print(f"grown by {grown / 2**20:.1f} MiB in all")
        assert grown < GROWTH_BYTES_MAX

    def side_channel(self) -> str:
        """Where the bridge of this session listens for workers."""
        control = int(self.endpoint.rpartition(":")[2])
        ports = {int(address.rpartition(":")[2], 16) for address in listening([self.pid])} - {control}
        return f"tcp://127.0.0.1:{ports.pop()}"

    def stranger(self, endpoint: str, seed: int, first: list[bytes], *, keys: bool = False) -> None:
        """Somebody who speaks ZMTP, and nothing that makes sense."""
        other = Peer(endpoint, self.curve if keys else None)
        post(other.socket, Hostile(seed).messages(FRAMES, first))
        other.close(linger_ms=60_000)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    server.drain()
    yield server
    server.close()


def test_the_ports_of_an_attached_bridge(served: Served) -> None:
    with Fuzzed(served) as fuzzed:
        control, side = fuzzed.endpoint, fuzzed.side_channel()
        fuzzed.attack("raw, control port", lambda: Hostile(1).flood(control, FRAMES))
        fuzzed.attack("raw, side channel", lambda: Hostile(2).flood(side, FRAMES))
        fuzzed.attack("strangers, control port", lambda: fuzzed.stranger(control, 3, []))
        fuzzed.attack("strangers, side channel", lambda: fuzzed.stranger(side, 4, []))
        fuzzed.attack("wrong token, side channel", lambda: fuzzed.stranger(side, 5, [b"guess"]))
        fuzzed.check()
        held = resident_bytes(fuzzed.pid)
        fuzzed.run("tasks:misbehave", {"count": FRAMES, "seed": 6})
        grown = (resident_bytes(fuzzed.pid) - held) / 2**20
        print(f"a worker of the session, side channel: {FRAMES} frames, grown by {grown:.1f} MiB")
        fuzzed.check()
        for seed in range(ROUNDS):
            # Three of its messages end a session, and the next one begins.
            post(fuzzed.peer.socket, Hostile(10 + seed).messages(12))
            fuzzed.peer.close(linger_ms=60_000)
            fuzzed.peer = fuzzed.connect()
        fuzzed.check()


def test_the_ports_of_a_bridge_with_keys(tmp_path: Path) -> None:
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()
    (tmp_path / "secret").write_bytes(server_secret)
    (tmp_path / "clients").write_bytes(public)
    keys = ("--curve-secret", str(tmp_path / "secret"), "--curve-clients", str(tmp_path / "clients"))
    served = Served(tmp_path, "tcp://127.0.0.1:0", *keys)
    served.drain()
    with Fuzzed(served, (server_public, public, secret)) as fuzzed:
        fuzzed.attack("raw, control port with keys", lambda: Hostile(1).flood(fuzzed.endpoint, FRAMES))
        fuzzed.attack("admitted key", lambda: fuzzed.stranger(fuzzed.endpoint, 2, [], keys=True))
        fuzzed.check()
    served.close()


def test_the_socket_of_a_spawned_bridge() -> None:
    with BridgeClient("local", {"local": {"workers": 1}}) as client:
        assert client.run("tasks:echo", 1)[0] == "ok"
        before = resident_bytes(client.process.pid)
        Hostile(1).flood(f"ipc://{client.folder}/bridge", FRAMES)
        assert client.run("tasks:echo", 2)[0] == "ok"
        assert resident_bytes(client.process.pid) - before < GROWTH_BYTES_MAX


def test_a_session_answers_whatever_it_is_sent() -> None:
    seen = set()
    session = Session("token", has_pipe=False)
    for head, *frames in Hostile(1).messages(max(FRAMES, 20_000)):
        if session.phase != "open":
            session = Session("token", has_pipe=False)
            session.opened(SessionLimits(1_000, 1_000_000, shared=False), 0.0)
        seen.update(type(effect).__name__ for effect in session.receive(head, frames, 0.0))
    assert {"Send", "EndSession"} <= seen
