"""Remote functions by what a task asks for: resources and placement become Ray options, once per combination."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ..attempt import AttemptOptions
from . import ray_worker

VARIANTS_MAX = 256
"""Combinations kept; the least recently used goes first. A new one costs no export, only a wrapper."""


@dataclass(frozen=True, slots=True)
class RayNode:
    """A living node of the cluster: its names and the total of its resources."""

    id: str
    names: frozenset[str]
    resources: dict[str, float]
    labels: dict[str, str]


class Unplaceable(Exception):  # noqa: N818 (a finding, not a fault)
    """No node of the cluster can ever run this, as the cluster is now. `forever` when it cannot grow either."""


class RayCalls:
    """
    The remote functions of one connection. Each is exported to the cluster once, since every `ray.remote` of a
    function uploads it anew.
    """

    def __init__(self) -> None:
        # Core decides about another attempt; Ray must never make one by itself.
        self._call = ray.remote(max_retries=0, num_cpus=1)(ray_worker.call)
        self._keep = ray.remote(max_retries=0, num_cpus=1, num_returns=2)(ray_worker.call_keep)
        self._describe = ray.remote(max_retries=0, num_cpus=0)(ray_worker.describe_worker)
        self._variants: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self.nodes: Sequence[RayNode] = ()

    def describe(self) -> Any:
        """A reference to the versions of a fresh or idle worker; holds no CPU, so it never queues."""
        return self._describe.remote()

    def function(self, options: AttemptOptions) -> Any:
        """The remote function for these options. Raises Unplaceable."""
        keeps = options.output == "reference"
        base = self._keep if keeps else self._call
        if not options.has_resources and not options.has_placement:
            return base
        key = (
            keeps,
            options.cpu,
            options.gpu,
            options.memory_bytes,
            tuple(sorted(options.custom.items())),
            options.node,
            tuple(sorted(options.labels.items())),
        )
        found = self._variants.get(key)
        if found is None:
            found = self._variants[key] = base.options(**self.arguments(options))
            while len(self._variants) > VARIANTS_MAX:
                self._variants.popitem(last=False)
        self._variants.move_to_end(key)
        return found

    def check(self, options: AttemptOptions) -> None:
        """Raises Unplaceable when no node that is there now could ever hold these resources."""
        wanted = _demand(options)
        nodes = [node for node in self.nodes if _matches(node, options)]
        if self.nodes and not nodes:
            where = options.node if options.node is not None else dict(options.labels)
            raise Unplaceable(f"No node of the Ray cluster is {where!r}.")
        for node in nodes:
            if all(node.resources.get(name, 0.0) >= amount for name, amount in wanted.items()):
                return
        if nodes:
            most = {name: max(node.resources.get(name, 0.0) for node in nodes) for name in wanted}
            raise Unplaceable(f"The task asks for {_show(wanted)}; the most one node has is {_show(most)}.")

    def arguments(self, options: AttemptOptions) -> dict[str, Any]:
        """Ray options of what a task asks for. Raises Unplaceable."""
        out: dict[str, Any] = {"num_cpus": 1.0 if options.cpu is None else options.cpu}
        if options.gpu:
            out["num_gpus"] = options.gpu
        if options.memory_bytes:
            out["memory"] = options.memory_bytes
        if options.custom:
            out["resources"] = dict(options.custom)
        if options.node is not None:
            node = self._find(options.node)
            out["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node.id, soft=False)
        if options.labels:
            out["label_selector"] = dict(options.labels)
        return out

    def _find(self, name: str) -> RayNode:
        for node in self.nodes:
            if name == node.id or name in node.names:
                return node
        raise Unplaceable(f"No node of the Ray cluster is {name!r}.")


def read_nodes() -> list[RayNode]:
    """The living nodes, from the cluster's control service. Blocks; may raise what Ray raises."""
    found = []
    for row in ray.nodes():
        if not row.get("Alive"):
            continue
        names = {row.get("NodeManagerAddress"), row.get("NodeManagerHostname"), row.get("NodeName")}
        found.append(
            RayNode(
                row["NodeID"],
                frozenset(name for name in names if name),
                {name: float(amount) for name, amount in row.get("Resources", {}).items()},
                dict(row.get("Labels") or {}),
            )
        )
    return found


def own_endpoints() -> list[tuple[str, int]]:
    """Where the control service and this machine's Ray daemon listen, so that their end can be felt."""
    context = ray.get_runtime_context()
    found = [_endpoint(context.gcs_address)]
    for row in ray.nodes():
        if row["NodeID"] == context.get_node_id():
            found.append((row["NodeManagerAddress"], int(row["NodeManagerPort"])))
    return found


def own_host() -> str:
    """Address of this machine as the cluster's workers see it."""
    if not ray.is_initialized():
        return "127.0.0.1"
    return str(ray.util.get_node_ip_address())


def _endpoint(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _demand(options: AttemptOptions) -> dict[str, float]:
    wanted = {"CPU": 1.0 if options.cpu is None else options.cpu, **options.custom}
    if options.gpu:
        wanted["GPU"] = options.gpu
    if options.memory_bytes:
        wanted["memory"] = float(options.memory_bytes)
    return {name: amount for name, amount in wanted.items() if amount > 0}


def _matches(node: RayNode, options: AttemptOptions) -> bool:
    if options.node is not None and options.node != node.id and options.node not in node.names:
        return False
    return all(node.labels.get(key) == value for key, value in options.labels.items())


def _show(amounts: dict[str, float]) -> str:
    return ", ".join(f"{amount:g} {name}" for name, amount in sorted(amounts.items()))
