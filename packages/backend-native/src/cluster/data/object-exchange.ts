/** Asks other processes for stored objects and large inputs, and answers when they ask. */
import { AnantError } from '@anant/core';
import { decodeMessage, type EncodedValue, encodeMessage } from '@anant/core/codec';
import { FETCH_MS_MAX } from '../limits.js';
import { DATA_KIND } from './data-message.js';
import type { DataMessage, DataPlane } from './data-plane.js';

/** Finds what this process holds. */
export type ObjectSource = (id: string) => EncodedValue | undefined;

interface Pending {
  readonly resolve: (value: EncodedValue) => void;
  readonly reject: (error: AnantError) => void;
  readonly timer: NodeJS.Timeout;
  readonly address: string;
  readonly id: string;
}

/** Requests that wait for their answer; one more fails at once. */
const PENDING_MAX = 10_000;

export class ObjectExchange {
  readonly #plane: DataPlane;
  readonly #secret: () => Uint8Array;
  readonly #source: ObjectSource;
  readonly #pending = new Map<number, Pending>();
  #count = 0;

  /** @param secret that of this process's own endpoint */
  constructor(plane: DataPlane, secret: () => Uint8Array, source: ObjectSource) {
    this.#plane = plane;
    this.#secret = secret;
    this.#source = source;
  }

  /** @throws AnantError `E_OBJECT_LOST` when the holder does not have it, or does not answer in time */
  fetch(address: string, secret: Uint8Array, id: string): Promise<EncodedValue> {
    if (this.#pending.size >= PENDING_MAX) {
      return Promise.reject(
        new AnantError('E_QUEUE_FULL', `As many objects are asked for as may be: ${PENDING_MAX}.`),
      );
    }
    this.#count += 1;
    const request = this.#count;
    return new Promise<EncodedValue>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(request, `did not answer within ${FETCH_MS_MAX} ms`),
        FETCH_MS_MAX,
      );
      this.#pending.set(request, { resolve, reject, timer, address, id });
      const payload = encodeMessage([request, this.#plane.address, this.#secret(), id]);
      if (!this.#plane.send(address, secret, DATA_KIND.fetch, payload))
        this.#fail(request, 'takes no more messages');
    });
  }

  /** @returns whether the message was one of these. @throws on malformed ones */
  receive(message: DataMessage): boolean {
    const { kind } = message;
    if (kind === DATA_KIND.fetch) this.#serve(message);
    else if (kind === DATA_KIND.object) this.#arrived(message);
    else return false;
    return true;
  }

  /** The process at this address is gone: nothing comes from it any more. */
  lose(address: string): void {
    for (const [request, pending] of this.#pending) {
      if (pending.address === address) this.#fail(request, 'is gone');
    }
  }

  close(): void {
    for (const request of [...this.#pending.keys()]) this.#fail(request, 'was not waited for');
  }

  #serve(message: DataMessage): void {
    const fields = decodeMessage(message.payload) as [number, string, Uint8Array, string];
    const [request, address, secret, id] = fields;
    this.#plane.requireOwner(message, String(address));
    const value = this.#source(String(id));
    const answer = encodeMessage(value === undefined ? [request] : [request, value.body]);
    this.#plane.send(String(address), secret, DATA_KIND.object, answer, value?.buffers ?? []);
  }

  #arrived(message: DataMessage): void {
    const [request, body] = decodeMessage(message.payload) as [number, Uint8Array?];
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    this.#plane.requireOwner(message, pending.address);
    if (body === undefined) {
      this.#fail(request, 'does not have it');
      return;
    }
    clearTimeout(pending.timer);
    this.#pending.delete(request);
    pending.resolve({ body, buffers: [...message.buffers] });
  }

  #fail(request: number, why: string): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(request);
    pending.reject(
      new AnantError('E_OBJECT_LOST', `The object "${pending.id}" cannot be had: its holder ${why}.`, {
        advice: 'It was released, or the process that held it ended. Store it again.',
        details: { id: pending.id },
      }),
    );
  }
}
