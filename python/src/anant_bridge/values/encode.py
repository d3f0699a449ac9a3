"""Encodes a Python value into a msgpack body and out-of-band buffers, or refuses it by path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import nan
from typing import Any

import msgpack
import numpy as np

from ..packed import Buffer, Packed
from .profile import (
    BYTES_INLINE_MAX,
    DATE_MS_MAX,
    DEPTH_MAX,
    DTYPES,
    EPOCH,
    EXT_BIGINT,
    EXT_BUFFER,
    EXT_DATE,
    EXT_MAP,
    EXT_OBJECT_REF,
    EXT_UNDEFINED,
    INTEGER_MAX,
    INTEGER_MIN,
    MILLISECOND,
    SAFE_INTEGER_MAX,
)
from .types import UNDEFINED, BigInt, FarDate, NotPortableError, ObjectRef, PortableMap, Undefined

_UNDEFINED_EXT = msgpack.ExtType(EXT_UNDEFINED, b"")
_SCALARS = frozenset((bool, type(None)))
_KEY_TYPES = (str, bool, int, float, BigInt)


def encode(value: object, root: str = "value") -> Packed:
    """
    Encodes a portable value. `root` starts the paths in messages (`result.rows[3]`).
    Raises NotPortableError. Arrays and byte strings are referred to, not copied.
    """
    return _Encoder(root).run(value)


class _Encoder:
    """One encoding: the buffers found so far and the path walked."""

    __slots__ = ("buffers", "path", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self.buffers: list[Buffer] = []
        self.path: list[str] = []

    def run(self, value: object) -> Packed:
        plain = self.plain(value)
        try:
            body = msgpack.packb(plain, use_bin_type=True)
        except (ValueError, TypeError, OverflowError, UnicodeEncodeError) as error:
            raise NotPortableError(self.root, str(error)) from error
        return Packed(body, self.buffers)

    def refuse(self, problem: str, advice: str = "") -> NotPortableError:
        path = self.root + "".join(self.path)
        return NotPortableError(path, problem, advice) if advice else NotPortableError(path, problem)

    def plain(self, value: Any) -> Any:
        """The value as msgpack's own types and ext types."""
        kind = type(value)
        writer = _WRITERS.get(kind)
        if writer is not None:
            return writer(self, value)
        if value is None or kind is bool:
            return value
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, np.generic):
            return self.numpy_scalar(value)
        raise self.refuse(
            f"values of type {kind.__module__}.{kind.__qualname__} are not portable.",
            "Use None, bool, int, float, str, bytes, datetime, list, dict or numpy arrays.",
        )

    def integer(self, value: int) -> Any:
        if -SAFE_INTEGER_MAX <= value <= SAFE_INTEGER_MAX:
            return value
        return self.big(value)

    def big(self, value: int) -> Any:
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise self.refuse("the integer needs more than 64 bits.", "Send it as a string.")
        return msgpack.ExtType(EXT_BIGINT, msgpack.packb(int(value)))

    def real(self, value: float) -> float:
        return value if value == value else nan

    def text(self, value: str) -> str:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.refuse("the string has an unpaired surrogate.", "Send bytes instead.") from None
        return value

    def undefined(self, _value: Undefined) -> Any:
        return _UNDEFINED_EXT

    def binary(self, value: bytes | bytearray) -> Any:
        if len(value) < BYTES_INLINE_MAX:
            return bytes(value)
        return self.buffer(value, "u1", None)

    def view(self, value: memoryview) -> Any:
        if not value.c_contiguous:
            return self.binary(value.tobytes())
        flat = value.cast("B") if value.nbytes else memoryview(b"")
        return bytes(flat) if flat.nbytes < BYTES_INLINE_MAX else self.buffer(flat, "u1", None)

    def buffer(self, data: Buffer, dtype: str, shape: list[int] | None) -> Any:
        self.buffers.append(data)
        return msgpack.ExtType(EXT_BUFFER, msgpack.packb([len(self.buffers) - 1, dtype, shape]))

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        code = f"{value.dtype.kind}{value.dtype.itemsize}"
        dtype = DTYPES.get(code)
        if dtype is None or type(value) not in (np.ndarray, np.memmap):
            raise self.refuse(
                f"an array of type {type(value).__name__} and dtype {value.dtype} is not portable.",
                "Convert it to a plain array of 8 to 64 bit integers, float32 or float64.",
            )
        # ascontiguousarray turns rank 0 into rank 1, so the shape is taken before.
        data = np.ascontiguousarray(value, dtype=dtype)
        return self.buffer(data.reshape(-1).view(np.uint8).data, code, list(value.shape))

    def numpy_scalar(self, value: np.generic) -> Any:
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, np.integer):
            return self.integer(int(value))
        if isinstance(value, np.floating) and value.dtype.itemsize <= 8:
            return self.real(float(value))
        if isinstance(value, np.str_):
            return self.text(str(value))
        raise self.refuse(f"numpy scalars of dtype {value.dtype} are not portable.")

    def date(self, value: datetime) -> Any:
        if value.tzinfo is None:
            raise self.refuse(
                "the datetime has no time zone.", "Use datetime.now(timezone.utc) or .replace(tzinfo=…)."
            )
        ms, rest = divmod(value.astimezone(UTC) - EPOCH, MILLISECOND)
        if rest:
            raise self.refuse("the datetime is finer than a millisecond.", "Round it to milliseconds.")
        return msgpack.ExtType(EXT_DATE, msgpack.packb(ms))

    def far_date(self, value: FarDate) -> Any:
        if not -DATE_MS_MAX <= value <= DATE_MS_MAX:
            raise self.refuse("the date is outside JavaScript's range.")
        return msgpack.ExtType(EXT_DATE, msgpack.packb(int(value)))

    def object_ref(self, value: ObjectRef) -> Any:
        return msgpack.ExtType(EXT_OBJECT_REF, msgpack.packb([value.id, value.backend]))

    def sequence(self, value: list[Any] | tuple[Any, ...]) -> Any:
        self.enter()
        if not value or self.is_plain_run(value):
            return value
        path, plain, writers = self.path, self.plain, _WRITERS
        path.append("")
        out = []
        for index, item in enumerate(value):
            writer = writers.get(type(item))
            path[-1] = f"[{index}]"
            out.append(writer(self, item) if writer is not None else plain(item))
        path.pop()
        return out

    def is_plain_run(self, value: list[Any] | tuple[Any, ...]) -> bool:
        """Whether all items are of one scalar type and need no change: decided at C speed."""
        kinds = set(map(type, value))
        if kinds == {int}:
            return bool(min(value) >= -SAFE_INTEGER_MAX and max(value) <= SAFE_INTEGER_MAX)
        if kinds == {float}:
            total = sum(value)
            return bool(total == total)
        if kinds == {str}:
            return all(map(str.isascii, value))
        return kinds <= _SCALARS

    def mapping(self, value: dict[Any, Any]) -> Any:
        for key in value:
            if type(key) is not str:
                return self.pairs(value)
        self.enter()
        if not value:
            return value
        path, plain, writers, text = self.path, self.plain, _WRITERS, self.text
        path.append("")
        out = {}
        for key, item in value.items():
            path[-1] = f".{key}" if key.isidentifier() else f"[{key!r}]"
            if key == "__proto__":
                raise self.refuse('the key "__proto__" is not allowed.')
            writer = writers.get(type(item))
            out[text(key)] = writer(self, item) if writer is not None else plain(item)
        path.pop()
        return out

    def pairs(self, value: dict[Any, Any]) -> Any:
        self.enter()
        path = self.path
        path.append("")
        flat: list[Any] = []
        for key, item in value.items():
            path[-1] = f"[{key!r:.60}]"
            flat.append(self.map_key(key))
            flat.append(self.plain(item))
        path.pop()
        try:
            return msgpack.ExtType(EXT_MAP, msgpack.packb(flat))
        except (ValueError, UnicodeEncodeError) as error:
            raise self.refuse(str(error)) from error

    def map_key(self, key: Any) -> Any:
        if isinstance(key, np.generic):
            key = key.item()
        if type(key) not in _KEY_TYPES:
            raise self.refuse(
                f"a map key of type {type(key).__qualname__} is not portable.",
                "Use strings, booleans, numbers or integers as keys.",
            )
        if key != key:
            raise self.refuse("NaN cannot be a map key.")
        return self.plain(key)

    def enter(self) -> None:
        if len(self.path) >= DEPTH_MAX:
            raise self.too_deep()

    def too_deep(self) -> NotPortableError:
        return NotPortableError(
            self.root + "".join(self.path[:3]) + "…",
            f"it is nested deeper than {DEPTH_MAX} levels, or contains itself.",
        )


_WRITERS: dict[type, Callable[[_Encoder, Any], Any]] = {
    int: _Encoder.integer,
    float: _Encoder.real,
    str: _Encoder.text,
    bytes: _Encoder.binary,
    bytearray: _Encoder.binary,
    memoryview: _Encoder.view,
    list: _Encoder.sequence,
    tuple: _Encoder.sequence,
    dict: _Encoder.mapping,
    PortableMap: _Encoder.pairs,
    BigInt: _Encoder.big,
    FarDate: _Encoder.far_date,
    Undefined: _Encoder.undefined,
    datetime: _Encoder.date,
    ObjectRef: _Encoder.object_ref,
    np.ndarray: _Encoder.array,
}

assert UNDEFINED.__class__ in _WRITERS
