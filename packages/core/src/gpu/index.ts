/** `@anant/core/gpu`: gpu.js kernels outside a task, and the probe. Loads gpu.js, an optional package, when used. */
export { Gpu, type GpuOptions, KERNEL_MS_MAX } from './gpu.js';
export { DAWN_PACKAGE, GPU_PACKAGE, gpuFolder, locateGpu } from './locate-gpu.js';
export { PROBE_MS_MAX, type ProbeOptions, probeGpu } from './probe-gpu.js';
