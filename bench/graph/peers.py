"""Times other libraries on the same incidences. Prints one JSON object; libraries that are missing are left out.

Reads `offsets` and `members` (uint32) from the folder given, and the sources of the searches from the request.
Graph libraries get the bipartite graph of vertices and hyperedges. One thread each.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

WARM_UPS = 3


def median_ms(runs: int, action: Callable[[], object]) -> float:
    samples = []
    for run in range(-WARM_UPS, runs):
        start = time.perf_counter()
        action()
        if run >= 0:
            samples.append((time.perf_counter() - start) * 1e3)
    return sorted(samples)[len(samples) // 2]


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


def scipy_times(data: Incidences) -> dict[str, Any]:
    from scipy import sparse
    from scipy.sparse import csgraph

    shape = (data.size, data.size)
    pairs = (np.concatenate([data.owners, data.members]), np.concatenate([data.members, data.owners]))
    graph = sparse.csr_matrix((np.ones(len(pairs[0]), dtype=np.float64), pairs), shape=shape)
    incidence = sparse.csr_matrix(
        (np.ones(len(data.members)), data.members, data.offsets), shape=(data.hyperedges, data.vertices)
    )
    vector = 1.0 / np.arange(1, data.vertices + 1)
    iterations = pagerank_scipy(data, incidence)
    pagerank = median_ms(data.runs, lambda: pagerank_scipy(data, incidence))
    return {
        "components": median_ms(data.runs, lambda: csgraph.connected_components(graph, directed=False)),
        "bfs": many(data, lambda source: csgraph.breadth_first_order(graph, source, directed=True)),
        "pagerank": pagerank / iterations,
        "spmv": median_ms(data.runs, lambda: incidence @ vector),
    }


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


def networkit_times(data: Incidences) -> dict[str, Any]:
    import networkit as nk

    nk.setNumberOfThreads(1)
    graph = nk.GraphFromCoo((data.owners, data.members), n=data.size, weighted=False, directed=False)
    ranking = nk.centrality.PageRank(graph, damp=data.damping, tol=data.tolerance)
    ranking.norm = nk.centrality.Norm.L1_NORM
    ranking.run()
    iterations = ranking.numberOfIterations()
    return {
        "components": median_ms(data.runs, lambda: nk.components.ConnectedComponents(graph).run()),
        "bfs": many(data, lambda source: nk.distance.BFS(graph, source, storePaths=False).run()),
        "pagerank": median_ms(data.runs, ranking.run) / iterations,
        "k-core": median_ms(data.runs, lambda: nk.centrality.CoreDecomposition(graph).run()),
    }


def igraph_times(data: Incidences) -> dict[str, Any]:
    import igraph

    graph = igraph.Graph(n=data.size, edges=np.column_stack([data.owners, data.members]))
    return {
        "components": median_ms(data.runs, lambda: graph.connected_components()),
        "bfs": many(data, lambda source: graph.bfs(source)),
        "k-core": median_ms(data.runs, lambda: graph.coreness()),
    }


def rustworkx_times(data: Incidences) -> dict[str, Any]:
    import rustworkx as rx

    graph = rx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(data.size))
    graph.add_edges_from_no_data(list(zip(data.owners.tolist(), data.members.tolist(), strict=True)))
    runs = min(data.runs, 3)
    return {
        "components": median_ms(runs, lambda: rx.connected_components(graph)),
        "bfs": many(data, lambda source: rx.dijkstra_shortest_path_lengths(graph, source, lambda _: 1.0), 3),
        "k-core": median_ms(runs, lambda: rx.core_number(graph)),
    }


def many(data: Incidences, search: Callable[[int], object], count: int | None = None) -> float:
    """Median over the sources, or the first `count` of them, of the time of one search."""
    samples = []
    for source in data.sources[:count]:
        start = time.perf_counter()
        search(source)
        samples.append((time.perf_counter() - start) * 1e3)
    return sorted(samples)[len(samples) // 2]


PEERS: dict[str, Callable[[Incidences], dict[str, Any]]] = {
    "scipy": scipy_times,
    "networkit": networkit_times,
    "igraph": igraph_times,
    "rustworkx": rustworkx_times,
}


def main() -> None:
    folder = Path(sys.argv[1])
    data = Incidences(folder, json.loads((folder / "request.json").read_text()))
    results: dict[str, Any] = {}
    for name, measure in PEERS.items():
        try:
            results[name] = measure(data)
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)
    print(json.dumps(results))


main()
