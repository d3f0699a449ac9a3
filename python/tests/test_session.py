"""The session's state machine, without sockets: handshake, shapes, limits, liveness."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgpack
import pytest

from anant_bridge.effects import (
    CancelAttempts,
    Effect,
    EndSession,
    GrantCredits,
    ObjectCall,
    RefuseAttempt,
    Send,
    StartEngine,
    StopSession,
    SubmitAttempts,
)
from anant_bridge.packed import FileBuffer
from anant_bridge.session import SILENCE_S, Session, SessionLimits
from anant_bridge.wire import FRAMES_MAX, pack_message

HELLO = {"protocol": 1, "session": "s", "token": "t", "client": "c", "engine": "local", "options": {}}
DEFINITION = {"kind": "python", "name": "n", "target": "m:f", "version": ""}


def feed(session: Session, kind: str, body: dict[str, Any], *frames: bytes, now: float = 0.0) -> list[Effect]:
    return session.receive(pack_message(kind, body), frames, now)


def opened(*, has_pipe: bool = True, **limits: Any) -> Session:
    session = Session("t", has_pipe)
    feed(session, "hello", HELLO | {"shared_dir": "/shared"})
    session.opened(SessionLimits(**({"window": 100, "payload_max": 1000, "shared": True} | limits)), 0.0)
    return session


def task(*row: Any) -> dict[str, Any]:
    return {"defs": [DEFINITION], "tasks": [list(row)]}


def error_of(effects: list[Effect]) -> str:
    assert isinstance(effects[0], Send) and effects[0].kind == "error"
    return str(effects[0].body["message"])


def test_a_good_hello_starts_the_engine() -> None:
    (effect,) = feed(
        Session("t", True), "hello", HELLO | {"python_path": ["/p"], "node": {"exec": "n", "host": "h"}}
    )
    assert isinstance(effect, StartEngine)
    assert (effect.hello.engine, effect.hello.python_path, effect.hello.node_exec) == ("local", ["/p"], "n")


@pytest.mark.parametrize(
    ("change", "code"), [({"protocol": 2}, "E_PROTOCOL_VERSION"), ({"token": "wrong"}, "E_PROTOCOL")]
)
def test_a_hello_that_does_not_fit_is_refused(change: dict[str, Any], code: str) -> None:
    refused, over = feed(Session("t", True), "hello", HELLO | change)
    assert isinstance(refused, Send) and refused.kind == "refused" and refused.body["code"] == code
    assert refused.body["advice"]
    assert isinstance(over, EndSession)


def test_anything_before_hello_ends_the_session() -> None:
    effects = feed(Session("t", True), "submit", task())
    assert "hello" in error_of(effects) and isinstance(effects[1], EndSession)


def test_messages_between_hello_and_welcome_are_protocol_errors() -> None:
    session = Session("t", True)
    feed(session, "hello", HELLO)
    assert "welcome" in error_of(feed(session, "submit", task()))


def test_submit_becomes_attempts_with_their_buffers() -> None:
    session = opened()
    options = {
        "priority": 3,
        "resources": {"cpu": 2, "memoryBytes": 1e9, "custom": {"x": 1}},
        "delivery": "at-most-once",
    }
    body = {
        "defs": [DEFINITION],
        "tasks": [[0, "a", 1, [b"\xc0", 1], [], None], [0, "b", 2.0, [b"\xc0", 2], ["o1"], options]],
        "files": [2],
    }
    file = msgpack.packb({"path": "name", "offset": 0, "bytes": 5.0})
    (effect,) = feed(session, "submit", body, b"one", b"two", file)
    assert isinstance(effect, SubmitAttempts)
    first, second = effect.attempts
    assert (first.key, first.buffers, first.options.priority) == (("a", 1), [b"one"], 0)
    assert second.buffers == [b"two", FileBuffer("/shared/name", 0, 5)]
    assert (second.number, second.references, second.options.cpu) == (2, ("o1",), 2)
    assert (second.options.memory_bytes, second.options.custom) == (1_000_000_000, {"x": 1})
    assert first.definition is second.definition


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"defs": [DEFINITION]},
        task(),
        task(0, "a", 1, [b"\xc0", 0], []),
        task(1, "a", 1, [b"\xc0", 0], [], None),
        task(0, 5, 1, [b"\xc0", 0], [], None),
        task(0, "x" * 200, 1, [b"\xc0", 0], [], None),
        task(0, "a", 1.5, [b"\xc0", 0], [], None),
        task(0, "a", 1, [b"\xc0", 3], [], None),
        task(0, "a", 1, [b"\xc0", -1], [], None),
        task(0, "a", 1, b"\xc0", [], None),
        task(0, "a", 1, [b"\xc0", 0], [], {"output": "x"}),
        task(0, "a", 1, [b"\xc0", 0], [], {"priority": "high"}),
        task(0, "a", 1, [b"\xc0", 0], [], 7),
        {"defs": [{"kind": "ruby"}], "tasks": []},
        {"defs": 1, "tasks": []},
        {"defs": [DEFINITION], "tasks": [], "files": [9]},
    ],
)
def test_a_submit_of_the_wrong_shape_is_answered_by_error(body: dict[str, Any]) -> None:
    assert error_of(feed(opened(), "submit", body))


@pytest.mark.parametrize("path", ["../etc/passwd", "/etc/passwd", "a/b", "", ".hidden", "x" * 300, 5, None])
def test_file_buffers_may_only_name_files_of_the_shared_directory(path: object) -> None:
    file = msgpack.packb({"path": path, "offset": 0, "bytes": 1})
    body = task(0, "a", 1, [b"\xc0", 1], [], None) | {"files": [0]}
    assert error_of(feed(opened(), "submit", body, file))


def test_file_buffers_need_to_be_agreed() -> None:
    file = msgpack.packb({"path": "a", "offset": 0, "bytes": 1})
    body = task(0, "a", 1, [b"\xc0", 1], [], None) | {"files": [0]}
    assert "agreed" in error_of(feed(opened(shared=False), "submit", body, file))


def test_three_errors_end_the_session() -> None:
    session = opened()
    for _ in range(2):
        assert len(feed(session, "nonsense", {})) == 1
    assert isinstance(feed(session, "nonsense", {})[1], EndSession)
    assert feed(session, "submit", task()) == []


@pytest.mark.parametrize("head", [b"", b"\xc1", b"\xc0", b"\x92\x01\x80", b"\x92\xa1a\x90", b"\x91" * 2000])
def test_hostile_heads_are_answered_by_error(head: bytes) -> None:
    assert error_of(opened().receive(head, [], 0.0))


def test_too_many_frames_are_answered_by_error() -> None:
    assert "frames" in error_of(opened().receive(pack_message("ping", {}), [b""] * FRAMES_MAX, 0.0))


def test_inputs_over_the_limit_and_tasks_over_the_window_are_refused_one_by_one() -> None:
    session = opened(payload_max=10, window=1)
    rows = [
        [0, "a", 1, [b"x" * 11, 0], [], None],
        [0, "b", 1, [b"\xc0", 0], [], None],
        [0, "c", 1, [b"\xc0", 0], [], None],
    ]
    effects = feed(session, "submit", {"defs": [DEFINITION], "tasks": rows})
    assert [e.attempts[0].id for e in effects if isinstance(e, SubmitAttempts)] == ["b"]
    refused = {e.attempt.id: e.code for e in effects if isinstance(e, RefuseAttempt)}
    assert refused == {"a": "E_PAYLOAD_TOO_LARGE", "c": "E_QUEUE_FULL"}


def test_kernels_need_their_bytes_first() -> None:
    session = opened()
    code = b"\0asm"
    digest = sha256(code).hexdigest()
    kernel = {
        "kind": "kernel",
        "name": "k",
        "blob": digest,
        "export": "f",
        "version": digest,
        "signature": {},
    }
    body = {"defs": [kernel], "tasks": [[0, "a", 1, [b"\xc0", 0], [], None]]}
    (refused,) = feed(session, "submit", body)
    assert isinstance(refused, RefuseAttempt) and refused.code == "E_KERNEL_INVALID"
    assert "hash" in error_of(feed(session, "blob", {"sha256": digest}, b"other"))
    assert feed(session, "blob", {"sha256": digest}, code) == []
    (taken,) = feed(session, "submit", body)
    assert isinstance(taken, SubmitAttempts)


def test_a_kernel_whose_version_is_not_its_bytes_is_refused() -> None:
    session = opened()
    digest = sha256(b"\0asm").hexdigest()
    feed(session, "blob", {"sha256": digest}, b"\0asm")
    kernel = {
        "kind": "kernel",
        "name": "k",
        "blob": digest,
        "export": "f",
        "version": "0" * 64,
        "signature": {},
    }
    (refused,) = feed(session, "submit", {"defs": [kernel], "tasks": [[0, "a", 1, [b"\xc0", 0], [], None]]})
    assert isinstance(refused, RefuseAttempt) and refused.code == "E_TASK_VERSION"


def test_the_other_calls() -> None:
    session = opened()
    assert feed(session, "cancel", {"call": 1, "requests": [["a", 1, "kill"]]}) == [
        CancelAttempts(1, [("a", 1, "kill")])
    ]
    assert error_of(feed(session, "cancel", {"call": 1, "requests": [["a", 1, "gently"]]}))
    assert feed(session, "credit", {"grants": [["a", 1, 5], ["b", 1, 0]]}) == [GrantCredits([(("a", 1), 5)])]
    (put,) = feed(session, "put", {"call": 2, "object": "o", "value": [b"\xc0", 1]}, b"data")
    assert isinstance(put, ObjectCall) and put.value is not None and put.value.buffers == [b"data"]
    assert feed(session, "get", {"call": 3, "object": "o"}) == [ObjectCall("get", 3, ["o"])]
    assert feed(session, "release", {"call": 4, "objects": ["o"]}) == [ObjectCall("release", 4, ["o"])]
    assert feed(session, "ping", {"seq": 4}) == [Send("pong", {"seq": 4})]
    assert feed(session, "stop", {"grace_ms": 1500}) == [StopSession(1.5)]


def test_without_a_pipe_silence_ends_the_session() -> None:
    session = opened(has_pipe=False)
    now = 0.0
    while now < SILENCE_S - 1:
        now += 1.0
        assert [effect for effect in session.tick(now) if isinstance(effect, EndSession)] == []
    feed(session, "pong", {}, now=now)
    for _ in range(int(SILENCE_S)):
        now += 1.0
        assert not any(isinstance(effect, EndSession) for effect in session.tick(now))
    assert any(isinstance(effect, EndSession) for effect in session.tick(now + 1.0))


def test_with_a_pipe_silence_means_a_busy_client() -> None:
    session = opened(has_pipe=True)
    for second in range(1, 100):
        assert all(isinstance(effect, Send) for effect in session.tick(float(second)))


def test_a_bridge_that_was_stopped_itself_counts_silence_anew() -> None:
    session = opened(has_pipe=False)
    session.tick(1.0)
    assert all(isinstance(effect, Send) for effect in session.tick(100.0))
    assert all(isinstance(effect, Send) for effect in session.tick(101.0))
