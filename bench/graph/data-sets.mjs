/** The graphs to measure on: real ones from ANANT_DATA_DIR, and the shipped one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dataFolder =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

const PATHS = {
  'tags-ask-ubuntu': join(dataFolder, 'medium/tags-ask-ubuntu'),
  'email-Eu': join(dataFolder, 'medium/email-Eu'),
  'tags-math-sx': join(dataFolder, 'large/tags-math-sx'),
  'threads-math-sx': join(dataFolder, 'large/threads-math-sx'),
  'cnr-2000': join(dataFolder, 'large/cnr-2000/cnr-2000.adj.txt.gz'),
  'wordnet-verbs': fileURLToPath(new URL('../../examples/data/wordnet-verbs.tsv.gz', import.meta.url)),
};

/** @throws Error when there is no such set, or its file is not there. */
export function pathOf(name) {
  const path = PATHS[name];
  if (path === undefined)
    throw new Error(`There is no set "${name}"; there are ${Object.keys(PATHS).join(', ')}.`);
  if (!existsSync(path))
    throw new Error(`${path} is not there. Set ANANT_DATA_DIR to the folder of the data.`);
  return path;
}
