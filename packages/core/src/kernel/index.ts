export type { KernelArray, KernelArrays } from './kernel-arrays.js';
export { KERNEL_ALIGN_BYTES } from './kernel-arrays.js';
export type { KernelMemoryOptions } from './kernel-memory.js';
export { KernelMemory } from './kernel-memory.js';
