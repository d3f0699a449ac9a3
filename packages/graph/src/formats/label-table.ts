/** Labels collected by provisional index, as a table by final index. */
import type { IdTable } from '../ids/id-table.js';
import type { InternedIds } from '../ids/integer-interner.js';
import { TextIds } from '../ids/text-ids.js';
import { poolTexts } from '../ids/text-pool.js';

/** The empty text stands where there is none. */
export function labelTable(labels: readonly string[], { ids, ranks }: InternedIds): IdTable {
  const ordered = new Array<string>(ids.size).fill('');
  labels.forEach((label, index) => {
    ordered[ranks?.[index] ?? index] = label;
  });
  return new TextIds(poolTexts(ordered));
}
