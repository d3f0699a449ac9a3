/** A store of leases in memory, with the faults of a real one: for tests on a virtual clock. */
import { AnantError, type Clock, type Random } from '@anant/core';
import type { FencingToken } from '../../../protocol/lease/index.js';
import type { EpochStore } from '../epoch-store.js';
import type { LeaseAnswer, LeaseQuestion, LeaseStore } from '../lease-store.js';

export interface ModelFaults {
  /** Longest delay of a question and of its answer, milliseconds. */
  readonly delayMsMax: number;
  /** Share of answers that never come. */
  readonly lostAnswers: number;
}

interface Grant {
  readonly holder: string;
  readonly token: FencingToken;
  readonly untilMs: number;
}

interface Data {
  fence: { epoch: number; run: number; counter: number } | undefined;
  grant: Grant | undefined;
  readonly operations: Map<string, LeaseAnswer>;
}

/** One lock, one epoch, and everything that can happen to Redis. The same rules as `lease-scripts.ts`. */
export class ModelLeaseStore implements LeaseStore {
  #data: Data = { fence: undefined, grant: undefined, operations: new Map() };
  #replica: Data = { fence: undefined, grant: undefined, operations: new Map() };
  #run = 1;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #epochs: EpochStore;
  readonly #faults: ModelFaults;
  /** Every token the store ever granted, in order. */
  readonly issued: FencingToken[] = [];

  constructor(clock: Clock, random: Random, epochs: EpochStore, faults: ModelFaults) {
    this.#clock = clock;
    this.#random = random;
    this.#epochs = epochs;
    this.#faults = faults;
  }

  flushAll(): void {
    this.#data = { fence: undefined, grant: undefined, operations: new Map() };
  }

  restartEmpty(): void {
    this.flushAll();
    this.#run += 1;
  }

  /** Copies the data to the replica, as asynchronous replication does now and then. */
  replicate(): void {
    const { fence, grant, operations } = this.#data;
    this.#replica = { fence: fence && { ...fence }, grant, operations: new Map(operations) };
  }

  /** The replica takes over: what was not replicated is gone. */
  failOver(): void {
    const { fence, grant, operations } = this.#replica;
    this.#data = { fence: fence && { ...fence }, grant, operations: new Map(operations) };
    this.#run += 1;
  }

  acquire(
    question: LeaseQuestion & { readonly ttlMs: number; readonly operation: string },
  ): Promise<LeaseAnswer> {
    return this.#ask(question.timeoutMs, async () => {
      const floor = await this.#epochs.read();
      const done = this.#data.operations.get(question.operation);
      if (done) return done;
      const { fence, grant } = this.#data;
      if (!fence || fence.run !== this.#run || fence.epoch < floor) return { type: 'regressed' };
      const nowMs = this.#clock.nowMs();
      if (grant && grant.untilMs > nowMs && grant.holder !== question.holder)
        return { type: 'taken', holder: grant.holder, remainingMs: grant.untilMs - nowMs };
      fence.counter += 1;
      const token = { epoch: fence.epoch, counter: fence.counter };
      this.#data.grant = { holder: question.holder, token, untilMs: nowMs + question.ttlMs };
      this.issued.push(token);
      const answer: LeaseAnswer = { type: 'granted', token };
      this.#data.operations.set(question.operation, answer);
      return answer;
    });
  }

  recover(timeoutMs: number): Promise<LeaseAnswer> {
    return this.#ask(timeoutMs, async () => {
      const epoch = Math.max(await this.#epochs.read(), this.#data.fence?.epoch ?? 0) + 1;
      await this.#epochs.raise(epoch);
      const { fence } = this.#data;
      if (!fence || fence.epoch < epoch) this.#data.fence = { epoch, run: this.#run, counter: 0 };
      return { type: 'recovered' };
    });
  }

  raise(question: LeaseQuestion & { readonly token: FencingToken }): Promise<LeaseAnswer> {
    return this.#ask(question.timeoutMs, async () => {
      const epoch = Math.max(await this.#epochs.read(), this.#data.fence?.epoch ?? 0) + 1;
      await this.#epochs.raise(epoch);
      const { fence, grant } = this.#data;
      if (!fence || fence.run !== this.#run) return { type: 'regressed' };
      if (grant?.holder !== question.holder || grant.token.counter !== question.token.counter)
        return { type: 'refused' };
      if (fence.epoch >= epoch) return { type: 'refused' };
      fence.epoch = epoch;
      fence.counter = 0;
      this.#data.grant = { ...grant, token: { epoch, counter: 0 } };
      return { type: 'raised', epoch };
    });
  }

  renew(
    question: LeaseQuestion & { readonly token: FencingToken; readonly ttlMs: number },
  ): Promise<LeaseAnswer> {
    return this.#ask(question.timeoutMs, async () => {
      const { fence, grant } = this.#data;
      if (fence?.run !== this.#run) return { type: 'regressed' };
      const { holder, token } = question;
      const isHeld = grant?.holder === holder && grant.untilMs > this.#clock.nowMs();
      if (!isHeld || grant.token.epoch !== token.epoch || grant.token.counter !== token.counter)
        return { type: 'refused' };
      this.#data.grant = { ...grant, untilMs: this.#clock.nowMs() + question.ttlMs };
      return { type: 'renewed' };
    });
  }

  async release(question: LeaseQuestion & { readonly token: FencingToken }): Promise<void> {
    await this.#ask(question.timeoutMs, async () => {
      const { grant } = this.#data;
      const { holder, token } = question;
      if (grant?.holder === holder && grant.token.counter === token.counter) this.#data.grant = undefined;
      return { type: 'renewed' };
    });
  }

  async #ask(timeoutMs: number, perform: () => Promise<LeaseAnswer>): Promise<LeaseAnswer> {
    const { delayMsMax, lostAnswers } = this.#faults;
    const isLost = this.#random() < lostAnswers;
    const delaysMs = [this.#random() * delayMsMax, this.#random() * delayMsMax] as const;
    return await new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(timeoutMs, () =>
        reject(new AnantError('E_OUTCOME_UNKNOWN', `No answer within ${timeoutMs} ms.`)),
      );
      this.#clock.schedule(delaysMs[0], async () => {
        const answer = await perform();
        if (isLost) return;
        this.#clock.schedule(delaysMs[1], () => {
          cancel();
          resolve(answer);
        });
      });
    });
  }
}
