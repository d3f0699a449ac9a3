/** Makes the input of a task: decodes it, fetches what did not travel with it, and puts stored objects in their places. */
import type { ObjectRef } from '@anant/core';
import { decodeValue, type EncodedValue, encodedBytes } from '@anant/core/codec';
import type { NativeBackend } from '../../embedded/native-backend.js';
import { resolveReferences } from '../../embedded/store/resolve-references.js';
import type { ObjectExchange } from '../data/object-exchange.js';
import { inlineInput } from '../data/task-payload.js';
import { CACHE_BYTES_MAX, CACHE_IDLE_MS } from '../limits.js';
import type { ObjectLocation, TaskPayload } from '../proto/anant/v1/common.js';
import type { KnownPeer } from './session-table.js';

export class InputDesk {
  readonly #backend: NativeBackend;
  readonly #exchange: ObjectExchange;
  readonly #secret: () => Uint8Array;
  /** Objects of others, the least recently used first. */
  readonly #cache = new Map<string, { readonly bytes: number; usedMs: number }>();
  readonly #coming = new Map<string, Promise<void>>();
  #cachedBytes = 0;

  constructor(backend: NativeBackend, exchange: ObjectExchange, secret: () => Uint8Array) {
    this.#backend = backend;
    this.#exchange = exchange;
    this.#secret = secret;
  }

  /** Whether everything is here already. */
  isHere({ inputBytes, references }: TaskPayload): boolean {
    return inputBytes === 0 && references.length === 0;
  }

  /** The input of a task for which `isHere` holds. @throws AnantError, TypeError when it is malformed */
  read(payload: TaskPayload): unknown {
    const { body, buffers } = inlineInput(payload);
    return decodeValue(body, buffers);
  }

  /** @throws AnantError `E_OBJECT_LOST`; TypeError when it is malformed */
  async gather(payload: TaskPayload, session: KnownPeer): Promise<unknown> {
    const [encoded] = await Promise.all([
      this.#input(payload, session),
      ...payload.references.map((location) => this.#bring(location, session)),
    ]);
    const input = decodeValue(encoded.body, encoded.buffers);
    if (payload.references.length === 0) return input;
    return resolveReferences(input, ({ id }: ObjectRef) => this.#backend.sharedObject(id));
  }

  /** Something else that the driver of a session offers. @throws AnantError `E_OBJECT_LOST` */
  fetch(id: string, session: KnownPeer): Promise<EncodedValue> {
    const { address, secret } = session;
    return this.#exchange.fetch({ id, address, secretOf: () => secret, memory: 'own' });
  }

  /** Forgets copies that no task has used for a while. */
  dropIdle(nowMs: number): void {
    for (const [id, { usedMs }] of this.#cache) {
      if (nowMs - usedMs < CACHE_IDLE_MS) return;
      this.#evict(id);
    }
  }

  /** Forgets copies of objects that were released. */
  drop(ids: readonly string[]): void {
    for (const id of ids) this.#evict(id);
  }

  #input(payload: TaskPayload, session: KnownPeer): EncodedValue | Promise<EncodedValue> {
    if (payload.inputBytes === 0) return inlineInput(payload);
    return this.fetch(`input:${payload.number}`, session);
  }

  async #bring({ object, address }: ObjectLocation, session: KnownPeer): Promise<void> {
    const copy = this.#cache.get(object);
    if (copy !== undefined) {
      copy.usedMs = performance.now();
      this.#cache.delete(object);
      this.#cache.set(object, copy);
      return;
    }
    if (this.#backend.encodedObject(object) !== undefined) return;
    const coming = this.#coming.get(object) ?? this.#fetch(object, address, session);
    await coming;
  }

  #fetch(object: string, address: string, session: KnownPeer): Promise<void> {
    const secretOf = (holder: string) => (holder === session.address ? session.secret : this.#secret());
    const coming = this.#exchange
      .fetch({ id: object, address, secretOf, memory: 'shared' })
      .then((value) => this.#keep(object, value))
      .finally(() => this.#coming.delete(object));
    this.#coming.set(object, coming);
    return coming;
  }

  #keep(object: string, value: EncodedValue): void {
    this.#backend.keepObject(object, value);
    const bytes = encodedBytes(value);
    this.#cache.set(object, { bytes, usedMs: performance.now() });
    this.#cachedBytes += bytes;
    for (const id of this.#cache.keys()) {
      if (this.#cachedBytes <= CACHE_BYTES_MAX || id === object) break;
      this.#evict(id);
    }
  }

  #evict(id: string): void {
    const copy = this.#cache.get(id);
    if (copy === undefined) return;
    this.#cache.delete(id);
    this.#cachedBytes -= copy.bytes;
    this.#backend.doRelease([id]);
  }
}
