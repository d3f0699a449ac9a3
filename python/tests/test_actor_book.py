"""The book of a session's actors, without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from anant_bridge.actor_book import ActorBook
from anant_bridge.attempt import Attempt, AttemptOptions, Chunk, Definition
from anant_bridge.ledger import Ledger


class Scene:
    """An engine and a dispatcher that only write down."""

    def __init__(self) -> None:
        self.stopped: list[tuple[str, bool]] = []
        self.handed: list[Chunk] = []
        self.lost: list[str] = []
        self.ends: list[list[Any]] = []
        self.ledger = Ledger(lambda event, _: self.ends.append(event), self.on_end)
        names = iter(f"c{n}" for n in range(100))
        self.book = ActorBook(self, self.ledger, self, lambda: next(names))  # type: ignore[arg-type]

    def stop_actor(self, actor: str, *, idle: bool) -> None:
        self.stopped.append((actor, idle))

    def hand_over(self, chunks: Sequence[Chunk]) -> None:
        self.handed += chunks

    def lose(self, chunk: Chunk, reason: str, **_: Any) -> None:
        self.lost.append(chunk.id)
        self.ledger.lose(chunk.attempts[0], reason, "maybe")

    def on_end(self, attempt: Attempt, status: str) -> None:
        chunk = next((held for held in self.handed if held.attempts[0] is attempt), None)
        self.book.ended(attempt, chunk, status)

    def offer(self, name: str, method: str | None, kind: Any = "python") -> Attempt:
        options = AttemptOptions(actor="a", method=method)
        attempt = Attempt(name, 1, Definition(kind, "n", {}, "d"), b"", [], (), options)
        self.ledger.admit(attempt)
        self.book.offer(attempt)
        return attempt


def scene() -> Scene:
    async def make() -> Scene:
        return Scene()

    return asyncio.run(make())


def test_calls_go_alone_in_the_order_they_came() -> None:
    stage = scene()
    for name, method in (("make", None), ("one", "add"), ("two", "add")):
        stage.offer(name, method)
    assert [chunk.attempts[0].id for chunk in stage.handed] == ["make", "one", "two"]


def test_a_name_is_taken_until_its_actor_ends() -> None:
    stage = scene()
    made = stage.offer("make", None)
    stage.offer("again", None)
    assert stage.ends[-1][3:5] == [
        "refused",
        ["E_TASK_DUPLICATE", 'There is an actor "a".', "Stop it first, or choose another name."],
    ]
    stage.ledger.end(made, "ok", None)
    stage.book.stop("a")
    assert stage.stopped == [("a", True)]
    stage.offer("anew", None)
    assert stage.handed[-1].attempts[0].id == "anew"


def test_an_actor_that_could_not_be_made_is_none() -> None:
    stage = scene()
    stage.ledger.end(stage.offer("throws", None), "app-error", {})
    assert stage.stopped == [("a", True)]
    stage.ledger.end(stage.offer("dies", None), "lost", [])
    assert stage.stopped[-1] == ("a", False)


def test_a_stop_loses_what_is_open() -> None:
    stage = scene()
    stage.ledger.end(stage.offer("make", None), "ok", None)
    stage.offer("call", "hold")
    stage.book.stop("a")
    assert stage.stopped == [("a", False)]
    assert stage.lost == ["c1"]
    stage.book.stop("a")
    assert stage.lost == ["c1"]


def test_kernels_are_no_actors() -> None:
    stage = scene()
    stage.offer("kernel", None, kind="kernel")
    assert stage.ends[-1][3] == "refused"
    assert not stage.handed
