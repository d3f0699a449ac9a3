/** Which keys Python takes for one and the same: `1`, `1.0`, `True` and `BigInt(1)` are equal there. */

/** Two keys that are equal in Python, or `undefined`. Keys are booleans, numbers (not NaN), bigints, strings. */
export function findClash(keys: Iterable<unknown>): readonly [unknown, unknown] | undefined {
  const seen = new Map<bigint, unknown>();
  for (const key of keys) {
    const integer = asInteger(key);
    if (integer === undefined) continue;
    if (seen.has(integer)) return [seen.get(integer), key];
    seen.set(integer, key);
  }
  return undefined;
}

function asInteger(key: unknown): bigint | undefined {
  switch (typeof key) {
    case 'bigint':
      return key;
    case 'boolean':
      return key ? 1n : 0n;
    case 'number':
      return Number.isInteger(key) ? BigInt(key) : undefined;
    default:
      return undefined;
  }
}
