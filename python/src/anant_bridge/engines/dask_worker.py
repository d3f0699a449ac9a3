"""What the Dask engine runs on Dask's workers. Imported there by name: nothing of it is pickled by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dask.sizeof import sizeof

from ..packed import Packed
from ..worker import run_chunk, run_reference
from ..worker.runtime import probe


@sizeof.register(Packed)  # type: ignore[untyped-decorator]
def _packed_size(value: Packed) -> int:
    return value.nbytes


class TaskEndedError(Exception):
    """Carries how a task ended that keeps no value, so that its key has an error and not a result."""

    def __init__(self, meta: Packed) -> None:
        super().__init__(meta)
        self.meta = meta


def call(payload: Packed, *objects: Packed) -> Packed:
    """Runs a chunk."""
    return run_chunk(payload, objects)


def call_keep(payload: Packed, *objects: Packed) -> Packed:
    """Runs a chunk whose result stays on the worker. Raises TaskEndedError when there is none."""
    meta, kept = run_reference(payload, objects)
    if kept is None:
        raise TaskEndedError(meta)
    return kept


def describe(folder: str) -> dict[str, Any]:
    """Versions and place of a worker, and whether it sees files of `folder`."""
    return probe() | {"sees_files": Path(folder).is_dir()}
