/**
 * Degrees: the length of every list of one side of an incidence. Over `nodeToEdges` these are vertex degrees (multi-edges
 * count each), over `edgeToNodes` hyperedge sizes. `degrees` has one element less than `offsets`.
 */
export function degrees(offsets: usize, offsetsLength: u32, values: usize, valuesLength: u32): void {
  const end = values + (<usize>valuesLength << 2);
  let from = offsets;
  let to = values;
  for (; to + 16 <= end; from += 16, to += 16) {
    v128.store(to, v128.sub<u32>(v128.load(from, 4), v128.load(from)));
  }
  for (; to < end; from += 4, to += 4) store<u32>(to, load<u32>(from, 4) - load<u32>(from));
}
