"""
The engine's own Python client, measured: `python engine_baseline.py dask|ray|celery --workers 2`. Starts a local
engine with the settings its documentation recommends, answers one JSON line per request line on standard input
(`batch N`, `single N`, `to BYTES`, `back BYTES`), and stops it at end-of-file. Times are in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).parent))
import engine_tasks

ELEMENT_BYTES = 8


class Peer:
    """One engine by its own client: `many` runs a batch to its end, `one` a single call."""

    def __init__(
        self, many: Callable[[list[Any]], Any], one: Callable[[str, Any], Any], carries_arrays: bool = True
    ) -> None:
        self.many = many
        self.one = one
        self.carries_arrays = carries_arrays


@contextmanager
def dask(workers: int) -> Iterator[Peer]:
    """A local cluster of single-threaded worker processes."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield Peer(
            lambda values: client.gather(client.map(engine_tasks.noop, values, pure=False)),
            lambda name, value: client.submit(getattr(engine_tasks, name), value, pure=False).result(),
        )


@contextmanager
def ray(workers: int) -> Iterator[Peer]:
    """A local node with as many CPUs as workers."""
    import ray as engine

    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    engine.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, configure_logging=False)
    remote = {name: engine.remote(getattr(engine_tasks, name)) for name in ("noop", "take", "make")}
    try:
        yield Peer(
            lambda values: engine.get([remote["noop"].remote(value) for value in values]),
            lambda name, value: engine.get(remote[name].remote(value)),
        )
    finally:
        engine.shutdown()


@contextmanager
def celery(workers: int) -> Iterator[Peer]:
    """A private Redis as broker and result store, a prefork worker, late acknowledgement."""
    import engine_celery
    from celery.result import allow_join_result

    folder = tempfile.mkdtemp(prefix="anant-bench-")
    url = f"redis+socket://{folder}/redis.sock"
    redis = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    env = {**os.environ, "ANANT_BENCH_BROKER": url, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-m", "celery", "-A", "engine_celery", "worker", "--pool", "prefork"]
    worker = subprocess.Popen(
        [*command, "--concurrency", str(workers), "--loglevel", "ERROR"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    app = engine_celery.make(url)
    noop = app.tasks["engine_celery.noop"]
    try:
        noop.delay(0).get(timeout=60)
        with allow_join_result():
            yield Peer(
                lambda values: [result.get() for result in [noop.delay(value) for value in values]],
                lambda _name, value: noop.delay(value).get(),
                carries_arrays=False,
            )
    finally:
        app.close()
        worker.terminate()
        worker.wait(30)
        redis.terminate()
        redis.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def answer(peer: Peer, verb: str, amount: int) -> list[float]:
    """The times of one request, in seconds."""
    if verb == "batch":
        values = list(range(amount))
        begin = perf_counter()
        peer.many(values)
        return [perf_counter() - begin]
    if verb == "single":
        times = []
        for value in range(amount):
            begin = perf_counter()
            peer.one("noop", value)
            times.append(perf_counter() - begin)
        return times
    if not peer.carries_arrays:
        return []
    array = numpy.arange(amount // ELEMENT_BYTES, dtype=numpy.float64)
    name, value = ("take", array) if verb == "to" else ("make", len(array))
    begin = perf_counter()
    peer.one(name, value)
    return [perf_counter() - begin]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["dask", "ray", "celery"])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    # The engines print; the answers need a stream of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with {"dask": dask, "ray": ray, "celery": celery}[options.engine](options.workers) as peer:
        answers.write(json.dumps("ready") + "\n")
        for line in sys.stdin:
            verb, amount = line.split()
            answers.write(json.dumps(answer(peer, verb, int(amount))) + "\n")


if __name__ == "__main__":
    main()
