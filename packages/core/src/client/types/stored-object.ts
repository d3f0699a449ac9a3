/** A value kept near the workers. */
import type { ObjectId, ObjectRef } from '../../contract/index.js';

/** May stand in for its value inside any input. Release it when done: the backend keeps it until then. */
export interface StoredObject<Value = unknown> extends AsyncDisposable {
  readonly id: ObjectId;
  readonly backend: string;
  /** Encoded size. */
  readonly bytes: number;
  readonly ref: ObjectRef;
  /** Reads the value back. @throws AnantError `E_OBJECT_LOST` */
  get(): Promise<Value>;
  /** Lets the backend forget it, once no open task uses it. Calling it twice is fine. */
  release(): void;
}

export interface PutOptions {
  /** Where to store it. @default the backend that the workload is routed to, among those that store objects */
  readonly backend?: string;
  /** @default 'data-processing' */
  readonly workload?: string;
  readonly signal?: AbortSignal;
}
