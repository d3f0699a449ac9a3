"""The environment of local worker processes: they import this package and the client's folders."""

from __future__ import annotations

import os
from pathlib import Path

from .base import EngineHost

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""One task per process and slot: libraries that start a thread per core would only fight each other."""
PACKAGE_FOLDER = str(Path(__file__).resolve().parent.parent.parent)
"""The folder this package was imported from."""


def worker_env(host: EngineHost) -> dict[str, str]:
    """This process's environment with a PYTHONPATH that starts with the client's folders."""
    paths = [*host.python_path, PACKAGE_FOLDER, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    unique = dict.fromkeys(path for path in paths if path)
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(unique)
    for name in ONE_THREAD:
        env.setdefault(name, "1")
    return env
