"""The Celery application of workers and bridge, and the one settings profile under which its promises hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from celery import Celery
from kombu import Queue

from .celery_keys import DEFAULT_NAMESPACE, DEFAULT_QUEUE, TASK_NAME
from .celery_main import BeatStep, EnduringConsumer, LossRequest, worker_name
from .celery_order import Order
from .celery_store import store_of

VISIBILITY_TIMEOUT_S = 3_600
"""
After this long Redis delivers an unacknowledged message again. A chunk that runs longer is not hurt: the second
delivery finds no ticket. It only bounds how long a message rests that a dead worker had taken but not begun.
"""
SETTINGS: Mapping[str, Any] = {
    # The message stays with the broker until the chunk has ended …
    "task_acks_late": True,
    # … and is acknowledged when a pool process dies: another attempt is core's decision, not the broker's.
    "task_reject_on_worker_lost": False,
    "task_acks_on_failure_or_timeout": True,
    "worker_prefetch_multiplier": 1,
    "worker_lost_wait": 1.0,
    "worker_consumer": f"{EnduringConsumer.__module__}:{EnduringConsumer.__qualname__}",
    # Results take our own path, so that none is lost, polled for or left behind.
    "result_backend": "disabled://",
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    # Never pickle: whoever can write to the broker could run code.
    "task_serializer": "msgpack",
    "accept_content": ["json", "msgpack"],
    "worker_send_task_events": False,
    "task_send_sent_event": False,
    "worker_redirect_stdouts": False,
    # A child of a busy machine may take longer than Celery's four seconds to come up.
    "worker_proc_alive_timeout": 30.0,
    "broker_connection_retry_on_startup": True,
    "broker_connection_timeout": 3.0,
    "broker_pool_limit": 2,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
}


def make_app(
    broker_url: str,
    result_url: str,
    *,
    namespace: str = DEFAULT_NAMESPACE,
    queue: str = DEFAULT_QUEUE,
    transport_options: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Celery:
    """The application. `result_url` is a Redis URL as redis-py reads it; workers need it, the bridge has its own."""
    app = Celery("anant", broker=broker_url, set_as_current=False)
    app.conf.update(
        SETTINGS,
        task_default_queue=queue,
        task_queues=[Queue(queue)],
        broker_transport_options={
            **({"visibility_timeout": VISIBILITY_TIMEOUT_S} if store_url(broker_url) else {}),
            **(transport_options or {}),
        },
        **(settings or {}),
    )
    app.conf.anant_result_url = result_url
    app.conf.anant_namespace = namespace
    app.steps["worker"].add(BeatStep)
    app.task(name=TASK_NAME, bind=True, Request=LossRequest, max_retries=0)(_call)
    return app


def worker_app(environ: Mapping[str, str]) -> Celery:
    """
    The application of a worker, from its environment: ANANT_BROKER_URL (required), ANANT_RESULT_URL (default: the
    broker, when it is Redis), ANANT_NAMESPACE, ANANT_QUEUE, ANANT_PREFETCH.
    """
    broker = environ.get("ANANT_BROKER_URL")
    if not broker:
        raise SystemExit("anant_bridge.celery_app: set ANANT_BROKER_URL to the URL of the broker.")
    result = environ.get("ANANT_RESULT_URL") or store_url(broker)
    if result is None:
        raise SystemExit(
            "anant_bridge.celery_app: the broker is not Redis; set ANANT_RESULT_URL to a Redis URL."
        )
    # Imported before the pool forks, so that its processes share the code and start at once.
    from ..worker import runtime  # noqa: F401

    return make_app(
        broker,
        result,
        namespace=environ.get("ANANT_NAMESPACE", DEFAULT_NAMESPACE),
        queue=environ.get("ANANT_QUEUE", DEFAULT_QUEUE),
        settings={
            "worker_prefetch_multiplier": int(environ.get("ANANT_PREFETCH", "1")),
            "worker_enable_remote_control": environ.get("ANANT_REMOTE_CONTROL", "1") == "1",
        },
    )


def store_url(broker_url: str) -> str | None:
    """The URL under which redis-py reaches a Redis broker; None when the broker is not Redis."""
    if broker_url.startswith("redis+socket://"):
        path, _, query = broker_url.removeprefix("redis+socket://").partition("?")
        database = dict(part.partition("=")[::2] for part in query.split("&")).get("virtual_host", "0")
        return f"unix://{path}?db={database.strip('/') or '0'}"
    return broker_url if broker_url.startswith(("redis://", "rediss://")) else None


def _call(self: Any, *args: Any) -> None:
    from .celery_worker import execute

    name = worker_name(self.request.hostname, os.getppid())
    execute(Order.from_args(args), store_of(self.app.conf.anant_result_url), name)
