import { NONE, clearU32, setU32, u32At } from './array';
import { findRoot, joinRoots } from './disjoint-sets';

/** Renames every label to the smallest vertex that has it. Labels are below `vertexCount`. */
export function canonise(vertexCount: u32, labels: usize, names: usize): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(names, vertex, NONE);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const label = u32At(labels, vertex);
    if (u32At(names, label) == NONE) setU32(names, label, vertex);
    setU32(labels, vertex, u32At(names, label));
  }
}

/** Numbers labels from 0 in order of appearance. Returns how many there are. Labels are below `count`. */
export function renumber(count: u32, labels: usize, names: usize): u32 {
  for (let i: u32 = 0; i < count; i++) setU32(names, i, NONE);
  let next: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const label = u32At(labels, i);
    if (u32At(names, label) == NONE) setU32(names, label, next++);
    setU32(labels, i, u32At(names, label));
  }
  return next;
}

/**
 * Splits labels into the parts that hyperedges connect: afterwards `labels[v]` is the smallest vertex of those with
 * the same label that are reached from v through members of the same label. `firsts` and `stamps` have one slot per
 * vertex.
 */
export function splitDisconnected(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  labels: usize,
  parents: usize,
  firsts: usize,
  stamps: usize,
): void {
  clearU32(stamps, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(parents, vertex, vertex);
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const member = u32At(edgeMembers, i);
      const label = u32At(labels, member);
      if (u32At(stamps, label) != hyperedge + 1) {
        setU32(stamps, label, hyperedge + 1);
        setU32(firsts, label, member);
        continue;
      }
      const one = findRoot(parents, u32At(firsts, label));
      const other = findRoot(parents, member);
      if (one != other) joinRoots(parents, one, other);
    }
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(labels, vertex, findRoot(parents, vertex));
}
