/** Stored objects of a client: putting, fetching, forgetting. */
import {
  type BackendV1,
  type Clock,
  isObjectStore,
  ObjectRef,
  type ObjectStore,
} from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import { messageOf } from '../backend/backend-source.js';
import { withDeadline } from '../deadline.js';
import { HeldObject, type ObjectKeeper } from './held-object.js';

/** Longest transfer of one object. */
export const OBJECT_TIMEOUT_MS = 600_000;

export class ObjectDesk implements ObjectKeeper {
  readonly #lanes: ReadonlyMap<string, BackendLane>;
  readonly #clock: Clock;
  readonly #nextId: () => string;
  /** Objects to forget, by backend: one call for all of a moment. */
  readonly #dropped = new Map<string, string[]>();

  constructor(lanes: ReadonlyMap<string, BackendLane>, clock: Clock, nextId: () => string) {
    this.#lanes = lanes;
    this.#clock = clock;
    this.#nextId = nextId;
  }

  /** @param value Portable. @throws AnantError */
  async put(lane: BackendLane, value: unknown): Promise<HeldObject> {
    const store = storeOf(await lane.use());
    const id = this.#nextId();
    const { bytes } = await this.#within(store.doPut(id, value), `Storing an object on "${lane.id}"`);
    return this.hold(new ObjectRef(id, lane.id), bytes);
  }

  hold(ref: ObjectRef, bytes: number): HeldObject {
    return new HeldObject(ref, bytes, this);
  }

  /** @throws AnantError `E_OBJECT_LOST` */
  async fetch(ref: ObjectRef): Promise<unknown> {
    const lane = this.#lanes.get(ref.backend);
    if (lane === undefined) {
      throw new AnantError(
        'E_BACKEND_UNKNOWN',
        `Object ${ref.id} lies on "${ref.backend}", which is not configured.`,
      );
    }
    const store = storeOf(await lane.use());
    return this.#within(store.doGet(ref.id), `Reading object ${ref.id} from "${ref.backend}"`);
  }

  drop(ref: ObjectRef): void {
    const ids = this.#dropped.get(ref.backend);
    if (ids !== undefined) {
      ids.push(ref.id);
      return;
    }
    this.#dropped.set(ref.backend, [ref.id]);
    queueMicrotask(() => this.#flush(ref.backend));
  }

  #flush(backendId: string): void {
    const ids = this.#dropped.get(backendId) ?? [];
    this.#dropped.delete(backendId);
    const backend = this.#lanes.get(backendId)?.backend;
    if (backend !== undefined && isObjectStore(backend)) backend.doRelease(ids);
  }

  async #within<Value>(transfer: Promise<Value>, what: string): Promise<Value> {
    try {
      return await withDeadline(
        this.#clock,
        OBJECT_TIMEOUT_MS,
        transfer,
        () =>
          new AnantError('E_TIMEOUT', `${what} took longer than ${OBJECT_TIMEOUT_MS} ms.`, {
            retryable: true,
          }),
      );
    } catch (cause) {
      if (AnantError.is(cause)) throw cause;
      throw new AnantError('E_BACKEND_UNAVAILABLE', `${what} failed: ${messageOf(cause)}`, { cause });
    }
  }
}

function storeOf(backend: BackendV1): ObjectStore {
  if (isObjectStore(backend)) return backend;
  const { reason } = backend.manifest.features.objects;
  throw new AnantError(
    'E_CAPABILITY_MISSING',
    `Backend "${backend.id}" stores no objects${reason ? `: ${reason}` : ''}.`,
    { advice: 'Choose a backend whose manifest has "objects".', details: { feature: 'objects' } },
  );
}
