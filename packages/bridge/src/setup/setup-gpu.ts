/** Makes GPU tasks possible: gpu.js in a folder of its own, without the parts that need a compiler. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnantError, type GpuReport } from '@anant/core';
import { DAWN_PACKAGE, GPU_PACKAGE, gpuFolder, probeGpu } from '@anant/core/gpu';
import { runProgram } from './run-program.js';
import type { SetupOptions } from './setup-engine.js';

const INSTALL_MS_MAX = 10 * 60_000;
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';
/** Optional builds (headless OpenGL) are left out: they compile on the machine, and gpu.js does without. */
const ARGUMENTS = ['install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];

/**
 * Installs gpu.js below `.anant/gpu`; running it twice is fine.
 * @throws AnantError `E_GPU_UNAVAILABLE` when the installation fails
 */
export async function setupGpu(
  options: Pick<SetupOptions, 'directory' | 'onLine' | 'timeoutMs'> = {},
): Promise<GpuReport> {
  const directory = options.directory ?? process.cwd();
  const folder = gpuFolder(directory);
  await mkdir(folder, { recursive: true });
  const manifest = { private: true, overrides: { [DAWN_PACKAGE.package]: DAWN_PACKAGE.version } };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const wanted = `${GPU_PACKAGE.package}@${GPU_PACKAGE.version}`;
  const timeoutMs = options.timeoutMs ?? INSTALL_MS_MAX;
  const { onLine } = options;
  const { code, tail } = await runProgram(NPM, [...ARGUMENTS, wanted], {
    cwd: folder,
    timeoutMs,
    ...(onLine && { onLine }),
  });
  if (code === 0) return await probeGpu({ directory });
  const how = code === null ? `did not end within ${timeoutMs} ms` : `ended with code ${code}`;
  throw new AnantError('E_GPU_UNAVAILABLE', `Installing ${wanted} in ${folder} failed: npm ${how}.`, {
    advice: 'Read its output, fix the cause and run `npx anant setup gpu` again.',
    details: { output: tail },
  });
}
