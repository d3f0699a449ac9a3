export type { KernelTaskOptions } from './define-kernel-task.js';
export { defineKernelTask } from './define-kernel-task.js';
export type { PythonTaskOptions } from './define-python-task.js';
export { definePythonTask } from './define-python-task.js';
export type { TaskOptions } from './define-task.js';
export { defineTask, hashFile, moduleVersion } from './define-task.js';
export type {
  InferInput,
  InferOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from './standard-schema.js';
export type { TaskDefinition, TaskInput, TaskOutput, Workload } from './task-definition.js';
