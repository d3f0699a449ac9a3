/** From a definition reference to the function: the module is checked, imported once and kept. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AnantError, type TaskFunction, type TypeScriptReference } from '@anant/core';

/** Functions kept at most; beyond, the least recently used is looked up again (its module stays imported). */
export const LOADED_TASKS_MAX = 1_000;

const TYPESCRIPT_FILE = /\.[cm]?tsx?$/;

/** Loads task functions by reference; safe to use from one thread. */
export class TaskLoader {
  readonly #loaded = new Map<string, TaskFunction>();
  readonly #versions = new Map<string, string>();

  /**
   * @throws AnantError `E_TASK_VERSION` when the file is not the one the client hashed, `E_TASK_NOT_FOUND` when the
   * file or the export is missing; whatever the module throws while it is evaluated passes through.
   */
  async load(reference: TypeScriptReference): Promise<TaskFunction> {
    const key = `${reference.version} ${reference.export} ${reference.module}`;
    const known = this.#loaded.get(key);
    if (known) {
      this.#loaded.delete(key);
      this.#loaded.set(key, known);
      return known;
    }
    const found = pickTask(await this.#importModule(reference), reference);
    this.#loaded.set(key, found);
    if (this.#loaded.size > LOADED_TASKS_MAX) {
      this.#loaded.delete(this.#loaded.keys().next().value as string);
    }
    return found;
  }

  async #importModule(reference: TypeScriptReference): Promise<Record<string, unknown>> {
    const path = modulePath(reference);
    await checkVersion(path, reference);
    const earlier = this.#versions.get(reference.module);
    this.#versions.set(reference.module, reference.version);
    const isNewer = earlier !== undefined && earlier !== reference.version;
    if (TYPESCRIPT_FILE.test(path)) return importTypeScript(path, isNewer);
    // Modules are cached by URL for ever, so a changed file needs another URL.
    const url = isNewer ? `${reference.module}?version=${reference.version}` : reference.module;
    return (await import(url)) as Record<string, unknown>;
  }
}

async function importTypeScript(path: string, isNewer: boolean): Promise<Record<string, unknown>> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { moduleCache: !isNewer, interopDefault: false });
  return await jiti.import<Record<string, unknown>>(path);
}

function modulePath(reference: TypeScriptReference): string {
  try {
    return fileURLToPath(reference.module);
  } catch (cause) {
    throw new AnantError(
      'E_TASK_NOT_FOUND',
      `Task "${reference.name}" refers to "${reference.module}", which is no file URL.`,
      {
        cause,
        advice: 'Define the task with `module: import.meta.url` in a module on disk.',
      },
    );
  }
}

async function checkVersion(path: string, reference: TypeScriptReference): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new AnantError(
      'E_TASK_NOT_FOUND',
      `The module ${path} of task "${reference.name}" cannot be read on this worker.`,
      {
        cause,
        advice: 'Make the same file available at the same path on every worker.',
      },
    );
  }
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  if (version === reference.version) return;
  throw new AnantError(
    'E_TASK_VERSION',
    `The module ${path} of task "${reference.name}" is version ${version} on this worker; the client has ${reference.version}.`,
    {
      advice: 'Deploy the same file to client and workers, and restart the client after editing it.',
      details: { path, expected: reference.version, got: version },
    },
  );
}

function pickTask(module: Record<string, unknown>, reference: TypeScriptReference): TaskFunction {
  const exported = module[reference.export];
  const candidate =
    typeof exported === 'object' && exported !== null && 'local' in exported ? exported.local : exported;
  if (typeof candidate === 'function') return candidate as TaskFunction;
  const names = Object.keys(module).sort().join(', ') || 'nothing';
  throw new AnantError(
    'E_TASK_NOT_FOUND',
    `The module ${reference.module} has no task or function "${reference.export}"; it exports ${names}.`,
    { advice: 'Give defineTask the name under which the module exports the definition.' },
  );
}
