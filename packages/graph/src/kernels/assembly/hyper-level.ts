import { clearU32, setU32, u32At } from './array';

/**
 * The incidence between the hyperedges and groups of vertices: `edgeNodes` and `edgeCounts` from `edgeOffsets[e]` are the
 * groups that e has members in, in order of appearance, and how many; `nodeEdges` and `nodeCounts` from `nodeOffsets[g]`
 * the same by group. Hyperedges with fewer than two members are left out. `marks` has one slot per group, 0 before and
 * after; `map` is the group of each vertex, below `groups`.
 */
export function groupMembers(
  memberOffsets: usize,
  members: usize,
  hyperedgeCount: u32,
  map: usize,
  groups: u32,
  edgeOffsets: usize,
  edgeNodes: usize,
  edgeCounts: usize,
  nodeOffsets: usize,
  nodeEdges: usize,
  nodeCounts: usize,
  marks: usize,
): void {
  clearU32(nodeOffsets, groups + 1);
  let at: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    setU32(edgeOffsets, hyperedge, at);
    const begin = u32At(memberOffsets, hyperedge);
    const end = u32At(memberOffsets, hyperedge + 1);
    if (end - begin < 2) continue;
    const first = at;
    for (let i = begin; i < end; i++) {
      const group = u32At(map, u32At(members, i));
      const place = u32At(marks, group);
      if (place != 0) {
        setU32(edgeCounts, place - 1, u32At(edgeCounts, place - 1) + 1);
        continue;
      }
      setU32(edgeNodes, at, group);
      setU32(edgeCounts, at, 1);
      setU32(nodeOffsets, group + 1, u32At(nodeOffsets, group + 1) + 1);
      setU32(marks, group, ++at);
    }
    for (let i = first; i < at; i++) setU32(marks, u32At(edgeNodes, i), 0);
  }
  setU32(edgeOffsets, hyperedgeCount, at);
  for (let group: u32 = 0; group < groups; group++) {
    setU32(nodeOffsets, group + 1, u32At(nodeOffsets, group + 1) + u32At(nodeOffsets, group));
  }
  turn(hyperedgeCount, groups, edgeOffsets, edgeNodes, edgeCounts, nodeOffsets, nodeEdges, nodeCounts, marks);
}

function turn(
  hyperedgeCount: u32,
  groups: u32,
  edgeOffsets: usize,
  edgeNodes: usize,
  edgeCounts: usize,
  nodeOffsets: usize,
  nodeEdges: usize,
  nodeCounts: usize,
  next: usize,
): void {
  memory.copy(next, nodeOffsets, <usize>groups << 2);
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const end = u32At(edgeOffsets, hyperedge + 1);
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const group = u32At(edgeNodes, i);
      const at = u32At(next, group);
      setU32(next, group, at + 1);
      setU32(nodeEdges, at, hyperedge);
      setU32(nodeCounts, at, u32At(edgeCounts, i));
    }
  }
  clearU32(next, groups);
}
