"""Portable values (`docs/values.md`): one profile that travels between languages and engines unchanged."""

from .decode import Resolver, decode
from .encode import encode
from .types import (
    UNDEFINED,
    BigInt,
    FarDate,
    MalformedValueError,
    NotPortableError,
    ObjectRef,
    PortableMap,
    Undefined,
)

__all__ = [
    "UNDEFINED",
    "BigInt",
    "FarDate",
    "MalformedValueError",
    "NotPortableError",
    "ObjectRef",
    "PortableMap",
    "Resolver",
    "Undefined",
    "decode",
    "encode",
]
