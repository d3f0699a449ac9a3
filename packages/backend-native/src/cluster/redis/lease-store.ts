/** What a lease asks of a store, and the store in Redis. Every question has its own deadline and operation id. */
import type { FencingToken } from '../../protocol/lease/index.js';
import type { EpochStore } from './epoch-store.js';
import { ACQUIRE, RAISE, RECOVER, RELEASE, RENEW } from './lease-scripts.js';
import { OPERATION_WINDOW_MS } from './limits.js';
import type { RedisLink } from './redis-link.js';

export type LeaseAnswer =
  | { readonly type: 'granted'; readonly token: FencingToken }
  | { readonly type: 'taken'; readonly holder: string; readonly remainingMs: number }
  | { readonly type: 'regressed' }
  | { readonly type: 'recovered' }
  | { readonly type: 'raised'; readonly epoch: number }
  | { readonly type: 'renewed' }
  | { readonly type: 'refused' };

export interface LeaseQuestion {
  readonly name: string;
  /** Unique to one lease of one process, so that a restarted node is another holder. */
  readonly holder: string;
  readonly timeoutMs: number;
}

export interface LeaseStore {
  acquire(
    question: LeaseQuestion & { readonly ttlMs: number; readonly operation: string },
  ): Promise<LeaseAnswer>;
  /** Makes a higher epoch durable, then writes it to the store. */
  recover(timeoutMs: number): Promise<LeaseAnswer>;
  raise(question: LeaseQuestion & { readonly token: FencingToken }): Promise<LeaseAnswer>;
  renew(
    question: LeaseQuestion & { readonly token: FencingToken; readonly ttlMs: number },
  ): Promise<LeaseAnswer>;
  release(question: LeaseQuestion & { readonly token: FencingToken }): Promise<void>;
}

/** Rounds of "the epoch is too low": each raises it above what the store just said. */
const ROUNDS_MAX = 16;

export class RedisLeaseStore implements LeaseStore {
  readonly #link: RedisLink;
  readonly #epochs: EpochStore;
  readonly #prefix: string;

  /** @param namespace apart from others on the same Redis; all its locks live in one hash slot. */
  constructor(link: RedisLink, epochs: EpochStore, namespace: string) {
    this.#link = link;
    this.#epochs = epochs;
    this.#prefix = `anant:{${namespace}}`;
  }

  async acquire(
    question: LeaseQuestion & { readonly ttlMs: number; readonly operation: string },
  ): Promise<LeaseAnswer> {
    const { name, holder, ttlMs, operation, timeoutMs } = question;
    const keys = [this.#fence, this.#lock(name), `${this.#prefix}:operation:${operation}`];
    const known = await this.#epochs.read();
    const args = [holder, Math.ceil(ttlMs), known, OPERATION_WINDOW_MS];
    const answer = parse(await this.#link.run(ACQUIRE, keys, args, { timeoutMs }));
    // An epoch that another coordinator raised must not be forgotten with the store that told of it.
    if (answer.type === 'granted' && answer.token.epoch > known) await this.#epochs.raise(answer.token.epoch);
    return answer;
  }

  async recover(timeoutMs: number): Promise<LeaseAnswer> {
    let lowest = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const epoch = Math.max(await this.#epochs.read(), lowest) + 1;
      // Durable first: an epoch that Redis knows and nothing else does could be issued again.
      await this.#epochs.raise(epoch);
      const reply = words(await this.#link.run(RECOVER, [this.#fence], [epoch], { timeoutMs }));
      if (reply[0] === 'recovered') {
        await this.#epochs.raise(Number(reply[1]));
        return { type: 'recovered' };
      }
      lowest = Number(reply[1]);
    }
    return { type: 'refused' };
  }

  async raise(question: LeaseQuestion & { readonly token: FencingToken }): Promise<LeaseAnswer> {
    const { name, holder, token, timeoutMs } = question;
    let lowest = token.epoch;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const epoch = Math.max(await this.#epochs.read(), lowest) + 1;
      await this.#epochs.raise(epoch);
      const args = [holder, token.epoch, token.counter, epoch];
      const reply = words(await this.#link.run(RAISE, [this.#fence, this.#lock(name)], args, { timeoutMs }));
      if (reply[0] !== 'low') return parse(reply);
      lowest = Number(reply[1]);
    }
    return { type: 'refused' };
  }

  async renew(
    question: LeaseQuestion & { readonly token: FencingToken; readonly ttlMs: number },
  ): Promise<LeaseAnswer> {
    const { name, holder, token, ttlMs, timeoutMs } = question;
    const args = [holder, token.epoch, token.counter, Math.ceil(ttlMs)];
    return parse(await this.#link.run(RENEW, [this.#fence, this.#lock(name)], args, { timeoutMs }));
  }

  async release({
    name,
    holder,
    token,
    timeoutMs,
  }: LeaseQuestion & { readonly token: FencingToken }): Promise<void> {
    await this.#link.run(RELEASE, [this.#lock(name)], [holder, token.epoch, token.counter], { timeoutMs });
  }

  get #fence(): string {
    return `${this.#prefix}:fence`;
  }

  #lock(name: string): string {
    return `${this.#prefix}:lock:${name}`;
  }
}

const words = (reply: unknown): string[] => (reply as unknown[]).map(String);

function parse(reply: unknown): LeaseAnswer {
  const [type, first = '', second = ''] = words(reply);
  switch (type) {
    case 'granted':
      return { type, token: { epoch: Number(first), counter: Number(second) } };
    case 'taken':
      return { type, holder: first, remainingMs: Number(second) };
    case 'raised':
      return { type, epoch: Number(first) };
    case 'regressed':
    case 'renewed':
    case 'refused':
      return { type };
    default:
      throw new TypeError(`A lease script answered "${type}".`);
  }
}
