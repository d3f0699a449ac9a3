"""Times other libraries on s-line graphs and centralities. Prints one JSON object; missing libraries are left out.

Reads `offsets` and `members` (uint32) of distinct sets from the folder given, and from the request what to measure:
`{kind, s, runs, tolerance, skip}`. One thread each. Every peer gives `[milliseconds, answer]`: answers are compared.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

#: A measurement that takes longer is not repeated.
LONG_MS = 3_000.0
WARM_UP_MS = 300.0


def median_ms(
    runs: int, action: Callable[..., Any], prepare: Callable[[], Any] | None = None
) -> tuple[float, Any]:
    samples: list[float] = []
    warm = 0.0
    while len(samples) < runs:
        given = () if prepare is None else (prepare(),)
        start = time.perf_counter()
        answer = action(*given)
        elapsed = (time.perf_counter() - start) * 1e3
        if elapsed > LONG_MS:
            return elapsed, answer
        if warm < WARM_UP_MS:
            warm += elapsed
        else:
            samples.append(elapsed)
    return sorted(samples)[len(samples) // 2], answer


class Case:
    def __init__(self, folder: Path, request: dict[str, Any]) -> None:
        offsets = np.fromfile(folder / "offsets", dtype="<u4").astype(np.int64)
        members = np.fromfile(folder / "members", dtype="<u4").astype(np.int64)
        self.vertices: int = request["vertices"]
        self.s: int = request["s"]
        self.runs: int = request["runs"]
        self.tolerance: float = request["tolerance"]
        self.sets = [members[a:b] for a, b in zip(offsets[:-1], offsets[1:], strict=True) if b - a >= self.s]
        self.sizes = [len(each) for each in self.sets]

    def incidence(self) -> Any:
        from scipy import sparse

        members = np.concatenate(self.sets)
        offsets = np.concatenate([[0], np.cumsum(self.sizes)])
        values = np.ones(len(members), dtype=np.int32)
        return sparse.csr_matrix((values, members, offsets), shape=(len(self.sets), self.vertices))

    def line(self, incidence: Any) -> Any:
        """Both directions of every edge, weighted by the overlap."""
        product = incidence @ incidence.T.tocsr()
        rows = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
        product.data[(product.data < self.s) | (rows == product.indices)] = 0
        product.eliminate_zeros()
        return product

    def pairs(self) -> np.ndarray:
        upper = self.line(self.incidence()).tocoo()
        keep = upper.row < upper.col
        return np.column_stack([upper.row[keep], upper.col[keep]])

    def xgi(self) -> Any:
        import xgi

        return xgi.Hypergraph([each.tolist() for each in self.sets])

    def hypernetx(self) -> Any:
        import hypernetx

        return hypernetx.Hypergraph({str(at): [str(v) for v in each] for at, each in enumerate(self.sets)})


def scipy_line(case: Case) -> Any:
    incidence = case.incidence()
    return median_ms(case.runs, lambda: case.line(incidence).nnz // 2)


def scipy_components(case: Case) -> Any:
    from scipy.sparse import csgraph

    incidence = case.incidence()
    return median_ms(case.runs, lambda: csgraph.connected_components(case.line(incidence), directed=False)[0])


def scipy_eigenvector(case: Case) -> Any:
    from scipy.sparse.linalg import eigsh

    incidence = case.incidence().astype(np.float64)

    def run() -> float:
        adjacency = incidence.T @ incidence
        adjacency.setdiag(0)
        return float(eigsh(adjacency, k=1, which="LA", tol=case.tolerance)[0][0])

    return median_ms(case.runs, run)


def networkit_graph(case: Case) -> Any:
    import networkit

    networkit.setNumberOfThreads(1)
    pairs = case.pairs()
    return networkit, networkit.GraphFromCoo((pairs[:, 0], pairs[:, 1]), n=len(case.sets), directed=False)


def networkit_components(case: Case) -> Any:
    import networkit

    networkit.setNumberOfThreads(1)
    incidence = case.incidence()

    def run() -> int:
        upper = case.line(incidence).tocoo()
        keep = upper.row < upper.col
        graph = networkit.GraphFromCoo((upper.row[keep], upper.col[keep]), n=len(case.sets), directed=False)
        components = networkit.components.ConnectedComponents(graph)
        components.run()
        return components.numberOfComponents()

    return median_ms(case.runs, run)


def networkit_betweenness(case: Case) -> Any:
    networkit, graph = networkit_graph(case)

    def run() -> float:
        return max(networkit.centrality.Betweenness(graph).run().scores()) / 2

    return median_ms(case.runs, run)


def networkit_distances(case: Case) -> Any:
    networkit, graph = networkit_graph(case)

    def run() -> float:
        variant = networkit.centrality.ClosenessVariant.GENERALIZED
        scores = np.array(networkit.centrality.Closeness(graph, False, variant).run().scores())
        return float(scores.max())

    return median_ms(case.runs, run)[0], None


def igraph_graph(case: Case) -> Any:
    import igraph

    return igraph.Graph(n=len(case.sets), edges=case.pairs())


def igraph_betweenness(case: Case) -> Any:
    graph = igraph_graph(case)
    return median_ms(case.runs, lambda: max(graph.betweenness()))


def igraph_distances(case: Case) -> Any:
    graph = igraph_graph(case)
    return median_ms(case.runs, lambda: graph.harmonic_centrality())[0], None


def rustworkx_graph(case: Case) -> Any:
    import rustworkx

    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(len(case.sets)))
    graph.add_edges_from_no_data([(int(a), int(b)) for a, b in case.pairs()])
    return rustworkx, graph


def rustworkx_betweenness(case: Case) -> Any:
    rustworkx, graph = rustworkx_graph(case)
    return median_ms(
        case.runs, lambda: max(rustworkx.betweenness_centrality(graph, normalized=False).values())
    )


def rustworkx_distances(case: Case) -> Any:
    rustworkx, graph = rustworkx_graph(case)
    return median_ms(case.runs, lambda: rustworkx.closeness_centrality(graph))[0], None


def xgi_line(case: Case) -> Any:
    import xgi

    hypergraph = case.xgi()
    return median_ms(
        case.runs, lambda: xgi.to_line_graph(hypergraph, s=case.s, weights="absolute").number_of_edges()
    )


def hypernetx_line(case: Case) -> Any:
    # Line graphs are kept in the hypergraph: a new one each time, outside the measurement.
    return median_ms(
        case.runs, lambda fresh: fresh.get_linegraph(s=case.s).number_of_edges(), prepare=case.hypernetx
    )


def hypernetx_components(case: Case) -> Any:
    return median_ms(
        case.runs,
        lambda fresh: len(list(fresh.s_connected_components(s=case.s, return_singletons=True))),
        prepare=case.hypernetx,
    )


def hypernetx_betweenness(case: Case) -> Any:
    import hypernetx

    def run(fresh: Any) -> float:
        return max(hypernetx.s_betweenness_centrality(fresh, s=case.s, normalized=False).values())

    return median_ms(case.runs, run, prepare=case.hypernetx)


PEERS: dict[str, dict[str, Callable[[Case], Any]]] = {
    "line": {"scipy": scipy_line, "xgi": xgi_line, "hypernetx": hypernetx_line},
    "components": {
        "scipy": scipy_components,
        "networkit": networkit_components,
        "hypernetx": hypernetx_components,
    },
    "betweenness": {
        "networkit": networkit_betweenness,
        "igraph": igraph_betweenness,
        "rustworkx": rustworkx_betweenness,
        "hypernetx": hypernetx_betweenness,
    },
    "distances": {
        "networkit": networkit_distances,
        "igraph": igraph_distances,
        "rustworkx": rustworkx_distances,
    },
    "eigenvector": {"scipy": scipy_eigenvector},
}


def main() -> None:
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text())
    case = Case(folder, request)
    results: dict[str, Any] = {}
    for name, measure in PEERS[request["kind"]].items():
        if name in request["skip"]:
            continue
        try:
            results[name] = measure(case)
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)
    print(json.dumps(results))


main()
