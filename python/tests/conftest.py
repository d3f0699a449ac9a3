"""What the tests share: bridges that are started once per module, and helpers to look for leftovers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("engine_clauses", "bridge_client")

from bridge_client import BridgeClient  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
NODE_HOST = REPOSITORY / "packages" / "bridge" / "dist" / "host" / "main.js"


def eventually(condition: Callable[[], bool], timeout: float = 60.0) -> None:
    """Waits until the condition holds, or fails."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    """Whether a process runs (zombies do not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(root: int) -> list[int]:
    """Process ids below `root`."""
    from anant_bridge.lifeline import descendants as find

    return find(root)


def listening(pids: list[int]) -> list[str]:
    """TCP addresses (as the kernel writes them) on which these processes listen."""
    sockets = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(entry))
            except OSError:
                continue
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


def node_options() -> dict[str, str] | None:
    """Where Node and its host program are, or None when the program is not built."""
    import shutil

    node = shutil.which("node")
    return {"exec": node, "host": str(NODE_HOST)} if node and NODE_HOST.is_file() else None


@pytest.fixture(scope="module")
def local() -> Iterator[BridgeClient]:
    """A bridge with the local engine, two workers."""
    with BridgeClient("local", {"local": {"workers": 2}}, node=node_options()) as client:
        yield client


@pytest.fixture(scope="module")
def dask() -> Iterator[BridgeClient]:
    """A bridge with a local Dask cluster, two workers."""
    pytest.importorskip("distributed")
    with BridgeClient("dask", {"local": {"workers": 2}}, node=node_options()) as client:
        yield client


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """A file that releases waiting tasks; it is made at the end in any case."""
    path = tmp_path / "release"
    yield path
    path.touch()


def environment(**more: str) -> dict[str, str]:
    """This process's environment and more."""
    return {**os.environ, **more}
