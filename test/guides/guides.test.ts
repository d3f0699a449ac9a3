/** Every example of every guide runs, and prints what the guide says. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf, outputsOf, programOf } from './guide.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const guides = join(root, 'docs', 'guides');
const command = join(root, 'packages', 'cli', 'bin', 'anant.js');
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder as a user has it: packages installed, the shipped data set and the files of the guide beside them. */
function workplace(blocks: ReturnType<typeof blocksOf>): string {
  const folder = mkdtempSync(join(tmpdir(), 'anant-guide-'));
  folders.push(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  copyFileSync(join(root, 'examples/data/wordnet-verbs.tsv.gz'), join(folder, 'wordnet-verbs.tsv.gz'));
  for (const { name, code } of blocks) if (name !== '') writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, 'guide.mjs'), programOf(blocks));
  return folder;
}

describe.each(readdirSync(guides).filter((name) => name.endsWith('.md')))('%s', (name) => {
  const blocks = blocksOf(join(guides, name));

  it('runs, and prints what it says', async () => {
    const folder = workplace(blocks);
    const { stdout } = await run(process.execPath, ['guide.mjs'], { cwd: folder, timeout: 200_000 });
    const outputs = outputsOf(stdout);
    blocks
      .filter(({ language }) => language === 'ts')
      .forEach(({ output, line }, index) => {
        if (output !== undefined) expect(outputs[index], `${name}:${line}`).toBe(output);
      });
    const options = { cwd: folder, timeout: 200_000, env: { ...process.env, NO_COLOR: '1' } };
    for (const { code, line, output } of blocks.filter(({ language }) => language === 'sh')) {
      let printed = '';
      for (const text of code.trim().split('\n')) {
        const words = text.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''));
        expect(words[0], `${name}:${line}`).toBe('anant');
        printed += (await run(process.execPath, [command, ...words.slice(1)], options)).stdout;
      }
      if (output !== undefined) expect(printed.trimEnd(), `${name}:${line}`).toBe(output);
    }
  });
});
