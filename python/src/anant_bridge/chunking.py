"""
Groups attempts of tiny tasks into chunks, so that an engine's cost per task is paid once for many. Pure: knows no
engine, no clock and no socket.

A definition is tiny when its measured run time, an average over recent attempts, is under `TINY_US`. Until it is
known, a few attempts go alone and the others wait for the measurement, but not for long. Streams, references,
resources, placement, at-most-once and large inputs are never grouped, nor is a definition that lately lost a worker.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .attempt import Attempt, AttemptKey, Chunk
from .packed import byte_length

TINY_US = 2_000.0
"""Mean run time below which attempts are grouped, in microseconds."""
CHUNK_US = 10_000.0
"""Run time aimed at for one chunk."""
CHUNK_MAX = 64
"""Most attempts of one chunk."""
CHUNK_INPUT_BYTES_MAX = 65_536
"""Larger inputs travel alone."""
IN_FLIGHT_PER_SLOT = 3
"""Chunks of one lane handed to the engine at once, per slot; the rest waits here and grows into larger chunks."""
ALONE_PER_SLOT = 16
"""The same for attempts that go one by one: enough for the engine to plan with, few enough to take back."""
PROBES_PER_SLOT = 2
PROBE_WAIT_S = 0.025
"""Longest wait for the first measurement of a definition."""
TAINT_S = 60.0
"""How long a definition goes ungrouped after it lost a worker."""
MEASURED_MAX = 4_096
"""Definitions whose run time is remembered."""
_WEIGHT = 0.2


@dataclass(slots=True)
class Lane:
    """Waiting attempts that may share a chunk."""

    digest: str
    waiting: deque[Attempt] = field(default_factory=deque)
    in_flight: int = 0
    waiting_since: float = 0.0
    probed: bool = False
    """The time to wait for a measurement is over."""


class Chunker:
    """Decides which waiting attempts leave together, and when."""

    def __init__(self, slots: int, name: Callable[[], str] | None = None) -> None:
        self.slots = max(1, slots)
        numbers = itertools.count(1)
        self._name = name or (lambda: f"c{next(numbers)}")
        self._lanes: dict[tuple[str, float], Lane] = {}
        self._lane_of_chunk: dict[str, Lane] = {}
        self._alone: list[Attempt] = []
        self._mean_us: OrderedDict[str, float] = OrderedDict()
        self._tainted: dict[str, float] = {}
        self._waiting: dict[AttemptKey, Attempt] = {}

    @property
    def waiting(self) -> int:
        """Attempts not handed over yet."""
        return len(self._waiting)

    def mean_us(self, digest: str) -> float | None:
        """The measured mean run time of a definition, in microseconds."""
        return self._mean_us.get(digest)

    def offer(self, attempt: Attempt, now: float) -> None:
        """Takes an attempt in; `take` hands it out."""
        self._waiting[attempt.key] = attempt
        if not self._may_group(attempt, now):
            self._alone.append(attempt)
            return
        key = (attempt.definition.digest, attempt.options.priority)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(attempt.definition.digest)
        if not lane.waiting:
            lane.waiting_since = now
        lane.waiting.append(attempt)

    def remove(self, key: AttemptKey) -> Attempt | None:
        """Takes a waiting attempt out again; None when it is not waiting any more."""
        return self._waiting.pop(key, None)

    def take(self, now: float) -> list[Chunk]:
        """The chunks to hand to the engine now, most urgent first."""
        chunks = [self._chunk([a]) for a in self._alone if self._waiting.pop(a.key, None) is not None]
        self._alone.clear()
        for key in list(self._lanes):
            lane = self._lanes[key]
            self._take_lane(lane, now, chunks)
            if not lane.waiting and not lane.in_flight:
                del self._lanes[key]
        if len(chunks) > 1:
            chunks.sort(key=lambda chunk: -chunk.options.priority)
        return chunks

    def deadline(self) -> float | None:
        """When `take` must be called again although nothing else happens."""
        times = [
            lane.waiting_since + PROBE_WAIT_S
            for lane in self._lanes.values()
            if lane.waiting and lane.digest not in self._mean_us and not lane.probed
        ]
        return min(times, default=None)

    def ended(self, chunk: Chunk, run_us: list[int]) -> None:
        """A chunk came back (or was lost): its lane may send the next. `run_us` are the measured run times."""
        lane = self._lane_of_chunk.pop(chunk.id, None)
        if lane is not None:
            lane.in_flight -= 1
        if run_us:
            digest = chunk.attempts[0].definition.digest
            measured = sum(run_us) / len(run_us)
            known = self._mean_us.pop(digest, None)
            self._mean_us[digest] = measured if known is None else known + _WEIGHT * (measured - known)
            while len(self._mean_us) > MEASURED_MAX:
                self._mean_us.popitem(last=False)

    def taint(self, digest: str, now: float) -> None:
        """Keeps a definition ungrouped for a while: it lost a worker, and blame must be exact."""
        self._tainted = {name: until for name, until in self._tainted.items() if until > now}
        self._tainted[digest] = now + TAINT_S

    def clear(self) -> list[Attempt]:
        """Takes out everything that waits."""
        left = list(self._waiting.values())
        self._waiting.clear()
        self._alone.clear()
        self._lanes.clear()
        return left

    def _may_group(self, attempt: Attempt, now: float) -> bool:
        options = attempt.options
        if options.output != "value" or options.delivery != "at-least-once" or attempt.references:
            return False
        if options.has_resources or options.has_placement or attempt.alone:
            return False
        if self._tainted.get(attempt.definition.digest, 0.0) > now:
            return False
        size = len(attempt.body) + sum(byte_length(buffer) for buffer in attempt.buffers)
        return size <= CHUNK_INPUT_BYTES_MAX

    def _take_lane(self, lane: Lane, now: float, out: list[Chunk]) -> None:
        mean = self._mean_us.get(lane.digest)
        if mean is None:
            in_time = now < lane.waiting_since + PROBE_WAIT_S
            lane.probed = not in_time
            per_slot = PROBES_PER_SLOT if in_time else ALONE_PER_SLOT
            self._send(lane, max(0, self.slots * per_slot - lane.in_flight), 1, out)
        elif mean >= TINY_US:
            self._send(lane, max(0, self.slots * ALONE_PER_SLOT - lane.in_flight), 1, out)
        else:
            room = self.slots * IN_FLIGHT_PER_SLOT - lane.in_flight
            spread = -(-len(lane.waiting) // self.slots)
            size = max(1, min(CHUNK_MAX, spread, int(CHUNK_US / max(mean, 1.0))))
            self._send(lane, max(0, room), size, out)

    def _send(self, lane: Lane, chunks_max: int, size: int, out: list[Chunk]) -> None:
        for _ in range(chunks_max):
            group: list[Attempt] = []
            while lane.waiting and len(group) < size:
                attempt = lane.waiting.popleft()
                # Removed attempts stay in the lane until they come up.
                if self._waiting.pop(attempt.key, None) is attempt:
                    group.append(attempt)
            if not group:
                return
            chunk = self._chunk(group)
            lane.in_flight += 1
            self._lane_of_chunk[chunk.id] = lane
            out.append(chunk)

    def _chunk(self, attempts: list[Attempt]) -> Chunk:
        return Chunk(self._name(), attempts)
