import { u32Address } from './array';

/** Whether `vertex` is among the members from place `from` to `to`: for short lists. */
export function hasMember(members: usize, from: u32, to: u32, vertex: u32): bool {
  for (let at = u32Address(members, from), end = u32Address(members, to); at < end; at += 4) {
    if (load<u32>(at) == vertex) return true;
  }
  return false;
}
