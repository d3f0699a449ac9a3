/** Where lists of these lengths begin, one after the other. */
export function offsetsOf(lengthsOf: Uint32Array): Uint32Array {
  const offsets = new Uint32Array(lengthsOf.length + 1);
  for (let list = 0; list < lengthsOf.length; list++) offsets[list + 1] = offsets[list]! + lengthsOf[list]!;
  return offsets;
}
