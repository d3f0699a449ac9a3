/** For tests: cores by their definition, removing what does not belong until nothing changes. */
import type { Lists } from './naive.js';

export interface NaiveCore {
  readonly vertices: number[];
  readonly hyperedges: number[];
}

/** The (k, s)-hypercore over lists of members. */
export function naiveHypercore(hyperedges: Lists, vertexCount: number, k: number, s: number): NaiveCore {
  let kept = hyperedges.map((members, hyperedge) => ({ hyperedge, members: [...new Set(members)] }));
  let vertices = Array.from({ length: vertexCount }, (_, vertex) => vertex);
  for (;;) {
    kept = kept.filter(({ members }) => members.length >= s);
    const degrees = new Uint32Array(vertexCount);
    for (const { members } of kept) for (const vertex of members) degrees[vertex]! += 1;
    const left = vertices.filter((vertex) => degrees[vertex]! >= k);
    if (left.length === vertices.length) {
      return { vertices, hyperedges: kept.map(({ hyperedge }) => hyperedge) };
    }
    vertices = left;
    kept = kept.map(({ hyperedge, members }) => ({
      hyperedge,
      members: members.filter((vertex) => degrees[vertex]! >= k),
    }));
  }
}
