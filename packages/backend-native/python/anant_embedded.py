"""
What the embedded backend loads into the interpreter that pythonia started. `boot` checks that the interpreter fits and
starts the worker, `run` executes one call. Arguments and answers are JSON; values never pass here.
"""

from __future__ import annotations

import json
import sys
from typing import Any

VERSION_MIN = (3, 11)
_SETUP = "Run `npx anant setup python`, or name a Python that has anant-bridge by ANANT_PYTHON."

_worker: Any = None


def boot(settings: str) -> str:
    """Starts the worker. Answers `{"status": "ready", …}` or `{"status": "refused", "code", "reason", "advice"}`."""
    global _worker
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < VERSION_MIN:
        return _refused(
            "E_PYTHON_VERSION", f"{sys.executable} is Python {found}; 3.11 to 3.13 are supported."
        )
    try:
        from anant_bridge.version import __version__
        from anant_embedded_worker import Worker
    except ImportError as error:
        return _refused("E_ENGINE_NOT_INSTALLED", f"{sys.executable} lacks what Python tasks need: {error}.")
    _worker = Worker(json.loads(settings))
    return json.dumps({"status": "ready", "python": found, "anant_bridge": __version__})


def run(call: str) -> str:
    """Executes one call; its input came, and its result goes, over the worker's socket."""
    return json.dumps(_worker.run(json.loads(call)))


def _refused(code: str, reason: str) -> str:
    return json.dumps({"status": "refused", "code": code, "reason": reason, "advice": _SETUP})
