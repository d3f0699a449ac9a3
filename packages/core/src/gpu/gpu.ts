/** Kernels of gpu.js in its `async` mode, on the best device there is, with the truth about which that was. */
import type {
  GpuArray,
  GpuContext,
  GpuDevice,
  GpuKernel,
  GpuKernelOptions,
  GpuKernelSource,
  GpuMatrix,
  GpuReport,
} from '../contract/index.js';
import { AnantError } from '../error/index.js';
import { deviceOf, type GpuJs, openGpuJs, type RawKernel } from './gpu-js.js';
import { gpuMissing, locateGpu } from './locate-gpu.js';
import { type ProbeOptions, probeGpu } from './probe-gpu.js';

/** Longest one call of a kernel may take. */
export const KERNEL_MS_MAX = 600_000;

/** gpu.js ends loops after 1000 turns unless told otherwise, and says nothing. */
const TURNS_MAX = 2 ** 31 - 1;

export interface GpuOptions extends ProbeOptions {
  /** @default 600 000 */
  readonly kernelMsMax?: number;
}

interface Opened {
  readonly js: GpuJs;
  readonly report: GpuReport;
}

export class Gpu implements GpuContext, AsyncDisposable {
  readonly #options: GpuOptions;
  #opened: Promise<Opened> | undefined;

  constructor(options: GpuOptions = {}) {
    this.#options = options;
  }

  createKernel(source: GpuKernelSource, options: GpuKernelOptions): GpuKernel {
    return this.#kernel(source, options, () => {});
  }

  /** The same for one user, who hears what a call ran on: when it is known, and when it changes. */
  forUser(onDevice: (device: GpuDevice) => void): GpuContext {
    let known: GpuDevice | undefined;
    const tell = (device: GpuDevice): void => {
      if (device !== known) onDevice(device);
      known = device;
    };
    return {
      createKernel: (source, options) => this.#kernel(source, options, tell),
      report: () => this.report(),
    };
  }

  #kernel(source: GpuKernelSource, options: GpuKernelOptions, tell: (device: GpuDevice) => void): GpuKernel {
    checkOutput(options.output);
    let raw: RawKernel | undefined;
    let device: GpuDevice | undefined;
    const call = async (...values: readonly unknown[]): Promise<GpuArray> => {
      const { js } = await this.#open();
      raw ??= js.createKernel(source, {
        loopMaxIterations: TURNS_MAX,
        ...options,
        output: [...options.output],
      });
      const given = values.map((value) => (isMatrix(value) ? js.input(value.values, value.shape) : value));
      const result = await this.#within(raw(...given));
      device = deviceOf(raw);
      tell(device);
      return result;
    };
    return Object.defineProperty(call, 'device', { get: () => device, enumerable: true }) as GpuKernel;
  }

  async report(): Promise<GpuReport> {
    return (await this.#open()).report;
  }

  /** Frees what kernels hold, and the device with the last user of it: until then a process with WebGPU does not end. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened) await (await opened.catch(() => undefined))?.js.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(): Promise<Opened> {
    this.#opened ??= open(this.#options);
    return this.#opened;
  }

  async #within(call: Promise<GpuArray>): Promise<GpuArray> {
    const limitMs = this.#options.kernelMsMax ?? KERNEL_MS_MAX;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLong(limitMs)), limitMs);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function open(options: GpuOptions): Promise<Opened> {
  const report = await probeGpu(options);
  const main = locateGpu(options.directory);
  if (main === undefined) throw gpuMissing(options.directory);
  return { js: await openGpuJs(main, report.device), report };
}

const isMatrix = (value: unknown): value is GpuMatrix =>
  typeof value === 'object' && value !== null && 'values' in value && 'shape' in value;

function checkOutput(output: readonly number[]): void {
  const fits =
    output.length >= 1 && output.length <= 3 && output.every((size) => Number.isInteger(size) && size > 0);
  if (!fits)
    throw new TypeError(`The output of a kernel has 1 to 3 sizes above 0, not [${output.join(', ')}].`);
}

const tooLong = (limitMs: number): AnantError =>
  new AnantError('E_TIMEOUT', `A GPU kernel did not end within ${limitMs} ms.`, {
    advice: 'Split the work into smaller outputs, or raise kernelMsMax.',
  });
