/**
 * `npm test`: sets up everything the tests need and runs all of them.
 * `--coverage` reports coverage; `--only <lint|types|node|python|packages>` runs one part (repeatable).
 */
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, ensureNode, ensureTypes } from './lib/ensure.mjs';
import { ensureGpu } from './lib/gpu.mjs';
import { ensurePython, ensureRedis, pythonPath } from './lib/python.mjs';
import { root, run, step } from './lib/steps.mjs';

const { values } = parseArgs({
  options: { coverage: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const wants = (part) => !values.only || values.only.includes(part);
const bin = (name) => `${root}/node_modules/.bin/${name}`;
const env = { ANANT_PYTHON: pythonPath };

ensureNode();
await ensureInstalled();
await ensureBuilt();
if (wants('lint')) {
  await step('Linting', () => run(bin('biome'), ['check', '.']));
  await step('Checking the structure', () => run(process.execPath, ['scripts/check-structure.mjs']));
  await step('Checking the protocol files', () =>
    run(process.execPath, ['scripts/generate-proto.mjs', '--check']),
  );
  await step('Checking licences', () => run(process.execPath, ['scripts/check-licences.mjs']));
}
if (wants('types')) await ensureTypes();
if (wants('node') || wants('python')) {
  await ensurePython();
  await ensureRedis();
  await ensureGpu();
}
if (wants('python')) {
  await step('Linting Python', () => run(pythonPath, ['-m', 'ruff', 'check', 'python']));
  await step('Checking Python types', () => run(pythonPath, ['-m', 'mypy'], { cwd: `${root}/python` }));
  console.log('• Python tests');
  await run(pythonPath, ['-m', 'pytest', '-q', 'python/tests'], { env, show: 'always' }).catch(() =>
    process.exit(1),
  );
}
if (wants('node')) {
  console.log('• Node tests');
  const args = ['run', ...(values.coverage ? ['--coverage'] : [])];
  await run(bin('vitest'), args, { env, show: 'always', timeoutMs: 60 * 60_000 }).catch(() =>
    process.exit(1),
  );
}
if (wants('packages')) {
  await step('Checking every tarball, installed alone', () =>
    run(process.execPath, ['scripts/check-packages.mjs'], { env }),
  );
}
