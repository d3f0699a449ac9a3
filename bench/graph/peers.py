"""Times one other library on the same incidences. Prints a JSON object for each kernel as soon as it is measured.

Reads `offsets` and `members` (uint32) from the folder given, and the sources of the searches from the request.
Graph libraries get the bipartite graph of vertices and hyperedges. One thread each. A kernel is run less often than asked
for once that took longer than a budget. Exits with 3 when the library is not installed.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

WARM_UPS = 3
BUDGET_S = 5.0
NOT_INSTALLED = 3
Times = Iterator[tuple[str, float]]


def median_ms(runs: int, action: Callable[[], object]) -> float:
    samples = samples_ms([action] * (WARM_UPS + runs))
    kept = samples[WARM_UPS:] or samples[-1:]
    return sorted(kept)[len(kept) // 2]


def samples_ms(actions: list[Callable[[], object]]) -> list[float]:
    """Milliseconds of each, the first at least, until the budget is used up."""
    samples: list[float] = []
    begin = time.perf_counter()
    for action in actions:
        start = time.perf_counter()
        if samples and start - begin > BUDGET_S:
            break
        action()
        samples.append((time.perf_counter() - start) * 1e3)
    return samples


class Incidences:
    """The hypergraph as numpy arrays; hyperedge e is vertex `vertices + e` of the bipartite graph."""

    def __init__(self, folder: Path, request: dict[str, Any]) -> None:
        self.offsets = np.fromfile(folder / "offsets", dtype="<u4").astype(np.int64)
        self.members = np.fromfile(folder / "members", dtype="<u4").astype(np.int64)
        self.vertices: int = request["vertices"]
        self.hyperedges = len(self.offsets) - 1
        self.owners = np.repeat(np.arange(self.hyperedges), np.diff(self.offsets)) + self.vertices
        self.size = self.vertices + self.hyperedges
        self.sources: list[int] = request["sources"]
        self.runs: int = request["runs"]
        self.damping: float = request["damping"]
        self.tolerance: float = request["tolerance"]


def scipy_times(data: Incidences) -> Times:
    from scipy import sparse
    from scipy.sparse import csgraph

    shape = (data.size, data.size)
    pairs = (np.concatenate([data.owners, data.members]), np.concatenate([data.members, data.owners]))
    graph = sparse.csr_matrix((np.ones(len(pairs[0]), dtype=np.float64), pairs), shape=shape)
    incidence = sparse.csr_matrix(
        (np.ones(len(data.members)), data.members, data.offsets), shape=(data.hyperedges, data.vertices)
    )
    vector = 1.0 / np.arange(1, data.vertices + 1)
    yield "components", median_ms(data.runs, lambda: csgraph.connected_components(graph, directed=False))
    yield "bfs", many(data, lambda source: csgraph.breadth_first_order(graph, source, directed=True))
    iterations = pagerank_scipy(data, incidence)
    yield "pagerank", median_ms(data.runs, lambda: pagerank_scipy(data, incidence)) / iterations
    yield "spmv", median_ms(data.runs, lambda: incidence @ vector)


def pagerank_scipy(data: Incidences, incidence: Any) -> int:
    degrees = np.asarray(incidence.sum(axis=0)).ravel()
    sizes = np.asarray(incidence.sum(axis=1)).ravel()
    transposed = incidence.T.tocsr()
    has_degree = degrees > 0
    inverse = np.divide(1.0, degrees, out=np.zeros_like(degrees), where=has_degree)
    ranks = np.full(data.vertices, 1.0 / data.vertices)
    for iteration in range(1, 1001):
        shares = incidence @ (ranks * inverse) / sizes
        dangling = ranks[~has_degree].sum()
        base = (1 - data.damping + data.damping * dangling) / data.vertices
        following = base + data.damping * (transposed @ shares)
        change = np.abs(following - ranks).sum()
        ranks = following
        if change < data.tolerance:
            break
    return iteration


def networkit_times(data: Incidences) -> Times:
    import networkit as nk

    nk.setNumberOfThreads(1)
    graph = nk.GraphFromCoo((data.owners, data.members), n=data.size, weighted=False, directed=False)
    ranking = nk.centrality.PageRank(graph, damp=data.damping, tol=data.tolerance)
    ranking.norm = nk.centrality.Norm.L1_NORM
    ranking.run()
    iterations = ranking.numberOfIterations()
    yield "components", median_ms(data.runs, lambda: nk.components.ConnectedComponents(graph).run())
    yield "bfs", many(data, lambda source: nk.distance.BFS(graph, source, storePaths=False).run())
    yield "pagerank", median_ms(data.runs, ranking.run) / iterations
    yield "k-core", median_ms(data.runs, lambda: nk.centrality.CoreDecomposition(graph).run())


def igraph_times(data: Incidences) -> Times:
    import igraph

    graph = igraph.Graph(n=data.size, edges=np.column_stack([data.owners, data.members]))
    yield "components", median_ms(data.runs, lambda: graph.connected_components())
    yield "bfs", many(data, lambda source: graph.bfs(source))
    yield "k-core", median_ms(data.runs, lambda: graph.coreness())


def rustworkx_times(data: Incidences) -> Times:
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(data.size))
    graph.add_edges_from_no_data(list(zip(data.owners.tolist(), data.members.tolist(), strict=True)))
    runs = min(data.runs, 3)
    yield "components", median_ms(runs, lambda: rx.connected_components(graph))
    yield "bfs", many(data, lambda source: rx.dijkstra_shortest_path_lengths(graph, source, lambda _: 1.0), 3)
    yield "k-core", median_ms(runs, lambda: rx.core_number(graph))


def many(data: Incidences, search: Callable[[int], object], count: int | None = None) -> float:
    """Median over the sources, or the first `count` of them, of the time of one search."""
    samples = samples_ms([partial(search, source) for source in data.sources[:count]])
    return sorted(samples)[len(samples) // 2]


PEERS: dict[str, Callable[[Incidences], Times]] = {
    "scipy": scipy_times,
    "networkit": networkit_times,
    "igraph": igraph_times,
    "rustworkx": rustworkx_times,
}


def main() -> None:
    folder = Path(sys.argv[1])
    data = Incidences(folder, json.loads((folder / "request.json").read_text()))
    try:
        for kernel, ms in PEERS[sys.argv[2]](data):
            print(json.dumps({"kernel": kernel, "ms": ms}), flush=True)
    except ImportError:
        sys.exit(NOT_INSTALLED)


main()
