/** Drops repeated members of a hyperedge, in place: the first place stays, the source is that of the last repetition. */

/** @returns The number of members dropped; `members` then ends that much earlier. */
export function mergeRepeated(
  target: { readonly offsets: Uint32Array; readonly members: Uint32Array },
  vertexCount: number,
  sources: Uint32Array | undefined,
): number {
  const { offsets, members } = target;
  const hyperedgeCount = offsets.length - 1;
  const stamps = new Uint32Array(vertexCount);
  if (!hasRepeated(offsets, members, stamps)) return 0;
  stamps.fill(0);
  const places = sources && new Uint32Array(vertexCount);
  let used = 0;
  let from = 0;
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const end = offsets[hyperedge + 1]!;
    for (let i = from; i < end; i++) {
      const member = members[i]!;
      if (stamps[member] === hyperedge + 1) {
        if (sources && places) sources[places[member]!] = sources[i]!;
        continue;
      }
      stamps[member] = hyperedge + 1;
      if (sources && places) {
        places[member] = used;
        sources[used] = sources[i]!;
      }
      members[used++] = member;
    }
    from = end;
    offsets[hyperedge + 1] = used;
  }
  return members.length - used;
}

function hasRepeated(offsets: Uint32Array, members: Uint32Array, stamps: Uint32Array): boolean {
  let i = 0;
  for (let hyperedge = 0; hyperedge + 1 < offsets.length; hyperedge++) {
    const end = offsets[hyperedge + 1]!;
    for (; i < end; i++) {
      const member = members[i]!;
      if (stamps[member] === hyperedge + 1) return true;
      stamps[member] = hyperedge + 1;
    }
  }
  return false;
}
