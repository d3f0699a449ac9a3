"""For tests: runs kernel calls in wasmtime, as an engine's worker would, and prints the SHA-256 of each result.

Standard input is a JSON list of calls `{wasm, export, signature, inputs}`, where an array input is
`{dtype, path}`: a file with its bytes.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from anant_bridge.worker.kernel_host import KernelHost
from anant_bridge.worker.kernel_layout import read_signature

host = KernelHost()
for call in json.load(sys.stdin):
    code = Path(call["wasm"]).read_bytes()
    kernel = host.compile(hashlib.sha256(code).hexdigest(), code)
    inputs = {
        name: np.fromfile(value["path"], dtype=value["dtype"]) if isinstance(value, dict) else value
        for name, value in call["inputs"].items()
    }
    result = kernel.call(call["export"], read_signature(call["signature"]), inputs)
    digest = hashlib.sha256()
    for value in result.values():
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # as JavaScript writes it
        if isinstance(value, np.ndarray):
            value = value.tobytes()
        digest.update(value if isinstance(value, bytes) else str(value).encode())
    print(digest.hexdigest())
