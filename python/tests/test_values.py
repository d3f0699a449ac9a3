"""Portable values: the golden vectors both languages share, seeded round trips, refusals by path, hostile bytes."""

from __future__ import annotations

import json
import math
import random
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anant_bridge.packed import Packed, frame_parts
from anant_bridge.pipe import PipeReader
from anant_bridge.values import (
    UNDEFINED,
    BigInt,
    FarDate,
    MalformedValueError,
    NotPortableError,
    ObjectRef,
    PortableMap,
    decode,
    encode,
)
from bridge_client import SRC

VECTORS = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "value-vectors.json").read_text(encoding="utf-8")
)


def revive(item: Any) -> Any:
    """A value of the vectors file; `$` marks what JSON cannot say."""
    if isinstance(item, list):
        return [revive(part) for part in item]
    if not isinstance(item, dict):
        return item
    match item.get("$"):
        case None:
            return {key: revive(part) for key, part in item.items()}
        case "undefined":
            return UNDEFINED
        case "float":
            return float(item["value"].replace("Infinity", "inf"))
        case "bigint":
            return BigInt(item["value"])
        case "repeat":
            return item["text"] * item["count"]
        case "bytes":
            return bytes.fromhex(item["hex"]) * item.get("count", 1)
        case "date":
            return date(item["ms"])
        case "map":
            return PortableMap((revive(key), revive(part)) for key, part in item["entries"])
        case "array" | "tensor":
            kind = float if item["dtype"].startswith("f") else int
            flat = [kind(text) for text in item["values"]]
            return np.array(flat, dtype=f"<{item['dtype']}").reshape(item.get("shape", -1))
        case "reference":
            return ObjectRef(item["id"], item["backend"])
        case "nested":
            value: Any = []
            for _ in range(item["depth"] - 1):
                value = [value]
            return value
    raise AssertionError(f"unknown form {item['$']}")


def date(ms: int) -> Any:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    except OverflowError:
        return FarDate(ms)


def same(a: Any, b: Any) -> bool:
    """Equal in type and value, NaN and the sign of zero included."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        pairs = zip(a.items(), b.items(), strict=False)
        return len(a) == len(b) and all(same(x, y) and same(v, w) for (x, v), (y, w) in pairs)
    return bool(a == b)


@pytest.mark.parametrize("case", VECTORS["encodes"], ids=lambda case: case["name"])
def test_golden_vectors_encode_to_these_bytes_and_back(case: dict[str, Any]) -> None:
    value = revive(case["value"])
    packed = encode(value)
    assert packed.body.hex() == case["body"]
    assert [bytes(buffer).hex() for buffer in packed.buffers] == case["buffers"]  # type: ignore[arg-type]
    assert same(decode(bytes.fromhex(case["body"]), [bytes.fromhex(b) for b in case["buffers"]]), value)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_golden_refusals(case: dict[str, Any]) -> None:
    with pytest.raises(MalformedValueError):
        decode(bytes.fromhex(case["body"]), [bytes.fromhex(buffer) for buffer in case["buffers"]])


def random_value(rng: random.Random, depth: int = 0) -> Any:
    leaves: list[Any] = [
        lambda: None,
        lambda: UNDEFINED,
        lambda: rng.random() < 0.5,
        lambda: rng.randint(-(2**53) + 1, 2**53 - 1),
        lambda: rng.choice([0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**32, -129]),
        lambda: rng.choice([-0.0, math.inf, -math.inf, math.nan, 0.1, 1e300, 5e-324, 2.0**60]),
        lambda: rng.uniform(-1e9, 1e9),
        lambda: BigInt(rng.randint(-(2**63), 2**64 - 1)),
        lambda: "".join(rng.choice("aé✓😀\0 ") for _ in range(rng.randint(0, 40))),
        lambda: rng.randbytes(rng.choice([0, 1, 300, 4095, 4096, 9000])),
        lambda: date(rng.randint(-8_640_000_000_000_000, 8_640_000_000_000_000)),
        lambda: np.array(
            [rng.randint(0, 100) for _ in range(rng.randint(0, 9))], rng.choice(["<i1", "<u8", "<f4"])
        ),
        lambda: np.arange(12, dtype="<f8").reshape(rng.choice([(3, 4), (2, 3, 2), (12, 1)])),
        lambda: ObjectRef("o:1", "dask"),
    ]
    if depth > 4 or rng.random() < 0.5:
        return rng.choice(leaves)()
    size = rng.randint(0, 6)
    shape = rng.randint(0, 2)
    if shape == 0:
        return [random_value(rng, depth + 1) for _ in range(size)]
    if shape == 1:
        return {f"k{n}": random_value(rng, depth + 1) for n in range(size)}
    keys = [rng.choice([f"s{n}", n + 2, BigInt(n + 100), n + 0.5]) for n in range(size)]
    return PortableMap((key, random_value(rng, depth + 1)) for key in keys)


@pytest.mark.parametrize("seed", range(200))
def test_random_values_come_back_identical(seed: int) -> None:
    value = random_value(random.Random(seed))
    packed = encode(value)
    assert same(decode(packed.body, packed.buffers), value)
    assert encode(decode(packed.body, packed.buffers)) == packed


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ((1, 2), [1, 2]),
        (2**53, BigInt(2**53)),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        ({1: "a", "b": 2}, PortableMap({1: "a", "b": 2})),
        (bytearray(b"xy"), b"xy"),
        (memoryview(b"abc")[1:], b"bc"),
        (datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=3))), datetime(2026, 1, 1, tzinfo=UTC)),
        (np.arange(4, dtype=">i4"), np.arange(4, dtype="<i4")),
        (np.arange(6).reshape(2, 3).T, np.arange(6).reshape(2, 3).T.copy()),
        ([0.0, math.nan], [0.0, math.nan]),
        ([1, 2**60], [1, BigInt(2**60)]),
    ],
)
def test_python_values_become_portable_ones(value: Any, back: Any) -> None:
    packed = encode(value)
    assert same(decode(packed.body, packed.buffers), back)


CYCLE: list[Any] = []
CYCLE.append([CYCLE])


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (lambda: 0, "result"),
        ({"rows": [1, {"when": object()}]}, "result.rows[1].when"),
        ({1, 2}, "result"),
        ([1, 2**70], "result[1]"),
        (["ok", "\ud800"], "result[1]"),
        ({"a b": 1j}, "result['a b']"),
        ({math.nan: 1}, "result[nan]"),
        ({(1, 2): 1}, "result[(1, 2)]"),
        ({"__proto__": 1}, "result.__proto__"),
        (datetime(2026, 1, 1), "result"),
        (datetime(2026, 1, 1, microsecond=1, tzinfo=UTC), "result"),
        (np.zeros(3, dtype=bool), "result"),
        ([np.array(["a"])], "result[0]"),
        (Decimal(1), "result"),
        (CYCLE, "result[0][0]"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_path(value: Any, path: str) -> None:
    with pytest.raises(NotPortableError) as caught:
        encode(value, "result")
    assert caught.value.code == "E_VALUE_NOT_PORTABLE"
    assert str(caught.value).startswith(path)


def test_arrays_are_neither_copied_out_nor_writable_in() -> None:
    array = np.arange(100_000.0)
    packed = encode(array)
    assert np.shares_memory(np.frombuffer(packed.buffers[0], "<f8"), array)  # type: ignore[call-overload]
    back = decode(packed.body, packed.buffers)
    assert np.shares_memory(back, array)
    with pytest.raises(ValueError, match="read-only"):
        back[0] = 1.0


def test_references_are_resolved() -> None:
    packed = encode({"a": ObjectRef("o1", "dask"), "b": [ObjectRef("o1", "dask")]})
    stored = [1, 2, 3]
    assert decode(packed.body, packed.buffers, lambda ref: stored) == {"a": stored, "b": [stored]}


@pytest.mark.parametrize("seed", range(300))
def test_hostile_bytes_raise_and_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    packed = encode(random_value(rng))
    body = bytearray(packed.body)
    for _ in range(rng.randint(1, 4)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    try:
        decode(bytes(body), packed.buffers)
    except MalformedValueError as error:
        assert error.code == "E_PROTOCOL"


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(MalformedValueError, match="twice"):
        decode(bytes.fromhex("82a161c0a161c0"))


def test_deeply_nested_bytes_do_not_exhaust_the_stack() -> None:
    for body in (b"\x91" * 100_000 + b"\xc0", b"\x81\xa1a" * 50_000 + b"\xc0", nested_maps(5_000)):
        with pytest.raises(MalformedValueError):
            decode(body)


def nested_maps(depth: int) -> bytes:
    body = b"\x90"
    for _ in range(depth):
        body = b"\x92\xa1k" + b"\xc9" + struct.pack(">I", len(body)) + b"\x04" + body
    return b"\xc9" + struct.pack(">I", len(body)) + b"\x04" + body


def test_a_packed_value_survives_bytes_and_pickle() -> None:
    import pickle

    packed = encode({"a": np.arange(3), "b": b"x" * 5000})
    assert Packed.from_bytes(packed.to_bytes()) == packed
    for protocol in (4, 5):
        assert pickle.loads(pickle.dumps(packed, protocol)) == packed
    for broken in (b"", b"\0\0\0\0", packed.to_bytes()[:-1], packed.to_bytes() + b"x"):
        with pytest.raises(ValueError, match="framed message"):
            Packed.from_bytes(broken)


def test_echo_program_round_trips_framed_values() -> None:
    values = [random_value(random.Random(seed)) for seed in range(50)]
    frames = []
    for value in values:
        packed = encode(value)
        frames += frame_parts([packed.body, *packed.buffers])  # type: ignore[list-item]
    done = subprocess.run(
        [sys.executable, "-m", "anant_bridge.values", "--echo"],
        input=b"".join(bytes(frame) for frame in frames),
        capture_output=True,
        env={"PYTHONPATH": SRC},
        timeout=60,
        check=True,
    )
    import os

    read, write = os.pipe()
    with os.fdopen(write, "wb") as out:
        import threading

        threading.Thread(target=lambda: (out.write(done.stdout), out.close()), daemon=True).start()
        reader = PipeReader(read)
        for value in values:
            parts = reader.read()
            assert parts is not None
            assert same(decode(parts[0], parts[1:]), value)
    os.close(read)
