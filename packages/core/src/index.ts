export * from './client/index.js';
export type { ElementType, NumericArray } from './codec/element-type.js';
export { Tensor } from './codec/tensor.js';
export type { BackendEnvironment, BackendModule } from './config/backend-module.js';
export { defineConfig } from './config/define-config.js';
export type {
  AnantConfig,
  BackendOptionsMap,
  BackendSection,
  PackagedBackend,
  WorkloadDetails,
  WorkloadSetting,
} from './config/types.js';
export * from './contract/index.js';
export * from './define/index.js';
export * from './error/index.js';
export * from './kernel/index.js';
export type { Backoff } from './policy/backoff.js';
export { backoffDelayMs } from './policy/backoff.js';
export { ChurnMap } from './policy/churn-map.js';
export type { Deadline } from './policy/deadline-heap.js';
export { DeadlineHeap } from './policy/deadline-heap.js';
export type { QueueNode } from './policy/linked-queue.js';
export { LinkedQueue } from './policy/linked-queue.js';
export type { PriorityNode } from './policy/priority-queue.js';
export { PriorityQueue } from './policy/priority-queue.js';
export * from './routing/index.js';
