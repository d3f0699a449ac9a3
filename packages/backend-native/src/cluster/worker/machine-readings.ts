/** Measures the machine, or the part of it that this worker may use. */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { findNvidiaGpus, type NvidiaGpu } from '../../embedded/gpu/nvidia.js';
import type { PressureReading } from '../../protocol/overload/overload.js';

export interface Measured extends PressureReading {
  /** Mean load of the GPUs, 0 to 1. */
  readonly gpu: number;
  readonly memoryFreeBytes: number;
  /** Resident memory of this process. */
  readonly memoryBytes: number;
}

export type Readings = () => Promise<Measured>;

/** Asking the driver of the GPUs costs a process: not with every look. */
const GPU_EVERY_MS = 5_000;

/** @param memoryBytesMax what this process may take; undefined: as much as the machine has */
export function machineReadings(memoryBytesMax?: number): Readings {
  let gpus: readonly NvidiaGpu[] = [];
  let hasGpus = false;
  let askAgainMs = 0;
  return async () => {
    if (performance.now() >= askAgainMs) {
      gpus = await findNvidiaGpus();
      // A machine that had none does not grow one.
      hasGpus ||= gpus.length > 0;
      askAgainMs = hasGpus ? performance.now() + GPU_EVERY_MS : Number.POSITIVE_INFINITY;
    }
    const memoryFreeBytes = process.availableMemory?.() ?? freemem();
    const memoryBytes = process.memoryUsage.rss();
    const ofMachine = 1 - memoryFreeBytes / totalmem();
    const ofLimit = memoryBytesMax === undefined ? 0 : memoryBytes / memoryBytesMax;
    return {
      cpu: (loadavg()[0] ?? 0) / availableParallelism(),
      memory: Math.max(ofMachine, ofLimit),
      gpuMemory: partOf(gpus),
      gpu: gpus.length === 0 ? 0 : gpus.reduce((sum, { load }) => sum + load, 0) / gpus.length,
      memoryFreeBytes,
      memoryBytes,
    };
  };
}

function partOf(gpus: readonly NvidiaGpu[]): number {
  return gpus.reduce((most, { usedBytes, memoryBytes }) => Math.max(most, usedBytes / memoryBytes), 0);
}
