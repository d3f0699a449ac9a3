/** Side interface: values kept near the workers, so that they never travel through the client twice. */
import type { BackendV1 } from './backend.js';
import type { ObjectId } from './task.js';

export interface StoredObjectInfo {
  readonly bytes: number;
}

export interface ObjectStore {
  /** Stores a portable value under a client-generated id. */
  doPut(id: ObjectId, value: unknown): Promise<StoredObjectInfo>;
  /** Reads it back; throws `E_OBJECT_LOST` when the backend no longer has it. */
  doGet(id: ObjectId): Promise<unknown>;
  /** Forgets objects. Unknown ids are ignored. */
  doRelease(ids: readonly ObjectId[]): void;
}

export function isObjectStore(backend: BackendV1): backend is BackendV1 & ObjectStore {
  return 'doPut' in backend && 'doGet' in backend && 'doRelease' in backend;
}
