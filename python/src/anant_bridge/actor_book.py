"""The actors of a session, as the bridge knows them: which live, and what is open for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .attempt import Attempt, Chunk, Started
from .engines.base import ActorEngine, Engine
from .ledger import Ledger


class ActorHost(Protocol):
    """What the book asks of the dispatcher."""

    def hand_over(self, chunks: Sequence[Chunk]) -> None:
        """Gives chunks to the engine."""

    def lose(self, chunk: Chunk, reason: str, *, started: Started = "maybe", suspect: bool = False) -> None:
        """See EngineHost."""


class ActorBook:
    """Calls pass the chunker by: each goes alone, at once, in the order it came."""

    def __init__(self, engine: Engine, ledger: Ledger, host: ActorHost, name: Callable[[], str]) -> None:
        self._engine = engine
        self._ledger = ledger
        self._host = host
        self._name = name
        self._open: dict[str, dict[str, Chunk]] = {}

    def offer(self, attempt: Attempt) -> None:
        """Takes an attempt with an actor in."""
        actor, method = attempt.options.actor, attempt.options.method
        assert actor is not None
        if not isinstance(self._engine, ActorEngine) or attempt.definition.kind == "kernel":
            self._ledger.refuse(
                attempt,
                "E_CAPABILITY_MISSING",
                "This engine holds no actors of that kind.",
                "Use the native backend or Ray for actors, with a class in TypeScript or Python.",
            )
        elif method is None and actor in self._open:
            advice = "Stop it first, or choose another name."
            self._ledger.refuse(attempt, "E_TASK_DUPLICATE", f'There is an actor "{actor}".', advice)
        else:
            chunk = Chunk(self._name(), [attempt])
            if method is None:
                self._open[actor] = {}
            # A call for an actor that is gone goes on as well: the engine loses it.
            self._open.get(actor, {})[chunk.id] = chunk
            self._host.hand_over([chunk])

    def ended(self, attempt: Attempt, chunk: Chunk | None, status: str) -> None:
        """An attempt with an actor has ended. An actor that could not be made is none."""
        actor = attempt.options.actor
        if actor is None or chunk is None:
            return
        held = self._open.get(actor)
        if held is None or held.pop(chunk.id, None) is None:
            return
        if attempt.options.method is None and status != "ok":
            self._end(actor, idle=status in ("app-error", "refused"))

    def stop(self, actor: str) -> None:
        """Ends an actor, and its calls `lost`. Unknown ids are ignored."""
        held = self._open.get(actor)
        if held is not None:
            self._end(actor, idle=not held)

    def _end(self, actor: str, *, idle: bool) -> None:
        held = self._open.pop(actor)
        if isinstance(self._engine, ActorEngine):
            self._engine.stop_actor(actor, idle=idle)
        for chunk in list(held.values()):
            self._host.lose(chunk, f'The actor "{actor}" was stopped.')

    def clear(self) -> None:
        """The engine has lost all of them."""
        self._open.clear()
