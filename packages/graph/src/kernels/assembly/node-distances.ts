import { i32At, setI32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 256;

/**
 * Breadth-first distances from one node of a graph, -1 where there is no way. Returns the number of nodes reached,
 * the source included.
 */
export function nodeDistances(
  offsets: usize,
  offsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  source: u32,
  distances: usize,
  distancesLength: u32,
  queue: usize,
): u32 {
  requireIncidence(offsets, offsetsLength, arcs, arcsLength, distancesLength);
  if (source >= distancesLength) unreachable();
  memory.fill(distances, 0xff, <usize>distancesLength << 2);
  setI32(distances, source, 0);
  setU32(queue, 0, source);
  let tail: u32 = 1;
  for (let head: u32 = 0; head < tail; ) {
    const to = min(head + BLOCK_NODES, tail);
    tail = reachNodes(offsets, arcs, head, to, tail, distances, queue);
    head = to;
  }
  return tail;
}

/** The nodes in the queue from `from` to `to` reach their neighbours. Returns the queue's new end. */
export function reachNodes(
  offsets: usize,
  arcs: usize,
  from: u32,
  to: u32,
  end: u32,
  distances: usize,
  queue: usize,
): u32 {
  let tail = end;
  for (let at = from; at < to; at++) {
    const node = u32At(queue, at);
    const distance = i32At(distances, node) + 1;
    const stop = u32At(offsets, node + 1);
    for (let i = u32At(offsets, node); i < stop; i++) {
      const other = u32At(arcs, i);
      if (i32At(distances, other) >= 0) continue;
      setI32(distances, other, distance);
      setU32(queue, tail++, other);
    }
  }
  return tail;
}
