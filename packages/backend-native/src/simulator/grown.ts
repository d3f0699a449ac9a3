/** Copies a typed array to the start of a larger one. @returns The larger one. */
export function grown<Numbers extends { set(from: Numbers): void }>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
