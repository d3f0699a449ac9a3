/** From a definition reference to something that can be called in this thread. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { KernelReference, TaskFunction, TypeScriptReference } from '../../contract/index.js';
import { hashFile, moduleVersion } from '../../define/index.js';
import { AnantError } from '../../error/index.js';
import { compileKernel, type KernelModule, runKernel } from '../../kernel/index.js';
import { checkKernel } from '../../kernel/kernel-signature.js';

const TYPESCRIPT_FILE = /\.[cm]?tsx?$/;

/** What a module exports under the reference's name. @throws AnantError `E_TASK_NOT_FOUND`, `E_TASK_VERSION` */
export async function loadExport(reference: TypeScriptReference): Promise<unknown> {
  checkVersion(reference, moduleVersion(reference.module));
  const path = fileURLToPath(reference.module);
  const module = TYPESCRIPT_FILE.test(path) ? await importTypeScript(path) : await import(reference.module);
  const exported: unknown = (module as Record<string, unknown>)[reference.export];
  if (exported !== undefined) return exported;
  throw new AnantError('E_TASK_NOT_FOUND', `${reference.module} exports no "${reference.export}".`);
}

/** @throws AnantError `E_TASK_NOT_FOUND`, `E_TASK_VERSION` */
export async function loadTask(reference: TypeScriptReference): Promise<TaskFunction> {
  const exported = await loadExport(reference);
  const task =
    typeof exported === 'object' && exported !== null && 'local' in exported ? exported.local : exported;
  if (typeof task === 'function') return task as TaskFunction;
  throw new AnantError('E_TASK_NOT_FOUND', `"${reference.export}" of ${reference.module} is no task.`);
}

const kernels = new Map<string, KernelModule>();

/** @throws AnantError `E_TASK_NOT_FOUND`, `E_TASK_VERSION`, `E_KERNEL_INVALID` */
export async function loadKernel(reference: KernelReference): Promise<TaskFunction> {
  checkVersion(reference, hashFile(reference.module));
  let kernel = kernels.get(reference.version);
  if (kernel === undefined) {
    kernel = compileKernel(await readFile(fileURLToPath(reference.module)));
    kernels.set(reference.version, kernel);
  }
  checkKernel(kernel, reference.export, reference.signature);
  const target = { kernel, export: reference.export, signature: reference.signature };
  return (input: unknown) => runKernel(target, input);
}

function checkVersion(reference: TypeScriptReference | KernelReference, version: string): void {
  if (version === reference.version) return;
  throw new AnantError(
    'E_TASK_VERSION',
    `${reference.module} is version ${version}, not ${reference.version}.`,
    {
      advice: 'Restart the client after the module has changed.',
      details: { expected: reference.version, got: version },
    },
  );
}

async function importTypeScript(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  return createJiti(import.meta.url, { interopDefault: false }).import(path);
}
