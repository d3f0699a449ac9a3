/** A task as plain data: what a client submits and a backend executes. */
import type { GpuContext } from './gpu.js';
import type { KernelSignature } from './kernel.js';

/** Client-generated and unique: the idempotency key of a submission. At most 128 characters of [A-Za-z0-9._:-]. */
export type TaskId = string;
export type ObjectId = string;
export type ActorId = string;

export type DefinitionKind = 'typescript' | 'python' | 'kernel';

/** TypeScript or JavaScript by module reference. The worker refuses a module whose hash is not `version`. */
export interface TypeScriptReference {
  readonly kind: 'typescript';
  readonly name: string;
  /** File URL of the module. */
  readonly module: string;
  readonly export: string;
  /** First 16 hex digits of the SHA-256 of the module file. */
  readonly version: string;
}

/** Python by import path. */
export interface PythonReference {
  readonly kind: 'python';
  readonly name: string;
  /** `package.module:function`. */
  readonly target: string;
  readonly version: string;
}

/** One exported function of a WebAssembly module. */
export interface KernelReference {
  readonly kind: 'kernel';
  readonly name: string;
  /** File URL of the `.wasm` file. */
  readonly module: string;
  readonly export: string;
  /** Full SHA-256 of the module's bytes, in hex. */
  readonly version: string;
  readonly signature: KernelSignature;
}

export type DefinitionReference = TypeScriptReference | PythonReference | KernelReference;

/** Where a native backend runs a task. Backends without the choice ignore it, but for `gpu`, which needs `task.gpu`. */
export type ExecutionMode = 'async' | 'thread' | 'process' | 'gpu';

export type CancelStrategy = 'forget' | 'ask' | 'kill';
export type Delivery = 'at-least-once' | 'at-most-once';

/** Logical resources a task holds while it runs. */
export interface Resources {
  readonly cpu?: number;
  readonly memoryBytes?: number;
  readonly gpu?: number;
  readonly custom?: Readonly<Record<string, number>>;
}

export const GROUP_RULES = ['spread', 'pack', 'same-node'] as const;

/**
 * How the tasks of a group lie to each other: on as many hosts and workers as there are (`spread`), on as few workers
 * (`pack`), or all on the worker that took the first (`same-node`). Spread and pack prefer; same-node insists.
 */
export type GroupRule = (typeof GROUP_RULES)[number];

/** Most tasks of a group that begin together. */
export const GANG_TASKS_MAX = 4096;

export interface PlacementGroup {
  /** Tasks of one name belong together for as long as any of them is open. */
  readonly name: string;
  readonly rule: GroupRule;
  /** All or none: none begins before so many of the group wait and there is a free slot for each. @default each by itself */
  readonly tasks?: number;
}

/** Where a task should run: `node` names a worker or host, `labels` must all match. */
export interface Placement {
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Needs `placement.group`. */
  readonly group?: PlacementGroup;
}

/** The part of a task's options that a backend sees; the rest (retries, ETA, rate, timeouts) core handles. */
export interface EnvelopeOptions {
  /** Higher is more urgent; 0 is the default. */
  readonly priority: number;
  readonly mode?: ExecutionMode;
  readonly resources?: Resources;
  readonly placement?: Placement;
  readonly tenant?: string;
  readonly delivery: Delivery;
  /** `stream` means the task yields items; they arrive as `task-item` events. */
  readonly output: 'value' | 'stream' | 'reference';
}

/** A call of a method on a live actor instead of a free task. */
export interface ActorTarget {
  readonly actor: ActorId;
  readonly method: string;
}

/**
 * One attempt of one task, as the backend receives it. `input` is a portable value (docs/values.md) in which
 * `ObjectRef` instances stand for stored objects the worker must resolve.
 */
export interface TaskEnvelope {
  readonly id: TaskId;
  /** 1 for the first attempt; results of an older attempt are refused (fencing). */
  readonly attempt: number;
  readonly definition: DefinitionReference;
  readonly input: unknown;
  /** Ids of every `ObjectRef` inside `input`, in order of appearance. */
  readonly references: readonly ObjectId[];
  readonly options: EnvelopeOptions;
  readonly actor?: ActorTarget;
  /** The function itself when the definition lives in this process; only in-process execution may use it. */
  readonly local?: TaskFunction;
}

/** What a running task sees. */
export interface TaskContext {
  readonly taskId: TaskId;
  readonly attempt: number;
  /** Aborted when cancellation is asked for or the backend shuts down. */
  readonly signal: AbortSignal;
  /** Reports progress: `done` of `total` (any unit, both finite and not negative). Also a heartbeat. */
  progress(done: number, total: number, note?: string): void;
  /** Says the task is alive, for the heartbeat timeout. */
  heartbeat(): void;
  /** Kernels, for tasks in mode `gpu`. @throws AnantError `E_GPU_UNAVAILABLE` in any other mode */
  readonly gpu: GpuContext;
}

export type TaskFunction = (input: never, context: TaskContext) => unknown;
