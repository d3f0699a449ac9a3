"""The Celery workers of a namespace, by their beats. A beat counts up, so that no two clocks are compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..errors import BridgeError

DEAD_S = 10.0
"""A worker whose beat has not changed for so long is gone. It beats every second."""
WORKERS_MAX = 4_096
"""Workers that are followed; further ones are ignored."""

WorkerState: TypeAlias = Literal["alive", "unproven", "dead", "unknown"]


@dataclass(slots=True)
class WorkerBeat:
    """One worker, as last seen. `active` are the chunks its main process has in the hands of its pool."""

    name: str
    count: int
    changed_at: float
    slots: int
    queues: frozenset[str]
    versions: Mapping[str, str]
    active: frozenset[str]
    proven: bool = False


@dataclass(slots=True)
class Roster:
    """All workers of a namespace. Pure: the caller brings the beats and the time."""

    workers: dict[str, WorkerBeat] = field(default_factory=dict)

    def update(self, raw: Mapping[bytes, bytes], now: float) -> list[str]:
        """Takes in all beats as read from Redis; returns the names of workers that are dead by now."""
        for key, data in list(raw.items())[:WORKERS_MAX]:
            name = key.decode("utf-8", "replace")
            seen = _read(name, data, now)
            if seen is None:
                continue
            known = self.workers.get(name)
            if known is not None:
                if known.count == seen.count:
                    continue
                # A first sight may be the last beat of a worker long dead; a second one proves life.
                seen.proven = True
            self.workers[name] = seen
        for name in [name for name in self.workers if name.encode() not in raw]:
            del self.workers[name]
        return [name for name in self.workers if self.state(name, now) == "dead"]

    def state(self, name: str, now: float) -> WorkerState:
        """What is known of a worker."""
        worker = self.workers.get(name)
        if worker is None:
            return "unknown"
        if now - worker.changed_at > DEAD_S:
            return "dead"
        return "alive" if worker.proven else "unproven"

    def serving(self, queue: str, now: float) -> list[WorkerBeat]:
        """The living workers of a queue."""
        return [w for w in self.workers.values() if queue in w.queues and self.state(w.name, now) == "alive"]

    def check_versions(self, here: Mapping[str, str], queue: str, now: float) -> None:
        """Raises BridgeError E_VERSION_SKEW when a living worker has other versions than the bridge."""
        for worker in self.serving(queue, now):
            for what, wanted in here.items():
                found = str(worker.versions.get(what, "unknown"))
                if _significant(what, found) != _significant(what, wanted):
                    raise BridgeError(
                        "E_VERSION_SKEW",
                        f"The bridge has {what} {wanted}, the Celery worker {worker.name} has {found}.",
                        "Install the same versions on the bridge's machine and for every worker.",
                        {"what": what, "expected": wanted, "actual": found, "worker": worker.name},
                    )


def _significant(what: str, version: str) -> str:
    """The part of a version that must be equal: all of ours, the minor of Python, the major of Celery."""
    parts = version.split(".")
    return {"anant_bridge": version, "python": ".".join(parts[:2])}.get(what, parts[0])


def _read(name: str, data: bytes, now: float) -> WorkerBeat | None:
    try:
        beat: Any = json.loads(data)
        return WorkerBeat(
            name,
            int(beat["count"]),
            now,
            max(1, int(beat["slots"])),
            frozenset(map(str, beat["queues"])),
            dict(beat["versions"]),
            frozenset(map(str, beat["active"])),
        )
    except (ValueError, KeyError, TypeError):
        # Another version of this package wrote it, or something else did.
        return None
