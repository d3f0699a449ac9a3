/** What a task in mode `gpu` gets: kernels written in JavaScript, and the truth about where they ran. */

/**
 * What a kernel really ran on: `webgpu` a WebGPU adapter, `webgl` an OpenGL context, `webasm` WebAssembly on the
 * processor's cores, `cpu` JavaScript. Only the first two can be graphics hardware.
 */
export type GpuDevice = 'webgpu' | 'webgl' | 'webasm' | 'cpu';

/** `this` inside a kernel function. */
export interface GpuKernelThis {
  /** The cell of the output that this call computes. */
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  // biome-ignore lint/suspicious/noExplicitAny: constants are numbers, arrays and matrices, as the kernel indexes them
  readonly constants: Readonly<Record<string, any>>;
  readonly output: { readonly x: number; readonly y: number; readonly z: number };
}

/**
 * Computes one cell of the output in single precision. It is compiled from its text: it sees its arguments, `this`,
 * `Math` and numbers, nothing around it. As a string it survives tools that rewrite functions.
 */
// biome-ignore lint/suspicious/noExplicitAny: arguments are numbers, arrays and matrices, as the kernel indexes them
export type GpuKernelSource = string | ((this: GpuKernelThis, ...values: any[]) => number);

export interface GpuKernelOptions {
  /** Sizes of the output: `[columns]`, `[columns, rows]` or `[columns, rows, layers]`. */
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, unknown>>;
  /** Most turns of a loop whose bound is no literal: it then ends without a word, up to 2^31 - 1. @default 2^31 - 1 */
  readonly loopMaxIterations?: number;
  /** Seed of `Math.random` inside the kernel. */
  readonly randomSeed?: number;
}

/** Rows of single-precision numbers: one array, or arrays of arrays as `output` has dimensions. */
export type GpuArray = Float32Array | Float32Array[] | Float32Array[][];

/** Numbers in one typed array that a kernel indexes as `a[y][x]` (or `a[z][y][x]`); not copied into rows. */
export interface GpuMatrix {
  readonly values: Float32Array;
  /** `[columns, rows]` or `[columns, rows, layers]`. */
  readonly shape: readonly number[];
}

/** A compiled kernel. Arguments are numbers, arrays of numbers, arrays of rows, or a `GpuMatrix`. */
export interface GpuKernel {
  (...values: readonly unknown[]): Promise<GpuArray>;
  /** What the last call ran on; `undefined` before the first. */
  readonly device: GpuDevice | undefined;
}

/** What there is, looked up in a child process that may crash. */
export interface GpuReport {
  /** What kernels will run on unless one of them cannot be compiled for it. */
  readonly device: GpuDevice;
  /** Version of gpu.js. */
  readonly version: string;
  /** The WebGPU adapter; `isSoftware` when it only emulates one on the processor. */
  readonly adapter: GpuAdapter | undefined;
  /** Why WebGPU is not used, in words; `undefined` when it is. */
  readonly reason: string | undefined;
}

export interface GpuAdapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly isSoftware: boolean;
}

export interface GpuContext {
  /** Prepares a kernel; it is compiled with its first call. */
  createKernel(source: GpuKernelSource, options: GpuKernelOptions): GpuKernel;
  /** @throws AnantError `E_GPU_UNAVAILABLE` */
  report(): Promise<GpuReport>;
}
