/** What the two README commands need, each made only when it is missing or out of date. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, fingerprint, isFresh, root, run, step, writeStamp } from './steps.mjs';

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Anant needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a newer Node.js and try again.`,
  );
}

export async function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(join(root, 'node_modules')) && isFresh('install', lock)) return;
  // Not `npm ci`: it refuses a lockfile without the optional builds for other platforms that a mirror may not carry.
  await step('Installing packages', () => run('npm', ['install', '--no-save', '--no-audit', '--no-fund']));
  writeStamp('install', lock);
}

const packages = () => readdirSync(join(root, 'packages'));
const inputs = () => [
  ...packages().flatMap((name) =>
    ['src', 'scripts', 'tsup.config.ts', 'package.json'].map((file) => `packages/${name}/${file}`),
  ),
  'python/src',
  'python/pyproject.toml',
  'tsconfig.base.json',
];

/** Compiles JavaScript and kernels. Types are not needed to run anything. */
export async function ensureBuilt() {
  const current = fingerprint(inputs());
  const complete = packages().every((name) => existsSync(join(root, 'packages', name, 'dist')));
  if (complete && isFresh('build', current)) return;
  await step('Building', () => buildPackages());
  writeStamp('build', current);
}

async function buildPackages() {
  const queue = packages();
  const worker = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) {
      const cwd = join(root, 'packages', name);
      await run(process.execPath, [join(root, 'node_modules/tsup/dist/cli-default.js'), '--silent'], { cwd });
      const scripts = join(cwd, 'scripts');
      const steps = existsSync(scripts)
        ? readdirSync(scripts).filter((file) => file.startsWith('build-'))
        : [];
      for (const file of steps.sort()) await run(process.execPath, [join(scripts, file)], { cwd });
    }
  };
  await Promise.all([worker(), worker()]);
}

/** Type declarations of every package; the check that everything fits together, tests and examples included. */
export async function ensureTypes() {
  await step('Checking types', () =>
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']),
  );
}
