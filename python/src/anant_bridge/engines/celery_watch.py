"""
Finds chunks that nobody has any more. Every open chunk must have a ticket, or be in the hands of a living worker;
one that is neither, several looks in a row, is lost: whatever failed on the way, no caller waits for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .celery_roster import Roster

LOOK_S = 1.0
LOOKS_MAX = 4
"""Looks in a row at which a chunk must be missing. Its end may be on its way meanwhile."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A chunk that is gone."""

    chunk: str
    reason: str


@dataclass(slots=True)
class Watch:
    """Pure: the caller brings what it read."""

    _missing: dict[str, int] = field(default_factory=dict)

    def look(
        self,
        now: float,
        sent: Collection[str],
        tickets: Collection[str],
        running: Mapping[str, str],
        roster: Roster,
    ) -> list[Loss]:
        """What is lost by now. `running` is chunk to `worker pid nonce`."""
        missing: dict[str, int] = {}
        lost = []
        for chunk in sent:
            if chunk in tickets:
                continue
            reason, weight = _suspect(chunk, running.get(chunk), roster, now)
            if reason is None:
                continue
            count = self._missing.get(chunk, 0) + weight
            if count >= LOOKS_MAX:
                lost.append(Loss(chunk, reason))
            else:
                missing[chunk] = count
        self._missing = missing
        return lost


def _suspect(chunk: str, holder: str | None, roster: Roster, now: float) -> tuple[str | None, int]:
    """Why a chunk without ticket may be gone, and how much this look counts."""
    if holder is None:
        return "Redis no longer knows the task: its data, or the report of its end, was lost.", 1
    worker = holder.partition(" ")[0]
    state = roster.state(worker, now)
    if state == "dead":
        return f"The Celery worker {worker} is gone: no sign of life for 10 seconds.", LOOKS_MAX
    if state == "unknown":
        return f"The Celery worker {worker} has ended.", 1
    if chunk not in roster.workers[worker].active:
        return f"The Celery worker {worker} no longer has the task.", 1
    return None, 0
