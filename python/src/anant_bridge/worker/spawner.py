"""
Starts child processes from one thread that lives as long as this process. Linux ends a child with the *thread*
that started it when the parent-death signal is set, and engines' executor threads come and go.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

SPAWN_TIMEOUT_S = 20.0
_LAUNCHER = str(Path(__file__).resolve().parent.parent / "launch.py")


class Spawner:
    """One per process; see `SPAWNER`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: queue.SimpleQueue[tuple[list[str], tuple[int, ...], Future[subprocess.Popen[bytes]]]]
        self._requests = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def spawn(self, command: Sequence[str], pass_fds: Sequence[int]) -> subprocess.Popen[bytes]:
        """Starts a child that dies with this process. Its output goes to standard error. Raises OSError."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="anant-spawner", daemon=True)
                self._thread.start()
        done: Future[subprocess.Popen[bytes]] = Future()
        self._requests.put((list(command), tuple(pass_fds), done))
        return done.result(SPAWN_TIMEOUT_S)

    def _serve(self) -> None:
        while True:
            command, fds, done = self._requests.get()
            try:
                child = subprocess.Popen(
                    [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid()), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=sys.__stderr__ if sys.__stderr__ is not None else subprocess.DEVNULL,
                    stderr=None,
                    pass_fds=fds,
                )
                done.set_result(child)
            except BaseException as error:
                done.set_exception(error)


SPAWNER = Spawner()
