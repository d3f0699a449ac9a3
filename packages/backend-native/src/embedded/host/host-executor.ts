/** Runs tasks in host children: processes that can be killed and that have a memory limit. */
import {
  type HostCall,
  type HostCallEvent,
  type HostChildOptions,
  type HostEnd,
  HostPool,
} from '@anant/bridge/host';
import type { AttemptOutcome, CancelAnswer, Clock } from '@anant/core';
import { decodeValue, type EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import { HOST_IDLE_MS } from '../limits.js';
import { cancelledBy, refusedBy, unusableResult } from '../outcomes.js';
import type { PreparedInput } from '../prepared-input.js';
import { PriorityQueue } from '../schedule/priority-queue.js';
import type { HostAdapter } from './host-adapter.js';

export interface HostExecutorOptions {
  readonly slots: number;
  readonly adapter: HostAdapter;
  /** Asked when the first call comes. */
  readonly child: () => HostChildOptions;
  readonly clock: Clock;
  readonly ledger: AttemptLedger;
  /** Keeps an encoded result under the attempt's object id. @throws AnantError */
  readonly keep: (attempt: Attempt, value: EncodedValue) => AttemptOutcome;
}

interface Waiting {
  readonly attempt: Attempt;
  readonly input: PreparedInput;
}

/** An attempt that has a slot: first its call is prepared, then a child runs it. */
interface Running {
  phase: 'preparing' | 'called' | 'dropped';
  worker: string;
  /** The last step on its items and end: steps that take time keep their order. */
  last: Promise<void> | undefined;
}

export class HostExecutor {
  readonly #options: HostExecutorOptions;
  readonly #queue = new PriorityQueue<Waiting>({
    priorityOf: ({ attempt }) => attempt.envelope.options.priority,
    isLive: ({ attempt }) => attempt.state !== 'ended',
  });
  readonly #running = new Map<Attempt, Running>();
  #pool: HostPool | undefined;
  #isStopped = false;

  constructor(options: HostExecutorOptions) {
    this.#options = options;
  }

  submit(attempt: Attempt, input: PreparedInput): void {
    this.#queue.push({ attempt, input });
    this.#pump();
  }

  /** Takes back an attempt that has not begun; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean {
    const running = this.#running.get(attempt);
    if (running?.phase === 'called') return false;
    if (running) running.phase = 'dropped';
    else this.#queue.died();
    return true;
  }

  /** Asks an attempt that runs to stop, or ends its process. */
  cancel(attempt: Attempt, how: 'ask' | 'kill'): CancelAnswer {
    const { id, attempt: number } = attempt.envelope;
    return this.#pool?.cancel(id, number, how) ?? 'already-done';
  }

  credit(attempt: Attempt, credits: number): void {
    const { id, attempt: number } = attempt.envelope;
    this.#pool?.credit(id, number, credits);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pool?.stop({ graceMs: 0 });
  }

  /** Gives children as many calls as there are slots: the rest waits here, the most urgent first. */
  #pump(): void {
    while (!this.#isStopped && this.#running.size < this.#options.slots) {
      const next = this.#queue.shift();
      if (!next) return;
      const running: Running = { phase: 'preparing', worker: '', last: undefined };
      this.#running.set(next.attempt, running);
      this.#prepare(next, running);
    }
  }

  #prepare({ attempt, input }: Waiting, running: Running): void {
    try {
      const call = this.#options.adapter.callOf(attempt, input);
      if (!(call instanceof Promise)) {
        this.#call(attempt, running, call);
        return;
      }
      call.then(
        (ready) => this.#call(attempt, running, ready),
        (thrown) => this.#finish(attempt, refusedBy(thrown)),
      );
    } catch (thrown) {
      this.#finish(attempt, refusedBy(thrown));
    }
  }

  #call(attempt: Attempt, running: Running, call: HostCall): void {
    if (running.phase === 'dropped' || this.#isStopped) {
      this.#finish(attempt, cancelledBy('ask'));
      return;
    }
    running.phase = 'called';
    this.#open().run(call, (event) => this.#handle(attempt, running, event));
  }

  #open(): HostPool {
    const { slots, clock, child } = this.#options;
    this.#pool ??= new HostPool({ slots, clock, child: child(), idleMs: HOST_IDLE_MS });
    return this.#pool;
  }

  #handle(attempt: Attempt, running: Running, event: HostCallEvent): void {
    const { ledger, adapter } = this.#options;
    if (event.type === 'start') running.worker = event.worker;
    const isSignOfLife = event.type !== 'start' && event.type !== 'end';
    if (isSignOfLife || (event.type === 'start' && adapter.startsWith === 'call')) {
      ledger.start(attempt, running.worker);
    }
    switch (event.type) {
      case 'progress':
        ledger.progress(attempt, event.done, event.total, event.note);
        return;
      case 'heartbeat':
        ledger.heartbeat(attempt);
        return;
      case 'device':
        ledger.device(attempt, event.device);
        return;
      case 'item':
        this.#inOrder(running, () => this.#item(attempt, event.sequence, event.value));
        return;
      case 'end':
        this.#inOrder(running, () => this.#end(attempt, event.end));
    }
  }

  /** Runs a step at once when it can, after the earlier ones when those take time. */
  #inOrder(running: Running, step: () => void | Promise<void>): void {
    const pending = running.last ? running.last.then(step) : step();
    if (pending) running.last = pending;
  }

  #item(attempt: Attempt, sequence: number, value: EncodedValue): void | Promise<void> {
    const found = this.#options.adapter.valueOf(attempt, value);
    const emit = ({ body, buffers }: EncodedValue): void =>
      this.#options.ledger.item(attempt, sequence, decodeValue(body, buffers));
    return found instanceof Promise ? found.then(emit) : emit(found);
  }

  #end(attempt: Attempt, end: HostEnd): void | Promise<void> {
    if (end.status !== 'ok') {
      this.#finish(attempt, this.#options.adapter.failureOf(attempt, end));
      return undefined;
    }
    if (end.value === undefined) {
      this.#finish(attempt, { status: 'ok', value: undefined });
      return undefined;
    }
    return this.#endOk(attempt, end.value);
  }

  #endOk(attempt: Attempt, value: EncodedValue): void | Promise<void> {
    const unusable = (thrown: unknown): void => this.#finish(attempt, unusableResult(thrown));
    try {
      const found = this.#options.adapter.valueOf(attempt, value);
      if (!(found instanceof Promise)) {
        this.#finish(attempt, this.#okOutcome(attempt, found));
        return undefined;
      }
      return found.then((ready) => this.#finish(attempt, this.#okOutcome(attempt, ready))).catch(unusable);
    } catch (thrown) {
      unusable(thrown);
      return undefined;
    }
  }

  #okOutcome(attempt: Attempt, value: EncodedValue): AttemptOutcome {
    const isKept = attempt.envelope.options.output === 'reference' && attempt.state !== 'ended';
    if (isKept) return this.#options.keep(attempt, value);
    return { status: 'ok', value: decodeValue(value.body, value.buffers) };
  }

  #finish(attempt: Attempt, outcome: AttemptOutcome): void {
    if (!this.#running.delete(attempt)) return;
    this.#options.adapter.forget?.(attempt);
    this.#options.ledger.end(attempt, outcome);
    this.#pump();
  }
}
