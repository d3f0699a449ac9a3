/** Pairs of vertices joined by a relation followed several times. */
import type { Hypergraph } from '../hypergraph.js';
import type { FactIndex } from './fact-index.js';
import { giveBack, takeMarks } from './vertex-marks.js';

export interface ClosureQuery {
  readonly relation: number;
  /** -1 when it may be any vertex. */
  readonly from: number;
  readonly to: number;
  /** Whether a vertex is joined with itself by no step at all. */
  readonly includesStart: boolean;
}

/**
 * Each pair once.
 * @param spend Called for every fact looked at; when it returns `false` the search ends.
 */
export function* closureOf(
  graph: Hypergraph,
  index: FactIndex,
  { relation, from, to, includesStart }: ClosureQuery,
  spend: () => boolean,
): Generator<readonly [from: number, to: number]> {
  if (from >= 0) {
    for (const end of reachable(
      graph,
      index,
      { relation, start: from, way: 'forward', includesStart },
      spend,
    )) {
      if (to < 0 || end === to) yield [from, end];
    }
    return;
  }
  if (to >= 0) {
    for (const end of reachable(
      graph,
      index,
      { relation, start: to, way: 'backward', includesStart },
      spend,
    )) {
      yield [end, to];
    }
    return;
  }
  for (const start of startsOf(graph, index, relation, includesStart)) {
    for (const end of reachable(graph, index, { relation, start, way: 'forward', includesStart }, spend)) {
      yield [start, end];
    }
  }
}

interface Reach {
  readonly relation: number;
  readonly start: number;
  readonly way: 'forward' | 'backward';
  readonly includesStart: boolean;
}

function* reachable(
  graph: Hypergraph,
  index: FactIndex,
  { relation, start, way, includesStart }: Reach,
  spend: () => boolean,
): Generator<number> {
  const marks = takeMarks(graph);
  try {
    const { queue } = marks;
    let length = 0;
    queue[length++] = start;
    if (includesStart) {
      marks.isFirst(start);
      yield start;
    }
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      const known = way === 'forward' ? { s: vertex, p: relation, o: -1 } : { s: -1, p: relation, o: vertex };
      const { facts, from, to } = index.range(known);
      for (let i = from; i < to; i++) {
        if (!spend()) return;
        const members = graph.membersOf(facts[i]!);
        if (members.length !== 2) continue;
        const next = members[way === 'forward' ? 1 : 0]!;
        if (!marks.isFirst(next)) continue;
        queue[length++] = next;
        yield next;
      }
    }
  } finally {
    giveBack(graph, marks);
  }
}

/** Each vertex that the relation leads from, or all of them, once. */
function* startsOf(
  graph: Hypergraph,
  index: FactIndex,
  relation: number,
  includesStart: boolean,
): Generator<number> {
  if (includesStart) {
    for (let vertex = 0; vertex < graph.vertexCount; vertex++) yield vertex;
    return;
  }
  const marks = takeMarks(graph);
  try {
    const { facts, from, to } = index.range({ s: -1, p: relation, o: -1 });
    for (let i = from; i < to; i++) {
      const start = graph.membersOf(facts[i]!)[0]!;
      if (marks.isFirst(start)) yield start;
    }
  } finally {
    giveBack(graph, marks);
  }
}
