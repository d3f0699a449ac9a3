/** The 26 ways in which three different, connected hyperedges can meet: patterns of a Venn diagram up to order. */

/** How many motifs there are. */
export const MOTIF_COUNT = 26;
const NO_MOTIF = 255;
const PATTERN_COUNT = 128;
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
/** Bit of the part that is in exactly two hyperedges, by the third. */
const PAIR_BITS = [4, 5, 3] as const;
const ALL = 1 << 6;

/** A pattern with the hyperedges in another order. */
function reorder(pattern: number, order: readonly [number, number, number]): number {
  let result = pattern & ALL;
  for (let place = 0; place < 3; place++) {
    const from = order[place]!;
    if (pattern & (1 << from)) result |= 1 << place;
    if (pattern & (1 << PAIR_BITS[from]!)) result |= 1 << PAIR_BITS[place]!;
  }
  return result;
}

/** Whether hyperedges a and b can be connected through what they share. */
function meet(pattern: number, a: number, b: number): boolean {
  return (pattern & (ALL | (1 << PAIR_BITS[3 - a - b]!))) !== 0;
}

/** Whether a and b have the same members: nothing is in one without the other. */
function areSame(pattern: number, a: number, b: number): boolean {
  return (pattern & ((1 << a) | (1 << b) | (1 << PAIR_BITS[a]!) | (1 << PAIR_BITS[b]!))) === 0;
}

function isMotif(pattern: number): boolean {
  const pairs = [
    [0, 1],
    [1, 2],
    [0, 2],
  ] as const;
  const meeting = pairs.filter(([a, b]) => meet(pattern, a, b)).length;
  return meeting >= 2 && !pairs.some(([a, b]) => areSame(pattern, a, b));
}

/** The least of the patterns that are the same up to the order of the hyperedges. */
const least = (pattern: number): number => Math.min(...ORDERS.map((order) => reorder(pattern, order)));

/** The least pattern of each motif, rising: motif m is `MOTIF_PATTERNS[m]`. */
export const MOTIF_PATTERNS: readonly number[] = Array.from(
  { length: PATTERN_COUNT },
  (_, pattern) => pattern,
).filter((pattern) => isMotif(pattern) && least(pattern) === pattern);

/** The motif of each pattern; 255 for none. */
export const MOTIF_CLASSES: Uint8Array = Uint8Array.from({ length: PATTERN_COUNT }, (_, pattern) =>
  isMotif(pattern) ? MOTIF_PATTERNS.indexOf(least(pattern)) : NO_MOTIF,
);

const PARTS = ['a', 'b', 'c', 'ab', 'bc', 'ca', 'abc'];

/** The parts that are not empty, for people: `a b ab`. */
export const describeMotif = (motif: number): string =>
  PARTS.filter((_, bit) => MOTIF_PATTERNS[motif]! & (1 << bit)).join(' ');

/** Whether two of the three hyperedges share nothing. */
export const isOpenMotif = (motif: number): boolean => {
  const pattern = MOTIF_PATTERNS[motif]!;
  return !(meet(pattern, 0, 1) && meet(pattern, 1, 2) && meet(pattern, 0, 2));
};
