/** For tests: label propagation and strict modularity by their definitions, over lists of members. */
import type { Lists } from './naive.js';

const mix = (value: number): number => {
  let h = (value + 0x9e37_79b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0_aaad) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 0x735a_2d97) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
};

export function naiveLabels(
  hyperedges: Lists,
  vertexCount: number,
  { seed, iterationsMax }: { seed: number; iterationsMax: number },
): { labels: number[]; iterations: number; changed: number } {
  const key = mix(seed);
  const priority = (label: number) => mix((label ^ key) >>> 0);
  const order: number[] = [];
  for (let i = 0; i < vertexCount; i++) {
    const j = Math.floor((mix((key + i) >>> 0) * (i + 1)) / 2 ** 32);
    order[i] = order[j]!;
    order[j] = i;
  }
  const labels = Array.from({ length: vertexCount }, (_, vertex) => vertex);
  for (let iterations = 1; ; iterations++) {
    let changed = 0;
    for (const vertex of order) {
      const weights = new Map<number, number>();
      for (const members of hyperedges) {
        for (const listed of members) {
          if (listed !== vertex) continue;
          for (const other of members) {
            if (other === vertex) continue;
            const label = labels[other]!;
            weights.set(label, (weights.get(label) ?? 0) + 1 / (members.length - 1));
          }
        }
      }
      const most = Math.max(...weights.values());
      const heaviest = [...weights.keys()].filter((label) => weights.get(label) === most);
      if (heaviest.length === 0 || heaviest.includes(labels[vertex]!)) continue;
      labels[vertex] = heaviest.reduce((a, b) => (priority(b) > priority(a) ? b : a));
      changed += 1;
    }
    if (changed > 0 && iterations < iterationsMax) continue;
    return { labels: labels.map((label) => labels.indexOf(label)), iterations, changed };
  }
}

export function naiveModularity(hyperedges: Lists, labels: readonly number[]): number {
  const counted = hyperedges.filter((members) => members.length >= 2);
  if (counted.length === 0) return 0;
  const volume = counted.flat().length;
  const inside = counted.filter((members) => new Set(members.map((vertex) => labels[vertex])).size === 1);
  let expected = 0;
  for (const label of new Set(labels)) {
    const share = counted.flat().filter((vertex) => labels[vertex] === label).length / volume;
    for (const members of counted) expected += share ** members.length;
  }
  return (inside.length - expected) / counted.length;
}
