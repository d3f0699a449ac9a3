/** For tests: where the public data sets are, and the published counts of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** The path of a data set, or undefined when it is not there. */
export function dataPath(...names: readonly string[]): string | undefined {
  const path = join(root, ...names);
  return existsSync(path) ? path : undefined;
}

/** `gold/reference-counts.json`; undefined when it is not there. */
// biome-ignore lint/suspicious/noExplicitAny: counts of many shapes
export function referenceCounts(): Record<string, any> | undefined {
  const path = dataPath('gold', 'reference-counts.json');
  return path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
}
