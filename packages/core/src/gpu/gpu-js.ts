/** gpu.js itself, with Dawn offered to it as the browser's `navigator.gpu`. Its device is one for the process, and counted. */
import { createRequire } from 'node:module';
import type { GpuAdapter, GpuArray, GpuDevice, GpuKernelSource } from '../contract/index.js';
import { openAdapter } from './open-adapter.js';

export interface RawKernel {
  (...values: unknown[]): Promise<GpuArray>;
  readonly kernel: { readonly constructor: { readonly mode?: string } };
}
interface RawGpu {
  createKernel(source: GpuKernelSource, settings: object): RawKernel;
  destroy(): Promise<void>;
}
interface Package {
  readonly GPU: new (settings: { readonly mode: 'async' | 'webgpu' }) => RawGpu;
  readonly WebGPUContext: { destroy(): Promise<void> };
  readonly input: (values: Float32Array, size: readonly number[]) => unknown;
}

/** gpu.js made ready for one user. */
export interface GpuJs {
  createKernel(source: GpuKernelSource, settings: object): RawKernel;
  /** A flat array that kernels index by row and column. */
  input(values: Float32Array, size: readonly number[]): unknown;
  /** Frees what the kernels hold; with the last user the device too, which keeps a process from ending. */
  close(): Promise<void>;
}

const DEVICES: Readonly<Record<string, GpuDevice>> = {
  webgpu: 'webgpu',
  headlessgl: 'webgl',
  webgl: 'webgl',
  webgl2: 'webgl',
  webasm: 'webasm',
};

/** What the last call of a kernel ran on. */
export const deviceOf = (raw: RawKernel): GpuDevice => DEVICES[raw.kernel.constructor.mode ?? ''] ?? 'cpu';

let users = 0;

/**
 * @param main file of gpu.js
 * @param device the best one that the probe found
 */
export async function openGpuJs(main: string, device: GpuDevice): Promise<GpuJs> {
  if (device === 'webgpu') await offerWebGpu(main);
  const { GPU, WebGPUContext, input } = createRequire(main)(main) as Package;
  const raw = new GPU({ mode: 'async' });
  users++;
  const close = async (): Promise<void> => {
    await raw.destroy();
    users--;
    if (users === 0) await WebGPUContext.destroy();
  };
  return { createKernel: (source, settings) => raw.createKernel(source, settings), input, close };
}

/** Runs a kernel on WebGPU and nowhere else. @throws Error saying why it cannot: no library, adapter or device, or a wrong result */
export async function tryWebGpu(main: string): Promise<GpuAdapter> {
  const adapter = await offerWebGpu(main);
  const { GPU } = createRequire(main)(main) as Package;
  const double = new GPU({ mode: 'webgpu' }).createKernel('function (a) { return a[this.thread.x] * 2; }', {
    output: [2],
  });
  const found = (await double(new Float32Array([1, 2]))) as Float32Array;
  if (found[0] === 2 && found[1] === 4) return adapter;
  throw new Error(`A kernel on the WebGPU adapter gave [${found.join(', ')}] for [2, 4].`);
}

let offered: Promise<GpuAdapter> | undefined;

function offerWebGpu(main: string): Promise<GpuAdapter> {
  offered ??= offer(main);
  return offered;
}

async function offer(main: string): Promise<GpuAdapter> {
  const { webgpu, globals, adapter } = await openAdapter(main);
  const scope = globalThis as { navigator?: { gpu?: unknown } };
  if (scope.navigator?.gpu) return adapter;
  Object.assign(globalThis, globals);
  if (scope.navigator) Object.defineProperty(scope.navigator, 'gpu', { value: webgpu, configurable: true });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu: webgpu }, configurable: true });
  return adapter;
}
