"""The chunks in Celery's hands, and how each leaves them: every one by exactly one call to the host."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..attempt import Chunk
from .base import EngineHost
from .celery_carry import unpack_payload
from .celery_keys import order_part
from .celery_objects import CeleryObjects
from .celery_publisher import Failure, Letter
from .celery_results import Ending

PUBLISH_TIMEOUT_S = 10.0
"""A message not known to be with the broker by then ends `unknown`."""
DOUBTED_MAX = 10_000
"""Doubtful chunks whose tickets are taken back when Redis answers; further ones may still run."""


@dataclass(slots=True)
class _Open:
    chunk: Chunk
    letter: Letter
    since: float


class ChunkTable:
    """Open chunks by id."""

    def __init__(self, host: EngineHost, discard: Callable[[str, int], None]) -> None:
        """`discard` is told the name and number of payload parts that nobody needs any more."""
        self._host = host
        self._discard = discard
        self._open: dict[str, _Open] = {}
        self.doubted: dict[str, None] = {}

    def add(self, chunk: Chunk, letter: Letter, now: float) -> None:
        """A chunk was handed over."""
        self._open[chunk.id] = _Open(chunk, letter, now)

    def known(self, names: Collection[str]) -> list[str]:
        """Those of the chunks that are open."""
        return [name for name in names if name in self._open]

    def sent(self) -> list[str]:
        """The open chunks the broker has."""
        return [name for name, held in self._open.items() if held.letter.is_sent]

    def settle(self, ending: Ending, objects: CeleryObjects) -> bool:
        """Ends a chunk by what its worker said; False when nobody wants what it kept."""
        held = self._take(ending.chunk)
        if held is None:
            return False
        chunk = held.chunk
        if ending.kind == "refused":
            self._host.refuse(chunk, *ending.detail)
        elif ending.kind != "end" or ending.result is None:
            self._host.lose(chunk, str(ending.detail), suspect=True)
        else:
            try:
                result = unpack_payload(ending.result)
            except ValueError as error:
                self._host.lose(chunk, f"The result of the task cannot be read: {error}", started="yes")
                return True
            # Of an attempt that ended meanwhile nobody will release the value.
            is_wanted = not chunk.is_over
            if ending.kept is not None and is_wanted:
                objects.adopt(chunk.object_id, ending.kept)
            self._host.finish(chunk, result)
            return is_wanted
        return True

    def fail(self, failures: Sequence[Failure]) -> None:
        """Publishing failed."""
        for failure in failures:
            if failure.fate == "doubt":
                self.doubt(failure.chunk, f"The broker may have the task: {failure.reason}")
            elif (held := self._take(failure.chunk)) is not None:
                self._host.lose(
                    held.chunk, f"The broker did not take the task: {failure.reason}", started="no"
                )

    def doubt(self, name: str, reason: str) -> None:
        """Nothing can be said of a chunk."""
        held = self._open.pop(name, None)
        if held is not None:
            if len(self.doubted) < DOUBTED_MAX:
                self.doubted[name] = None
            self._host.doubt(held.chunk, reason)

    def doubt_overdue(self, now: float) -> None:
        """Doubts what was not published in time."""
        reason = f"The broker did not confirm the task within {PUBLISH_TIMEOUT_S:g} s."
        for name, held in list(self._open.items()):
            if not held.letter.is_sent and now - held.since > PUBLISH_TIMEOUT_S:
                self.doubt(name, reason)

    def doubt_all(self, reason: str) -> None:
        """Doubts every open chunk."""
        for name in list(self._open):
            self.doubt(name, reason)

    def drop(self, name: str) -> None:
        """The ticket was taken back: it certainly did not run."""
        held = self._take(name)
        if held is not None:
            self._host.drop(held.chunk)

    def lose(self, name: str, reason: str) -> None:
        """A chunk is gone."""
        held = self._take(name)
        if held is not None:
            self._host.lose(held.chunk, reason)

    def lose_all(self, reason: str) -> None:
        """Every open chunk is gone."""
        for name in list(self._open):
            self.lose(name, reason)

    def _take(self, name: str) -> _Open | None:
        held = self._open.pop(name, None)
        if held is not None and held.letter.parts:
            self._discard(order_part(name), held.letter.parts)
        return held

    def clear(self) -> None:
        """Forgets all; the host settles them."""
        self._open.clear()
