"""The Celery application of the baseline: its own result backend, as its documentation has it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery


def make(url: str) -> Celery:
    """The application, with one task that does nothing."""
    app = Celery("engine_celery", broker=url, backend=url)
    app.conf.update(task_acks_late=True, task_serializer="msgpack", result_serializer="msgpack")
    app.conf.update(accept_content=["msgpack"], broker_connection_retry_on_startup=True)

    @app.task(name="engine_celery.noop")  # type: ignore[untyped-decorator]
    def noop(value: Any) -> Any:
        return value

    return app


app = make(os.environ["ANANT_BENCH_BROKER"]) if "ANANT_BENCH_BROKER" in os.environ else None
