/** Runs TypeScript tasks on the event loop of this process. Many may be open at once; one never shares a turn by force. */
import { openIterator, TaskLoader } from '@anant/bridge/host';
import {
  AnantError,
  type AttemptOutcome,
  type CancelAnswer,
  describeError,
  type TaskFunction,
  type TypeScriptReference,
} from '@anant/core';
import { decodeValue, encodedBytes, encodeValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import type { LazyCall } from '../lazy-call.js';
import { refusedBy, unusableResult } from '../outcomes.js';
import { checkBytes, openInput, type PreparedInput } from '../prepared-input.js';
import { pumpStream } from '../pump-stream.js';
import { PriorityQueue } from '../schedule/priority-queue.js';
import { isPlain } from '../thread/record.js';
import { AsyncCall, LOOP } from './async-call.js';

export interface AsyncExecutorOptions {
  readonly concurrencyMax: number;
  readonly payloadBytesMax: number;
  readonly ledger: AttemptLedger;
  /** Keeps a result under an id; returns its size. @throws AnantError */
  readonly keep: (attempt: Attempt, value: unknown) => AttemptOutcome;
}

interface Waiting {
  readonly attempt: Attempt;
  readonly input: PreparedInput;
}

/** Tasks started in a row before the clock is looked at, and how long a turn may take then. */
const TASKS_PER_LOOK = 64;
const TURN_MS = 5;

type AnyFunction = (...values: unknown[]) => unknown;

export class AsyncExecutor {
  readonly #options: AsyncExecutorOptions;
  readonly #loader = new TaskLoader();
  readonly #queue = new PriorityQueue<Waiting>({
    priorityOf: ({ attempt }) => attempt.envelope.options.priority,
    isLive: ({ attempt }) => attempt.state !== 'ended',
  });
  readonly #calls = new Map<Attempt, LazyCall>();
  #running = 0;
  #isTurnDue = false;
  #immediate: NodeJS.Immediate | undefined;

  constructor(options: AsyncExecutorOptions) {
    this.#options = options;
  }

  submit(attempt: Attempt, input: PreparedInput): void {
    this.#queue.push({ attempt, input });
    this.#scheduleTurn();
  }

  /** Takes back an attempt that has not begun; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean {
    if (this.#calls.has(attempt)) return false;
    this.#queue.died();
    return true;
  }

  /** Asks an attempt that runs to stop. There is no way to end code on this process's own event loop. */
  cancel(attempt: Attempt, how: 'ask' | 'kill'): CancelAnswer {
    if (how === 'kill') return 'unsupported';
    this.#calls.get(attempt)?.open.cancel();
    return 'requested';
  }

  credit(attempt: Attempt, credits: number): void {
    this.#calls.get(attempt)?.open.credits.grant(credits);
  }

  /** Starts nothing more. What runs is asked to stop and counts as lost: nothing can end it. */
  stop(reason: string): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#isTurnDue = true;
    for (const [attempt, call] of this.#calls) {
      call.open.cancel();
      const lost = `${reason} It was asked to stop, but code on the event loop of this process may still run.`;
      this.#options.ledger.end(attempt, { status: 'lost', reason: lost, started: 'yes' });
    }
  }

  #scheduleTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  /** Starts tasks until the turn is over; other work of the process comes in between turns. */
  #turn(): void {
    this.#isTurnDue = false;
    const endMs = performance.now() + TURN_MS;
    for (let started = 1; this.#running < this.#options.concurrencyMax; started += 1) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#start(next);
      if (started % TASKS_PER_LOOK === 0 && performance.now() > endMs) {
        this.#isTurnDue = true;
        this.#immediate = setImmediate(() => this.#turn());
        return;
      }
    }
  }

  #start({ attempt, input }: Waiting): void {
    const call = new AsyncCall(attempt, this.#options.ledger);
    this.#running += 1;
    const { local } = attempt.envelope;
    if (local) {
      this.#invoke(attempt, call, local as AnyFunction, input);
      return;
    }
    this.#calls.set(attempt, call);
    void this.#load(attempt, call, input);
  }

  async #load(attempt: Attempt, call: AsyncCall, input: PreparedInput): Promise<void> {
    let run: TaskFunction;
    try {
      run = await this.#loader.load(attempt.envelope.definition as TypeScriptReference);
    } catch (thrown) {
      this.#end(attempt, call, AnantError.is(thrown) ? refusedBy(thrown) : failed(thrown));
      return;
    }
    this.#invoke(attempt, call, run as AnyFunction, input);
  }

  #invoke(attempt: Attempt, call: AsyncCall, run: AnyFunction, input: PreparedInput): void {
    call.startedMs = performance.now();
    try {
      const result = run(openInput(input), call);
      const isStream = attempt.envelope.options.output === 'stream';
      if (isStream || isThenable(result)) void this.#settle(attempt, call, result);
      else this.#endOk(attempt, call, result);
    } catch (thrown) {
      this.#endThrown(attempt, call, thrown);
    }
  }

  async #settle(attempt: Attempt, call: AsyncCall, result: unknown): Promise<void> {
    this.#calls.set(attempt, call);
    this.#options.ledger.start(attempt, LOOP);
    try {
      if (attempt.envelope.options.output === 'stream') await this.#pump(attempt, call, result);
      else this.#endOk(attempt, call, await result);
    } catch (thrown) {
      this.#endThrown(attempt, call, thrown);
    }
  }

  async #pump(attempt: Attempt, call: AsyncCall, result: unknown): Promise<void> {
    let items: AsyncIterator<unknown> | Iterator<unknown>;
    try {
      items = openIterator(result);
    } catch (thrown) {
      this.#end(attempt, call, refusedBy(thrown));
      return;
    }
    await pumpStream(call, items, (sequence, item) => {
      this.#options.ledger.item(attempt, sequence, this.#carry(item, 'item'));
    });
    this.#end(attempt, call, { status: 'ok', value: undefined });
  }

  #endOk(attempt: Attempt, call: AsyncCall, result: unknown): void {
    let outcome: AttemptOutcome;
    try {
      const isReference = attempt.envelope.options.output === 'reference';
      outcome = isReference
        ? this.#options.keep(attempt, result)
        : { status: 'ok', value: this.#carry(result, 'result') };
    } catch (thrown) {
      outcome = unusableResult(thrown);
    }
    this.#end(attempt, call, outcome);
  }

  /** What the result looks like after a journey: a copy, but for large arrays, which stay where they are. */
  #carry(value: unknown, name: string): unknown {
    if (isPlain(value)) return value;
    const encoded = encodeValue(value, name);
    checkBytes(name, encodedBytes(encoded), this.#options.payloadBytesMax);
    return decodeValue(encoded.body, encoded.buffers);
  }

  #endThrown(attempt: Attempt, call: AsyncCall, thrown: unknown): void {
    this.#end(
      attempt,
      call,
      call.isCancellation(thrown) ? { status: 'cancelled', how: 'ask' } : failed(thrown),
    );
  }

  #end(attempt: Attempt, call: AsyncCall, outcome: AttemptOutcome): void {
    if (!call.isOpen) return;
    call.close();
    this.#calls.delete(attempt);
    this.#running -= 1;
    if (call.startedMs > 0) attempt.runUs = (performance.now() - call.startedMs) * 1000;
    this.#options.ledger.end(attempt, outcome);
    if (this.#queue.size > 0) this.#scheduleTurn();
  }
}

const failed = (thrown: unknown): AttemptOutcome => ({ status: 'app-error', error: describeError(thrown) });

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
