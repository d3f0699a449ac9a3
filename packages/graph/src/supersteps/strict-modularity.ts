/** Strict modularity from what parts know of their vertices and hyperedges, with the bits of the kernels' `strictModularity`. */

/** Renames every label, below the number of vertices, to the smallest vertex that has it. */
export function canonised(labels: Uint32Array): Uint32Array {
  const names = new Uint32Array(labels.length).fill(0xffff_ffff);
  return labels.map((label, vertex) => {
    if (names[label] === 0xffff_ffff) names[label] = vertex;
    return names[label]!;
  });
}

export interface ModularityInput {
  /** By vertex: hyperedges of at least two members, as listed. */
  readonly degrees: Uint32Array;
  /** By hyperedge: members as listed, and whether all have one label. */
  readonly sizes: Uint32Array;
  readonly inside: Uint8Array;
}

/** @param labels Below the number of vertices. */
export function strictModularity(labels: Uint32Array, { degrees, sizes, inside }: ModularityInput): number {
  const volumes = new Float64Array(labels.length);
  for (let vertex = 0; vertex < labels.length; vertex++) volumes[labels[vertex]!]! += degrees[vertex]!;
  let [counted, insideCount, largest, volume] = [0, 0, 0, 0];
  for (const size of sizes) largest = Math.max(largest, size);
  const sizeCounts = new Float64Array(largest + 1);
  for (let hyperedge = 0; hyperedge < sizes.length; hyperedge++) {
    const size = sizes[hyperedge]!;
    if (size < 2) continue;
    counted += 1;
    volume += size;
    insideCount += inside[hyperedge]!;
    sizeCounts[size]! += 1;
  }
  if (counted === 0) return 0;
  let expected = 0;
  for (const own of volumes) {
    const share = own / volume;
    let power = share;
    for (let size = 2; size <= largest; size++) {
      power *= share;
      if (power === 0) break;
      expected += sizeCounts[size]! * power;
    }
  }
  return (insideCount - expected) / counted;
}
