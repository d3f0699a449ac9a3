"""Times NetworKit's communities on the rows of a weighted graph, one thread. Prints one JSON object.

Reads `offsets`, `neighbours` (uint32) and `weights` (float64) from the folder given; writes `labels-NAME` (uint32). Also
times making these rows from the hypergraph (`edgeOffsets`, `edgeMembers`, uint32) by scipy: NetworKit has no hypergraphs.
"""

import json
import sys
import time
from pathlib import Path

import networkit as nk
import numpy as np
from scipy import sparse

WARM_UPS = 3

folder = Path(sys.argv[1])
runs = int(sys.argv[2])
nk.setNumberOfThreads(1)
nk.setSeed(7, False)
offsets = np.fromfile(folder / "offsets", dtype="<u4").astype(np.int64)
neighbours = np.fromfile(folder / "neighbours", dtype="<u4").astype(np.int64)
weights = np.fromfile(folder / "weights", dtype="<f8")
owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
once = owners < neighbours


edge_offsets = np.fromfile(folder / "edgeOffsets", dtype="<u4").astype(np.int32)
edge_members = np.fromfile(folder / "edgeMembers", dtype="<u4").astype(np.int32)


def expand() -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Pairs with the sums of 1 / (size - 1): the incidence matrix by itself, above the diagonal."""
    sizes = np.diff(edge_offsets)
    shape = (len(sizes), len(offsets) - 1)
    members = sparse.csr_matrix((np.ones(len(edge_members)), edge_members, edge_offsets), shape=shape)
    shares = sparse.csr_matrix(
        (np.repeat(1.0 / np.maximum(sizes - 1, 1), sizes), edge_members, edge_offsets), shape=shape
    )
    product = (members.T @ shares).tocoo()
    once = product.row < product.col
    return product.data[once], (product.row[once], product.col[once])


def build() -> nk.Graph:
    columns = (weights[once], (owners[once].astype(np.uint64), neighbours[once].astype(np.uint64)))
    return nk.GraphFromCoo(columns, n=len(offsets) - 1, weighted=True, directed=False)


def median_ms(action: object) -> float:
    samples = []
    for run in range(-WARM_UPS, runs):
        start = time.perf_counter()
        action()
        if run >= 0:
            samples.append((time.perf_counter() - start) * 1e3)
    return sorted(samples)[len(samples) // 2]


graph = build()
ALGORITHMS = {
    "PLP": lambda: nk.community.PLP(graph),
    "PLM": lambda: nk.community.PLM(graph),
    "ParallelLeiden": lambda: nk.community.ParallelLeiden(graph),
}
result = {"expandMs": median_ms(expand), "buildMs": median_ms(build), "ms": {}}
for name, algorithm in ALGORITHMS.items():
    last = algorithm().run()
    result["ms"][name] = median_ms(lambda make=algorithm: make().run())
    np.asarray(last.getPartition().getVector(), dtype="<u4").tofile(folder / f"labels-{name}")
print(json.dumps(result))
