/** `npm run support-matrix`: writes docs/support-matrix.md from the reports of the last conformance runs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSupportMatrix } from '@anant/core/conformance';
import { fail, root } from './lib/steps.mjs';

const BACKENDS = ['memory', 'native', 'cluster', 'dask', 'ray', 'celery'];
const folder = join(root, '.anant', 'conformance');
const found = existsSync(folder) ? readdirSync(folder) : [];
const missing = BACKENDS.filter((name) => !found.includes(`${name}.json`));
if (missing.length > 0)
  fail(`There is no report of ${missing.join(', ')}: run "npm test -- --only node" first.`);
const reports = BACKENDS.map((name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
writeFileSync(join(root, 'docs', 'support-matrix.md'), `${renderSupportMatrix(reports).trimEnd()}\n`);
console.log('docs/support-matrix.md');
