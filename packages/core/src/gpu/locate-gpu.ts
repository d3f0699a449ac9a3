/** Where gpu.js lies: beside the program, or where `anant setup gpu` put it. It is an optional package. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { AnantError } from '../error/index.js';

/** The version `anant setup gpu` installs, and the range that is accepted. */
export const GPU_PACKAGE = { package: 'gpu.js', version: '2.24.1', range: '^2.24.1' } as const;

/**
 * The Dawn that `anant setup gpu` puts in place of the one gpu.js names: from 0.3 its devices take the error handler that
 * gpu.js sets (github.com/dawn-gpu/node-webgpu/issues/4), and this one loads with glibc 2.34.
 */
export const DAWN_PACKAGE = { package: 'webgpu', version: '0.4.0' } as const;

/** Folder that `anant setup gpu` makes. */
export const gpuFolder = (directory: string): string => join(directory, '.anant', 'gpu');

/** The main file of gpu.js as seen from the folder, its parents and this package. */
export function locateGpu(directory = process.cwd()): string | undefined {
  for (const base of candidates(resolve(directory))) {
    try {
      return createRequire(base).resolve(GPU_PACKAGE.package);
    } catch {
      // The next place may have it.
    }
  }
  return undefined;
}

function* candidates(directory: string): Generator<string> {
  yield join(directory, 'package.json');
  for (let at = directory; ; at = dirname(at)) {
    const made = join(gpuFolder(at), 'package.json');
    if (existsSync(made)) yield made;
    if (dirname(at) === at) break;
  }
  yield import.meta.url;
}

/** Version of the gpu.js whose main file is given. @throws AnantError `E_GPU_UNAVAILABLE` when it is not one that fits */
export function gpuVersion(main: string): string {
  const manifest = join(dirname(dirname(main)), 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 2 && minor >= 24) return version;
  throw new AnantError('E_GPU_UNAVAILABLE', `gpu.js ${version} at ${main} is not ${GPU_PACKAGE.range}.`, {
    advice: 'Run `npx anant setup gpu`, or install a version that fits.',
  });
}

export function gpuMissing(directory = process.cwd()): AnantError {
  return new AnantError('E_GPU_UNAVAILABLE', `gpu.js was not found from ${directory}.`, {
    advice: 'Run `npx anant setup gpu`, or `npm install gpu.js`.',
  });
}
