import { addBlock } from './add-block';
import { f64At, i32At, setF64, setI32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { reachNodes } from './node-distances';

/** Nodes per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_NODES: u32 = 256;

/**
 * Distances from some nodes of an undirected graph to all, summed up by node: `farness` is the sum of a node's distances to the
 * `sources` it reaches, `harmonic` that of their reciprocals (0 for itself), `near` the number of those sources, and `depths` the
 * least eccentricity of them, 0 where there is none. `reached` is the size of the node's component. Reciprocals are added up by
 * blocks of `blockSize` sources, then over blocks. Eppstein and Wang, "Fast approximation of centrality" (2004).
 *
 * What is behind the first `nodeCount` are the shared subsets of `linkSubsets`: a step leads from node to subset to node.
 */
export function sampleDistances(
  offsets: usize,
  offsetsLength: u32,
  arcs: usize,
  arcsLength: u32,
  nodeCount: u32,
  sources: usize,
  sourcesLength: u32,
  blockSize: u32,
  farness: usize,
  farnessLength: u32,
  harmonic: usize,
  harmonicLength: u32,
  near: usize,
  nearLength: u32,
  depths: usize,
  depthsLength: u32,
  reached: usize,
  reachedLength: u32,
  distances: usize,
  queue: usize,
  block: usize,
): void {
  const count = offsetsLength - 1;
  requireIncidence(offsets, offsetsLength, arcs, arcsLength, count);
  if (nodeCount > count || blockSize == 0) unreachable();
  if (min(min(farnessLength, harmonicLength), min(min(nearLength, depthsLength), reachedLength)) < nodeCount) unreachable();
  // With subsets, every other step is one.
  const shift: i32 = nodeCount < count ? 1 : 0;
  memory.fill(distances, 0xff, <usize>count << 2);
  for (let i: u32 = 0; i < sourcesLength; i++) {
    const source = u32At(sources, i);
    if (source >= nodeCount) unreachable();
    const end = search(source, offsets, arcs, distances, queue);
    const depth = <u32>(i32At(distances, u32At(queue, end - 1)) >> shift);
    for (let at: u32 = 0; at < end; at++) {
      const node = u32At(queue, at);
      const distance = i32At(distances, node) >> shift;
      setI32(distances, node, -1);
      if (node >= nodeCount) continue;
      const seen = u32At(near, node);
      setU32(near, node, seen + 1);
      if (seen == 0 || depth < u32At(depths, node)) setU32(depths, node, depth);
      if (distance == 0) continue;
      setF64(farness, node, f64At(farness, node) + <f64>distance);
      setF64(block, node, f64At(block, node) + 1.0 / <f64>distance);
    }
    if ((i + 1) % blockSize == 0 || i + 1 == sourcesLength) addBlock(block, harmonic, nodeCount);
  }
  for (let root: u32 = 0; root < nodeCount; root++) {
    if (i32At(distances, root) >= 0) continue;
    const end = search(root, offsets, arcs, distances, queue);
    let nodes: u32 = 0;
    for (let at: u32 = 0; at < end; at++) nodes += u32(u32At(queue, at) < nodeCount);
    for (let at: u32 = 0; at < end; at++) {
      const node = u32At(queue, at);
      if (node < nodeCount) setU32(reached, node, nodes);
    }
  }
}

function search(source: u32, offsets: usize, arcs: usize, distances: usize, queue: usize): u32 {
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
