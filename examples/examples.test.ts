/** Everything the README and the examples show, run as a user runs it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const jiti = join(root, 'node_modules', 'jiti', 'lib', 'jiti-cli.mjs');
const python = process.env.ANANT_PYTHON;

async function runExample(name: string): Promise<string> {
  const file = join(root, 'examples', name, 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [jiti, file], {
    timeout: 110_000,
    cwd: root,
  });
  return stdout;
}

describe('examples', () => {
  it('first-task prints results from worker threads', async () => {
    expect(await runExample('first-task')).toBe('144\n[ 1, 4, 9 ]\n');
  });

  it('task-graph keeps intermediate results with the backend and kills a running task', async () => {
    const lines = (await runExample('task-graph')).trimEnd().split('\n');
    expect(lines).toEqual([
      '{ mean: 4.857142857142857 }',
      'running, 10000 steps to go',
      'cancelled',
      'cancelled native',
    ]);
  });

  it.skipIf(!python)(
    'everywhere gives the same sum on every backend, from TypeScript and from Python',
    async () => {
      const lines = (await runExample('everywhere')).trimEnd().split('\n');
      const results = lines.map((line) => line.split(' '));
      expect(results.map(([backend]) => backend)).toEqual(['native', 'dask', 'ray', 'celery']);
      expect(new Set(results.flatMap(([, ...sums]) => sums)).size).toBe(1);
    },
  );
});

describe('README', () => {
  it('shows the first example word for word', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const file of ['tasks.ts', 'main.ts']) {
      const code = readFileSync(join(root, 'examples', 'first-task', file), 'utf8');
      expect(readme).toContain(`\`\`\`ts\n// ${file}\n${code}\`\`\``);
    }
  });

  it('links only to files that exist', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(() => readFileSync(join(root, target!)), target).not.toThrow(/ENOENT/);
    }
  });
});
