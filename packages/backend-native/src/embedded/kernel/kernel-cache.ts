/** Kernel modules, read, checked and compiled once by the hash of their bytes. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  AnantError,
  compileKernel,
  type KernelFunction,
  type KernelModule,
  type KernelReference,
} from '@anant/core';
import { KERNELS_MAX } from '../limits.js';

export class KernelCache {
  readonly #modules = new Map<string, Promise<KernelModule>>();
  readonly #functions = new WeakMap<KernelReference, KernelFunction>();

  /** The function, when it was loaded before. */
  known(reference: KernelReference): KernelFunction | undefined {
    return this.#functions.get(reference);
  }

  /** @throws AnantError `E_TASK_NOT_FOUND`, `E_TASK_VERSION`, `E_KERNEL_INVALID` */
  async load(reference: KernelReference): Promise<KernelFunction> {
    const { version, export: exported, signature } = reference;
    const loading = this.#modules.get(version) ?? readKernel(reference);
    this.#modules.delete(version);
    this.#modules.set(version, loading);
    if (this.#modules.size > KERNELS_MAX) this.#modules.delete(this.#modules.keys().next().value as string);
    let kernel: KernelModule;
    try {
      kernel = await loading;
    } catch (error) {
      this.#modules.delete(version);
      throw error;
    }
    const target: KernelFunction = { kernel, export: exported, signature };
    this.#functions.set(reference, target);
    return target;
  }
}

async function readKernel(reference: KernelReference): Promise<KernelModule> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(fileURLToPath(reference.module));
  } catch (cause) {
    throw new AnantError('E_TASK_NOT_FOUND', `The kernel module ${reference.module} cannot be read.`, {
      cause,
      advice: 'Check the `module` of defineKernelTask; it must be the URL of a file.',
    });
  }
  const version = createHash('sha256').update(bytes).digest('hex');
  if (version === reference.version) return compileKernel(bytes);
  throw new AnantError(
    'E_TASK_VERSION',
    `The kernel module ${reference.module} has changed since it was defined.`,
    {
      advice: 'Define the task again, or start anew, after building the module.',
      details: { expected: reference.version, got: version },
    },
  );
}
