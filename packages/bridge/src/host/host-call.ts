/** What the driver of host children takes and tells: one call, and how it went. */
import type { GpuDevice, RemoteErrorData, StartedExecution, TypeScriptReference } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';

/** One attempt of a TypeScript task. */
export interface HostCall {
  readonly id: string;
  readonly attempt: number;
  readonly definition: TypeScriptReference;
  /** Its input, encoded; must hold no object reference. */
  readonly value: EncodedValue;
  /** `stream` when items are wanted instead of one value. */
  readonly output: 'value' | 'stream';
}

/** How a call ended. Values are still encoded: decode them with `decodeValue`, or pass them on as they are. */
export type HostEnd =
  | { readonly status: 'ok'; readonly value: EncodedValue | undefined }
  | { readonly status: 'app-error'; readonly error: RemoteErrorData }
  | { readonly status: 'cancelled'; readonly how: 'ask' | 'kill' }
  | { readonly status: 'refused'; readonly code: string; readonly reason: string; readonly advice?: string }
  | {
      readonly status: 'lost';
      readonly reason: string;
      readonly started: StartedExecution;
      readonly suspect: boolean;
      readonly code: 'E_OUT_OF_MEMORY' | 'E_WORKER_EXITED';
    };

/** What a call tells while it is open; `end` comes exactly once and last. */
export type HostCallEvent =
  | { readonly type: 'start'; readonly worker: string }
  | { readonly type: 'progress'; readonly done: number; readonly total: number; readonly note?: string }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'device'; readonly device: GpuDevice }
  | { readonly type: 'item'; readonly sequence: number; readonly value: EncodedValue }
  | { readonly type: 'end'; readonly end: HostEnd };

/** Receives the events of one call. Must not throw. */
export type HostCallListener = (event: HostCallEvent) => void;
