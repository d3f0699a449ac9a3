import { f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 64;

/**
 * Triangles of an undirected graph: `triangles[n]` is how many have node n as a corner. `neighbours` from `offsets[n]`
 * are the neighbours after n. Each triangle is found once, from its first corner: the compact-forward algorithm of
 * Latapy, "Main-memory triangle computations for very large (sparse (power-law)) graphs" (TCS 407, 2008). Returns the
 * number of triangles.
 */
export function countTriangles(
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  triangles: usize,
  trianglesLength: u32,
  marks: usize,
): f64 {
  requireIncidence(offsets, offsetsLength, neighbours, neighboursLength, trianglesLength);
  let total: f64 = 0;
  for (let from: u32 = 0; from < trianglesLength; from += BLOCK_NODES) {
    total += trianglesFrom(from, min(from + BLOCK_NODES, trianglesLength), offsets, neighbours, triangles, marks);
  }
  return total;
}

/** Triangles whose first corner is a node from `from` to `to`. */
export function trianglesFrom(
  from: u32,
  to: u32,
  offsets: usize,
  neighbours: usize,
  triangles: usize,
  marks: usize,
): f64 {
  let total: f64 = 0;
  for (let node = from; node < to; node++) {
    const begin = u32At(offsets, node);
    const end = u32At(offsets, node + 1);
    for (let i = begin; i < end; i++) setU32(marks, u32At(neighbours, i), node + 1);
    let own: u32 = 0;
    for (let i = begin; i < end; i++) {
      const second = u32At(neighbours, i);
      const stop = u32At(offsets, second + 1);
      let found: u32 = 0;
      for (let j = u32At(offsets, second); j < stop; j++) {
        const third = u32At(neighbours, j);
        if (u32At(marks, third) != node + 1) continue;
        found++;
        setF64(triangles, third, f64At(triangles, third) + 1);
      }
      setF64(triangles, second, f64At(triangles, second) + <f64>found);
      own += found;
    }
    setF64(triangles, node, f64At(triangles, node) + <f64>own);
    total += <f64>own;
  }
  return total;
}
