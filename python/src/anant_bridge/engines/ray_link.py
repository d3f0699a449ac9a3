"""One connection to Ray as the engine uses it: proven at the start, watched afterwards, opened again when it broke."""

from __future__ import annotations

import asyncio
import contextlib
import platform
from collections.abc import Mapping
from time import monotonic

import ray

from ..errors import BridgeError
from ..version import __version__
from .ray_calls import RayCalls, read_nodes
from .ray_cluster import RayCluster
from .ray_ending import read_ending
from .ray_pool import RayPool
from .ray_residents import RayResidents

PROBE_TIMEOUT_S = 30.0
"""How long the first worker may take to say its versions."""
NODES_TIMEOUT_S = 3.5
"""How long Ray's control service may take to list the nodes."""
NODES_S = 5.0
"""How often they are listed."""
PULSE_S = 1.0
PULSE_TIMEOUT_S = 1.0
PULSE_LOSS_S = 3.0
"""How often a cluster is felt for, and how long it may give no sign."""


class RayLink:
    """`calls` submits; `trouble` says why it no longer can."""

    def __init__(self, cluster: RayCluster, slots_asked: int | None) -> None:
        self.cluster = cluster
        self.calls: RayCalls | None = None
        self.pool: RayPool | None = None
        """Only on a private node, where nobody else needs the CPUs that its actors use."""
        self._slots_asked = slots_asked
        self._listing: asyncio.Future[object] | None = None
        self._listed_at = 0.0
        self._endpoints: list[tuple[str, int]] = []
        self._felt_at = 0.0
        self._silent_since: float | None = None

    @property
    def slots(self) -> int:
        """CPUs of the cluster, or what the user said."""
        if self._slots_asked is not None:
            return self._slots_asked
        nodes = self.calls.nodes if self.calls is not None else ()
        return max(1, int(sum(node.resources.get("CPU", 0.0) for node in nodes)))

    async def open(self) -> None:
        """Connects, and proves that a worker can run our tasks. Raises BridgeError and leaves nothing behind."""
        await self.cluster.connect()
        try:
            calls = self.calls = RayCalls()
            self._listing = None
            await self.list_nodes()
            self.pool = None if self.cluster.is_remote else RayPool(self.slots)
            await _check_worker(calls if self.pool is None else self.pool)
            self._endpoints = self.cluster.endpoints()
            self._silent_since = None
        except BaseException:
            self.calls = self.pool = None
            await self.cluster.disconnect(1)
            raise

    def residents(self) -> RayResidents:
        """No actors yet, on this connection."""
        assert self.calls is not None
        return RayResidents(self.calls, self.pool)

    async def close(self, grace: float) -> None:
        """Disconnects, and ends a private cluster."""
        self.calls = self.pool = None
        await self.cluster.disconnect(grace)

    async def trouble(self) -> str | None:
        """Why the cluster must be considered gone, or None. Call it often; it asks seldom."""
        reason = self.cluster.has_died()
        if reason is not None:
            return reason
        now = monotonic()
        if now - self._felt_at >= PULSE_S:
            self._felt_at = now
            # On this machine a slow answer only says that it is busy.
            late = not self.cluster.is_remote
            silent = [endpoint for endpoint in self._endpoints if not await _answers(endpoint, late=late)]
            if not silent:
                self._silent_since = None
            elif self._silent_since is None:
                self._silent_since = now
            elif now - self._silent_since >= PULSE_LOSS_S:
                return f"Ray does not answer at {', '.join(f'{host}:{port}' for host, port in silent)}."
        if self.cluster.is_remote and self._silent_since is None and now - self._listed_at >= NODES_S:
            with contextlib.suppress(Exception):
                await self.list_nodes()
        return None

    async def list_nodes(self) -> int:
        """Brings `calls.nodes` up to date; how many there are. Raises what Ray raises, and TimeoutError."""
        self._listed_at = monotonic()
        if self._listing is None or self._listing.done():
            # One question at a time: Ray blocks its asker while the control service is away.
            self._listing = asyncio.get_running_loop().run_in_executor(None, read_nodes)
        nodes = await asyncio.wait_for(asyncio.shield(self._listing), NODES_TIMEOUT_S)
        if self.calls is not None and isinstance(nodes, list):
            self.calls.nodes = nodes
            return len(nodes)
        return 0


async def _check_worker(calls: RayCalls | RayPool) -> None:
    """Lets a worker import this package and say its versions. Raises BridgeError."""
    try:
        seen = await asyncio.wait_for(asyncio.wrap_future(calls.describe().future()), PROBE_TIMEOUT_S)
    except TimeoutError as error:
        raise BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"No Ray worker answered within {PROBE_TIMEOUT_S:g} s.",
            "Check that the cluster can start workers (`ray status`).",
        ) from error
    except Exception as error:
        ending = read_ending(error)
        code = ending.code or "E_ENGINE_UNREACHABLE"
        raise BridgeError(
            code, f"A Ray worker failed its first task: {ending.reason}", ending.advice
        ) from error
    compare_versions(
        {"anant_bridge": __version__, "python": platform.python_version(), "ray": ray.__version__}, seen
    )


def compare_versions(here: Mapping[str, str], seen: Mapping[str, str]) -> None:
    """Raises BridgeError E_VERSION_SKEW. Of Python, only the minor version must be equal."""
    for what, wanted in here.items():
        found = seen.get(what, "unknown")
        same = found.split(".")[:2] == wanted.split(".")[:2] if what == "python" else found == wanted
        if not same:
            raise BridgeError(
                "E_VERSION_SKEW",
                f"The bridge has {what} {wanted}, a Ray worker has {found}.",
                "Install the same versions on the bridge's machine and on every Ray node.",
                {"what": what, "expected": wanted, "actual": found},
            )


async def _answers(endpoint: tuple[str, int], *, late: bool) -> bool:
    """Whether something listens there; `late` is the answer when it takes too long to tell."""
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(*endpoint), PULSE_TIMEOUT_S)
    except TimeoutError:
        return late
    except OSError:
        return False
    writer.close()
    return True
