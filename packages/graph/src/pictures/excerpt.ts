/** What of a graph is drawn: some vertices, and the hyperedges between them. */
import type { Hypergraph } from '../hypergraph.js';
import { neighborsOf } from '../query/neighborhood.js';

export interface DrawnHyperedge {
  readonly hyperedge: number;
  /** Places in `vertices` of its drawn members, in their order, each once. */
  readonly members: readonly number[];
  /** Hyperedges with the same members and relation that this one stands for. */
  readonly count: number;
  /** Members that are not drawn. */
  readonly hidden: number;
}

export interface Excerpt {
  /** Indexes, the one in the middle first where there is one. */
  readonly vertices: readonly number[];
  /** Hops from the middle, 0 without one. */
  readonly hops: readonly number[];
  readonly hyperedges: readonly DrawnHyperedge[];
  /** Why this is not all, in words. */
  readonly leftOut: readonly string[];
}

export interface ExcerptOptions {
  /** Index of the vertex in the middle; without one all are drawn, or the busiest part. */
  readonly around?: number;
  /** How far from the middle. @default 1 */
  readonly hops?: number;
  /** @default 60 */
  readonly verticesMax?: number;
  /** First those that hold the picture together, then those of fewest members. @default 120 */
  readonly hyperedgesMax?: number;
}

const VERTICES_MAX = 60;
const HYPEREDGES_MAX = 120;
const HOPS_AROUND = 3;

/** @throws RangeError when there is no such vertex */
export function excerptOf(graph: Hypergraph, options: ExcerptOptions): Excerpt {
  const { verticesMax = VERTICES_MAX, hyperedgesMax = HYPEREDGES_MAX } = options;
  const { vertices, hops, isCut } = chooseVertices(graph, options, verticesMax);
  const all = hyperedgesBetween(graph, vertices);
  const hyperedges = choose(all, vertices.length, hyperedgesMax);
  const leftOut: string[] = [];
  if (isCut) leftOut.push(`only ${vertices.length} vertices of more`);
  if (all.length > hyperedges.length) leftOut.push(`${all.length - hyperedges.length} hyperedges left out`);
  const partial = hyperedges.filter(({ hidden }) => hidden > 0).length;
  if (partial > 0) leftOut.push(`${partial} hyperedges go on beyond the picture`);
  return { vertices, hops, hyperedges, leftOut };
}

function chooseVertices(
  graph: Hypergraph,
  { around, hops = 1 }: ExcerptOptions,
  verticesMax: number,
): { vertices: number[]; hops: number[]; isCut: boolean } {
  if (around === undefined) {
    const vertices = busiest(graph, verticesMax);
    return { vertices, hops: vertices.map(() => 0), isCut: graph.vertexCount > vertices.length };
  }
  const near = neighborsOf(graph, around, { hops, limit: verticesMax - 1 });
  return { vertices: [around, ...near.vertices], hops: [0, ...near.hops], isCut: near.isCut };
}

/** All vertices, or those around the vertices of highest degree, part by part. */
function busiest(graph: Hypergraph, verticesMax: number): number[] {
  const byDegree = Array.from({ length: graph.vertexCount }, (_, vertex) => vertex);
  if (graph.vertexCount <= verticesMax) return byDegree;
  byDegree.sort((a, b) => graph.degreeOf(b) - graph.degreeOf(a) || a - b);
  const chosen = new Set<number>();
  for (const vertex of byDegree) {
    if (chosen.size === verticesMax) break;
    if (chosen.has(vertex)) continue;
    chosen.add(vertex);
    const limit = verticesMax - chosen.size;
    if (limit === 0) break;
    for (const near of neighborsOf(graph, vertex, { hops: HOPS_AROUND, limit }).vertices) chosen.add(near);
  }
  return [...chosen];
}

/** First what joins parts that are apart, so that no vertex floats about for want of a hyperedge; then the smallest. */
function choose(
  all: readonly DrawnHyperedge[],
  vertexCount: number,
  hyperedgesMax: number,
): readonly DrawnHyperedge[] {
  if (all.length <= hyperedgesMax) return all;
  const parts = Array.from({ length: vertexCount }, (_, place) => place);
  const joins = all.filter(({ members }) => {
    const touched = new Set(members.map((place) => parts[place]!));
    const [first] = touched;
    if (touched.size < 2) return false;
    for (let place = 0; place < vertexCount; place++) if (touched.has(parts[place]!)) parts[place] = first!;
    return true;
  });
  const others = all.filter((drawn) => !joins.includes(drawn));
  return [...joins, ...others].slice(0, hyperedgesMax);
}

/** Hyperedges with at least two drawn members, or whose only member is drawn; equal ones once; smallest first. */
function hyperedgesBetween(graph: Hypergraph, vertices: readonly number[]): DrawnHyperedge[] {
  const places = new Map(vertices.map((vertex, place) => [vertex, place]));
  const relations = graph.properties.hyperedges.relation?.values;
  const found = new Map<string, { -readonly [Key in keyof DrawnHyperedge]: DrawnHyperedge[Key] }>();
  const seen = new Set<number>();
  for (const vertex of vertices) {
    for (const hyperedge of graph.hyperedgesOf(vertex)) {
      if (seen.has(hyperedge)) continue;
      seen.add(hyperedge);
      const all = new Set(graph.membersOf(hyperedge));
      const members = [...all].flatMap((member) => places.get(member) ?? []);
      if (members.length < 2 && all.size > 1) continue;
      const key = `${relations?.[hyperedge] ?? ''}:${relations ? members : [...members].sort((a, b) => a - b)}:${all.size}`;
      const known = found.get(key);
      if (known) known.count += 1;
      else found.set(key, { hyperedge, members, count: 1, hidden: all.size - members.length });
    }
  }
  const sizeOf = ({ members, hidden }: DrawnHyperedge) => members.length + hidden;
  return [...found.values()].sort((a, b) => sizeOf(a) - sizeOf(b) || a.hyperedge - b.hyperedge);
}
