/** The private Python environment of the tests, and the Redis server they start. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail, isFresh, root, run, step, writeStamp } from './steps.mjs';

export const pythonHome = join(root, '.anant', 'test-python');
export const pythonPath = join(pythonHome, 'bin', 'python');

const CHECK = 'import sys,venv,ensurepip;print("%d.%d" % sys.version_info[:2])';

/** The first Python of a supported version on the PATH, or `ANANT_SYSTEM_PYTHON`. */
function findPython() {
  const candidates = [
    process.env.ANANT_SYSTEM_PYTHON,
    'python3.13',
    'python3.12',
    'python3.11',
    'python3',
  ].filter(Boolean);
  const seen = [];
  for (const candidate of candidates) {
    const { stdout, status } = spawnSync(candidate, ['-c', CHECK], { encoding: 'utf8' });
    const version = stdout?.trim();
    if (status === 0 && ['3.11', '3.12', '3.13'].includes(version)) return candidate;
    if (version) seen.push(`${candidate} is ${version}`);
  }
  fail(
    `The tests need Python 3.11, 3.12 or 3.13 with the venv module${seen.length ? ` (found: ${seen.join(', ')})` : ''}.\n` +
      'Install one (Debian: apt-get install python3 python3-venv) or set ANANT_SYSTEM_PYTHON to its path.',
  );
}

export async function ensurePython() {
  const requirements = join(root, 'python', 'requirements-test.txt');
  const wanted = createHash('sha256')
    .update(readFileSync(requirements))
    .update(readFileSync(join(root, 'python', 'pyproject.toml')))
    .digest('hex');
  if (existsSync(pythonPath) && isFresh('python', wanted)) return;
  await step('Making the private Python environment (Dask, Ray, Celery)', async () => {
    rmSync(pythonHome, { recursive: true, force: true });
    await run(findPython(), ['-m', 'venv', pythonHome]);
    await run(pythonPath, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    await run(pythonPath, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--editable',
      join(root, 'python'),
    ]);
  });
  writeStamp('python', wanted);
}

const hasRedis = () => spawnSync('redis-server', ['--version']).status === 0;

export async function ensureRedis() {
  if (hasRedis()) return;
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (!canInstall) {
    fail(
      'The Celery tests need redis-server on the PATH. Install it (Debian: apt-get install redis-server) and try again.',
    );
  }
  await step('Installing redis-server from the system packages', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env });
  });
}
