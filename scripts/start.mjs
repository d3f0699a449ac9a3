/** `npm start`: sets up what is missing and runs the main job on the data set that ships with the project. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, ensureNode } from './lib/ensure.mjs';
import { root } from './lib/steps.mjs';

ensureNode();
await ensureInstalled();
await ensureBuilt();
const given = process.argv.slice(2);
const args = given.length > 0 ? given : ['run', 'pagerank', join('examples', 'data', 'wordnet-verbs.tsv.gz')];
const { status } = spawnSync(process.execPath, [join(root, 'packages/cli/bin/anant.js'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
