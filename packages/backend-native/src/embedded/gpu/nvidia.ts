/** NVIDIA GPUs of this machine, by `nvidia-smi`. A machine without the program has none. */
import { execFile } from 'node:child_process';

/** Longest wait for the program: a driver in trouble hangs it. */
export const NVIDIA_MS_MAX = 5_000;
const MEBIBYTE = 1024 * 1024;
const FIELDS = 'index,name,memory.total,memory.used,utilization.gpu';

export interface NvidiaGpu {
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number;
  readonly usedBytes: number;
  /** Share of the last second in which it computed, 0 to 1. */
  readonly load: number;
}

export interface NvidiaOptions {
  /** @default 'nvidia-smi' */
  readonly program?: string;
  /** @default 5000 */
  readonly timeoutMs?: number;
}

/** Never throws: what cannot be asked is not offered. */
export async function findNvidiaGpus(options: NvidiaOptions = {}): Promise<readonly NvidiaGpu[]> {
  const { program = 'nvidia-smi', timeoutMs = NVIDIA_MS_MAX } = options;
  const args = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
  return await new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      resolve(error ? [] : parseNvidia(stdout));
    });
  });
}

/** Reads `index, name, MiB, MiB, percent` lines; a line that is none (an error, `[N/A]` memory) is left out. */
export function parseNvidia(text: string): readonly NvidiaGpu[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(',').map((field) => field.trim());
    const [index, name, total, used, percent] = fields;
    if (fields.length !== 5 || !name || !(Number(total) > 0)) return [];
    return [
      {
        index: Number(index),
        name,
        memoryBytes: Number(total) * MEBIBYTE,
        usedBytes: (Number(used) || 0) * MEBIBYTE,
        load: (Number(percent) || 0) / 100,
      },
    ];
  });
}
