"""What runs in the main process of a Celery worker: it tells the bridge that it lives, and whom it lost."""

from __future__ import annotations

import json
import os
import platform
from typing import Any, ClassVar

import celery
from billiard.einfo import ExceptionWithTraceback  # type: ignore[import-untyped]
from celery import bootsteps
from celery.exceptions import Ignore, ImproperlyConfigured, Reject
from celery.utils.log import get_logger
from celery.worker import state
from celery.worker.consumer import Consumer
from celery.worker.request import Request

from ..version import __version__
from ..worker.machine import machine_id
from .celery_keys import SessionKeys, beats_key
from .celery_order import Order, OrderVersionError
from .celery_store import StoreUnreachableError, store_of

logger = get_logger(__name__)

BEAT_S = 1.0
TEND_S = 0.2
"""
How often the pool is searched for dead processes. Celery waits for a pipe to close that later siblings hold open
too, and looks by itself only every five seconds.
"""
REPORT_TIMEOUT_S = 2.0
"""The main process serves all its children, so it does not insist long; the bridge's own look finds what it missed."""


def worker_name(hostname: str, main_pid: int) -> str:
    """Names one life of one worker: a restarted worker has another name."""
    return f"{hostname}/{main_pid}"


class LossRequest(Request):  # type: ignore[misc]
    """Reports a chunk as lost when its pool process died. The message is acknowledged: core decides what follows."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """See `Request.on_failure`."""
        try:
            return super().on_failure(exc_info, send_failed_event, return_ok)
        finally:
            self._report(exc_info.exception)

    def acknowledge(self) -> None:
        """See `Request.acknowledge`."""
        if not self._has_lost_channel():
            super().acknowledge()

    def reject(self, requeue: bool = False) -> None:
        """See `Request.reject`."""
        if not self._has_lost_channel():
            super().reject(requeue)

    def _has_lost_channel(self) -> bool:
        """Whether the connection is gone that delivered the message; it is delivered again, without a ticket."""
        return bool(getattr(self._message.channel, "closed", False))

    def _report(self, error: BaseException) -> None:
        if isinstance(error, ExceptionWithTraceback):
            error = error.exc
        if isinstance(error, Reject | Ignore):
            return
        try:
            order = Order.from_args(self.args)
            store = store_of(self._app.conf.anant_result_url)
            reason = f"{type(error).__name__}: {error}"[:500]
            store.deliver(SessionKeys(order.prefix), order.chunk, "lost", reason, REPORT_TIMEOUT_S)
        except (OrderVersionError, StoreUnreachableError):
            return


class EnduringConsumer(Consumer):  # type: ignore[misc]
    """Survives the loss of the broker while messages are unacknowledged, and connects again."""

    def on_connection_error_after_connected(self, exc: BaseException) -> None:
        """See `Consumer.on_connection_error_after_connected`."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            # To put messages back over the lost connection fails deep in kombu (5.7), and would end the worker.
            logger.warning("Closing the lost connection failed: %s", error)


class BeatStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """Writes a beat every second: who this worker is, and which chunks it has in hand."""

    requires: ClassVar[set[str]] = {"celery.worker.components:Timer", "celery.worker.components:Pool"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._count = 0
        self._entries: list[Any] = []
        module = getattr(parent.pool_cls, "__module__", "")
        if not module.startswith("celery.concurrency.prefork"):
            raise ImproperlyConfigured(
                "anant_bridge.celery_app needs the prefork pool (-P prefork): only there can a running task be killed."
            )

    def start(self, parent: Any) -> None:
        """Called when the worker starts."""
        self._beat(parent)
        timer = parent.timer
        self._entries = [
            timer.call_repeatedly(BEAT_S, self._beat, (parent,)),
            timer.call_repeatedly(TEND_S, parent.pool.maintain_pool),
        ]

    def stop(self, parent: Any) -> None:
        """Called when the worker ends in order."""
        for entry in self._entries:
            entry.cancel()
        self._entries = []
        conf = parent.app.conf
        name = worker_name(parent.hostname, os.getpid())
        store_of(conf.anant_result_url).forget_beat(beats_key(conf.anant_namespace), name)

    def _beat(self, parent: Any) -> None:
        self._count += 1
        conf = parent.app.conf
        beat = {
            "count": self._count,
            "slots": parent.concurrency,
            "machine": machine_id(),
            "pid": os.getpid(),
            "queues": sorted(parent.app.amqp.queues.consume_from),
            "active": [request.id for request in state.active_requests],
            "visibility_timeout": conf.broker_transport_options.get("visibility_timeout"),
            "versions": {
                "anant_bridge": __version__,
                "celery": celery.__version__,
                "python": platform.python_version(),
            },
        }
        name = worker_name(parent.hostname, os.getpid())
        store_of(conf.anant_result_url).beat(beats_key(conf.anant_namespace), name, json.dumps(beat))
