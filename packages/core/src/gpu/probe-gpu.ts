/** Looks in a child process which device gpu.js would use: Dawn needs a newer C++ library than some systems have. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import type { GpuAdapter, GpuReport } from '../contract/index.js';
import { gpuMissing, gpuVersion, locateGpu } from './locate-gpu.js';

/** Longest wait for the child. */
export const PROBE_MS_MAX = 15_000;
const OUTPUT_BYTES_MAX = 64 * 1024;

export interface ProbeOptions {
  /** Where the search for gpu.js begins. @default the current folder */
  readonly directory?: string;
  /** @default 15 000 */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly adapter?: GpuAdapter;
  readonly reason?: string;
}

/** @throws AnantError `E_GPU_UNAVAILABLE` when gpu.js itself is missing or does not fit */
export async function probeGpu(options: ProbeOptions = {}): Promise<GpuReport> {
  const main = locateGpu(options.directory);
  if (main === undefined) throw gpuMissing(options.directory);
  const version = gpuVersion(main);
  const { adapter, reason } = await askChild(main, options.timeoutMs ?? PROBE_MS_MAX);
  if (adapter) return { device: 'webgpu', version, adapter, reason: undefined };
  return { device: 'webasm', version, adapter: undefined, reason: reason ?? 'The probe gave no reason.' };
}

async function askChild(main: string, timeoutMs: number): Promise<Answer> {
  const program = createRequire(import.meta.url).resolve('@anant/core/gpu-probe');
  const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const;
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [program, main], limits, (error, stdout) => {
      if (error) resolve({ reason: reasonOf(error, timeoutMs) });
      else resolve(readAnswer(stdout));
    });
    child.stdin?.end();
  });
}

function reasonOf(error: Error & { killed?: boolean; signal?: string | null }, timeoutMs: number): string {
  if (error.killed) return `WebGPU did not answer within ${timeoutMs} ms.`;
  if (error.signal) return `The process that tried WebGPU died of ${error.signal}.`;
  return `WebGPU could not be tried: ${error.message}`;
}

function readAnswer(stdout: string): Answer {
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    return { reason: 'The process that tried WebGPU ended without an answer.' };
  }
}
