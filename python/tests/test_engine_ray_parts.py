"""The parts of the Ray engine that need no cluster: admission, endings, placement, versions."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from ray import exceptions

from anant_bridge.attempt import Attempt, AttemptOptions, Chunk, Definition
from anant_bridge.engines.ray_calls import RayCalls, RayNode, Unplaceable
from anant_bridge.engines.ray_ending import read_ending
from anant_bridge.engines.ray_link import compare_versions
from anant_bridge.engines.ray_slots import RaySlots, is_plain
from anant_bridge.errors import BridgeError


def chunk(name: str, **options: Any) -> Chunk:
    definition = Definition("python", "n", {"target": "m:f"}, "digest")
    return Chunk(name, [Attempt(name, 1, definition, b"", [], (), AttemptOptions(**options))])


class TestSlots:
    def make(self, cpus: float) -> tuple[RaySlots, list[str]]:
        launched: list[str] = []

        def launch(given: Chunk) -> bool:
            launched.append(given.id)
            return not given.id.startswith("refused")

        return RaySlots(cpus, launch), launched

    def test_no_more_run_than_there_are_slots(self) -> None:
        slots, launched = self.make(2)
        chunks = [chunk(f"c{n}") for n in range(4)]
        for item in chunks:
            slots.offer(item)
        slots.fill()
        assert launched == ["c0", "c1"]
        slots.ended(chunks[1])
        slots.fill()
        assert launched == ["c0", "c1", "c2"]

    def test_urgent_ones_come_first_and_equals_in_order(self) -> None:
        slots, launched = self.make(1)
        for name, priority in (("low", -1.0), ("first", 0.0), ("second", 0.0), ("high", 5.0)):
            slots.offer(chunk(name, priority=priority))
        for name in ("high", "first", "second", "low"):
            slots.fill()
            assert launched[-1] == name
            slots.ended(chunk(name))

    def test_a_large_one_is_not_starved_by_small_ones(self) -> None:
        slots, launched = self.make(2)
        first, large, small = chunk("first"), chunk("large", cpu=2), chunk("small")
        for item in (first, large, small):
            slots.offer(item)
        slots.fill()
        assert launched == ["first"]
        slots.ended(first)
        slots.fill()
        assert launched == ["first", "large"]
        slots.ended(large)
        slots.fill()
        assert launched == ["first", "large", "small"]

    def test_what_asks_for_more_than_there_is_comes_to_launch_which_refuses_it(self) -> None:
        slots, launched = self.make(2)
        slots.offer(chunk("refused", cpu=64))
        slots.offer(chunk("next"))
        slots.fill()
        assert launched == ["refused", "next"]

    def test_fractions_add_up(self) -> None:
        slots, launched = self.make(1)
        for number in range(11):
            slots.offer(chunk(f"c{number}", cpu=0.1))
        slots.fill()
        assert len(launched) == 10

    def test_waiting_ones_can_be_taken_out(self) -> None:
        slots, launched = self.make(1)
        chunks = [chunk(f"c{n}") for n in range(3)]
        for item in chunks:
            slots.offer(item)
        slots.fill()
        assert not slots.remove(chunks[0])
        assert slots.remove(chunks[1])
        assert not slots.remove(chunks[1])
        slots.ended(chunks[0])
        slots.fill()
        assert launched == ["c0", "c2"]
        assert slots.clear() == []

    def test_plain_means_nothing_but_a_slot(self) -> None:
        assert is_plain(chunk("c", priority=3.0))
        assert not is_plain(chunk("c", cpu=1.0))
        assert not is_plain(chunk("c", node="n"))


class TestEnding:
    @pytest.mark.parametrize(
        ("error", "kind", "suspect"),
        [
            (exceptions.TaskCancelledError(), "dropped", False),
            (exceptions.WorkerCrashedError(), "lost", True),
            (exceptions.ActorDiedError(), "lost", True),
            (exceptions.ActorUnavailableError("gone", None), "lost", True),
            (exceptions.OutOfMemoryError("node ran out"), "lost", True),
            (exceptions.NodeDiedError("node"), "lost", False),
            (exceptions.LocalRayletDiedError(), "lost", False),
            (exceptions.ObjectLostError("00" * 28, "", ""), "lost", False),
            (exceptions.OwnerDiedError("00" * 28, "", ""), "lost", False),
            (exceptions.RuntimeEnvSetupError("broken"), "refused", False),
            (exceptions.TaskUnschedulableError("never"), "refused", False),
            (exceptions.RaySystemError("what"), "lost", False),
            (ValueError("strange"), "lost", False),
        ],
    )
    def test_every_exception_has_a_meaning(self, error: BaseException, kind: str, suspect: bool) -> None:
        ending = read_ending(error)
        assert (ending.kind, ending.suspect) == (kind, suspect)
        assert ending.reason
        assert kind != "refused" or (ending.code and ending.advice)

    def test_a_worker_that_cannot_import_us_is_refused_with_advice(self) -> None:
        cause = ModuleNotFoundError("No module named 'anant_bridge'")
        ending = read_ending(exceptions.RayTaskError("call", "Traceback …", cause))
        assert (ending.kind, ending.code) == ("refused", "E_ENGINE_NOT_INSTALLED")

    def test_memory_is_the_cause_whoever_says_so(self) -> None:
        ending = read_ending(exceptions.RayTaskError("call", "Traceback …", MemoryError()))
        assert (ending.kind, ending.suspect) == ("lost", True)


class TestPlacement:
    def calls(self) -> RayCalls:
        calls = object.__new__(RayCalls)
        calls.nodes = [
            RayNode("id-a", frozenset({"10.0.0.1", "host-a"}), {"CPU": 4.0, "memory": 1e9}, {"zone": "a"}),
            RayNode(
                "id-b",
                frozenset({"10.0.0.2", "host-b"}),
                {"CPU": 8.0, "GPU": 1.0, "memory": 1e9},
                {"zone": "b"},
            ),
        ]
        return calls

    @pytest.mark.parametrize(
        "options",
        [
            {"cpu": 8},
            {"gpu": 1, "cpu": 0},
            {"node": "host-a", "cpu": 4},
            {"node": "id-b", "gpu": 1},
            {"labels": {"zone": "b"}, "cpu": 5},
            {"memory_bytes": 10**9},
        ],
    )
    def test_what_some_node_can_hold_passes(self, options: dict[str, Any]) -> None:
        self.calls().check(AttemptOptions(**options))

    @pytest.mark.parametrize(
        ("options", "word"),
        [
            ({"cpu": 9}, "8 CPU"),
            ({"gpu": 2}, "1 GPU"),
            ({"node": "host-a", "gpu": 1}, "0 GPU"),
            ({"node": "elsewhere"}, "elsewhere"),
            ({"labels": {"zone": "c"}}, "zone"),
            ({"custom": {"tpu": 1.0}}, "tpu"),
        ],
    )
    def test_what_no_node_can_hold_is_named(self, options: dict[str, Any], word: str) -> None:
        with pytest.raises(Unplaceable) as caught:
            self.calls().check(AttemptOptions(**options))
        assert word in str(caught.value)


def test_versions_must_fit() -> None:
    here = {"anant_bridge": "0.1.0", "python": "3.11.7", "ray": "2.60.0"}
    compare_versions(here, here | {"python": "3.11.2"})
    for what, version in (("anant_bridge", "0.1.1"), ("python", "3.12.7"), ("ray", "2.59.0")):
        with pytest.raises(BridgeError) as caught:
            compare_versions(here, here | {what: version})
        assert caught.value.code == "E_VERSION_SKEW"
        assert caught.value.details["what"] == what
