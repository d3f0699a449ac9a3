/** The objects a driver knows: those it stored itself, held in this process, and results that stay on workers. */
import { AnantError, type ObjectId, type StoredObjectInfo } from '@anant/core';
import { decodeValue, type EncodedValue, encodeMessage } from '@anant/core/codec';
import { NativeObjectStore } from '../../embedded/store/object-store.js';
import { DATA_KIND } from '../data/data-message.js';
import type { DataPlane } from '../data/data-plane.js';
import type { ObjectExchange } from '../data/object-exchange.js';
import type { ObjectLocation } from '../proto/anant/v1/common.js';

interface Remote {
  readonly address: string;
  readonly worker: string;
  readonly bytes: number;
}

export class ObjectBook {
  readonly #store: NativeObjectStore;
  readonly #sizes = new Map<ObjectId, number>();
  readonly #remote = new Map<ObjectId, Remote>();
  readonly #plane: DataPlane;
  readonly #exchange: () => ObjectExchange;
  readonly #secret: () => Uint8Array;

  constructor(bytesMax: number, plane: DataPlane, exchange: () => ObjectExchange, secret: () => Uint8Array) {
    this.#store = new NativeObjectStore(bytesMax);
    this.#plane = plane;
    this.#exchange = exchange;
    this.#secret = secret;
  }

  /** @throws AnantError `E_VALUE_NOT_PORTABLE`, `E_PAYLOAD_TOO_LARGE` */
  put(id: ObjectId, value: unknown): StoredObjectInfo {
    const bytes = this.#store.put(id, value);
    this.#sizes.set(id, bytes);
    return { bytes };
  }

  /** A result that its worker keeps. */
  keptBy(id: ObjectId, bytes: number, worker: string, address: string): void {
    this.#remote.set(id, { address, worker, bytes });
  }

  /** @throws AnantError `E_OBJECT_LOST` */
  async get(id: ObjectId): Promise<unknown> {
    const remote = this.#remote.get(id);
    if (remote === undefined) return this.#store.read(id);
    const { body, buffers } = await this.#exchange().fetch({
      id,
      address: remote.address,
      secretOf: this.#secret,
      memory: 'own',
    });
    return decodeValue(body, buffers);
  }

  /** What a worker asks for. */
  encoded(id: ObjectId): EncodedValue | undefined {
    return this.#store.encoded(id);
  }

  /** Where workers find it, and which of them has it. @throws AnantError `E_OBJECT_LOST` */
  locate(id: ObjectId): { readonly location: ObjectLocation; readonly worker: string | undefined } {
    const remote = this.#remote.get(id);
    if (remote !== undefined) {
      const { address, bytes, worker } = remote;
      return { location: { object: id, address, bytes }, worker };
    }
    const bytes = this.#sizes.get(id);
    if (bytes !== undefined) {
      return { location: { object: id, address: this.#plane.address, bytes }, worker: undefined };
    }
    throw new AnantError('E_OBJECT_LOST', `The object "${id}" is not stored in this cluster.`, {
      advice: 'It was released, or the worker that held it is gone. Store it again.',
      details: { id },
    });
  }

  release(ids: readonly ObjectId[]): void {
    this.#store.release(ids);
    const byHolder = new Map<string, ObjectId[]>();
    for (const id of ids) {
      this.#sizes.delete(id);
      const remote = this.#remote.get(id);
      if (remote === undefined) continue;
      this.#remote.delete(id);
      const held = byHolder.get(remote.address);
      if (held === undefined) byHolder.set(remote.address, [id]);
      else held.push(id);
    }
    for (const [address, held] of byHolder) {
      this.#plane.send(address, this.#secret(), DATA_KIND.release, encodeMessage(held));
    }
  }

  /** What this worker held is lost. */
  workerGone(address: string): void {
    for (const [id, remote] of this.#remote) if (remote.address === address) this.#remote.delete(id);
  }

  clear(): void {
    this.#store.clear();
    this.#sizes.clear();
    this.#remote.clear();
  }
}
