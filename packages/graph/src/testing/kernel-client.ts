/** For tests: a client that runs kernel tasks in this thread, by the kernel ABI, and counts what it was sent. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  AnantError,
  compileKernel,
  type KernelReference,
  ObjectRef,
  runKernel,
  type TaskDefinition,
} from '@anant/core';
import type { GraphClient } from '../algorithms/run-kernel-task.js';
import { KERNELS_URL } from '../kernels/module-url.js';

export interface KernelClient extends GraphClient {
  /** Names of tasks run, in order. */
  readonly tasks: string[];
  readonly stored: Map<string, unknown>;
  /** Bytes of arrays that came with tasks rather than from the store. */
  sentBytes: number;
}

/** @param backend What the client says it runs on. `native` shares memory, others get copies. */
export function kernelClient(backend = 'native'): KernelClient {
  const kernel = compileKernel(readFileSync(fileURLToPath(KERNELS_URL)));
  let puts = 0;
  const client = {
    tasks: [] as string[],
    stored: new Map<string, unknown>(),
    sentBytes: 0,
    explain: () => ({ backend, ...(backend === 'native' && { kernelMemory: 'caller' }) }),
    async put(value: unknown) {
      const ref = new ObjectRef(`object-${puts++}`, backend);
      client.stored.set(ref.id, value);
      return { ref, release: () => client.stored.delete(ref.id) };
    },
    submit(definition: TaskDefinition<never, unknown, 'value'>, input: Record<string, unknown>) {
      const { export: name, signature } = definition.reference() as KernelReference;
      client.tasks.push(definition.name);
      const outcome = (async () => {
        try {
          const value = runKernel({ kernel, export: name, signature }, inputOf(input));
          return { status: 'ok', value, backend, attempts: 1, elapsedMs: 0, warnings: [] };
        } catch (error) {
          return { status: 'app-error', error, backend, attempts: 1, elapsedMs: 0, warnings: [] };
        }
      })();
      return { outcome: () => outcome, cancel: async () => 'already-done' };
    },
  };
  const inputOf = (input: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => {
        const ref = (value as { ref?: unknown } | null)?.ref;
        if (ObjectRef.is(ref)) {
          const stored = client.stored.get(ref.id);
          if (stored === undefined) throw new AnantError('E_OBJECT_LOST', `The object ${ref.id} is gone.`);
          return [name, stored];
        }
        if (!ArrayBuffer.isView(value)) return [name, value];
        client.sentBytes += value.byteLength;
        return [name, backend === 'native' ? value : (value as Uint32Array).slice()];
      }),
    );
  return client as unknown as KernelClient;
}
