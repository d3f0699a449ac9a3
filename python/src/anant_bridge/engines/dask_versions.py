"""Compares the versions of bridge, scheduler and workers. Dask's own check does not reliably refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BridgeError

EXACT = ("dask", "distributed", "cloudpickle")
"""Packages whose versions must be equal: Dask ships pickles of its own internals."""
MAJOR = ("msgpack", "tornado", "toolz")
"""Packages whose major version must be equal."""


def check_versions(versions: Mapping[str, Any]) -> None:
    """Takes what `Client.get_versions` returns. Raises BridgeError E_VERSION_SKEW naming every difference."""
    ours = versions["client"]
    places = {"scheduler": versions["scheduler"], **versions["workers"]}
    found = [line for place, theirs in places.items() for line in _differences(ours, theirs, place)]
    if found:
        shown = "; ".join(found[:8]) + ("; …" if len(found) > 8 else "")
        raise BridgeError(
            "E_VERSION_SKEW",
            f"The Dask cluster and the bridge run versions that do not fit: {shown}.",
            "Run the bridge in the same Python environment as the cluster, or rebuild one of them.",
            {"differences": "; ".join(found)},
        )


def check_workers(described: Mapping[str, Any], version: str, python: tuple[int, int]) -> None:
    """Takes what workers say of themselves. Raises BridgeError E_VERSION_SKEW."""
    for address, worker in described.items():
        if worker["anant_bridge"] != version:
            raise BridgeError(
                "E_VERSION_SKEW",
                f"Worker {address} has anant-bridge {worker['anant_bridge']}, the bridge {version}.",
                f"Run on every worker: pip install anant-bridge=={version}",
            )
        if worker["python"].split(".")[:2] != [str(part) for part in python]:
            raise BridgeError(
                "E_VERSION_SKEW",
                f"Worker {address} runs Python {worker['python']}, the bridge {python[0]}.{python[1]}.",
                "Run the bridge with the Python version of the cluster.",
            )


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None, place: str) -> list[str]:
    if not theirs:
        return [f"{place} does not say its versions"]
    lines = []
    mine, other = _python(ours), _python(theirs)
    if mine != other:
        lines.append(f"Python {other} on {place}, {mine} here")
    for name in (*EXACT, *MAJOR):
        a, b = ours["packages"].get(name), theirs["packages"].get(name)
        if a is None or b is None:
            continue
        if a != b if name in EXACT else _major(a) != _major(b):
            lines.append(f"{name} {b} on {place}, {a} here")
    return lines


def _python(versions: Mapping[str, Any]) -> str:
    return ".".join(str(versions["host"]["python"]).split(".")[:2])


def _major(version: object) -> str:
    # msgpack reports its version as a tuple.
    return str(version[0]) if isinstance(version, (tuple, list)) else str(version).partition(".")[0]
