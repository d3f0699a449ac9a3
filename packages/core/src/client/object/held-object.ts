/** A stored object as the client holds it: released once nobody needs it any more. */
import type { ObjectId, ObjectRef } from '../../contract/index.js';
import { PendingValue } from '../submit/pending-value.js';
import type { StoredObject } from '../types/index.js';

/** What stored objects need of the client. */
export interface ObjectKeeper {
  fetch(ref: ObjectRef): Promise<unknown>;
  /** Lets the backend forget it. */
  drop(ref: ObjectRef): void;
}

export class HeldObject extends PendingValue implements StoredObject {
  readonly ref: ObjectRef;
  readonly bytes: number;
  readonly task = undefined;
  readonly #keeper: ObjectKeeper;
  /** Open tasks whose input it is part of. */
  #users = 0;
  #isReleased = false;
  #isDropped = false;

  constructor(ref: ObjectRef, bytes: number, keeper: ObjectKeeper) {
    super();
    this.ref = ref;
    this.bytes = bytes;
    this.#keeper = keeper;
  }

  get id(): ObjectId {
    return this.ref.id;
  }

  get backend(): string {
    return this.ref.backend;
  }

  belongsTo(keeper: ObjectKeeper): boolean {
    return this.#keeper === keeper;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  get(): Promise<never> {
    return this.#keeper.fetch(this.ref) as Promise<never>;
  }

  release(): void {
    this.#isReleased = true;
    this.#dropIfUnused();
  }

  /** A task needs it. */
  retain(): void {
    this.#users += 1;
  }

  /** A task that needed it has ended. */
  unretain(): void {
    this.#users -= 1;
    this.#dropIfUnused();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }

  #dropIfUnused(): void {
    if (!this.#isReleased || this.#users > 0 || this.#isDropped) return;
    this.#isDropped = true;
    this.#keeper.drop(this.ref);
  }
}
