/** What programs work out of a part once: kept as long as the part itself, never in a state or a checkpoint. */
import type { PartitionData } from './partition-data.js';

const known = new WeakMap<PartitionData, Map<unknown, unknown>>();

/** What `make` gives for a part: made at the first call, and found again later. */
export function derived<Value>(data: PartitionData, make: (data: PartitionData) => Value): Value {
  const ofPart = known.get(data) ?? new Map<unknown, unknown>();
  known.set(data, ofPart);
  if (!ofPart.has(make)) ofPart.set(make, make(data));
  return ofPart.get(make) as Value;
}
