/**
 * Sums over all vertices as the kernel `pagerank` takes them: over 256 blocks of consecutive vertices, then over the blocks.
 * Floating-point sums depend on their order, and the bits of a result shall not depend on where it was computed.
 */
export const SUM_BLOCKS = 256;

/** A count per block. */
export type BlockCounts = Uint32Array;

const blockSize = (vertexCount: number): number => Math.ceil(vertexCount / SUM_BLOCKS);

/** Vertices without hyperedges in each block. */
export function countLone(vertexCount: number, isLone: (vertex: number) => boolean): BlockCounts {
  const counts = new Uint32Array(SUM_BLOCKS);
  const size = blockSize(vertexCount);
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    if (isLone(vertex)) counts[Math.floor(vertex / size)]! += 1;
  }
  return counts;
}

/** The sum over blocks of `value`, added once for each vertex counted. */
export function loneTotal(counts: BlockCounts, value: number): number {
  let total = 0;
  for (const count of counts) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += value;
    total += sum;
  }
  return total;
}

/** The sum of one value per vertex. */
export function blockTotals(values: Float64Array): number {
  const size = blockSize(values.length);
  let total = 0;
  for (let block = 0; block < SUM_BLOCKS; block++) {
    let sum = 0;
    const to = Math.min(values.length, size * (block + 1));
    for (let i = Math.min(values.length, size * block); i < to; i++) sum += values[i]!;
    total += sum;
  }
  return total;
}

/**
 * Where the kernel divides hyperedges into `parts` with about as many incidences each: the first hyperedge of every part
 * but the first. @param offsets Of `edgeToNodes`.
 */
export function sumBounds(offsets: Uint32Array, parts: number): number[] {
  const lists = offsets.length - 1;
  const total = BigInt(offsets[lists]!);
  return Array.from({ length: parts - 1 }, (_, index) => {
    const target = Number((total * BigInt(index + 1)) / BigInt(parts));
    let low = 0;
    let high = lists;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (offsets[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}
