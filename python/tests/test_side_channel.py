"""Both ends of the side channel over real sockets: encryption, tokens, skips, silence of the rest."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import pytest
import zmq

from anant_bridge.attempt import AttemptKey
from anant_bridge.packed import Buffer, Packed
from anant_bridge.side_channel import SideChannel, WorkerLink, bind
from anant_bridge.worker.channel import Channel
from anant_bridge.worker.session_info import CurveKeys, SessionInfo
from anant_bridge.zap import ZapGate
from conftest import eventually


class Bridge:
    """A side channel on a loop in a thread, that notes what it hears."""

    def __init__(self, *, encrypted: bool) -> None:
        self.events: list[list[Any]] = []
        self.deaths: list[str] = []
        self.permits: set[AttemptKey] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.gate: ZapGate | None = None
        self.curve: CurveKeys | None = None
        secret = None
        if encrypted:
            server, secret = zmq.curve_keypair()
            public, private = zmq.curve_keypair()
            self.curve = CurveKeys(server.decode(), public.decode(), private.decode())
            self.gate = ZapGate(self.context, {public})
        self.socket, port = bind(self.context, "127.0.0.1", secret)
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self.channel: SideChannel = self.call(self._make())

    async def _make(self) -> SideChannel:
        return SideChannel(self.socket, "token", self, {"abc": b"kernel"}.get, None)

    def call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def info(self, **more: Any) -> SessionInfo:
        fields = {"id": "s", "endpoint": self.endpoint, "token": "token", "engine": "e", "payload_max": 1000}
        return SessionInfo(**(fields | {"curve": self.curve} | more))

    def on_worker_event(self, worker: WorkerLink, event: list[Any], buffers: list[Buffer]) -> bool:
        self.events.append(event)
        return True

    def on_relief(self, worker: WorkerLink, chunk: str, result: Packed, returned: list[int]) -> None:
        pass

    def grant_permit(self, worker: WorkerLink, key: AttemptKey) -> bool:
        fresh = key not in self.permits
        self.permits.add(key)
        return fresh

    def on_worker_death(self, worker: WorkerLink, reason: str) -> None:
        self.deaths.append(reason)

    def close(self) -> None:
        async def end() -> None:
            self.channel.close("ask")

        self.call(end())
        if self.gate is not None:
            self.gate.close()
        self.context.term()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def bridge(request: pytest.FixtureRequest) -> Any:
    made = Bridge(encrypted=request.param)
    yield made
    made.close()


def test_a_worker_links_asks_and_is_told(bridge: Bridge) -> None:
    channel = Channel(bridge.info(), "worker-1")
    assert channel.wait_linked(30)
    assert channel.fetch_blob("abc", 30) == b"kernel"
    assert channel.ask_permit(("t", 1), 30) == "granted"
    assert channel.ask_permit(("t", 1), 30) == "denied"
    channel.post_item(["item", "t", 1, 0, [b"\xc0", 0]], [])
    eventually(lambda: len(bridge.events) == 1)
    assert bridge.call(bridge.channel.cancel({("later", 1): "ask"})) == {("later", 1): "skipped"}
    assert channel.skip_reason(("later", 1)) == "ask"
    second = Channel(bridge.info(), "worker-2")
    assert second.wait_linked(30)
    assert second.skip_reason(("later", 1)) == "ask"
    links = list(bridge.channel.workers.values())
    assert sorted(link.name for link in links) == ["worker-1", "worker-2"]
    assert all(link.is_local and link.pid == os.getpid() for link in links)
    channel.close()
    second.close()


def test_a_wrong_token_is_not_heard(bridge: Bridge) -> None:
    channel = Channel(bridge.info(token="guess"), "stranger")
    assert not channel.wait_linked(1.0)
    assert bridge.channel.workers == {}
    channel.close()


def test_a_key_that_is_not_listed_is_not_admitted() -> None:
    bridge = Bridge(encrypted=True)
    assert bridge.curve is not None
    public, secret = zmq.curve_keypair()
    stranger = CurveKeys(bridge.curve.server, public.decode(), secret.decode())
    channel = Channel(bridge.info(curve=stranger), "stranger")
    assert not channel.wait_linked(1.0)
    assert bridge.channel.workers == {}
    channel.close()
    bridge.close()


def test_nobody_is_admitted_once_the_gate_has_ended() -> None:
    bridge = Bridge(encrypted=True)
    assert bridge.gate is not None
    bridge.gate.close()
    channel = Channel(bridge.info(), "worker")
    assert not channel.wait_linked(1.0)
    channel.close()
    bridge.close()


def test_a_goodbye_ends_the_workers_end(bridge: Bridge) -> None:
    channel = Channel(bridge.info(), "worker")
    assert channel.wait_linked(30)

    async def end() -> None:
        bridge.channel.close("ask")

    bridge.call(end())
    eventually(lambda: channel.closed and channel.said_bye)
    bridge.close = lambda: None  # type: ignore[method-assign]
