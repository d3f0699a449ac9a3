/** `loadConfig`: finds, reads and checks the configuration file. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AnantError } from '../error/index.js';
import type { Environment } from './environment.js';
import { configError } from './problem.js';
import { resolveConfig } from './resolve-config.js';
import type { ResolvedConfig } from './types.js';

/** Names looked for, in this order. */
export const CONFIG_FILES = [
  'anant.config.ts',
  'anant.config.mjs',
  'anant.config.js',
  'anant.config.json',
] as const;

export interface LoadConfigOptions {
  /** Folder to look in. @default process.cwd() */
  readonly cwd?: string;
  /** A file of any name instead; must exist. */
  readonly file?: string;
  /** @default process.env */
  readonly env?: Environment;
}

/**
 * Reads `anant.config.{ts,mjs,js,json}`; without one, the defaults hold.
 * @throws AnantError `E_CONFIG_NOT_FOUND` for a named file that is missing; `E_CONFIG_INVALID` and
 * `E_BACKEND_UNKNOWN` as `resolveConfig` does, and for a file that cannot be read or run.
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ResolvedConfig> {
  const { cwd = process.cwd(), env = process.env } = options;
  const file = options.file === undefined ? findFile(cwd) : namedFile(resolve(cwd, options.file));
  if (file === undefined) return resolveConfig({}, { directory: resolve(cwd), env });
  return resolveConfig(await readConfigFile(file), { file, directory: dirname(file), env });
}

function findFile(cwd: string): string | undefined {
  const found = CONFIG_FILES.filter((name) => existsSync(join(cwd, name)));
  if (found.length > 1) {
    const message = `has ${found.length} configuration files, ${found.join(' and ')}: keep one`;
    throw configError([{ path: resolve(cwd), message }], undefined);
  }
  return found[0] === undefined ? undefined : resolve(cwd, found[0]);
}

function namedFile(file: string): string {
  if (existsSync(file)) return file;
  throw new AnantError('E_CONFIG_NOT_FOUND', `The configuration file ${file} does not exist.`, {
    advice: 'Correct the path, or leave it out to use anant.config.ts or the defaults.',
    details: { file },
  });
}

/** c12 brings jiti, which runs TypeScript; everything else it could do is off. */
async function readConfigFile(file: string): Promise<unknown> {
  const c12 = await import('c12');
  try {
    const { config } = await c12.loadConfig({
      cwd: dirname(file),
      configFile: basename(file),
      rcFile: false,
      globalRc: false,
      packageJson: false,
      dotenv: false,
      envName: false,
      extend: false,
      giget: false,
      configFileRequired: true,
      // The value itself, not a merged copy: a backend made by the configuration must stay what it is.
      merger: (...sources) => sources.find((source) => source !== undefined && source !== null)!,
    });
    return config;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AnantError('E_CONFIG_INVALID', `${file} cannot be read: ${reason}`, {
      cause,
      advice: 'Correct the file; it must export the configuration as its default export.',
      details: { file },
    });
  }
}
