"""
A connection to a Ray cluster: one started here, private to the session, or one reached by address. The bridge is
always a direct driver, which shares memory with its node; Ray Client is a labelled fallback.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import ray
from ray._private import ray_constants

from ..errors import BridgeError
from .guarded import Guarded
from .ray_calls import own_endpoints

START_TIMEOUT_S = 60.0
"""How long a local cluster may take to start."""
REACH_TIMEOUT_S = 3.0
"""How long the address of a cluster may take to accept a connection."""
_LOG_TAIL_BYTES = 2_000
_EVENTS = "RAY_task_events_report_interval_ms"
_USAGE = "RAY_USAGE_STATS_ENABLED"
_TOKEN = "RAY_AUTH_TOKEN"
_CLUSTERS = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray binds an outside address of the machine unless this says that clusters are not wanted."""


class RayCluster(Protocol):
    """Where the driver connects to. `connect` may be called again after `disconnect`."""

    details: Mapping[str, str]
    is_client: bool
    """Whether this is Ray Client, not a driver."""
    is_remote: bool
    """Whether somebody else runs it, so that it must be felt for."""

    async def connect(self) -> None:
        """Makes Ray usable in this process; on the main thread. Raises BridgeError and leaves nothing behind."""

    async def disconnect(self, grace: float) -> None:
        """Ends the connection and whatever was started for it."""

    def has_died(self) -> str | None:
        """Why the cluster is gone, when that can be seen at no cost."""

    def endpoints(self) -> list[tuple[str, int]]:
        """Where to feel for it otherwise; all must answer while it lives."""


class LocalRay:
    """
    A cluster of one node under the guard: loopback only, its own token, no dashboard, no usage report, no files
    outside its folder. Ray's own clean-up leaves agents and busy workers behind when the driver is killed.
    """

    is_client = False
    is_remote = False

    def __init__(
        self, slots: int, namespace: str, env: Mapping[str, str], memory_bytes_max: int | None
    ) -> None:
        self.details: Mapping[str, str] = {"mode": "local"}
        self._slots = slots
        self._namespace = namespace
        self._env = env
        self._memory_bytes_max = memory_bytes_max
        self._tree: Guarded | None = None

    async def connect(self) -> None:
        """Starts the node, then connects to it."""
        # Ray's sockets must fit 107 characters, so the folder cannot lie in a deep scratch directory.
        folder = tempfile.mkdtemp(prefix="anant-ray-", dir="/tmp" if os.path.isdir("/tmp") else None)
        self._set_environment()
        try:
            self._tree = Guarded(
                self._command(folder), env=self._node_environment(), folder=folder, log=f"{folder}/node.log"
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            address = await self._wait_for_address(folder)
            # Only "auto" makes Ray use the token; where several nodes run, it could take another one.
            _init("auto", self._namespace, folder)
            found = ray.get_runtime_context().gcs_address
            if found != address:
                raise BridgeError(
                    "E_ENGINE_UNREACHABLE",
                    f"Ray connected to {found} instead of its own node at {address}.",
                    "Try again, or connect to a running cluster with `address`.",
                )
        except BaseException:
            await self.disconnect(0)
            raise
        self.details = {"mode": "local", "address": address}

    async def disconnect(self, grace: float) -> None:
        """Leaves the cluster and kills it: nothing in it is shared."""
        if self._tree is not None and self._tree.poll() is None:
            _shutdown()
        elif ray.is_initialized():
            # Ray waits seconds for a control service that is gone; the loop must live meanwhile.
            await asyncio.get_running_loop().run_in_executor(None, _shutdown)
        if self._tree is not None:
            await self._tree.stop(0)
            self._tree = None

    def has_died(self) -> str | None:
        """`ray start --block` ends when any of its processes does, and the guard ends the rest."""
        status = None if self._tree is None else self._tree.poll()
        return None if status is None else f"The local Ray node ended (status {status})."

    def endpoints(self) -> list[tuple[str, int]]:
        """The control service and the daemon: Ray's own watch over them does not always see the daemon's end."""
        return own_endpoints()

    def _command(self, folder: str) -> list[str]:
        command = [
            sys.executable,
            "-m",
            "ray.scripts.scripts",
            "start",
            "--head",
            "--port=0",
            "--node-ip-address=127.0.0.1",
            f"--num-cpus={self._slots}",
            f"--temp-dir={folder}",
            "--include-dashboard=false",
            "--include-log-monitor=false",
            "--no-monitor",
            "--disable-usage-stats",
            "--block",
        ]
        if self._memory_bytes_max:
            command.append(f"--memory={self._memory_bytes_max}")
        return command

    def _set_environment(self) -> None:
        """For the driver: the token of its node, and loopback as its own address."""
        os.environ[_USAGE] = "0"
        os.environ[_TOKEN] = os.environ.get(_TOKEN) or secrets.token_hex(32)
        for name in ("RAY_ADDRESS", "RAY_NAMESPACE", "RAY_AUTH_MODE", "RAY_JOB_CONFIG_JSON_ENV_VAR"):
            os.environ.pop(name, None)
        # Nobody reads the task events of a private node; without a control service Ray waits seconds to send them.
        os.environ[_EVENTS] = "0"
        os.environ[_CLUSTERS] = "0"
        # Ray read that variable when it was imported, which is long ago.
        ray_constants.ENABLE_RAY_CLUSTER = False

    def _node_environment(self) -> dict[str, str]:
        """The workers' environment, with what Ray reads when it starts a node."""
        ours = {name: os.environ[name] for name in (_TOKEN, _CLUSTERS, _USAGE, _EVENTS)}
        # What lies in the client's working directory must not pass for a package Ray imports.
        return {**self._env, **ours, "RAY_AUTH_MODE": "token", "PYTHONSAFEPATH": "1"}

    async def _wait_for_address(self, folder: str) -> str:
        assert self._tree is not None
        file = Path(folder, "ray_current_cluster")
        deadline = monotonic() + START_TIMEOUT_S
        while monotonic() < deadline:
            with contextlib.suppress(OSError):
                address = file.read_text().strip()
                if address:
                    return address
            if self._tree.poll() is not None:
                break
            await asyncio.sleep(0.01)
        raise BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"The local Ray node did not start: {_tail(Path(folder, 'node.log'))}",
            "Check free memory and disk space, or connect to a running cluster with `address`.",
        )


class AttachedRay:
    """A cluster somebody else runs: `auto`, `host:port`, or `ray://host:port`."""

    is_remote = True

    def __init__(self, address: str, namespace: str) -> None:
        self.is_client = address.startswith("ray://")
        self.details: Mapping[str, str] = {
            "mode": "client" if self.is_client else "driver",
            "address": address,
        }
        self._address = address
        self._namespace = namespace

    async def connect(self) -> None:
        """Probes the address first, since Ray itself waits long for one that does not answer."""
        os.environ[_USAGE] = "0"
        if self._address != "auto":
            await _reach(self._address.removeprefix("ray://"))
        _init(self._address, self._namespace, None)

    async def disconnect(self, grace: float) -> None:
        """Leaves the cluster; it forgets what this session owned."""
        if ray.is_initialized():
            with contextlib.suppress(TimeoutError):
                loop = asyncio.get_running_loop()
                await asyncio.wait_for(loop.run_in_executor(None, _shutdown), grace + 6)

    def has_died(self) -> str | None:
        """Not visible from here: its endpoints are felt for."""
        return None

    def endpoints(self) -> list[tuple[str, int]]:
        """The control service and this machine's Ray daemon; with Ray Client, only its server is in reach."""
        if self.is_client:
            host, _, port = self._address.removeprefix("ray://").rpartition(":")
            return [(host.strip("[]"), int(port))]
        return own_endpoints()


async def _reach(address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        if not host or not port.isdigit():
            raise BridgeError(
                "E_CONFIG_INVALID",
                f'"{address}" is not the address of a Ray cluster.',
                'Use "auto", "host:port" of the head node, or "ray://host:port".',
            )
        connecting = asyncio.open_connection(host.strip("[]"), int(port))
        _, writer = await asyncio.wait_for(connecting, REACH_TIMEOUT_S)
        writer.close()
    except (OSError, TimeoutError) as error:
        raise BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"No Ray cluster answers at {address}: {error or 'timeout'}.",
            "Start one with `ray start --head`, correct the address, or leave it out to use a local cluster.",
        ) from error


def _init(address: str, namespace: str, folder: str | None) -> None:
    arguments: dict[str, Any] = {"address": address, "namespace": namespace, "log_to_driver": False}
    if not address.startswith("ray://"):
        arguments["configure_logging"] = False
    if folder is not None:
        arguments["_temp_dir"] = folder
    try:
        with _kept_signals():
            ray.init(**arguments)
    except Exception as error:
        with contextlib.suppress(Exception):
            ray.shutdown()
        raise _refusal(address, error) from error


def _refusal(address: str, error: Exception) -> BridgeError:
    text = f"{type(error).__name__}: {error}"
    if "ersion mismatch" in text:
        import ray as here

        return BridgeError(
            "E_VERSION_SKEW",
            f"The Ray cluster at {address} does not fit the bridge: {text}",
            f"Use Ray {here.__version__} and Python {platform.python_version()} on both sides.",
        )
    if isinstance(error, ImportError):
        return BridgeError(
            "E_ENGINE_NOT_INSTALLED",
            f"Ray Client cannot be used here: {text}",
            'Run the bridge on a node of the cluster (address "auto"), or install "ray[client]".',
        )
    return BridgeError(
        "E_ENGINE_UNREACHABLE",
        f"The Ray cluster at {address} cannot be used: {text}",
        "The bridge must run on a node of the cluster; check that the head is up and the token (RAY_AUTH_TOKEN) fits.",
    )


@contextlib.contextmanager
def _kept_signals() -> Iterator[None]:
    """Ray installs its own SIGTERM handler, which would end the bridge without settling anything."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    held = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    finally:
        for number, handler in held.items():
            if handler is not None:
                signal.signal(number, handler)


def _shutdown() -> None:
    with contextlib.suppress(Exception):
        ray.shutdown()


def _tail(path: Path) -> str:
    try:
        return path.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace").strip() or "no output"
    except OSError:
        return "no output"
