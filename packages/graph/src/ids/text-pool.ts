/** Texts end to end in one byte array, and an open-addressing hash table over them. */
export interface TextPool {
  readonly bytes: Uint8Array;
  /** Text i is bytes offsets[i] to offsets[i + 1]. */
  readonly offsets: Uint32Array;
}

/** Puts texts end to end, repetitions included. */
export function poolTexts(texts: readonly string[]): TextPool {
  const encoded = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  encoded.forEach((text, index) => {
    offsets[index + 1] = offsets[index]! + text.length;
  });
  const bytes = new Uint8Array(offsets[texts.length]!);
  encoded.forEach((text, index) => {
    bytes.set(text, offsets[index]);
  });
  return { bytes, offsets };
}

/** Where a text is (`index`, or -1) and the slot of the table where it is or belongs. */
export interface TextSlot {
  index: number;
  slot: number;
}

const found: TextSlot = { index: -1, slot: 0 };

/** Looks a text up. The answer is one object, reused by the next call. */
export function findText(
  pool: TextPool,
  table: Uint32Array,
  text: Uint8Array,
  start: number,
  end: number,
): TextSlot {
  const mask = table.length - 1;
  let slot = hashBytes(text, start, end) & mask;
  for (let entry = table[slot]!; entry !== 0; entry = table[slot]!) {
    if (isText(pool, entry - 1, text, start, end)) {
      found.index = entry - 1;
      found.slot = slot;
      return found;
    }
    slot = (slot + 1) & mask;
  }
  found.index = -1;
  found.slot = slot;
  return found;
}

/** A table over the first `size` texts, at most half full: index + 1 by hash, 0 is empty. */
export function indexTexts(pool: TextPool, size: number, slotsMin = 16): Uint32Array<ArrayBuffer> {
  let length = slotsMin;
  while (length < size * 2) length *= 2;
  const table = new Uint32Array(length);
  const mask = length - 1;
  const { bytes, offsets } = pool;
  for (let index = 0; index < size; index++) {
    let slot = hashBytes(bytes, offsets[index]!, offsets[index + 1]!) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = index + 1;
  }
  return table;
}

function isText(pool: TextPool, index: number, text: Uint8Array, start: number, end: number): boolean {
  const { bytes, offsets } = pool;
  let at = offsets[index]!;
  if (offsets[index + 1]! - at !== end - start) return false;
  for (let i = start; i < end; i++, at++) {
    if (bytes[at] !== text[i]) return false;
  }
  return true;
}

/** Multiplicative, four bytes a step, with a final mix. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c_9dc5 ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
