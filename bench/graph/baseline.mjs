/** The same algorithms in plain JavaScript over typed arrays, as a careful programmer would write them without kernels. */

export function components({ edgeOffsets, edgeMembers, vertexCount }) {
  const parents = new Uint32Array(vertexCount);
  for (let vertex = 0; vertex < vertexCount; vertex++) parents[vertex] = vertex;
  const find = (start) => {
    let id = start;
    while (parents[id] !== id) {
      parents[id] = parents[parents[id]];
      id = parents[id];
    }
    return id;
  };
  for (let edge = 0; edge + 1 < edgeOffsets.length; edge++) {
    const end = edgeOffsets[edge + 1];
    let at = edgeOffsets[edge];
    if (at === end) continue;
    let root = find(edgeMembers[at]);
    for (at += 1; at < end; at++) {
      const other = find(edgeMembers[at]);
      if (other === root) continue;
      parents[Math.max(root, other)] = Math.min(root, other);
      root = Math.min(root, other);
    }
  }
  let count = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    if (parents[vertex] === vertex) count += 1;
    else parents[vertex] = parents[parents[vertex]];
  }
  return count;
}

export function bfs({ edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount }, source) {
  const levels = new Int32Array(vertexCount).fill(-1);
  const isSeen = new Uint8Array(edgeOffsets.length - 1);
  const queue = new Uint32Array(vertexCount);
  levels[source] = 0;
  queue[0] = source;
  let tail = 1;
  for (let head = 0; head < tail; head++) {
    const vertex = queue[head];
    for (let i = nodeOffsets[vertex]; i < nodeOffsets[vertex + 1]; i++) {
      const edge = nodeMembers[i];
      if (isSeen[edge]) continue;
      isSeen[edge] = 1;
      for (let j = edgeOffsets[edge]; j < edgeOffsets[edge + 1]; j++) {
        const member = edgeMembers[j];
        if (levels[member] >= 0) continue;
        levels[member] = levels[vertex] + 1;
        queue[tail++] = member;
      }
    }
  }
  return tail;
}

/** A pull in both directions. @returns The number of iterations. */
export function pagerank(
  { edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount },
  { damping, tolerance, iterationsMax },
) {
  const edgeCount = edgeOffsets.length - 1;
  let ranks = new Float64Array(vertexCount).fill(1 / vertexCount);
  let next = new Float64Array(vertexCount);
  const shares = new Float64Array(edgeCount);
  for (let iteration = 1; ; iteration++) {
    let dangling = 0;
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      const degree = nodeOffsets[vertex + 1] - nodeOffsets[vertex];
      if (degree === 0) dangling += ranks[vertex];
      next[vertex] = ranks[vertex] / degree;
    }
    for (let edge = 0; edge < edgeCount; edge++) {
      const end = edgeOffsets[edge + 1];
      let sum = 0;
      for (let i = edgeOffsets[edge]; i < end; i++) sum += next[edgeMembers[i]];
      shares[edge] = sum / (end - edgeOffsets[edge]);
    }
    const base = (1 - damping + damping * dangling) / vertexCount;
    let change = 0;
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      let sum = 0;
      for (let i = nodeOffsets[vertex]; i < nodeOffsets[vertex + 1]; i++) sum += shares[nodeMembers[i]];
      next[vertex] = base + damping * sum;
      change += Math.abs(next[vertex] - ranks[vertex]);
    }
    [ranks, next] = [next, ranks];
    if (change < tolerance || iteration === iterationsMax) return iteration;
  }
}
