/** gpu.js for the tests of GPU tasks, as `anant setup gpu` installs it. Without a registry those tests are skipped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './steps.mjs';

const INSTALL_MS_MAX = 5 * 60_000;

export async function ensureGpu() {
  if (existsSync(join(root, '.anant', 'gpu', 'node_modules', 'gpu.js'))) return;
  process.stdout.write('• Installing gpu.js … ');
  try {
    const command = [join(root, 'packages/cli/bin/anant.js'), 'setup', 'gpu'];
    await run(process.execPath, command, { timeoutMs: INSTALL_MS_MAX });
    process.stdout.write('done\n');
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    process.stdout.write(`left out, its tests are skipped: ${reason}\n`);
  }
}
