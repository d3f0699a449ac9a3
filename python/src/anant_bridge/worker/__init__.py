"""
The runtime inside an engine's worker process: it executes a chunk and returns its results as data. Engines call
only these functions; they never raise for what a task does.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..packed import Packed


def run_chunk(payload: Packed, objects: Sequence[Packed] = ()) -> Packed:
    """
    Executes the attempts of `payload` (made by `EngineHost.pack`) in order, on the calling thread. `objects` are
    the stored objects of `chunk.references`, in order. Results that are values, application errors, refusals and
    cancellations are all data in the returned payload, which goes to `EngineHost.finish` unread.
    """
    from .runtime import execute

    return execute(payload, objects)


def run_reference(payload: Packed, objects: Sequence[Packed] = ()) -> tuple[Packed, Packed | None]:
    """
    Executes a chunk whose result stays in the engine's object store. Returns what goes to `EngineHost.finish`, and
    the value to keep under `chunk.object_id` (None when the task did not end ok).
    """
    from .runtime import execute_reference

    return execute_reference(payload, objects)


def forget_actor(actor: str) -> None:
    """Drops an actor that a chunk of `options.actor` made in this process; unknown ids are ignored."""
    from .runtime import runtime

    runtime().residents.drop(actor)


__all__ = ["forget_actor", "run_chunk", "run_reference"]
