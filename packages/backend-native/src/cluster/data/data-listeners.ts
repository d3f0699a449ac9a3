/**
 * The listening side of a data plane: one listener, and when the keys of its node are renewed another one, while the
 * old key is still accepted for a while. Others are told of the new one before anything depends on it.
 */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@anant/core';
import type { DataEndpoint } from '../proto/anant/v1/common.js';
import type { NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import type { DataIdentity } from './data-identity.js';
import { DataListener, type ListenerHandlers } from './data-listener.js';

export interface DataListenersOptions {
  readonly host: string;
  readonly secured: SecuredEnd | undefined;
  /** Of those who may connect. */
  readonly accepts: readonly NodeRole[];
  readonly logger: Logger | undefined;
}

export interface ListenersHandlers extends ListenerHandlers {
  /** There is a listener with new keys: the head is to be told. */
  readonly onRenewed: () => void;
}

export interface SecuredEnd {
  readonly security: NodeSecurity;
  readonly identity: DataIdentity;
}

export class DataListeners {
  readonly #options: DataListenersOptions;
  /** Its port names the endpoint: it stays open as long as the process lives, though it lets nobody in any more. */
  readonly #first: DataListener;
  #newest: DataListener;
  /** Those that are served. */
  readonly #open = new Set<DataListener>();
  readonly #closing = new AbortController();
  #handlers: ListenersHandlers | undefined;
  #endWatch: () => void = () => {};
  #isRenewing = false;
  #isKnown = true;

  private constructor(options: DataListenersOptions, first: DataListener) {
    this.#options = options;
    this.#first = first;
    this.#newest = first;
  }

  static async open(options: DataListenersOptions): Promise<DataListeners> {
    return new DataListeners(options, await listen(options));
  }

  /** Names the endpoint. */
  get address(): string {
    return this.#first.address;
  }

  /** What the head is to pass on: the newest certificate, empty without certificates, and the way there if it is another. */
  get shown(): DataEndpoint {
    const { secured, address } = this.#newest;
    const certificate = Buffer.from(secured?.owner.own.certificate ?? '');
    return { certificate, way: this.#newest === this.#first ? '' : address };
  }

  /** Whether the head has passed on what is shown. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  serve(handlers: ListenersHandlers): void {
    this.#handlers = handlers;
    this.#serve(this.#first);
    this.#endWatch = this.#options.secured?.security.onChange(() => void this.#renew()) ?? (() => {});
  }

  close(): void {
    this.#endWatch();
    this.#closing.abort();
    for (const listener of this.#open) listener.close();
  }

  #serve(listener: DataListener): void {
    this.#open.add(listener);
    void listener.serve(this.#handlers as ListenerHandlers);
  }

  /** One renewal after the other, the newest keys last; those that came and went meanwhile are left out. */
  async #renew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      for (;;) {
        const { secured } = this.#options;
        const current = this.#newest.secured;
        if (secured === undefined || current === undefined || !secured.identity.isOlder(current)) return;
        await this.#renewOnce(secured);
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#options.logger?.warn(`The data port keeps its keys: ${String(error)}`);
    } finally {
      this.#isRenewing = false;
    }
  }

  async #renewOnce({ security, identity }: SecuredEnd): Promise<void> {
    const { signal } = this.#closing;
    const next = await listen(this.#options);
    if (signal.aborted || next.secured === undefined) {
      next.close();
      return;
    }
    const before = this.#newest;
    this.#newest = next;
    this.#serve(next);
    const known = identity.renew(next.secured);
    this.#isKnown = false;
    this.#handlers?.onRenewed();
    await Promise.race([known, ended(signal)]);
    this.#isKnown = true;
    const { keyOverlapMs } = security;
    this.#options.logger?.info(
      `Data connections use the new keys; the old ones are accepted for ${keyOverlapMs / 1000} s.`,
    );
    await setTimeout(keyOverlapMs, undefined, { ref: false, signal });
    if (before === this.#first) before.retire();
    else {
      before.close();
      this.#open.delete(before);
    }
  }
}

async function listen({ host, secured, accepts }: DataListenersOptions): Promise<DataListener> {
  const zeromq = await import('zeromq');
  return await DataListener.open({ zeromq, host, secured: await secured?.identity.listener(accepts) });
}

async function ended(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
