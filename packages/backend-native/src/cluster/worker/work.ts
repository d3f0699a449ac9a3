/** Assignments a worker has, found by token and by attempt. */
import { ChurnMap } from '@anant/core';
import { type Held, HeldState } from '../proto/anant/v1/worker.js';
import type { KnownPeer } from './session-table.js';

/** Why a worker ends that was told to finish and go; whoever looks at its log knows it by this. All other reasons are trouble. */
export const DRAINED = 'The head drained it.';

export interface Work {
  readonly id: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly counter: number;
  readonly session: KnownPeer;
  /** Names the attempt for the driver. */
  readonly number: number;
  /** `waiting`: its inputs are on their way, or it waits in line. `done`: committed, the verdict is due. */
  state: 'waiting' | 'running' | 'done';
  startedMs: number;
  /** As its executor measured it; 0 when that did not. */
  runUs: number;
  /** The head has decided its end already: it is stopped, and what it gives is not wanted. */
  isDropped: boolean;
  /** The commit, until the head has decided. */
  commit: { readonly status: number; readonly detail: Buffer; readonly runUs: number } | undefined;
}

/** Names an attempt among those of this process. Task ids have no `#`. */
export const attemptKey = (id: string, attempt: number): string => (attempt === 1 ? id : `${id}#${attempt}`);

const HELD_STATES = {
  waiting: HeldState.WAITING,
  running: HeldState.RUNNING,
  done: HeldState.DONE,
} as const;

export class WorkTable {
  readonly #byEpoch = new Map<number, ChurnMap<number, Work>>();
  readonly #byAttempt = new ChurnMap<string, Work>();

  get size(): number {
    return this.#byAttempt.size;
  }

  /** How many run. */
  get running(): number {
    let count = 0;
    for (const { state } of this.#byAttempt.values()) if (state === 'running') count += 1;
    return count;
  }

  /** @returns false when the attempt is here already */
  add(work: Work): boolean {
    const key = attemptKey(work.id, work.attempt);
    if (this.#byAttempt.has(key)) return false;
    this.#byAttempt.set(key, work);
    const byCounter = this.#byEpoch.get(work.epoch);
    if (byCounter === undefined)
      this.#byEpoch.set(work.epoch, new ChurnMap<number, Work>().set(work.counter, work));
    else byCounter.set(work.counter, work);
    return true;
  }

  byToken(epoch: number, counter: number): Work | undefined {
    return this.#byEpoch.get(epoch)?.get(counter);
  }

  byAttempt(id: string, attempt: number): Work | undefined {
    return this.#byAttempt.get(attemptKey(id, attempt));
  }

  delete(work: Work): void {
    const byCounter = this.#byEpoch.get(work.epoch);
    if (byCounter?.get(work.counter) !== work) return;
    byCounter.delete(work.counter);
    if (byCounter.size === 0) this.#byEpoch.delete(work.epoch);
    this.#byAttempt.delete(attemptKey(work.id, work.attempt));
  }

  all(): Work[] {
    return [...this.#byAttempt.values()];
  }

  /** What it has, for a head that it joins. */
  held(): Held[] {
    return this.all().map(({ id, attempt, epoch, counter, state }) => ({
      id,
      attempt,
      token: { epoch, counter },
      state: HELD_STATES[state],
    }));
  }

  clear(): void {
    this.#byEpoch.clear();
    this.#byAttempt.clear();
  }
}
