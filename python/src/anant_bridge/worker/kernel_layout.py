"""Kernel signatures: checked, and laid out in linear memory (`docs/kernels.md`). Pure; no WebAssembly here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from ..errors import BridgeError

ALIGNMENT = 64
"""Every array starts at a multiple of this many bytes."""

SCALARS = ("i32", "u32", "f32", "f64")
DTYPES: dict[str, np.dtype[Any]] = {
    "u8[]": np.dtype("<u1"),
    "u16[]": np.dtype("<u2"),
    "i32[]": np.dtype("<i4"),
    "u32[]": np.dtype("<u4"),
    "f32[]": np.dtype("<f4"),
    "f64[]": np.dtype("<f8"),
}
_RANGES = {"i32": (-(2**31), 2**31 - 1), "u32": (0, 2**32 - 1)}


class KernelError(BridgeError):
    """A module, signature or input that does not fit the kernel ABI."""

    def __init__(self, message: str, advice: str = "Compare the task's declaration with the kernel.") -> None:
        super().__init__("E_KERNEL_INVALID", message, advice)

    def __reduce__(self) -> tuple[object, ...]:
        return (KernelError, (self.message, self.advice))


@dataclass(frozen=True, slots=True)
class Length:
    """A length in elements: `plus`, or `times` the length or value of parameter `of`, plus `plus`."""

    of: str | None
    times: float
    plus: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, in call order."""

    name: str
    role: str
    type: str
    length: Length | None = None

    @property
    def is_array(self) -> bool:
        """Whether it lies in linear memory."""
        return self.type in DTYPES


@dataclass(frozen=True, slots=True)
class Signature:
    """A checked signature."""

    parameters: tuple[Parameter, ...]
    returns: str | None


@dataclass(frozen=True, slots=True)
class Region:
    """Where an array lies in linear memory, relative to the heap's base."""

    parameter: Parameter
    offset: int
    count: int
    data: np.ndarray[Any, Any] | None

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.count * DTYPES[self.parameter.type].itemsize


@dataclass(frozen=True, slots=True)
class Layout:
    """Regions by name, the scalars, and the bytes all regions need after the heap's base."""

    regions: Mapping[str, Region]
    scalars: Mapping[str, int | float]
    nbytes: int


def read_signature(data: object) -> Signature:
    """Checks a signature as plain JSON. Raises KernelError."""
    if not isinstance(data, Mapping) or not isinstance(data.get("parameters"), Sequence):
        raise KernelError("The kernel's signature has no list of parameters.")
    returns = data.get("returns")
    if returns is not None and returns not in SCALARS:
        raise KernelError(f'The signature returns "{returns}", which is not a scalar type.')
    parameters = tuple(_parameter(item) for item in data["parameters"])
    names = {"result"} if returns else set()
    for parameter in parameters:
        if parameter.name in names:
            raise KernelError(f'The signature uses the name "{parameter.name}" twice.')
        names.add(parameter.name)
    return Signature(parameters, returns)


def plan(signature: Signature, inputs: object) -> Layout:
    """Converts the inputs strictly and places every array. Raises KernelError naming the parameter."""
    if not isinstance(inputs, Mapping):
        raise KernelError("The input of a kernel must be an object with one entry per `in` parameter.")
    wanted = {parameter.name for parameter in signature.parameters if parameter.role == "in"}
    for name in inputs:
        if name not in wanted:
            raise KernelError(f'The input has a field "{name}", which the signature does not list as "in".')
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    scalars: dict[str, int | float] = {}
    known: dict[str, int | float] = {}
    for parameter in signature.parameters:
        if parameter.role != "in":
            continue
        value = inputs.get(parameter.name)
        if parameter.is_array:
            arrays[parameter.name] = _array(parameter, value)
            known[parameter.name] = len(arrays[parameter.name])
        else:
            scalars[parameter.name] = known[parameter.name] = _scalar(parameter, value)
    regions: dict[str, Region] = {}
    end = 0
    for parameter in signature.parameters:
        if not parameter.is_array:
            continue
        if parameter.role != "in":
            known[parameter.name] = _count(parameter, known)
        region = Region(parameter, end, int(known[parameter.name]), arrays.get(parameter.name))
        regions[parameter.name] = region
        end = -(-(end + region.nbytes) // ALIGNMENT) * ALIGNMENT
    return Layout(regions, scalars, end)


def _parameter(item: object) -> Parameter:
    if not isinstance(item, Mapping):
        raise KernelError("A kernel parameter is not an object.")
    name, role, kind = item.get("name"), item.get("role"), item.get("type")
    if not isinstance(name, str) or not name or role not in ("in", "out", "scratch"):
        raise KernelError(f"A kernel parameter has no name or the role {role!r}.")
    if kind not in DTYPES and not (role == "in" and kind in SCALARS):
        raise KernelError(f'The kernel parameter "{name}" cannot have the type {kind!r}.')
    return Parameter(name, str(role), str(kind), None if role == "in" else _length(name, item.get("length")))


def _length(name: str, value: object) -> Length:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Length(None, 0, value)
    if isinstance(value, Mapping) and isinstance(value.get("of"), str):
        times, plus = value.get("times", 1), value.get("plus", 0)
        if all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in (times, plus)):
            return Length(value["of"], times, plus)
    raise KernelError(f'The kernel parameter "{name}" has no usable length.')


def _count(parameter: Parameter, known: Mapping[str, int | float]) -> int:
    length = parameter.length
    assert length is not None
    count = length.plus
    if length.of is not None:
        if length.of not in known:
            raise KernelError(
                f'The length of "{parameter.name}" refers to "{length.of}", '
                "which is neither an input nor an array before it."
            )
        count += known[length.of] * length.times
    if not isfinite(count) or not 0 <= count <= 2**53 - 1 or count != int(count):
        raise KernelError(
            f'The length of "{parameter.name}" comes out as {count}; it must be a whole number from 0.'
        )
    return int(count)


def _array(parameter: Parameter, value: object) -> np.ndarray[Any, Any]:
    dtype = DTYPES[parameter.type]
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = np.frombuffer(value, np.uint8)
    if not isinstance(value, np.ndarray) or value.dtype != dtype or value.ndim != 1:
        found = (
            f"{value.dtype} of rank {value.ndim}" if isinstance(value, np.ndarray) else type(value).__name__
        )
        raise KernelError(f'The input "{parameter.name}" must be an array {parameter.type}, not {found}.')
    return np.ascontiguousarray(value)


def _scalar(parameter: Parameter, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise KernelError(
            f'The input "{parameter.name}" must be a number {parameter.type}, not {type(value).__name__}.'
        )
    limits = _RANGES.get(parameter.type)
    if limits is None:
        return float(value)
    if not isfinite(value) or value != int(value) or not limits[0] <= value <= limits[1]:
        raise KernelError(f'The input "{parameter.name}" must be an integer {parameter.type}, not {value}.')
    return int(value)
