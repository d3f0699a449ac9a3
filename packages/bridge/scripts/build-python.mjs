/** Copies the Python half into the package, so that `anant setup` finds it after an installation from npm. */
import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../../python', import.meta.url));
const target = fileURLToPath(new URL('../dist/python', import.meta.url));
const skipped = [
  '__pycache__',
  'tests',
  'build',
  '.mypy_cache',
  '.ruff_cache',
  '.pytest_cache',
  'requirements-test.txt',
];

await rm(target, { recursive: true, force: true });
await cp(source, target, {
  recursive: true,
  filter: (path) =>
    !skipped.includes(basename(path)) && !path.endsWith('.egg-info') && path !== join(source, '.venv'),
});
