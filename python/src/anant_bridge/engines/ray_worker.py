"""What runs inside a Ray worker process. Imported there by name, so it must not import the driver's side."""

from __future__ import annotations

import platform
import signal
import threading
from typing import TypeAlias

from ..packed import Packed
from ..version import __version__
from ..worker import forget_actor, run_chunk, run_reference

Slim: TypeAlias = bytes | Packed
"""A payload without buffers travels as plain bytes, which Ray carries without pickling."""

_prepared = False


def slim(payload: Packed) -> Slim:
    """The cheapest form in which Ray carries `payload`."""
    return payload if payload.buffers else payload.body


def widen(payload: Slim) -> Packed:
    """The payload again."""
    return payload if isinstance(payload, Packed) else Packed(payload)


def call(payload: Slim, *objects: Packed) -> Slim:
    """Executes a chunk."""
    _prepare()
    return slim(run_chunk(widen(payload), objects))


def call_keep(payload: Slim, *objects: Packed) -> tuple[tuple[Slim, bool], Packed | None]:
    """Executes a chunk whose result stays in the object store, as the second return value."""
    _prepare()
    result, value = run_reference(widen(payload), objects)
    return (slim(result), value is not None), value


def describe_worker() -> dict[str, str]:
    """Versions on a worker: proof that it can import this package."""
    import ray

    _prepare()
    return {"anant_bridge": __version__, "python": platform.python_version(), "ray": ray.__version__}


class Slot:
    """The actor of one slot."""

    def call(self, payload: Slim, *objects: Packed) -> Slim:
        """See `call`."""
        return call(payload, *objects)

    def call_keep(self, payload: Slim, *objects: Packed) -> tuple[tuple[Slim, bool], Packed | None]:
        """See `call_keep`."""
        return call_keep(payload, *objects)

    def forget(self, actor: str) -> None:
        """Drops the client's actor that lives here."""
        forget_actor(actor)

    def describe(self) -> dict[str, str]:
        """See `describe_worker`."""
        return describe_worker()


def _prepare() -> None:
    """
    Ray cancels by raising KeyboardInterrupt in whatever the worker runs at that moment. Queued tasks are cancelled
    by their owner; a running one is only ever asked or killed over the side channel, so the interrupt is ignored.
    """
    global _prepared
    if not _prepared and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _prepared = True
