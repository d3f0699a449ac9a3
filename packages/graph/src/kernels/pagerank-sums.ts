/** Below this many incidences the hyperedges are one part. */
const PARTED_INCIDENCES_MIN = 65_536;
const PARTS_MAX = 16;
/** A part costs one more sum per vertex: it should be little beside the incidences. */
const INCIDENCES_PER_SUM = 4;

/**
 * Length of the sums that PageRank keeps: one per vertex and part of the hyperedges, so that several threads can add up
 * parts at the same time. Depends on nothing but the graph, for the bits of the result depend on it.
 */
export function pagerankSumCount({
  vertexCount,
  incidenceCount,
}: {
  readonly vertexCount: number;
  readonly incidenceCount: number;
}): number {
  if (incidenceCount < PARTED_INCIDENCES_MIN) return vertexCount;
  const parts = Math.floor(incidenceCount / (INCIDENCES_PER_SUM * Math.max(1, vertexCount)));
  return Math.max(1, Math.min(PARTS_MAX, parts)) * vertexCount;
}
