/** Cancel requests of a driver: to the head in batches, or to the worker of an actor; each answered in bounded time. */
import type { CancelAnswer, CancelRequest, TaskId } from '@anant/core';
import type { AttemptLedger } from '../../embedded/attempt-ledger.js';
import { cancelledBy } from '../../embedded/outcomes.js';
import { Flusher } from '../control/flusher.js';
import type { Cancel, CancelAnswers, CancelBatch } from '../proto/anant/v1/scheduler.js';
import type { ActorBook } from './actor-book.js';
import type { AttemptBook } from './attempt-book.js';
import { RequestTable } from './request-table.js';

const CANCEL_MS_MAX = 5_000;

export interface CancelDeskOptions {
  readonly ledger: AttemptLedger;
  readonly attempts: AttemptBook;
  readonly actors: ActorBook;
  readonly send: (batch: CancelBatch) => void;
}

export class CancelDesk {
  readonly #options: CancelDeskOptions;
  readonly #requests = new RequestTable<CancelAnswer>();
  readonly #flusher = new Flusher(() => this.#send());
  #waiting: Cancel[] = [];

  constructor(options: CancelDeskOptions) {
    this.#options = options;
  }

  async cancel({ id, attempt, how }: CancelRequest): Promise<CancelAnswer> {
    const { ledger, attempts, actors } = this.#options;
    const open = attempts.find(id, attempt);
    if (open === undefined) return 'unknown-task';
    const isCall = open.attempt.envelope.actor !== undefined;
    if (how === 'forget') {
      ledger.end(open.attempt, cancelledBy('forget'));
      if (isCall) void actors.cancel(open, how);
      else this.#push(0, id, attempt, how);
      return 'cancelled';
    }
    if (isCall) return await actors.cancel(open, how);
    const { request, answer } = this.#requests.open(CANCEL_MS_MAX, 'requested');
    this.#push(request, id, attempt, how);
    return await answer;
  }

  answered({ answers }: CancelAnswers): void {
    for (const { request, answer } of answers) this.#requests.settle(request, answer as CancelAnswer);
  }

  close(): void {
    this.#requests.settleAll('already-done');
  }

  #push(request: number, id: TaskId, attempt: number, how: string): void {
    this.#waiting.push({ request, id, attempt, how });
    this.#flusher.wake();
  }

  #send(): number {
    const cancels = this.#waiting;
    if (cancels.length === 0) return 0;
    this.#waiting = [];
    this.#options.send({ cancels });
    return cancels.length;
  }
}
