/** Kernels of gpu.js in its `async` mode, on the best device there is, with the truth about which that was. */
import { createRequire } from 'node:module';
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
import { gpuMissing, locateGpu } from './locate-gpu.js';
import { openAdapter } from './open-adapter.js';
import { type ProbeOptions, probeGpu } from './probe-gpu.js';

/** Longest one call of a kernel may take. */
export const KERNEL_MS_MAX = 600_000;

export interface GpuOptions extends ProbeOptions {
  /** @default 600 000 */
  readonly kernelMsMax?: number;
}

interface RawKernel {
  (...values: unknown[]): Promise<GpuArray>;
  readonly kernel: { readonly constructor: { readonly mode?: string } };
}
interface RawGpu {
  createKernel(source: GpuKernelSource, settings: object): RawKernel;
  destroy(): Promise<void>;
}
interface GpuPackage {
  readonly GPU: new (settings: object) => RawGpu;
  readonly input: (values: Float32Array, size: readonly number[]) => unknown;
}
interface Opened {
  readonly raw: RawGpu;
  readonly input: GpuPackage['input'];
  readonly report: GpuReport;
}

const DEVICES: Readonly<Record<string, GpuDevice>> = {
  webgpu: 'webgpu',
  headlessgl: 'webgl',
  webgl: 'webgl',
  webgl2: 'webgl',
  webasm: 'webasm',
};

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
      const { raw: gpu, input } = await this.#open();
      raw ??= gpu.createKernel(source, { ...options, output: [...options.output] });
      const given = values.map((value) => (isMatrix(value) ? input(value.values, value.shape) : value));
      const result = await this.#within(raw(...given));
      device = DEVICES[raw.kernel.constructor.mode ?? ''] ?? 'cpu';
      tell(device);
      return result;
    };
    return Object.defineProperty(call, 'device', { get: () => device, enumerable: true }) as GpuKernel;
  }

  async report(): Promise<GpuReport> {
    return (await this.#open()).report;
  }

  /** Frees what kernels hold. Calls that still run fail. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened) await (await opened.catch(() => undefined))?.raw.destroy();
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
  if (report.device === 'webgpu') await offerWebGpu(main);
  const { GPU, input } = createRequire(main)(main) as GpuPackage;
  return { raw: new GPU({ mode: 'async' }), input, report };
}

/** gpu.js looks for the browser's `navigator.gpu`; the adapter was tried in a child before. */
async function offerWebGpu(main: string): Promise<void> {
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu) return;
  const { webgpu, globals } = await openAdapter(main);
  Object.assign(globalThis, globals);
  if (scope.navigator) Object.defineProperty(scope.navigator, 'gpu', { value: webgpu, configurable: true });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu: webgpu }, configurable: true });
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
