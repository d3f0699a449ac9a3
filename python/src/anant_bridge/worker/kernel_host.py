"""Runs portable kernels in wasmtime: compiled once per process, a fresh instance and memory per call."""

from __future__ import annotations

import ctypes
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from wasmtime import (
    Config,
    Engine,
    Func,
    FuncType,
    Global,
    Instance,
    Limits,
    MemoryType,
    Module,
    SharedMemory,
    Store,
    Trap,
    ValType,
    WasmtimeError,
)
from wasmtime import _ffi as ffi

from ..errors import BridgeError
from .kernel_layout import ALIGNMENT, DTYPES, KernelError, Layout, Region, Signature, plan

PAGE_BYTES = 65_536
MODULES_MAX = 64
"""Compiled modules kept per process; the least recently used goes first."""
_WASM_TYPES = {"i32": ValType.i32, "u32": ValType.i32, "f32": ValType.f32, "f64": ValType.f64}


class KernelMemory(SharedMemory):  # type: ignore[misc]
    """A shared memory that can be imported: wasmtime 50 builds the extern of its own class from a wrong pointer."""

    def _as_extern(self) -> Any:
        return ffi.wasmtime_extern_t(
            ffi.WASMTIME_EXTERN_SHAREDMEMORY, ffi.wasmtime_extern_union(sharedmemory=self.ptr())
        )

    @property
    def pages(self) -> int:
        """Size in pages. (`size()` of wasmtime 50 reads a wrong pointer, too.)"""
        return int(self.data_len()) // PAGE_BYTES


class KernelTrapError(Exception):
    """The kernel trapped, or called `abort`."""

    code = "E_KERNEL_TRAP"


class KernelHost:
    """The kernels of one process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._modules: OrderedDict[str, CompiledKernel] = OrderedDict()

    def cached(self, sha256: str) -> CompiledKernel | None:
        """The compiled module of that hash, if this process has it."""
        with self._lock:
            module = self._modules.get(sha256)
            if module is not None:
                self._modules.move_to_end(sha256)
            return module

    def compile(self, sha256: str, code: bytes) -> CompiledKernel:
        """Compiles and keeps a module. Raises KernelError."""
        with self._lock:
            if self._engine is None:
                self._engine = _make_engine()
            engine = self._engine
        compiled = CompiledKernel(engine, code)
        with self._lock:
            self._modules[sha256] = compiled
            while len(self._modules) > MODULES_MAX:
                self._modules.popitem(last=False)
        return compiled


class CompiledKernel:
    """A module that was checked against the ABI."""

    def __init__(self, engine: Engine, code: bytes) -> None:
        self._engine = engine
        try:
            self._module = Module(engine, code)
        except (WasmtimeError, ValueError) as error:
            raise KernelError(f"The WebAssembly module cannot be compiled: {error}.") from error
        self._memory_type: MemoryType | None = None
        self._imports: list[str] = []
        for item in self._module.imports:
            name = f"{item.module}.{item.name}"
            kind = item.type
            if name == "env.memory" and isinstance(kind, MemoryType) and kind.is_shared:
                self._memory_type = kind
            elif name != "env.abort" or not isinstance(kind, FuncType):
                raise KernelError(
                    f'A kernel may not import "{name}", only a shared env.memory and env.abort.'
                )
            self._imports.append(name)
        if self._memory_type is None:
            raise KernelError("The kernel's module does not import a shared memory env.memory.")

    def call(self, export: str, signature: Signature, inputs: object) -> dict[str, object]:
        """
        Runs one exported function. Returns its out arrays by name, and `result` when the signature has one.
        Raises KernelError, KernelTrapError, BridgeError E_OUT_OF_MEMORY.
        """
        layout = plan(signature, inputs)
        assert self._memory_type is not None
        limits = self._memory_type.limits
        memory = KernelMemory(self._engine, MemoryType(Limits(limits.min, limits.max), shared=True))
        store = Store(self._engine)
        instance = self._instantiate(store, memory)
        exports = instance.exports(store)
        function, base_global = exports.get(export), exports.get("__heap_base")
        if not isinstance(function, Func):
            raise KernelError(f'The kernel\'s module exports no function "{export}".')
        if not isinstance(base_global, Global) or base_global.type(store).mutable:
            raise KernelError("The kernel's module exports no immutable __heap_base.")
        _check_type(function.type(store), signature, export)
        base = -(-int(base_global.value(store)) // ALIGNMENT) * ALIGNMENT
        view = _grown(memory, base + layout.nbytes, limits.max)
        for region in layout.regions.values():
            if region.data is not None:
                _slot(view, base, region)[:] = region.data.view(np.uint8)
        try:
            result = function(store, *_arguments(signature, layout, base))
        except (Trap, WasmtimeError) as error:
            raise KernelTrapError(f'The kernel "{export}" trapped: {_reason(error)}') from None
        return _collect(signature, layout, view, base, result)

    def _instantiate(self, store: Store, memory: KernelMemory) -> Instance:
        def abort(message: int, _file: int, line: int, column: int) -> None:
            raise KernelTrapError(
                f"abort: {_assembly_string(memory, message)} (line {line}, column {column})"
            )

        i32 = ValType.i32()
        given: dict[str, Any] = {
            "env.memory": memory,
            "env.abort": Func(store, FuncType([i32, i32, i32, i32], []), abort),
        }
        try:
            return Instance(store, self._module, [given[name] for name in self._imports])
        except (WasmtimeError, Trap) as error:
            raise KernelError(f"The kernel's module cannot be instantiated: {_reason(error)}") from error


def _make_engine() -> Engine:
    config = Config()
    config.wasm_threads = True
    config.shared_memory = True
    config.wasm_simd = True
    # Relaxed SIMD may differ between machines; kernels promise the same bits everywhere.
    config.wasm_relaxed_simd = False
    config.cranelift_opt_level = "speed"
    return Engine(config)


def _check_type(kind: FuncType, signature: Signature, export: str) -> None:
    wanted: list[ValType] = []
    for parameter in signature.parameters:
        if not parameter.is_array:
            wanted.append(_WASM_TYPES[parameter.type]())
        else:
            wanted += [ValType.i32()] * (1 if parameter.role == "scratch" else 2)
    returns = [_WASM_TYPES[signature.returns]()] if signature.returns else []
    if list(kind.params) != wanted or list(kind.results) != returns:
        raise KernelError(
            f'The function "{export}" takes ({", ".join(map(str, kind.params))}) and returns '
            f"({', '.join(map(str, kind.results))}), which does not fit the declared signature."
        )


def _grown(memory: KernelMemory, nbytes: int, pages_max: int | None) -> np.ndarray[Any, Any]:
    """The memory's bytes, after growing it to hold `nbytes`."""
    pages = -(-nbytes // PAGE_BYTES)
    missing = pages - memory.pages
    if missing > 0:
        if pages_max is not None and pages > pages_max:
            raise BridgeError(
                "E_OUT_OF_MEMORY",
                f"The kernel needs {pages} pages of memory, its module allows {pages_max}.",
                "Compile the kernel with a larger maximum memory, or give it smaller arrays.",
            )
        try:
            memory.grow(missing)
        except WasmtimeError as error:
            raise BridgeError("E_OUT_OF_MEMORY", f"The kernel's memory cannot grow: {error}.") from error
    address = ctypes.cast(memory.data_ptr(), ctypes.c_void_p).value
    assert address is not None
    return np.ctypeslib.as_array((ctypes.c_ubyte * memory.data_len()).from_address(address))


def _slot(view: np.ndarray[Any, Any], base: int, region: Region) -> np.ndarray[Any, Any]:
    start = base + region.offset
    return view[start : start + region.nbytes]


def _arguments(signature: Signature, layout: Layout, base: int) -> list[int | float]:
    out: list[int | float] = []
    for parameter in signature.parameters:
        if not parameter.is_array:
            value = layout.scalars[parameter.name]
            out.append(_signed(int(value)) if parameter.type in ("i32", "u32") else value)
            continue
        region = layout.regions[parameter.name]
        out.append(_signed(base + region.offset))
        if parameter.role != "scratch":
            out.append(_signed(region.count))
    return out


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def _collect(
    signature: Signature, layout: Layout, view: np.ndarray[Any, Any], base: int, result: Any
) -> dict[str, object]:
    out: dict[str, object] = {}
    for name, region in layout.regions.items():
        if region.parameter.role != "out":
            continue
        data = _slot(view, base, region)
        if region.parameter.type == "u8[]":
            out[name] = data.tobytes()
        else:
            out[name] = data.copy().view(DTYPES[region.parameter.type])
    if signature.returns is not None:
        out["result"] = int(result) % 2**32 if signature.returns == "u32" else result
    return out


def _assembly_string(memory: KernelMemory, pointer: int) -> str:
    """An AssemblyScript string: UTF-16 at `pointer`, its byte length 4 bytes before."""
    pointer %= 2**32
    size_max = 1024
    if pointer < 4 or pointer > memory.data_len():
        return "(no message)"
    address = ctypes.cast(memory.data_ptr(), ctypes.c_void_p).value or 0
    (size,) = np.frombuffer(ctypes.string_at(address + pointer - 4, 4), "<u4")
    size = min(int(size), size_max, memory.data_len() - pointer)
    return ctypes.string_at(address + pointer, size).decode("utf-16-le", "replace")


def _reason(error: BaseException) -> str:
    if isinstance(error, KernelTrapError):
        return str(error)
    text = error.message if isinstance(error, Trap) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
