"""A tree of processes that cannot outlive the bridge: a command under `guard.py`, seen from the bridge."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import BridgeError

START_TIMEOUT_S = 10.0
"""How long the guard may take to start its command before it counts as failed."""
_POLL_S = 0.02
_GUARD = str(Path(__file__).resolve().parent.parent / "guard.py")


class Guarded:
    """
    One command and everything below it. When the bridge dies, however it dies, so does the whole tree; when the
    command ends, what it left behind is ended too. `folder` is removed at the end.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        folder: str | None = None,
        log: str | None = None,
    ) -> None:
        """Starts it; its output goes to the file `log`, or to standard error. Raises BridgeError."""
        remove = ["--remove", folder] if folder else []
        output = open(log, "ab", buffering=0) if log else None  # noqa: SIM115 (closed below)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", _GUARD, *remove, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=None if env is None else dict(env),
                # A Ctrl-C in the client's terminal must reach the bridge only, which then ends things in order.
                start_new_session=True,
            )
        finally:
            if output is not None:
                output.close()
        self.command = command[0]
        self.pid = self._read_pid()

    def poll(self) -> int | None:
        """Exit status of the command (128 + signal when killed), or None while the tree runs."""
        return self._process.poll()

    async def wait(self, timeout: float) -> int | None:
        """Waits up to `timeout` seconds for the end of the tree; None when it still runs."""
        deadline = asyncio.get_running_loop().time() + timeout
        while self._process.poll() is None:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            await asyncio.sleep(min(_POLL_S, left))
        return self._process.returncode

    async def stop(self, grace: float) -> None:
        """SIGTERM to the command, then, after `grace` seconds, SIGKILL to the whole tree."""
        if self._process.poll() is None and grace > 0:
            try:
                os.kill(self.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            await self.wait(grace)
        self.kill()
        await self.wait(START_TIMEOUT_S)

    def kill(self) -> None:
        """Kills the whole tree; `poll` tells when it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.poll() not in (None, -signal.SIGKILL):
            return
        if self._process.poll() is not None:
            # The guard itself was killed: end at least the group of its command.
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass

    def _read_pid(self) -> int:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            ready, _, _ = select.select([out], [], [], START_TIMEOUT_S)
            line = out.readline() if ready else b""
        if line.strip().isdigit():
            return int(line)
        self.pid = 0
        self._process.kill()
        self._process.wait()
        raise BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"{self.command} could not be started within {START_TIMEOUT_S:g} s.",
            "Check that the machine can start processes; the bridge's log has the reason.",
        )
