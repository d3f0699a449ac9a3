"""Maps what a task asks for to what Dask can restrict: workers by address, and workers' abstract resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..attempt import AttemptOptions
from ..errors import BridgeError


@dataclass(frozen=True, slots=True)
class DaskWorker:
    """One worker as the scheduler knows it."""

    address: str
    name: str
    host: str
    threads: int
    memory_bytes: int
    resources: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Demand:
    """What goes into Dask's submit call; None means no restriction."""

    workers: tuple[str, ...] | None = None
    resources: tuple[tuple[str, float], ...] | None = None


@dataclass(slots=True)
class Placement:
    """Places tasks on the workers known at the moment."""

    workers: list[DaskWorker] = field(default_factory=list)

    def update(self, identity: Mapping[str, Any]) -> None:
        """Takes the scheduler's own description of its workers."""
        self.workers = [
            DaskWorker(
                address=str(address),
                name=str(info.get("name", address)),
                host=str(info.get("host", "")),
                threads=int(info.get("nthreads", 1)),
                memory_bytes=int(info.get("memory_limit") or 0),
                resources=dict(info.get("resources") or {}),
            )
            for address, info in identity.items()
        ]

    @property
    def slots(self) -> int:
        """Threads of all workers."""
        return sum(worker.threads for worker in self.workers)

    def demand(self, options: AttemptOptions) -> Demand:
        """
        The restrictions for these options. Dask would wait for ever for a resource no worker declares, so that is
        refused: raises BridgeError E_CAPABILITY_MISSING.
        """
        if not options.has_resources and not options.has_placement:
            return _NO_DEMAND
        if options.labels:
            raise BridgeError(
                "E_CAPABILITY_MISSING",
                "Dask workers have no labels.",
                "Place the task by node (a worker's name, address or host), or by a custom resource.",
            )
        wanted = {name: float(count) for name, count in options.custom.items()}
        if options.gpu:
            wanted["GPU"] = float(options.gpu)
        fitting = [worker for worker in self.workers if self._fits(worker, options, wanted)]
        if not fitting:
            raise BridgeError(
                "E_CAPABILITY_MISSING",
                f"None of {len(self.workers)} Dask workers offers {_describe(options, wanted)}.",
                "Start workers with --resources, more threads or memory, or ask for less.",
            )
        by_address = options.node is not None or options.memory_bytes or options.cpu is not None
        return Demand(
            tuple(sorted(worker.address for worker in fitting)) if by_address else None,
            tuple(sorted(wanted.items())) or None,
        )

    def _fits(self, worker: DaskWorker, options: AttemptOptions, wanted: Mapping[str, float]) -> bool:
        if options.node is not None and options.node not in (worker.address, worker.name, worker.host):
            return False
        if options.cpu is not None and options.cpu > worker.threads:
            return False
        if options.memory_bytes and worker.memory_bytes and options.memory_bytes > worker.memory_bytes:
            return False
        return all(worker.resources.get(name, 0) >= count for name, count in wanted.items())


_NO_DEMAND = Demand()


def _describe(options: AttemptOptions, wanted: Mapping[str, float]) -> str:
    parts = [f"{count:g} {name}" for name, count in wanted.items()]
    if options.cpu is not None:
        parts.append(f"{options.cpu:g} CPU threads")
    if options.memory_bytes:
        parts.append(f"{options.memory_bytes} bytes of memory")
    if options.node is not None:
        parts.append(f'the node "{options.node}"')
    return ", ".join(parts)
