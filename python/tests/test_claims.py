"""Claims and kept results: what survives the death of a worker process."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from time import monotonic_ns

from anant_bridge.packed import FileBuffer, Packed
from anant_bridge.worker.claims import (
    RESULT_BYTES_MAX,
    RESULTS,
    RING,
    ClaimBook,
    Finding,
    find_claim,
    find_result,
    latest_claims,
)


def test_claims_say_what_had_begun(tmp_path: Path) -> None:
    book = ClaimBook()
    ring = book.ring(str(tmp_path))
    assert ring is not None and book.ring(str(tmp_path)) is ring
    before = monotonic_ns()
    for index in range(3):
        ring.claim("a", index)
    ring.claim("b", 0)
    assert find_claim(str(tmp_path), "a", before) == Finding("begun", 2)
    assert find_claim(str(tmp_path), "c", before) == Finding("never")
    assert latest_claims(str(tmp_path), os.getpid()) == ["b"]
    assert latest_claims(str(tmp_path), 999_999_999) == []


def test_claims_do_not_pretend_to_know_what_they_forgot(tmp_path: Path) -> None:
    ring = ClaimBook().ring(str(tmp_path))
    assert ring is not None
    before = monotonic_ns()
    for number in range(RING + 10):
        ring.claim(f"c{number}", 0)
    assert find_claim(str(tmp_path), "c0", before) == Finding("unclear")
    assert find_claim(str(tmp_path), "x", before).state == "unclear"
    assert find_claim(str(tmp_path), "x", monotonic_ns()).state == "never"
    assert find_claim(str(tmp_path), f"c{RING + 9}", before) == Finding("begun", 0)


def test_small_results_outlive_their_worker(tmp_path: Path) -> None:
    ring = ClaimBook().ring(str(tmp_path))
    assert ring is not None
    ring.claim("a", 0)
    small = Packed(b"body", [b"inline", FileBuffer("/dev/shm/x", 0, 5)])
    ring.keep("a", small)
    found = find_result(str(tmp_path), "a")
    assert found is not None and (found.body, found.buffers) == (small.body, small.buffers)
    ring.keep("b", Packed(b"x" * (RESULT_BYTES_MAX + 1)))
    assert find_result(str(tmp_path), "b") is None
    for number in range(RESULTS):
        ring.keep(f"c{number}", Packed(b"body"))
    assert find_result(str(tmp_path), "a") is None
    assert find_result(str(tmp_path), f"c{RESULTS - 1}") == Packed(b"body")
    assert find_result("/no/such/directory", "a") is None


def test_each_thread_has_its_own_claims(tmp_path: Path) -> None:
    book = ClaimBook()

    def claim(name: str) -> None:
        ring = book.ring(str(tmp_path))
        assert ring is not None
        ring.claim(name, 0)

    for name in ("one", "two"):
        thread = threading.Thread(target=claim, args=(name,))
        thread.start()
        thread.join()
    assert sorted(latest_claims(str(tmp_path), os.getpid()))[-1:] == ["two"]
    assert find_claim(str(tmp_path), "two", 0).state == "begun"


def test_a_directory_that_cannot_be_written_gives_no_claims() -> None:
    assert ClaimBook().ring("/no/such/directory") is None
    assert ClaimBook().ring(None) is None
    assert find_claim("/no/such/directory", "a", 0) == Finding("unclear")
