/** Asks other processes for stored objects and large inputs, and answers when they ask. */
import { AnantError } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import { DATA_KIND } from './data-message.js';
import type { DataMessage, DataPlane } from './data-plane.js';
import { type FetchHost, ObjectFetch, type WantedObject } from './object-fetch.js';
import {
  decodeChunk,
  decodeFetch,
  decodeMore,
  decodeObject,
  encodeFetch,
  encodeMore,
} from './object-messages.js';
import { ObjectServer, type ObjectSource } from './object-server.js';

/** Requests that wait for their answer; one more fails at once. */
const PENDING_MAX = 10_000;

export class ObjectExchange {
  readonly #plane: DataPlane;
  readonly #server: ObjectServer;
  readonly #host: FetchHost;
  /** By the number of their last request. */
  readonly #pending = new Map<number, ObjectFetch>();
  #count = 0;

  /** @param secret that of this process's own endpoint */
  constructor(plane: DataPlane, secret: () => Uint8Array, source: ObjectSource) {
    this.#plane = plane;
    this.#server = new ObjectServer(plane, source);
    this.#host = {
      folder: plane.folder,
      ask: (fetch, message) => {
        const replaces = fetch.request;
        this.#pending.delete(replaces);
        this.#count += 1;
        fetch.request = this.#count;
        this.#pending.set(fetch.request, fetch);
        const { address } = plane;
        const payload = encodeFetch({
          ...message,
          request: fetch.request,
          replaces,
          address,
          secret: secret(),
        });
        return plane.send(fetch.holder, fetch.wanted.secretOf(fetch.holder), DATA_KIND.fetch, payload);
      },
      more: ({ request, holder, wanted }, position) => {
        const payload = encodeMore({ request, address: plane.address, position });
        plane.send(holder, wanted.secretOf(holder), DATA_KIND.more, payload);
      },
      done: ({ request }) => this.#pending.delete(request),
    };
  }

  /** @throws AnantError `E_OBJECT_LOST` when no holder has it, or none answers in time */
  fetch(wanted: WantedObject): Promise<EncodedValue> {
    if (this.#pending.size >= PENDING_MAX) {
      return Promise.reject(
        new AnantError('E_QUEUE_FULL', `As many objects are asked for as may be: ${PENDING_MAX}.`),
      );
    }
    return new Promise<EncodedValue>((resolve, reject) => {
      new ObjectFetch(wanted, this.#host, resolve, reject).ask('anyone');
    });
  }

  /** @returns whether the message was one of these. @throws on malformed ones */
  receive(message: DataMessage): boolean {
    switch (message.kind) {
      case DATA_KIND.fetch: {
        const fetch = decodeFetch(message.payload);
        this.#plane.requireOwner(message, fetch.address);
        this.#server.serve(fetch);
        return true;
      }
      case DATA_KIND.more: {
        const more = decodeMore(message.payload);
        this.#plane.requireOwner(message, more.address);
        this.#server.more(more);
        return true;
      }
      case DATA_KIND.object: {
        const answer = decodeObject(message.payload);
        this.#of(message, answer.request)?.answered(answer, message.buffers);
        return true;
      }
      case DATA_KIND.chunk: {
        const chunk = decodeChunk(message.payload);
        this.#of(message, chunk.request)?.chunk(chunk, message.buffers);
        return true;
      }
      default:
        return false;
    }
  }

  /** The process at this address is gone: nothing comes from it any more. */
  lose(address: string): void {
    this.#server.lose(address);
    for (const fetch of [...this.#pending.values()]) fetch.lost(address);
  }

  close(): void {
    this.#server.close();
    for (const fetch of [...this.#pending.values()]) fetch.fail('was not waited for');
  }

  /** What a message is about, if it is still waited for and comes from who was asked. */
  #of(message: DataMessage, request: number): ObjectFetch | undefined {
    const fetch = this.#pending.get(request);
    if (fetch !== undefined) this.#plane.requireOwner(message, fetch.holder);
    return fetch;
  }
}
