/** The graphs to measure on: real ones from ANANT_DATA_DIR, and the shipped one. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeJoined } from './joined.mjs';

const dataFolder =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

const PATHS = {
  'tags-ask-ubuntu': join(dataFolder, 'medium/tags-ask-ubuntu'),
  'email-Eu': join(dataFolder, 'medium/email-Eu'),
  ...Object.fromEntries(
    ['email-Enron', 'contact-high-school', 'contact-primary-school', 'NDC-classes'].map((name) => [
      name,
      join(dataFolder, 'small', name),
    ]),
  ),
  ibm01: join(dataFolder, 'small/ispd98/ibm01.hgr.gz'),
  ibm10: join(dataFolder, 'medium/ispd98/ibm10.hgr.gz'),
  'tags-math-sx': join(dataFolder, 'large/tags-math-sx'),
  'threads-math-sx': join(dataFolder, 'large/threads-math-sx'),
  'cnr-2000': join(dataFolder, 'large/cnr-2000/cnr-2000.adj.txt.gz'),
  'wordnet-verbs': fileURLToPath(new URL('../../examples/data/wordnet-verbs.tsv.gz', import.meta.url)),
};

/** The set whose file is made from others when it is asked for. */
const JOINED = 'math-sx-joined';
let joinedPath;

function joined() {
  if (joinedPath) return joinedPath;
  pathOf('threads-math-sx');
  const folder = mkdtempSync(join(tmpdir(), 'anant-joined-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  joinedPath = join(folder, 'hyperedges-math-sx.txt');
  writeJoined(join(dataFolder, 'large'), joinedPath);
  return joinedPath;
}

/** @throws Error when there is no such set, or its file is not there. */
export function pathOf(name) {
  if (name === JOINED) return joined();
  const path = PATHS[name];
  if (path === undefined)
    throw new Error(`There is no set "${name}"; there are ${[...Object.keys(PATHS), JOINED].join(', ')}.`);
  if (!existsSync(path))
    throw new Error(`${path} is not there. Set ANANT_DATA_DIR to the folder of the data.`);
  return path;
}
