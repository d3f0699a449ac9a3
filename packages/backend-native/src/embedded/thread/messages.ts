/** What a slot's thread and the main thread say to each other over their port. Values travel encoded. */
import type { KernelFunction, RemoteErrorData, TypeScriptReference, WasmMemory } from '@anant/core';

/** What piscina hands the thread to open a session. */
export interface SessionStart {
  readonly port: import('node:worker_threads').MessagePort;
  readonly memory: SharedArrayBuffer;
  readonly payloadBytesMax: number;
  /** How long the thread looks for the next message before it sleeps, in microseconds. */
  readonly spinUs: number;
}

/** An encoded value: msgpack body and the buffers it names. */
export interface WireValue {
  readonly body: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

/** How a result is wanted: as a value, as a stream of items, or in shared memory for the object store. */
export type OutputKind = 'value' | 'stream' | 'reference';

/**
 * Tasks of a batch in parallel arrays; task `i` has the number `first + i`. `records` holds their inputs, one after
 * the other; `buffers` the out-of-band buffers of task `i`, where it has any.
 */
export interface BatchMessage {
  readonly kind: 'batch';
  readonly first: number;
  readonly definitions: readonly number[];
  readonly ids: readonly string[];
  readonly attempts: readonly number[];
  readonly records: Uint8Array;
  readonly buffers: ReadonlyMap<number, readonly Uint8Array[]>;
  /** Of tasks that want something else than a value. */
  readonly outputs: ReadonlyMap<number, OutputKind>;
}

/** Number `task`: one kernel call, laid out by the main thread on the memory of that number. */
export interface KernelMessage {
  readonly kind: 'kernel';
  readonly task: number;
  readonly definition: number;
  readonly memory: number;
  readonly arguments: readonly number[];
}

/** What a slot runs: an exported function, a kernel, or a method of the slot's actor. */
export type ThreadDefinition =
  | TypeScriptReference
  | { readonly kind: 'kernel'; readonly target: KernelFunction }
  | { readonly kind: 'method'; readonly name: string };

export type ToThread =
  | BatchMessage
  | KernelMessage
  | { readonly kind: 'define'; readonly id: number; readonly definition: ThreadDefinition }
  | { readonly kind: 'forget-definitions' }
  | { readonly kind: 'memory'; readonly number: number; readonly memory: WasmMemory }
  | { readonly kind: 'forget-memory'; readonly number: number }
  | { readonly kind: 'construct'; readonly reference: TypeScriptReference; readonly input: WireValue }
  | { readonly kind: 'cancel'; readonly task: number }
  | { readonly kind: 'credit'; readonly task: number; readonly credits: number }
  | { readonly kind: 'close' };

export type ThreadEnd =
  | { readonly status: 'ok'; readonly value: WireValue | undefined }
  | { readonly status: 'app-error'; readonly error: RemoteErrorData }
  | { readonly status: 'cancelled' }
  | { readonly status: 'refused'; readonly code: string; readonly reason: string; readonly advice?: string };

export type FromThread =
  | { readonly kind: 'ready'; readonly threadId: number }
  /** Results wait in their cells. */
  | { readonly kind: 'bell' }
  | { readonly kind: 'start'; readonly task: number }
  | {
      readonly kind: 'progress';
      readonly task: number;
      readonly done: number;
      readonly total: number;
      readonly note: string | undefined;
    }
  | { readonly kind: 'heartbeat'; readonly task: number }
  | { readonly kind: 'item'; readonly task: number; readonly sequence: number; readonly value: WireValue }
  | { readonly kind: 'end'; readonly task: number; readonly end: ThreadEnd; readonly durationUs: number }
  | { readonly kind: 'constructed'; readonly end: ThreadEnd }
  /** An error escaped a task: the state of the thread is doubtful, it wants to be replaced. */
  | { readonly kind: 'retire'; readonly reason: string };
