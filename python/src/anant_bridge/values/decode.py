"""Decodes a msgpack body and its buffers into a Python value. Safe on hostile bytes: they raise, nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgpack
import numpy as np

from ..packed import Buffer, Bytes, FileBuffer, byte_length
from ..spool import map_file
from .profile import (
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
)
from .types import UNDEFINED, BigInt, FarDate, MalformedValueError, ObjectRef, PortableMap

Resolver = Callable[[ObjectRef], object]

# First bytes that open a container or an ext type, the only bytes nesting can be made of.
_OPENING = bytes([*range(0x80, 0xA0), *range(0xC7, 0xCA), *range(0xD4, 0xD9), *range(0xDC, 0xE0)])
# msgpack turns ext type -1 into its own timestamps before any hook is asked.
_TIMESTAMPS = (b"\xd6\xff", b"\xd7\xff", b"\xc7\x0c\xff")
_KEY_TYPES = (str, bool, int, float, BigInt)
_INSPECTED = (list, dict, PortableMap, msgpack.Timestamp)


def decode(body: Bytes, buffers: Sequence[Buffer] = (), resolve: Resolver | None = None) -> Any:
    """
    Decodes an encoded value. Arrays are read-only views of their buffers. `resolve` turns an object reference into
    the stored value; without it, references stay. Raises MalformedValueError.
    """
    value = _Decoder(buffers, resolve).unpack(body, 0)
    raw = bytes(body)
    deep = len(raw) > DEPTH_MAX and len(raw) - len(raw.translate(None, _OPENING)) > DEPTH_MAX
    if deep or any(mark in raw for mark in _TIMESTAMPS):
        _check_tree(value)
    return value


class _Decoder:
    """One decoding: the buffers at hand and how deep ext types are nested."""

    __slots__ = ("buffers", "depth", "resolve")

    def __init__(self, buffers: Sequence[Buffer], resolve: Resolver | None) -> None:
        self.buffers = buffers
        self.resolve = resolve
        self.depth = 0

    def unpack(self, data: Bytes, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise MalformedValueError(f"nested deeper than {DEPTH_MAX} levels.")
        outer, self.depth = self.depth, depth
        try:
            return msgpack.unpackb(
                data, raw=False, strict_map_key=False, ext_hook=self.ext, object_pairs_hook=_to_dict
            )
        except MalformedValueError:
            raise
        except (
            RecursionError,
            ValueError,
            TypeError,
            KeyError,
            OverflowError,
            msgpack.UnpackException,
        ) as error:
            raise MalformedValueError(str(error) or type(error).__name__) from error
        finally:
            self.depth = outer

    def ext(self, code: int, data: bytes) -> Any:
        if code == EXT_BUFFER:
            return self.buffer(data)
        if code == EXT_UNDEFINED:
            if data:
                raise MalformedValueError("ext 1 carries no data.")
            return UNDEFINED
        if code == EXT_BIGINT:
            return BigInt(self.integer(data, INTEGER_MIN, INTEGER_MAX))
        if code == EXT_DATE:
            return _to_date(self.integer(data, -DATE_MS_MAX, DATE_MS_MAX))
        if code == EXT_MAP:
            return _to_map(self.unpack(data, self.depth + 1))
        if code == EXT_OBJECT_REF:
            return self.object_ref(data)
        raise MalformedValueError(f"unknown ext type {code}.")

    def integer(self, data: bytes, low: int, high: int) -> int:
        value = msgpack.unpackb(data)
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise MalformedValueError("an integer of an ext type is missing or out of range.")
        return value

    def object_ref(self, data: bytes) -> object:
        item = msgpack.unpackb(data)
        if type(item) is not list or len(item) != 2 or not all(type(part) is str for part in item):
            raise MalformedValueError("an object reference is not [id, backend].")
        ref = ObjectRef(item[0], item[1])
        return ref if self.resolve is None else self.resolve(ref)

    def buffer(self, data: bytes) -> Any:
        item = msgpack.unpackb(data)
        if type(item) is not list or len(item) != 3:
            raise MalformedValueError("ext 16 is not [index, dtype, shape].")
        index, code, shape = item
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise MalformedValueError(f"buffer {index!r} does not exist.")
        dtype = DTYPES.get(code) if type(code) is str else None
        if dtype is None:
            raise MalformedValueError(f"unknown element type {code!r}.")
        buffer = self.buffers[index]
        data_view: Bytes = map_file(buffer) if isinstance(buffer, FileBuffer) else buffer
        if shape is None:
            if code != "u1":
                raise MalformedValueError("only byte strings have no shape.")
            return bytes(data_view)
        if type(shape) is not list or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
            raise MalformedValueError("a shape is not a list of lengths.")
        count = 1
        for length in shape:
            count *= length
        if count * dtype.itemsize != byte_length(buffer):
            raise MalformedValueError(f"a buffer of {byte_length(buffer)} bytes does not fit shape {shape}.")
        if count == 0:
            return np.empty(shape, dtype)
        array = np.frombuffer(data_view, dtype).reshape(shape)
        array.flags.writeable = False
        return array


def _to_dict(pairs: Any) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise MalformedValueError("an object has a key twice.")
    for key in out:
        if type(key) is not str or key == "__proto__":
            raise MalformedValueError(f"{key!r:.60} cannot be the key of an object.")
    return out


def _to_map(flat: Any) -> PortableMap:
    if type(flat) is not list or len(flat) % 2:
        raise MalformedValueError("a map is not a list of keys and values.")
    keys = flat[::2]
    for key in keys:
        if type(key) not in _KEY_TYPES or key != key:
            raise MalformedValueError(f"a map key of type {type(key).__name__} is not allowed.")
    out = PortableMap(zip(keys, flat[1::2], strict=True))
    if len(out) != len(keys):
        raise MalformedValueError("two keys of a map are equal in Python (1, true and 1n are).")
    return out


def _to_date(ms: int) -> Any:
    try:
        return EPOCH + ms * MILLISECOND
    except OverflowError:
        return FarDate(ms)


def _check_tree(value: Any) -> None:
    """Refuses nesting over the limit, and msgpack timestamps."""
    level = [value]
    for _ in range(DEPTH_MAX):
        following: list[Any] = []
        for item in level:
            if type(item) is list or isinstance(item, dict):
                parts = item.values() if isinstance(item, dict) else item
                following.extend(part for part in parts if type(part) in _INSPECTED)
            elif type(item) is msgpack.Timestamp:
                raise MalformedValueError("ext type -1 (a timestamp) is not part of the profile.")
        if not following:
            return
        level = following
    raise MalformedValueError(f"nested deeper than {DEPTH_MAX} levels.")
