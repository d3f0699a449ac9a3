"""The directories of one session: what client and bridge share, what bridge and workers share, and scratch."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from .spool import resolve_name

_SHM = "/dev/shm"
_SCRATCH_VARIABLE = "ANANT_BRIDGE_SCRATCH"
"""A directory of the client's that it removes itself, even when this process is killed."""


class Folders:
    """
    `spool` holds file buffers: the client's shared directory when the bridge can read and write there, otherwise one
    of its own, in memory where the system has that. `scratch` is private; `claims` lies in it.
    """

    def __init__(self, shared_dir: str | None, probe: str | None) -> None:
        self._shared_dir = shared_dir
        self.is_shared = shared_dir is not None and _can_share(shared_dir, probe)
        self._base = base = os.environ.get(_SCRATCH_VARIABLE)
        # Short names: engines put sockets there, whose paths have 107 characters.
        self.scratch = tempfile.mkdtemp(prefix="s-" if base else "anant-bridge-", dir=base)
        self.claims = f"{self.scratch}/claims"
        os.mkdir(self.claims, 0o700)
        self._own_spool: str | None = None
        if self.is_shared and shared_dir is not None:
            self.spool = shared_dir
        else:
            base = _SHM if os.access(_SHM, os.W_OK) else None
            self.spool = self._own_spool = tempfile.mkdtemp(prefix="anant-spool-", dir=base)

    def remove(self, *, shared: bool = False) -> None:
        """Removes what the bridge made; with `shared`, the client's directory too (the client is gone)."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        if self._own_spool is not None:
            shutil.rmtree(self._own_spool, ignore_errors=True)
        if shared and self._shared_dir is not None:
            shutil.rmtree(self._shared_dir, ignore_errors=True)
        if shared and self._base is not None:
            _remove_sockets(self._base)


def _remove_sockets(directory: str) -> None:
    """Removes a directory that holds nothing but sockets: what is left of a client that was killed."""
    try:
        for name in os.listdir(directory):
            path = Path(directory, name)
            if path.is_socket():
                path.unlink()
        os.rmdir(directory)
    except OSError:
        pass


def _can_share(directory: str, probe: str | None) -> bool:
    if probe is None:
        return False
    try:
        Path(resolve_name(directory, probe)).read_bytes()
        own = Path(f"{directory}/bridge-probe-{os.getpid()}")
        own.write_bytes(b"")
        own.unlink()
    except (OSError, ValueError):
        return False
    return True
