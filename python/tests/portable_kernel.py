"""A WebAssembly kernel for the tests: `scale` multiplies an array, `trap` traps."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from wasmtime import wat2wasm

KERNEL = wat2wasm(
    """(module
      (import "env" "memory" (memory 1 100 shared))
      (global (export "__heap_base") i32 (i32.const 1024))
      (func (export "trap") unreachable)
      (func (export "scale") (param $x i32) (param $n i32) (param $k f64) (param $o i32) (param $on i32) (result i32)
        (local $i i32)
        (loop $next
          (if (i32.lt_u (local.get $i) (local.get $n)) (then
            (f64.store (i32.add (local.get $o) (i32.shl (local.get $i) (i32.const 3)))
              (f64.mul (local.get $k) (f64.load (i32.add (local.get $x) (i32.shl (local.get $i) (i32.const 3))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next))))
        (local.get $n)))"""
)
KERNEL_HASH = sha256(KERNEL).hexdigest()
SCALE = [
    {"name": "x", "role": "in", "type": "f64[]"},
    {"name": "k", "role": "in", "type": "f64"},
    {"name": "out", "role": "out", "type": "f64[]", "length": {"of": "x"}},
]


def kernel(export: str, parameters: list[Any], returns: str | None = None) -> dict[str, Any]:
    signature: dict[str, Any] = {"parameters": parameters}
    if returns is not None:
        signature["returns"] = returns
    return {
        "kind": "kernel",
        "name": export,
        "blob": KERNEL_HASH,
        "export": export,
        "version": KERNEL_HASH,
        "signature": signature,
    }
