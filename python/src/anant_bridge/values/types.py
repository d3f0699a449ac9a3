"""The types of the portable profile that Python itself lacks, and the error for what cannot be carried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..errors import BridgeError


class Undefined(Enum):
    """JavaScript's `undefined`; the only member is `UNDEFINED`."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined.UNDEFINED


class BigInt(int):
    """An integer that was, or shall become, a JavaScript `bigint`. Range -2^63 to 2^64-1."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"BigInt({int(self)})"


class PortableMap(dict[object, object]):
    """A JavaScript `Map`. Keys are strings, booleans, numbers and big integers, in insertion order."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"PortableMap({super().__repr__()})"


class FarDate(int):
    """A JavaScript `Date` outside the years 1 to 9999 of `datetime`: milliseconds since 1970-01-01 UTC."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"FarDate({int(self)})"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A stand-in for a stored object; the worker resolves it before user code runs."""

    id: str
    backend: str


class NotPortableError(BridgeError, ValueError):
    """A value outside the profile. `path` names the offending part, for example `result.rows[3].when`."""

    def __init__(self, path: str, problem: str, advice: str = "Return plain, portable data instead.") -> None:
        super().__init__(
            "E_VALUE_NOT_PORTABLE", f"{path} cannot be carried: {problem}", advice, {"path": path}
        )
        self.path = path
        self.problem = problem

    def __reduce__(self) -> tuple[object, ...]:
        return (NotPortableError, (self.path, self.problem, self.advice))


class MalformedValueError(BridgeError, ValueError):
    """Bytes that are not an encoded value."""

    def __init__(self, problem: str) -> None:
        super().__init__("E_PROTOCOL", f"Malformed value: {problem}")
