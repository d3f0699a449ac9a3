"""Which attempts leave together: pure, with an injected clock."""

from __future__ import annotations

from typing import Any

from anant_bridge.attempt import Attempt, AttemptOptions, Definition
from anant_bridge.chunking import CHUNK_MAX, IN_FLIGHT_PER_SLOT, PROBE_WAIT_S, PROBES_PER_SLOT, Chunker

TINY = Definition("python", "tiny", {"target": "m:tiny"}, "d-tiny")


def attempts(count: int, definition: Definition = TINY, **options: Any) -> list[Attempt]:
    return [
        Attempt(f"{definition.name}{n}", 1, definition, b"", [], (), AttemptOptions(**options))
        for n in range(count)
    ]


def measured(slots: int, run_us: int) -> Chunker:
    """A chunker that knows the run time of `TINY`."""
    chunker = Chunker(slots)
    chunker.offer(attempts(1)[0], 0.0)
    (chunk,) = chunker.take(0.0)
    chunker.ended(chunk, [run_us])
    return chunker


def sizes(chunker: Chunker, now: float = 0.0) -> list[int]:
    return [len(chunk.attempts) for chunk in chunker.take(now)]


def offer(chunker: Chunker, items: list[Attempt], now: float = 0.0) -> None:
    for item in items:
        chunker.offer(item, now)


def test_a_single_attempt_leaves_at_once() -> None:
    chunker = Chunker(2)
    offer(chunker, attempts(1))
    assert sizes(chunker) == [1]


def test_unknown_definitions_send_probes_and_wait_for_them_only_so_long() -> None:
    chunker = Chunker(2)
    offer(chunker, attempts(100))
    assert sizes(chunker) == [1] * (2 * PROBES_PER_SLOT)
    assert sizes(chunker, PROBE_WAIT_S / 2) == []
    assert chunker.deadline() == PROBE_WAIT_S
    later = sizes(chunker, PROBE_WAIT_S)
    assert later and set(later) == {1}
    assert chunker.deadline() is None


def test_tiny_tasks_leave_in_full_chunks_as_many_as_the_slots_can_use() -> None:
    chunker = measured(2, 20)
    offer(chunker, attempts(2000))
    assert sizes(chunker) == [CHUNK_MAX] * (2 * IN_FLIGHT_PER_SLOT)
    assert chunker.waiting == 2000 - 2 * IN_FLIGHT_PER_SLOT * CHUNK_MAX


def test_few_tiny_tasks_are_spread_over_the_slots() -> None:
    chunker = measured(4, 20)
    offer(chunker, attempts(10))
    assert sizes(chunker) == [3, 3, 3, 1]


def test_chunks_shrink_as_tasks_take_longer() -> None:
    chunker = measured(1, 1000)
    offer(chunker, attempts(100))
    assert sizes(chunker)[0] == 10


def test_tasks_that_are_not_tiny_go_alone() -> None:
    chunker = measured(2, 50_000)
    offer(chunker, attempts(20))
    assert set(sizes(chunker)) == {1}


def test_a_task_that_becomes_slow_is_no_longer_grouped() -> None:
    chunker = measured(1, 20)
    for _ in range(30):
        offer(chunker, attempts(1))
        for chunk in chunker.take(0.0):
            chunker.ended(chunk, [100_000])
    offer(chunker, attempts(10))
    assert set(sizes(chunker)) == {1}


def test_what_must_not_be_grouped_goes_alone() -> None:
    for options in (
        {"delivery": "at-most-once"},
        {"output": "stream"},
        {"output": "reference"},
        {"cpu": 1.0},
        {"node": "here"},
        {"labels": {"zone": "a"}},
    ):
        chunker = measured(1, 20)
        offer(chunker, attempts(10, **options))
        assert sizes(chunker) == [1] * 10
    chunker = measured(1, 20)
    with_reference = attempts(10)
    for item in with_reference:
        item.references = ("o1",)
    offer(chunker, with_reference)
    assert sizes(chunker) == [1] * 10
    chunker = measured(1, 20)
    large = attempts(3)
    for item in large:
        item.buffers = [b"x" * 100_000]
    offer(chunker, large)
    assert sizes(chunker) == [1] * 3


def test_a_definition_that_lost_a_worker_goes_alone_for_a_while() -> None:
    chunker = measured(1, 20)
    chunker.taint("d-tiny", 10.0)
    offer(chunker, attempts(10), 11.0)
    assert sizes(chunker, 11.0) == [1] * 10
    offer(chunker, attempts(10), 1000.0)
    assert sizes(chunker, 1000.0) == [10]


def test_removed_attempts_do_not_leave() -> None:
    chunker = measured(1, 20)
    items = attempts(10)
    offer(chunker, items)
    for item in items[::2]:
        assert chunker.remove(item.key) is item
    assert chunker.remove(("no", 1)) is None
    (chunk,) = chunker.take(0.0)
    assert [item.id for item in chunk.attempts] == [item.id for item in items[1::2]]
    assert chunker.waiting == 0


def test_more_urgent_chunks_leave_first_and_are_not_mixed() -> None:
    chunker = measured(1, 20)
    offer(chunker, attempts(5, priority=0))
    offer(chunker, attempts(5, Definition("python", "u", {}, "d-tiny"), priority=7))
    taken = chunker.take(0.0)
    assert [chunk.options.priority for chunk in taken] == [7, 0]


def test_no_attempt_is_lost_or_doubled_however_calls_interleave() -> None:
    import random

    for seed in range(50):
        rng = random.Random(seed)
        chunker = Chunker(rng.randint(1, 4))
        flying, seen, now, made = [], [], 0.0, 0
        for _ in range(300):
            now += rng.random() * 0.01
            if rng.random() < 0.4:
                for item in attempts(rng.randint(1, 40)):
                    item.id = f"n{made}"
                    made += 1
                    chunker.offer(item, now)
            taken = chunker.take(now)
            flying += taken
            seen += [item.id for chunk in taken for item in chunk.attempts]
            while flying and rng.random() < 0.6:
                chunk = flying.pop(rng.randrange(len(flying)))
                chunker.ended(chunk, [rng.choice([10, 100, 5000])] * rng.randint(0, 1))
        for _ in range(10_000):
            taken = chunker.take(now + 1)
            seen += [item.id for chunk in taken for item in chunk.attempts]
            for chunk in taken + flying:
                chunker.ended(chunk, [10])
            flying = []
            if not chunker.waiting:
                break
        assert sorted(seen) == sorted(f"n{n}" for n in range(made))
