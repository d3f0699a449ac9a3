/** For tests: the definitions of the algorithms, written as plainly as possible over lists of members. */
export type Lists = readonly (readonly number[])[];

export function naiveLevels(hyperedges: Lists, vertexCount: number, source: number): number[] {
  const levels = new Array<number>(vertexCount).fill(-1);
  levels[source] = 0;
  for (let level = 0, isGrowing = true; isGrowing; level++) {
    isGrowing = false;
    for (const members of hyperedges) {
      if (!members.some((vertex) => levels[vertex] === level)) continue;
      for (const vertex of members) {
        if (levels[vertex] !== -1) continue;
        levels[vertex] = level + 1;
        isGrowing = true;
      }
    }
  }
  return levels;
}

/** Repeats taking the least label of each hyperedge until nothing changes. */
export function naiveComponents(hyperedges: Lists, vertexCount: number): number[] {
  const labels = Array.from({ length: vertexCount }, (_, vertex) => vertex);
  for (let isChanging = true; isChanging; ) {
    isChanging = false;
    for (const members of hyperedges) {
      const least = Math.min(...members.map((vertex) => labels[vertex]!));
      for (const vertex of members) {
        if (labels[vertex]! === least) continue;
        labels[vertex] = least;
        isChanging = true;
      }
    }
  }
  return labels;
}

export function naiveSComponents(hyperedges: Lists, s: number): number[] {
  const sets = hyperedges.map((members) => new Set(members));
  const labels = sets.map((set, hyperedge) => (set.size >= s ? hyperedge : 0xffff_ffff));
  const shared = (a: Set<number>, b: Set<number>) => [...a].filter((vertex) => b.has(vertex)).length;
  for (let isChanging = true; isChanging; ) {
    isChanging = false;
    for (let a = 0; a < sets.length; a++) {
      for (let b = 0; b < a; b++) {
        if (labels[a] === labels[b] || shared(sets[a]!, sets[b]!) < s) continue;
        labels[a] = labels[b] = Math.min(labels[a]!, labels[b]!);
        isChanging = true;
      }
    }
  }
  return labels;
}

/** The sums run in the order the definition fixes, so that the result has the same bits as the kernel's. */
export function naivePagerank(
  hyperedges: Lists,
  vertexCount: number,
  { damping, tolerance, iterationsMax }: { damping: number; tolerance: number; iterationsMax: number },
): { ranks: Float64Array; iterations: number } {
  const degrees = new Array<number>(vertexCount).fill(0);
  for (const members of hyperedges) for (const vertex of members) degrees[vertex]! += 1;
  let ranks = new Float64Array(vertexCount).fill(1 / vertexCount);
  for (let iteration = 1; ; iteration++) {
    const dangling = ranks.filter((_, vertex) => degrees[vertex] === 0).reduce((sum, rank) => sum + rank, 0);
    const base = (1 - damping + damping * dangling) / vertexCount;
    const sums = new Float64Array(vertexCount);
    for (const members of hyperedges) {
      const total = members.reduce((sum, vertex) => sum + ranks[vertex]! / degrees[vertex]!, 0);
      for (const vertex of members) sums[vertex]! += total / members.length;
    }
    const next = sums.map((sum) => base + damping * sum);
    const change = next.reduce((sum, rank, vertex) => sum + Math.abs(rank - ranks[vertex]!), 0);
    ranks = next;
    if (change < tolerance || iteration === iterationsMax) return { ranks, iterations: iteration };
  }
}
