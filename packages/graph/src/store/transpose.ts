/** The other side of an incidence, by counting sort: lists come out in rising order. Linear, stable, in place of `target`. */
import type { Incidence } from './incidence.js';

export function transpose(source: Incidence, target: Incidence): void {
  const { offsets, members } = source;
  const starts = target.offsets;
  const values = target.members;
  const count = starts.length - 1;
  starts.fill(0);
  for (let i = 0; i < members.length; i++) starts[members[i]! + 1]! += 1;
  for (let list = 0; list < count; list++) starts[list + 1]! += starts[list]!;
  const next = starts.slice(0, count);
  let i = 0;
  for (let list = 0; list + 1 < offsets.length; list++) {
    for (const end = offsets[list + 1]!; i < end; i++) values[next[members[i]!]++] = list;
  }
}
