/**
 * How residuals of ranks are handed on: by pushing those that are too large, or by a sweep over everything; and which of
 * the two is cheaper. The choice between a frontier and all is that of direction-optimizing searches (Beamer, Asanović and
 * Patterson, SC 2012), with numbers of visits of incidences in place of edges.
 */
import type { FollowedIncidence } from './followed-incidence.js';

/** What the next round would have to do. */
export interface RoundSize {
  /** Sum of the degrees of the vertices whose residual is too large. */
  readonly dueIncidences: number;
  readonly vertices: number;
  readonly incidences: number;
  /** Sum of the squared sizes of hyperedges: over incidences, the size of a hyperedge as its members see it. */
  readonly squaredSizes: number;
}

export interface RoundCost {
  /** Incidences that a round of pushes visits: those of its vertices, and those of their hyperedges. */
  readonly push: number;
  /** Incidences that a sweep visits, each twice, and vertices. */
  readonly sweep: number;
}

/** A visit by a push follows a list through memory; one by a sweep is the next in a row. Measured by bench/graph-live-ranks.mjs. */
export const PUSH_VISIT_COST = 7;

/** Costs of both ways for the next round, in visits of a sweep. */
export function roundCost({ dueIncidences, vertices, incidences, squaredSizes }: RoundSize): RoundCost {
  const handedOn = incidences === 0 ? 0 : Math.min(incidences, (dueIncidences * squaredSizes) / incidences);
  return { push: PUSH_VISIT_COST * (dueIncidences + handedOn), sweep: 2 * incidences + vertices };
}

/** One round of a sweep: every estimate takes its residual, and all residuals go along the walk. */
export function sweepRound(
  incidence: FollowedIncidence,
  estimates: Float64Array,
  residuals: Float64Array,
  damping: number,
): void {
  const bound = incidence.vertexBound;
  const { degrees, listed } = incidence;
  const shares = new Float64Array(bound);
  for (let vertex = 0; vertex < bound; vertex++) {
    const residual = residuals[vertex]!;
    estimates[vertex]! += residual;
    residuals[vertex] = 0;
    if (degrees[vertex]! > 0) shares[vertex] = residual / degrees[vertex]!;
  }
  incidence.eachSpan((start, end) => {
    let given = 0;
    for (let at = start; at < end; at++) given += shares[listed[at]!]!;
    const passed = (damping * given) / (end - start);
    for (let at = start; at < end; at++) residuals[listed[at]!]! += passed;
  });
}
