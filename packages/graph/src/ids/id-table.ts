/** External ids of vertices or hyperedges, by their dense index. */
export type ExternalId = string | number;

export interface IdTable {
  readonly size: number;
  /** Resident bytes of the table itself. */
  readonly bytes: number;
  /** The id of index `index`. @throws RangeError when `index` is not from 0 to size - 1. */
  externalOf(index: number): ExternalId;
  /** The index of an id, or -1. An integer and its decimal text are different ids. */
  indexOf(id: ExternalId): number;
}

export function checkIndex(index: number, size: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`An index must be a whole number from 0 to ${size - 1}, not ${index}.`);
  }
}
