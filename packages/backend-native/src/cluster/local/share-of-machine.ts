/** What one of several workers on a machine offers, so that together they offer the machine once. */
import type { NvidiaGpu } from '../../embedded/gpu/nvidia.js';
import type { NativeOptions } from '../../embedded/options.js';

export interface Machine {
  readonly memoryBytes: number;
  readonly gpus: readonly NvidiaGpu[];
}

/**
 * An equal part of the memory, and every `of`-th GPU from the worker's own number on. What the options say stays.
 * @param at number of the worker, from 0
 */
export function shareOfMachine(
  native: NativeOptions,
  machine: Machine,
  at: number,
  of: number,
): NativeOptions {
  const own = machine.gpus.filter((_, index) => index % of === at % of);
  const gpuMemoryBytes = own.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
  const given = native.resources ?? {};
  const isGpuGiven = given.gpu !== undefined;
  const memoryBytes = given.memoryBytes ?? Math.floor(machine.memoryBytes / of);
  const custom = { ...(!isGpuGiven && own.length > 0 && { gpuMemoryBytes }), ...given.custom };
  return { ...native, resources: { memoryBytes, gpu: given.gpu ?? own.length, custom } };
}
