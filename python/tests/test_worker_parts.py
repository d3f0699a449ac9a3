"""Parts of the worker runtime, each by itself."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anant_bridge.errors import BridgeError
from anant_bridge.packed import FileBuffer, Packed
from anant_bridge.pipe import PipeClosedError, PipeReader, PipeWriter
from anant_bridge.spool import FILE_BYTES_MIN, Spool, discard_prefix, map_file, resolve_name
from anant_bridge.worker import python_task
from anant_bridge.worker.call import Call, CallItem, CallResult, Record
from anant_bridge.worker.chunk_run import ChunkRun
from anant_bridge.worker.context import Context
from anant_bridge.worker.kernel_layout import ALIGNMENT, KernelError, plan, read_signature
from anant_bridge.worker.questions import Questions
from anant_bridge.worker.remote_error import CAUSES_MAX, MESSAGE_CHARS_MAX, TRACEBACK_CHARS_MAX, describe


def call(count: int) -> Call:
    items = [CallItem(f"t{n}", 1, b"\xc0", [b"x"] * (n % 3)) for n in range(count)]
    return Call("chunk-1", b"session", {"kind": "python"}, "digest", "value", None, ["o1"], items)


def test_calls_and_results_travel() -> None:
    back = Call.unpack(call(5).pack())
    assert back == call(5)
    records = [
        Record(0, "ok", [b"\xc0", 1], [b"data"], 5, 2, [1.0, 2.0, None]),
        Record(1, "lost", ["why", "no", False]),
    ]
    result = CallResult.unpack(CallResult("w", True, records, True).pack())
    assert result == CallResult("w", True, records, True)


@pytest.mark.parametrize("body", [b"\x91\x63", b"\x90", b"\xc0"])
def test_calls_of_another_version_are_refused(body: bytes) -> None:
    for kind in (Call, CallResult):
        with pytest.raises(BridgeError) as caught:
            kind.unpack(Packed(body))  # type: ignore[attr-defined]
        assert caught.value.code == "E_VERSION_SKEW"


# A chunk while it runs.


def test_relief_hands_over_what_ended_and_gives_back_what_did_not_begin() -> None:
    run = ChunkRun(call(5), None)
    for index in range(2):
        assert run.advance(16) == (index, run.call.items[index])
        run.record(Record(index, "ok", [b"", 0]))
    assert run.advance(16) == (2, run.call.items[2])
    with run.lock:
        assert [run.position((f"t{n}", 1)) for n in range(5)] == [
            "done",
            "done",
            "running",
            "waiting",
            "waiting",
        ]
        finished, returned = run.relieve()
        assert [record.index for record in finished] == [0, 1] and returned == [3, 4]
        assert run.position(("t3", 1)) == "absent" and run.current_key == ("t2", 1)
        assert run.relieve() == ([], [])
    run.record(Record(2, "ok", [b"", 0]))
    with run.lock:
        assert run.position(("t2", 1)) == "done"
    assert run.advance(16) is None
    assert [record.index for record in run.rest()] == [2] and run.was_relieved


def test_the_last_progress_is_part_of_the_record() -> None:
    run = ChunkRun(call(1), None)
    run.advance(16)
    context = run.context(run.call.items[0])
    context.progress(1, 2)
    context.progress(2, 2, "note" * 1000)
    record = Record(0, "ok", [b"", 0])
    run.record(record)
    assert (
        record.progress is not None and record.progress[:2] == [2.0, 2.0] and len(record.progress[2]) == 1024
    )
    # Also when the side channel took it already: the result may come first all the same.
    run = ChunkRun(call(1), None)
    run.advance(16)
    run.context(run.call.items[0]).progress(3, 3)
    run.progress_dirty = False
    record = Record(0, "ok", [b"", 0])
    run.record(record)
    assert record.progress == [3.0, 3.0, None]
    for bad in ((float("nan"), 1), (-1, 1), (1, float("inf"))):
        with pytest.raises(ValueError, match="finite"):
            context.progress(*bad)


# Python functions.


def one(value: Any) -> Any:
    return [value]


def nothing() -> str:
    return "no arguments"


def with_context(value: Any, context: Context) -> Any:
    return [value, context]


def with_option(value: Any, option: int = 5) -> Any:
    return [value, option]


def with_optional_context(value: Any, context: Any = None) -> Any:
    return [value, context]


def variadic(*values: Any) -> Any:
    return list(values)


def optional(value: Any = "default") -> Any:
    return [value]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("one", ["in"]),
        ("nothing", "no arguments"),
        ("with_context", ["in", "context"]),
        ("with_option", ["in", 5]),
        ("with_optional_context", ["in", "context"]),
        ("variadic", ["in", "context"]),
        ("optional", ["in"]),
    ],
)
def test_functions_get_as_many_arguments_as_they_take(name: str, result: Any) -> None:
    function, arity = python_task.resolve(f"{__name__}:{name}", "")
    assert python_task.call(function, arity, "in", "context") == result


def test_a_module_that_raises_while_imported_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BridgeError) as caught:
        python_task.resolve("broken_module:f", "")
    assert caught.value.code == "E_TASK_NOT_FOUND" and "ZeroDivisionError" in caught.value.message
    assert "Fix the error" in caught.value.advice


# Errors.


def test_errors_are_bounded() -> None:
    def deep(level: int) -> None:
        if level == 0:
            raise ValueError("x" * 100_000)
        deep(level - 1)

    error: BaseException | None = None
    for _ in range(20):
        try:
            if error is None:
                deep(200)
            raise RuntimeError("outer") from error
        except BaseException as caught:
            error = caught
    assert error is not None
    data: Any = describe(error)
    depth = 0
    while data is not None:
        assert len(data["message"]) <= MESSAGE_CHARS_MAX + 100
        assert len(data.get("traceback", "")) <= TRACEBACK_CHARS_MAX + 100
        data, depth = data.get("cause"), depth + 1
    assert depth <= CAUSES_MAX + 1


def test_errors_that_cannot_even_be_shown_are_described() -> None:
    class BadError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert "RuntimeError" in describe(BadError())["message"]
    cyclic = ValueError("a")
    cyclic.__cause__ = cyclic
    assert "cause" not in describe(cyclic)
    assert describe(MemoryError())["code"] == "E_OUT_OF_MEMORY"
    assert describe(ValueError("\ud800"))["message"] == "\\ud800"


# Kernel layouts.


def test_arrays_are_placed_aligned_one_after_the_other() -> None:
    signature = read_signature(
        {
            "parameters": [
                {"name": "x", "role": "in", "type": "u8[]"},
                {"name": "n", "role": "in", "type": "u32"},
                {"name": "out", "role": "out", "type": "f64[]", "length": {"of": "x", "times": 2, "plus": 1}},
                {"name": "tmp", "role": "scratch", "type": "i32[]", "length": {"of": "n"}},
                {"name": "more", "role": "out", "type": "u16[]", "length": {"of": "out"}},
                {"name": "fixed", "role": "out", "type": "f32[]", "length": 4},
            ],
            "returns": "u32",
        }
    )
    layout = plan(signature, {"x": b"abc", "n": 10.0})
    assert {name: region.count for name, region in layout.regions.items()} == {
        "x": 3,
        "out": 7,
        "tmp": 10,
        "more": 7,
        "fixed": 4,
    }
    assert all(region.offset % ALIGNMENT == 0 for region in layout.regions.values())
    assert layout.scalars == {"n": 10}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"parameters": [{}]},
        {"parameters": [{"name": "a", "role": "in", "type": "i64"}]},
        {"parameters": [{"name": "a", "role": "out", "type": "i32", "length": 1}]},
        {"parameters": [{"name": "a", "role": "out", "type": "i32[]"}]},
        {"parameters": [{"name": "a", "role": "in", "type": "i32"}] * 2},
        {"parameters": [{"name": "result", "role": "in", "type": "i32"}], "returns": "i32"},
        {"parameters": [], "returns": "i32[]"},
    ],
)
def test_signatures_are_checked(data: Any) -> None:
    with pytest.raises(KernelError):
        read_signature(data)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"x": 1.5}, {"x": True}, {"x": 2**31}, {"x": float("nan")}, {"x": "1"}, {"x": 1, "y": 2}],
)
def test_scalars_convert_strictly(value: Any) -> None:
    signature = read_signature({"parameters": [{"name": "x", "role": "in", "type": "i32"}]})
    with pytest.raises(KernelError):
        plan(signature, value)


@pytest.mark.parametrize(
    "length", [{"of": "later"}, {"of": "n", "times": 0.5}, {"of": "n", "plus": -100}, -1, 0.5]
)
def test_lengths_must_come_out_whole(length: Any) -> None:
    parameters = [
        {"name": "n", "role": "in", "type": "i32"},
        {"name": "out", "role": "out", "type": "i32[]", "length": length},
    ]
    with pytest.raises(KernelError, match="out"):
        plan(read_signature({"parameters": parameters}), {"n": 3})


# Files, pipes, questions.


def test_only_large_buffers_become_files_and_full_directories_take_none(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), "p")
    small, large = b"x" * 100, np.arange(FILE_BYTES_MIN, dtype=np.uint8).data
    assert spool.store(small) is small
    stored = spool.store(large)
    assert isinstance(stored, FileBuffer) and spool.store(stored) is stored
    view = map_file(stored)
    discard_prefix(str(tmp_path), "p-")
    assert os.listdir(tmp_path) == []
    assert bytes(view) == bytes(large)
    assert Spool("/no/such/directory", "p").store(large) is large
    with pytest.raises(OSError, match="p-0"):
        map_file(stored)
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(ValueError, match="fewer"):
        map_file(FileBuffer(str(short), 0, 10))
    for name in ("../x", "a/b", "", ".x", "x" * 201):
        with pytest.raises(ValueError, match="bare file name"):
            resolve_name("/d", name)


def test_pipes_carry_whole_messages_and_notice_the_end() -> None:
    read, write = os.pipe()
    big = np.random.default_rng(1).integers(0, 255, 3_000_000, dtype=np.uint8).tobytes()
    messages: list[list[Any]] = [[b"a"], [b"", b"b" * 70_000, big], [b"c"] * 1000]

    def send() -> None:
        for message in messages:
            PipeWriter(write).write(message)
        os.write(write, b"\x01\0\0\0\xff")
        os.close(write)

    thread = threading.Thread(target=send)
    thread.start()
    reader = PipeReader(read)
    for message in messages:
        parts = reader.read()
        assert parts is not None and [bytes(part) for part in parts] == message
    with pytest.raises(PipeClosedError):
        reader.read()
    thread.join()
    os.close(read)


def test_questions_are_answered_to_all_who_wait_or_time_out() -> None:
    woken = threading.Event()
    questions: Questions[str, int] = Questions(woken.set)
    answers: list[int | None] = []
    threads = [threading.Thread(target=lambda: answers.append(questions.ask("k", 10))) for _ in range(3)]
    for thread in threads:
        thread.start()
    asked = 0
    while asked < 3:
        asked += questions.take() is not None
    questions.answer("unknown", 1)
    questions.answer("k", 7)
    for thread in threads:
        thread.join()
    assert answers == [7, 7, 7] and woken.is_set()
    assert questions.ask("k", 0.01) is None
    questions.close()
    assert questions.ask("k", 10) is None
