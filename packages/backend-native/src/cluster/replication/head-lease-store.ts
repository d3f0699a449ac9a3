/** The leader's lease for heads: asked for only by a head that may lead, recovered only when all heads were heard. */
import { AnantError } from '@anant/core';
import type { EpochStore } from '../redis/epoch-store.js';
import type { LeaseAnswer, LeaseQuestion, LeaseStore } from '../redis/lease-store.js';

export interface HeadLeaseStoreOptions {
  readonly inner: LeaseStore;
  readonly epochs: EpochStore;
  /** @throws AnantError when this head may not lead now */
  readonly check: () => Promise<void>;
  /** Highest epoch that any head knows. @throws AnantError when a head does not answer */
  readonly highest: () => Promise<number>;
}

export class HeadLeaseStore implements LeaseStore {
  readonly #options: HeadLeaseStoreOptions;

  constructor(options: HeadLeaseStoreOptions) {
    this.#options = options;
  }

  async acquire(
    question: LeaseQuestion & { readonly ttlMs: number; readonly operation: string },
  ): Promise<LeaseAnswer> {
    await this.#options.check();
    return this.#options.inner.acquire(question);
  }

  /** Each head keeps the epochs it saw; all of them together know every one that was given out. */
  async recover(timeoutMs: number): Promise<LeaseAnswer> {
    const { epochs, highest, inner } = this.#options;
    await epochs.raise(await highest());
    return inner.recover(timeoutMs);
  }

  raise(question: Parameters<LeaseStore['raise']>[0]): Promise<LeaseAnswer> {
    return this.#options.inner.raise(question);
  }

  renew(question: Parameters<LeaseStore['renew']>[0]): Promise<LeaseAnswer> {
    return this.#options.inner.renew(question);
  }

  release(question: Parameters<LeaseStore['release']>[0]): Promise<void> {
    return this.#options.inner.release(question);
  }
}

export const mayNotLead = (reason: string): AnantError =>
  new AnantError('E_BACKEND_UNAVAILABLE', `This head may not lead now. ${reason}`, { retryable: true });
