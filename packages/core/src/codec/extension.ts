/** The msgpack extension types of portable values. */
export const EXTENSION = {
  undefined: 1,
  bigint: 2,
  date: 3,
  map: 4,
  reference: 5,
  buffer: 16,
} as const;
