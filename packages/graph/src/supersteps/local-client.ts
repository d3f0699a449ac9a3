/** Runs kernels here, on the calling thread: for the work before a run, which should not wait for an engine. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileKernel, type KernelReference, runKernel, type TaskDefinition } from '@anant/core';
import type { GraphClient } from '../algorithms/run-kernel-task.js';
import { KERNELS_URL } from '../kernels/module-url.js';

let compiled: ReturnType<typeof compileKernel> | undefined;

/** What partitioners need of a client. */
export function localClient(): GraphClient {
  const client = {
    explain: () => ({ backend: 'native', kernelMemory: 'caller' }),
    submit(definition: TaskDefinition, input: Record<string, unknown>) {
      const outcome = async () => {
        compiled ??= compileKernel(readFileSync(fileURLToPath(KERNELS_URL)));
        const { export: name, signature } = definition.reference() as KernelReference;
        const value = runKernel({ kernel: compiled, export: name, signature }, input as never);
        return { status: 'ok', value, backend: 'native', attempts: 1, elapsedMs: 0, warnings: [] };
      };
      return { outcome };
    },
  };
  return client as unknown as GraphClient;
}
