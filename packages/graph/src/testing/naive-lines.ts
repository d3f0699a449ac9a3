/** For tests: s-line graphs, distances and betweenness by their definitions, over lists of members. */
import type { Lists } from './naive.js';

export interface NaiveLine {
  /** Hyperedges that are nodes, rising. */
  readonly nodes: number[];
  /** `[source, target, shared]`, hyperedges. */
  readonly edges: (readonly [number, number, number])[];
}

export function naiveLineGraph(hyperedges: Lists, s: number, multiEdges: 'merge' | 'keep'): NaiveLine {
  const sets = hyperedges.map((members) => [...new Set(members)].sort((a, b) => a - b));
  const keys = sets.map((set) => set.join());
  const nodes = [...sets.keys()].filter(
    (id) => sets[id]!.length >= s && (multiEdges === 'keep' || keys.indexOf(keys[id]!) === id),
  );
  const edges = nodes.flatMap((a) =>
    nodes
      .filter((b) => b > a)
      .map((b) => [a, b, sets[a]!.filter((vertex) => sets[b]!.includes(vertex)).length] as const)
      .filter(([, , shared]) => shared >= s),
  );
  return { nodes, edges };
}

/** Lists of hyperedges by vertex. */
export function naiveDual(hyperedges: Lists, vertexCount: number): number[][] {
  const lists = Array.from({ length: vertexCount }, (): number[] => []);
  for (const [hyperedge, members] of hyperedges.entries()) {
    for (const vertex of new Set(members)) lists[vertex]!.push(hyperedge);
  }
  return lists;
}

export interface NaivePaths {
  /** Positions of nodes by hyperedge. */
  readonly at: Map<number, number>;
  /** Distances between nodes, Infinity where there is no way, and numbers of shortest paths. */
  readonly distances: number[][];
  readonly paths: number[][];
}

export function naivePaths({ nodes, edges }: NaiveLine): NaivePaths {
  const at = new Map(nodes.map((hyperedge, node) => [hyperedge, node]));
  const near = nodes.map((): number[] => []);
  for (const [a, b] of edges) {
    near[at.get(a)!]!.push(at.get(b)!);
    near[at.get(b)!]!.push(at.get(a)!);
  }
  const distances = nodes.map(() => new Array<number>(nodes.length).fill(Infinity));
  const paths = nodes.map(() => new Array<number>(nodes.length).fill(0));
  for (const source of near.keys()) {
    distances[source]![source] = 0;
    paths[source]![source] = 1;
    for (let level = 0; level < nodes.length; level++) {
      for (const node of near.keys()) {
        if (distances[source]![node] !== level) continue;
        for (const other of near[node]!) {
          if (distances[source]![other]! <= level) continue;
          distances[source]![other] = level + 1;
          paths[source]![other]! += paths[source]![node]!;
        }
      }
    }
  }
  return { at, distances, paths };
}

/** The sum over pairs of other nodes of the share of shortest paths through each, counting each pair once. */
export function naiveBetweenness({ distances, paths }: NaivePaths): number[] {
  return distances.map((_, via) => {
    let score = 0;
    for (let a = 0; a < distances.length; a++) {
      for (let b = a + 1; b < distances.length; b++) {
        const whole = distances[a]![b]!;
        if (a === via || b === via || whole === Infinity) continue;
        if (distances[a]![via]! + distances[via]![b]! !== whole) continue;
        score += (paths[a]![via]! * paths[via]![b]!) / paths[a]![b]!;
      }
    }
    return score;
  });
}
