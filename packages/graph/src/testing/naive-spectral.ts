/** For tests: what eigenvector centralities are fixed points of, written out over lists of different members. */
import type { Lists } from './naive.js';

/** W x: for each vertex the values of the other members of its hyperedges. */
export function cliqueProduct(hyperedges: Lists, values: ArrayLike<number>): number[] {
  return fold(hyperedges, values.length, (others) =>
    others.reduce((sum, vertex) => sum + values[vertex]!, 0),
  );
}

/** T x^(r-1) with 1 for every ordering: for each vertex (r - 1)! times the products of the other members' values. */
export function tensorProduct(hyperedges: Lists, values: ArrayLike<number>): number[] {
  return fold(hyperedges, values.length, (others) =>
    others.reduce((product, vertex, at) => product * values[vertex]! * (at + 1), 1),
  );
}

function fold(hyperedges: Lists, vertexCount: number, of: (others: readonly number[]) => number): number[] {
  const sums = new Array<number>(vertexCount).fill(0);
  for (const members of hyperedges) {
    const different = [...new Set(members)];
    for (const vertex of different) sums[vertex]! += of(different.filter((other) => other !== vertex));
  }
  return sums;
}

/** Solves (I - α W) x = 1 by Gaussian elimination and makes the sum 1. */
export function naiveKatz(hyperedges: Lists, vertexCount: number, alpha: number): number[] {
  const columns = Array.from({ length: vertexCount }, (_, vertex) =>
    cliqueProduct(
      hyperedges,
      Array.from({ length: vertexCount }, (__, other) => Number(other === vertex)),
    ),
  );
  const rows = columns.map((_, row) => [
    ...columns.map((column, at) => Number(at === row) - alpha * column[row]!),
    1,
  ]);
  for (let pivot = 0; pivot < vertexCount; pivot++) {
    for (let row = 0; row < vertexCount; row++) {
      if (row === pivot) continue;
      const factor = rows[row]![pivot]! / rows[pivot]![pivot]!;
      for (let at = pivot; at <= vertexCount; at++) rows[row]![at]! -= factor * rows[pivot]![at]!;
    }
  }
  const solution = rows.map((row, at) => row[vertexCount]! / row[at]!);
  const total = solution.reduce((sum, value) => sum + value, 0);
  return solution.map((value) => value / total);
}
