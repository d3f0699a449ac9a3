"""What Ray's exceptions mean for an attempt. Ray blurs lost, cancelled and impossible; this table does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ray import exceptions

from ..attempt import Started

REASON_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class RayEnding:
    """How a chunk ended that returned no result."""

    kind: Literal["lost", "dropped", "refused"]
    reason: str
    started: Started = "maybe"
    suspect: bool = False
    code: str = ""
    advice: str = ""


def read_ending(error: BaseException) -> RayEnding:
    """Classifies what a reference raised."""
    text = f"{type(error).__name__}: {error}"[:REASON_CHARS_MAX]
    if isinstance(error, exceptions.TaskCancelledError):
        return RayEnding("dropped", text)
    if isinstance(error, exceptions.OutOfMemoryError) or "running low on memory" in str(error):
        return RayEnding("lost", "Ray's memory monitor killed the worker: " + text, "yes", suspect=True)
    if isinstance(error, exceptions.WorkerCrashedError | exceptions.ActorDiedError):
        return RayEnding("lost", "The Ray worker process died while it ran the task.", suspect=True)
    if isinstance(error, exceptions.RayActorError):
        return RayEnding(
            "lost", "The Ray worker process of the task cannot be reached: " + text, suspect=True
        )
    if isinstance(error, exceptions.NodeDiedError | exceptions.LocalRayletDiedError):
        return RayEnding("lost", "The Ray node of the task died: " + text)
    if isinstance(error, exceptions.ObjectLostError):
        return RayEnding("lost", "An object of the task was lost: " + text)
    if isinstance(error, exceptions.RuntimeEnvSetupError | exceptions.TaskUnschedulableError):
        return RayEnding(
            "refused",
            text,
            "no",
            code="E_CAPABILITY_MISSING",
            advice="Check the resources, the node and the environment the task asks for.",
        )
    if isinstance(error, exceptions.RayTaskError):
        return _of_task(error, text)
    return RayEnding("lost", text)


def _of_task(error: exceptions.RayTaskError, text: str) -> RayEnding:
    """An exception of our own wrapper or of Ray around it: what a task raises comes back as data."""
    cause: object = getattr(error, "cause", None)
    for _ in range(8):
        if not isinstance(cause, exceptions.RayTaskError):
            break
        cause = getattr(cause, "cause", None)
    if isinstance(cause, exceptions.ObjectLostError):
        return RayEnding("lost", "An object of the task was lost: " + text)
    if isinstance(cause, exceptions.TaskCancelledError):
        return RayEnding("dropped", text)
    if isinstance(cause, MemoryError):
        return RayEnding("lost", "The Ray worker ran out of memory: " + text, "yes", suspect=True)
    if isinstance(cause, ImportError) or "failed to import" in str(error):
        return RayEnding(
            "refused",
            f"A Ray worker cannot import anant_bridge: {str(error)[-REASON_CHARS_MAX:]}",
            "no",
            code="E_ENGINE_NOT_INSTALLED",
            advice='Install the same version of "anant-bridge[ray]" in the Python of every Ray node.',
        )
    return RayEnding("lost", "The worker's runtime failed: " + text)
