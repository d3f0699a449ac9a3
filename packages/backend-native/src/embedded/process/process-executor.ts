/** Runs TypeScript tasks in host children: processes that can be killed and that have a memory limit. */
import { type HostCallEvent, type HostEnd, HostPool } from '@anant/bridge/host';
import type { AttemptOutcome, CancelAnswer, Clock, Logger, TypeScriptReference } from '@anant/core';
import { decodeValue, type EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import { unusableResult } from '../outcomes.js';
import { encodeInput, type PreparedInput } from '../prepared-input.js';
import { PriorityQueue } from '../schedule/priority-queue.js';

export interface ProcessExecutorOptions {
  readonly slots: number;
  readonly memoryBytesMax: number;
  readonly payloadBytesMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ledger: AttemptLedger;
  /** Keeps an encoded result under the attempt's object id. @throws AnantError */
  readonly keep: (attempt: Attempt, value: EncodedValue) => AttemptOutcome;
}

interface Waiting {
  readonly attempt: Attempt;
  readonly input: PreparedInput;
}

export class ProcessExecutor {
  readonly #options: ProcessExecutorOptions;
  readonly #queue = new PriorityQueue<Waiting>({
    priorityOf: ({ attempt }) => attempt.envelope.options.priority,
    isLive: ({ attempt }) => attempt.state !== 'ended',
  });
  readonly #running = new Set<Attempt>();
  #pool: HostPool | undefined;
  #isStopped = false;

  constructor(options: ProcessExecutorOptions) {
    this.#options = options;
  }

  submit(attempt: Attempt, input: PreparedInput): void {
    this.#queue.push({ attempt, input });
    this.#pump();
  }

  /** Takes back an attempt that has not begun; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean {
    if (this.#running.has(attempt)) return false;
    this.#queue.died();
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
      this.#start(next);
    }
  }

  #start({ attempt, input }: Waiting): void {
    const { id, attempt: number, definition, options } = attempt.envelope;
    this.#running.add(attempt);
    const call = {
      id,
      attempt: number,
      definition: definition as TypeScriptReference,
      value: encodeInput(input),
      output: options.output === 'stream' ? ('stream' as const) : ('value' as const),
    };
    this.#open().run(call, (event) => this.#handle(attempt, event));
  }

  #open(): HostPool {
    const { slots, memoryBytesMax, payloadBytesMax, logger, clock } = this.#options;
    this.#pool ??= new HostPool({
      slots,
      clock,
      child: { memoryBytesMax, payloadBytesMax, logger, clock },
    });
    return this.#pool;
  }

  #handle(attempt: Attempt, event: HostCallEvent): void {
    const { ledger } = this.#options;
    switch (event.type) {
      case 'start':
        ledger.start(attempt, event.worker);
        return;
      case 'progress':
        ledger.progress(attempt, event.done, event.total, event.note);
        return;
      case 'heartbeat':
        ledger.heartbeat(attempt);
        return;
      case 'item':
        ledger.item(attempt, event.sequence, decodeValue(event.value.body, event.value.buffers));
        return;
      case 'end':
        this.#running.delete(attempt);
        this.#pump();
        ledger.end(attempt, this.#outcome(attempt, event.end));
    }
  }

  #outcome(attempt: Attempt, end: HostEnd): AttemptOutcome {
    if (end.status === 'lost') {
      const { code, reason, started, suspect } = end;
      return { status: 'lost', reason: `${code}: ${reason}`, started, suspect };
    }
    if (end.status !== 'ok') return end;
    if (end.value === undefined) return { status: 'ok', value: undefined };
    try {
      if (attempt.envelope.options.output === 'reference') return this.#options.keep(attempt, end.value);
      return { status: 'ok', value: decodeValue(end.value.body, end.value.buffers) };
    } catch (thrown) {
      return unusableResult(thrown);
    }
  }
}
