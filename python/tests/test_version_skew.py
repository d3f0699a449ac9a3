"""Ray and Celery workers whose versions do not fit are refused by name; what may differ passes. Dask: test_dask.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anant_bridge.engines.celery_roster import Roster
from anant_bridge.errors import BridgeError

RAY = {"anant_bridge": "0.1.0", "python": "3.11.7", "ray": "2.60.0"}
CELERY = {"anant_bridge": "0.1.0", "python": "3.11.7", "celery": "5.7.0"}


def roster_with(versions: dict[str, Any]) -> Roster:
    """One living worker: it has beaten twice."""
    roster = Roster()
    for count in (1, 2):
        beat = {"count": count, "slots": 2, "queues": ["anant"], "versions": versions, "active": []}
        roster.update({b"worker@host": json.dumps(beat).encode()}, float(count))
    return roster


@pytest.mark.parametrize("seen", [RAY, RAY | {"python": "3.11.2"}])
def test_ray_workers_that_fit_pass(seen: dict[str, str]) -> None:
    pytest.importorskip("ray")
    from anant_bridge.engines.ray_link import compare_versions

    compare_versions(RAY, seen)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"anant_bridge": "0.2.0"}, "anant_bridge 0.1.0"),
        ({"python": "3.12.1"}, "python 3.11.7"),
        ({"ray": "2.59.0"}, "ray 2.60.0"),
    ],
)
def test_ray_workers_that_do_not_fit_are_refused_by_name(change: dict[str, str], word: str) -> None:
    pytest.importorskip("ray")
    from anant_bridge.engines.ray_link import compare_versions

    with pytest.raises(BridgeError) as caught:
        compare_versions(RAY, RAY | change)
    assert caught.value.code == "E_VERSION_SKEW"
    assert word in caught.value.message and next(iter(change.values())) in caught.value.message


@pytest.mark.parametrize("versions", [CELERY, CELERY | {"celery": "5.6.1", "python": "3.11.2"}])
def test_celery_workers_that_fit_pass(versions: dict[str, str]) -> None:
    roster_with(versions).check_versions(CELERY, "anant", 2.0)


@pytest.mark.parametrize(
    "change", [{"anant_bridge": "0.2.0"}, {"python": "3.12.1"}, {"celery": "6.0.0"}, {"anant_bridge": None}]
)
def test_celery_workers_that_do_not_fit_are_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(BridgeError) as caught:
        roster_with(CELERY | change).check_versions(CELERY, "anant", 2.0)
    assert caught.value.code == "E_VERSION_SKEW"
    assert "worker@host" in caught.value.message and next(iter(change)) in caught.value.message


def test_celery_workers_of_another_queue_and_dead_ones_do_not_count() -> None:
    roster = roster_with(CELERY | {"celery": "6.0.0"})
    roster.check_versions(CELERY, "other", 2.0)
    roster.check_versions(CELERY, "anant", 60.0)
