"""The control pipe: when standard input ends, so do this process and everything it started, within 2 seconds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from time import monotonic, sleep

END_S = 1.4
"""Time for an orderly end after end-of-file; then descendants are killed and the process leaves."""


def watch(on_end: Callable[[], object], remove: Callable[[], None]) -> None:
    """
    Watches standard input in a thread. At its end calls `on_end`, which must lead to a normal exit; when that takes
    too long, kills every descendant, calls `remove` and exits hard.
    """
    # Nobody else may read from the pipe, nor may children inherit it: they would keep it open.
    pipe = os.dup(0)
    os.set_inheritable(pipe, False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def wait() -> None:
        while True:
            try:
                if not os.read(pipe, 4096):
                    break
            except OSError:
                break
        deadline = monotonic() + END_S
        on_end()
        sleep(max(0.0, deadline - monotonic()))
        kill_descendants()
        remove()
        os._exit(0)

    threading.Thread(target=wait, name="anant-lifeline", daemon=True).start()


def kill_descendants() -> None:
    """SIGKILL to every process below this one, children first found first."""
    for pid in descendants(os.getpid()):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def descendants(root: int) -> list[int]:
    """Process ids below `root`; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                # The command's name may hold anything; what matters follows its last parenthesis.
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    level = [root]
    while level:
        level = [pid for parent in level for pid in children.get(parent, ())]
        found += level
    return found
