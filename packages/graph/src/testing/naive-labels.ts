/** For tests: what communities are measured by, written by the definitions over lists of members. */
import type { Lists } from './naive.js';

export type PairWeighting = 'one' | 'count' | 'share';

/** Weight of every pair of the clique expansion, by `smaller,larger`. */
export function naivePairs(hyperedges: Lists, weighting: PairWeighting): Map<string, number> {
  const pairs = new Map<string, number>();
  for (const members of hyperedges) {
    const share = weighting === 'share' ? 1 / (members.length - 1) : 1;
    for (let i = 0; i < members.length; i++) {
      for (let j = 0; j < i; j++) {
        if (members[i] === members[j]) continue;
        const pair = `${Math.min(members[i]!, members[j]!)},${Math.max(members[i]!, members[j]!)}`;
        pairs.set(pair, weighting === 'one' ? 1 : (pairs.get(pair) ?? 0) + share);
      }
    }
  }
  return pairs;
}

export function naiveCliqueModularity(
  pairs: ReadonlyMap<string, number>,
  labels: readonly number[],
  resolution: number,
): number {
  const volumes = new Map<number, number>();
  let inside = 0;
  let total = 0;
  for (const [pair, weight] of pairs) {
    const [one, other] = pair.split(',').map((vertex) => labels[Number(vertex)]!) as [number, number];
    for (const label of [one, other]) volumes.set(label, (volumes.get(label) ?? 0) + weight);
    if (one === other) inside += 2 * weight;
    total += 2 * weight;
  }
  if (total === 0) return 0;
  const expected = [...volumes.values()].reduce((sum, volume) => sum + (volume / total) ** 2, 0);
  return inside / total - resolution * expected;
}

/** Strict, majority and linear modularity: what a hyperedge of size d with c members in one part counts. */
export const EDGE_WEIGHTS = {
  strict: (d: number, c: number) => (c === d ? 1 : 0),
  majority: (d: number, c: number) => (c > d / 2 ? 1 : 0),
  linear: (d: number, c: number) => (c > d / 2 ? c / d : 0),
} as const;

export function naiveModularity(
  hyperedges: Lists,
  labels: readonly number[],
  weightOf: (d: number, c: number) => number = EDGE_WEIGHTS.strict,
): number {
  const counted = hyperedges.filter((members) => members.length >= 2);
  if (counted.length === 0) return 0;
  const all = counted.flat();
  const parts = [...new Set(labels)];
  let sum = 0;
  for (const members of counted) {
    const counts = parts.map((part) => members.filter((vertex) => labels[vertex] === part).length);
    sum += weightOf(members.length, Math.max(...counts));
  }
  for (const part of parts) {
    const p = all.filter((vertex) => labels[vertex] === part).length / all.length;
    for (const { length: d } of counted) {
      for (let c = Math.floor(d / 2) + 1; c <= d; c++) {
        sum -= weightOf(d, c) * choose(d, c) * p ** c * (1 - p) ** (d - c);
      }
    }
  }
  return sum / counted.length;
}

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

export function naiveConductance(hyperedges: Lists, labels: readonly number[], part: number): number {
  const counted = hyperedges.filter((members) => members.length >= 2);
  const isInside = (vertex: number) => labels[vertex] === part;
  const cut = counted.filter((members) => members.some(isInside) && !members.every(isInside)).length;
  const inside = counted.flat().filter(isInside).length;
  return cut === 0 ? 0 : cut / Math.min(inside, counted.flat().length - inside);
}

/** Adjusted Rand index of two partitions: 1 when they agree, about 0 when unrelated. Hubert and Arabie 1985. */
export function adjustedRandIndex(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const pairsOf = (keys: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  };
  const keys = Array.from(one);
  const [a, b] = [pairsOf(keys.map(String)), pairsOf(Array.from(other, String))];
  const both = pairsOf(keys.map((label, index) => `${label} ${other[index]}`));
  const expected = (a * b) / ((one.length * (one.length - 1)) / 2);
  return (both - expected) / ((a + b) / 2 - expected);
}

/** Score of every label around a vertex, by the definition of label propagation. */
export function naiveLabelScores(
  hyperedges: readonly (readonly number[])[],
  labels: readonly number[],
  vertex: number,
  resolution: number,
): Map<number, number> {
  const counted = hyperedges.filter(({ length }) => length > 1);
  const degreeOf = (one: number) => counted.filter((members) => members.includes(one)).length;
  const penalty = (resolution * degreeOf(vertex)) / Math.max(1, counted.flat().length);
  const scores = new Map<number, number>();
  for (const members of counted.filter((one) => one.includes(vertex))) {
    for (const other of members.filter((one) => one !== vertex)) {
      scores.set(labels[other]!, (scores.get(labels[other]!) ?? 0) + 1 / (members.length - 1));
    }
  }
  for (const [label, score] of scores) {
    const others = labels.flatMap((one, other) =>
      one === label && other !== vertex ? [degreeOf(other)] : [],
    );
    scores.set(label, score - penalty * others.reduce((sum, degree) => sum + degree, 0));
  }
  return scores;
}
