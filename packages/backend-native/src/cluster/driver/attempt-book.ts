/**
 * The open attempts of a driver. An attempt ends when the head has said so, and, where there is a result, when the one
 * of the accepted assignment has come from its worker: nothing is shown before both are there.
 */
import { type AttemptOutcome, ChurnMap, type TaskId } from '@anant/core';
import type { Attempt } from '../../embedded/attempt.js';
import type { AttemptLedger } from '../../embedded/attempt-ledger.js';
import { outcomeOf, statusName } from '../control/end-status.js';
import type { DataEvent, EventSender } from '../data/event-reader.js';
import { RESULT_MS_MAX } from '../limits.js';
import { EndDetail } from '../proto/anant/v1/common.js';
import type { End } from '../proto/anant/v1/scheduler.js';
import type { OpenAttempt } from './open-attempt.js';

const SWEEP_MS = 1_000;

export interface AttemptBookOptions {
  readonly ledger: AttemptLedger;
  /** The attempt began, or something else was heard of it first: who runs it is known now. */
  readonly onWorker: (open: OpenAttempt) => void;
  readonly onReference: (object: string, bytes: number, sender: EventSender) => void;
}

export class AttemptBook {
  readonly #options: AttemptBookOptions;
  readonly #byNumber = new ChurnMap<number, OpenAttempt>();
  readonly #byAttempt = new ChurnMap<Attempt, OpenAttempt>();
  readonly #accepted = new Set<OpenAttempt>();
  #sweep: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(options: AttemptBookOptions) {
    this.#options = options;
  }

  nextNumber(): number {
    this.#count = (this.#count + 1) >>> 0;
    return this.#count;
  }

  add(open: OpenAttempt): void {
    this.#byNumber.set(open.number, open);
    this.#byAttempt.set(open.attempt, open);
  }

  byNumber(number: number): OpenAttempt | undefined {
    return this.#byNumber.get(number);
  }

  of(attempt: Attempt): OpenAttempt | undefined {
    return this.#byAttempt.get(attempt);
  }

  all(): IterableIterator<OpenAttempt> {
    return this.#byNumber.values();
  }

  /** The ledger has ended it, for whatever reason. */
  ended(attempt: Attempt): void {
    const open = this.#byAttempt.get(attempt);
    if (open === undefined) return;
    this.#byAttempt.delete(attempt);
    this.#byNumber.delete(open.number);
    this.#accepted.delete(open);
  }

  /** What a worker says. */
  apply(event: DataEvent, sender: EventSender): void {
    const open = this.#byNumber.get(event.number);
    if (open === undefined || isOlder(event, open)) return;
    open.epoch = event.epoch;
    open.counter = event.counter;
    if (open.worker !== sender.address) {
      open.worker = sender.address;
      this.#options.onWorker(open);
    }
    const { ledger } = this.#options;
    switch (event.type) {
      case 'start':
        ledger.start(open.attempt, sender.worker);
        break;
      case 'heartbeat':
        ledger.heartbeat(open.attempt);
        break;
      case 'progress':
        ledger.progress(open.attempt, event.done, event.total, event.note);
        break;
      case 'device':
        ledger.device(open.attempt, event.device);
        break;
      case 'item':
        this.#item(open, event.sequence, event.value);
        break;
      case 'result':
        this.#result(open, event, sender);
        break;
    }
  }

  /** What the head says. */
  end({ id, attempt: number, status, detail, epoch, counter }: End): void {
    const attempt = this.#options.ledger.find(id, number);
    const open = attempt && this.#byAttempt.get(attempt);
    if (open === undefined) return;
    const name = statusName(status);
    if (name !== 'ok' && name !== 'ok-reference' && name !== 'app-error') {
      this.#close(open, outcomeOf(name, EndDetail.decode(detail)));
      return;
    }
    const { result } = open;
    if (result?.epoch === epoch && result.counter === counter) this.#close(open, result.outcome);
    else {
      open.accepted = { epoch, counter, dueMs: performance.now() + RESULT_MS_MAX };
      this.#accepted.add(open);
      this.#sweep ??= setInterval(() => this.#giveUpLate(), SWEEP_MS).unref();
    }
  }

  /** Nothing more comes from this worker: calls of its actors are lost, and so are results that are on their way. */
  workerGone(address: string, reason: string): void {
    for (const open of [...this.#byNumber.values()]) {
      if (open.worker !== address) continue;
      const isCall = open.entry === undefined && open.attempt.envelope.actor !== undefined;
      if (isCall) this.#close(open, this.lost(open, reason));
      else if (open.accepted) open.accepted = { ...open.accepted, dueMs: performance.now() + SWEEP_MS };
    }
  }

  /** Every attempt of the ledger ends; over a broken connection, what was not sent has not begun. */
  loseAll(reason: string, connection: 'open' | 'broken'): void {
    const { ledger } = this.#options;
    for (const attempt of ledger.all()) {
      const isUnsent = this.of(attempt)?.entry !== undefined && connection === 'broken';
      const started = attempt.hasStarted ? 'yes' : isUnsent ? 'no' : 'maybe';
      ledger.end(attempt, { status: 'lost', reason, started });
    }
  }

  lost({ attempt }: OpenAttempt, reason: string): AttemptOutcome {
    return { status: 'lost', reason, started: attempt.hasStarted ? 'yes' : 'maybe' };
  }

  find(id: TaskId, number: number): OpenAttempt | undefined {
    const attempt = this.#options.ledger.find(id, number);
    return attempt && this.#byAttempt.get(attempt);
  }

  close(): void {
    clearInterval(this.#sweep);
  }

  #item(open: OpenAttempt, sequence: number, value: unknown): void {
    if (sequence !== open.nextSequence) {
      // A second execution: what its first one yielded was seen already.
      this.#close(
        open,
        this.lost(open, `Item ${open.nextSequence} of the stream is missing; item ${sequence} came.`),
      );
      return;
    }
    open.nextSequence += 1;
    this.#options.ledger.item(open.attempt, sequence, value);
  }

  #result(open: OpenAttempt, event: Extract<DataEvent, { type: 'result' }>, sender: EventSender): void {
    const { epoch, counter, outcome } = event;
    if (outcome.status === 'ok-reference') this.#options.onReference(outcome.object, outcome.bytes, sender);
    const isCall = open.attempt.envelope.actor !== undefined;
    const { accepted } = open;
    if (isCall || (accepted?.epoch === epoch && accepted.counter === counter)) this.#close(open, outcome);
    else open.result = { epoch, counter, outcome };
  }

  #giveUpLate(): void {
    const nowMs = performance.now();
    for (const open of [...this.#accepted]) {
      if (open.accepted && open.accepted.dueMs <= nowMs) {
        this.#close(open, this.lost(open, 'It ended, but its result did not arrive: its worker is gone.'));
      }
    }
  }

  #close(open: OpenAttempt, outcome: AttemptOutcome): void {
    this.#options.ledger.end(open.attempt, outcome);
  }
}

/** Whether it speaks of an assignment that another one has replaced. */
function isOlder(event: DataEvent, open: OpenAttempt): boolean {
  return event.epoch < open.epoch || (event.epoch === open.epoch && event.counter < open.counter);
}
