"""The open attempts of a session: what is passed on of what workers report, by two paths that race."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from anant_bridge.attempt import Attempt, AttemptOptions, Definition
from anant_bridge.ledger import Ledger
from anant_bridge.packed import Buffer
from anant_bridge.worker.call import Record

DEFINITION = Definition("python", "n", {"target": "m:f"}, "d")


def attempt() -> Attempt:
    return Attempt("t", 1, DEFINITION, b"", [], (), AttemptOptions())


class Heard:
    """A ledger with one open attempt, and the events it emitted."""

    def __init__(self) -> None:
        self.events: list[list[Any]] = []
        self.ledger = Ledger(self._hear, lambda attempt, status: None)
        self.attempt = attempt()
        self.ledger.admit(self.attempt)

    def _hear(self, event: list[Any], buffers: list[Buffer]) -> None:
        self.events.append(event)

    def reports(self) -> list[Any]:
        return [event[3] for event in self.events if event[0] == "progress"]


@pytest.mark.parametrize(
    ("sent", "passed_on"),
    [([], [3.0]), ([1.0], [1.0, 3.0]), ([1.0, 3.0], [1.0, 3.0]), ([3.0, 3.0], [3.0])],
    ids=["nothing before", "an older one before", "all before", "twice"],
)
def test_the_last_word_is_passed_on_once_before_the_end(sent: list[float], passed_on: list[float]) -> None:
    async def run() -> None:
        heard = Heard()
        for done in sent:
            heard.ledger.report(heard.attempt, ["progress", "t", 1, done, 3.0, None])
        heard.ledger.settle(heard.attempt, Record(0, "ok", [b"", 0], progress=[3.0, 3.0, None]))
        assert heard.reports() == passed_on
        assert heard.events[-1][0] == "end"

    asyncio.run(run())


def test_nothing_comes_after_the_last_word_of_a_stream_that_waits_for_items() -> None:
    async def run() -> None:
        heard = Heard()
        heard.ledger.settle(heard.attempt, Record(0, "ok", [b"", 0], items=1, progress=[3.0, 3.0, None]))
        heard.ledger.report(heard.attempt, ["progress", "t", 1, 2.0, 3.0, None])
        heard.ledger.item(heard.attempt, 0, b"", [])
        assert heard.reports() == [3.0]
        assert [event[0] for event in heard.events] == ["progress", "item", "end"]

    asyncio.run(run())
