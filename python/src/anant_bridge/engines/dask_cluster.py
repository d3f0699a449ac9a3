"""Connects to a Dask scheduler, or starts a local cluster, with the settings the bridge depends on."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster, Security
from distributed.core import Status
from distributed.utils import get_mp_context

from ..errors import BridgeError
from .base import EngineHost
from .dask_options import DaskOptions
from .worker_env import ONE_THREAD, worker_env

CONNECT_TIMEOUT_S = 15.0
WORKERS_TIMEOUT_S = 20.0

LOCAL_SETTINGS = {
    # Core decides about another attempt; Dask must never run one by itself.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.daemon": True,
    # Workers are forked from a server that has imported everything: a killed one is replaced in no time.
    "distributed.worker.multiprocessing-method": "forkserver",
    # A busy worker gets no tasks of its own to wait with: they stay with the scheduler, in order of priority.
    "distributed.scheduler.worker-saturation": 1.0,
    # Nannies bring their workers back. Dask would drop a nanny whose worker is missing at two moments so far apart,
    # even when it was there in between.
    "distributed.deploy.lost-worker-timeout": "1 day",
    # Sampling every worker's stacks costs time and is read by nobody here.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.dashboard.status.task-stream-length": 0,
}


PRELOADED = ["distributed", "anant_bridge.engines.dask_worker", "anant_bridge.worker.executor"]
"""Imported by the server that local workers are forked from. None of them starts a thread."""


def quieten() -> None:
    """Dask's log is for its own errors only; losses are reported as outcomes."""
    warnings.filterwarnings("ignore", category=UserWarning, module="distributed")
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # These complain about every worker that is killed on purpose.
    for name in ("distributed.nanny", "distributed.scheduler", "distributed.core", "distributed.worker"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


async def start_local(options: DaskOptions, host: EngineHost) -> LocalCluster:
    """A local cluster: one nanny and worker process per worker, on loopback. Raises BridgeError."""
    dask.config.set(LOCAL_SETTINGS)
    # Forking is safe only without threads, and numpy starts some unless it is told not to.
    os.environ.update({name: "1" for name in ONE_THREAD if name not in os.environ})
    # Asking for the context makes Dask choose what to preload; ours comes after.
    get_mp_context().set_forkserver_preload(PRELOADED)
    try:
        return await LocalCluster(
            n_workers=options.workers,
            threads_per_worker=options.threads_per_worker,
            processes=True,
            host="127.0.0.1",
            # Without an address Dask opens its HTTP servers on every interface, dashboard or not.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            dashboard=False,
            memory_limit=options.memory_bytes_max or "auto",
            local_directory=host.scratch,
            silence_logs=logging.CRITICAL,
            env=worker_env(host),
            asynchronous=True,
        )
    except Exception as error:
        raise BridgeError(
            "E_BACKEND_UNAVAILABLE",
            f"A local Dask cluster could not be started: {type(error).__name__}: {error}",
            "Read the bridge's log; free memory and process limits are the usual reasons.",
        ) from error


def mend_local(cluster: LocalCluster, workers: int) -> int:
    """
    Starts another nanny for each that has given up: one whose worker fails to start, as on a machine that is short of
    time, closes for good. Returns how many there were.
    """
    for name, nanny in list(cluster.workers.items()):
        if nanny.status in (Status.closed, Status.failed):
            del cluster.workers[name]
    missing = workers - len(cluster.workers)
    if missing > 0:
        cluster.scale(workers)
    return missing


async def connect(options: DaskOptions, cluster: LocalCluster | None) -> Client:
    """A client on the running loop that is nobody's default. Raises BridgeError E_ENGINE_UNREACHABLE."""
    target: Any = cluster if cluster is not None else options.address
    security = _security(options.tls)
    try:
        return await Client(
            target,
            asynchronous=True,
            set_as_default=False,
            timeout=CONNECT_TIMEOUT_S,
            name="anant-bridge",
            **({"security": security} if security is not None else {}),
        )
    except (OSError, TimeoutError, ValueError) as error:
        raise BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"The Dask scheduler {options.address} cannot be reached: {type(error).__name__}: {error}",
            "Check the address, that the scheduler runs, and the tls option.",
        ) from error


def local_address_towards(address: str) -> str:
    """This machine's address as seen on the way to a scheduler."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    host, port = parts.hostname or "127.0.0.1", parts.port or 8786
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((host, port))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"


def _security(tls: Mapping[str, str] | None) -> Security | None:
    if tls is None:
        return None
    return Security(
        tls_ca_file=tls.get("ca_file"),
        tls_client_cert=tls.get("cert_file"),
        tls_client_key=tls.get("key_file"),
        require_encryption=True,
    )
