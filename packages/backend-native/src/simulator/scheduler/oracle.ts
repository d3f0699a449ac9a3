/**
 * Sees everything in a simulated cluster and says what must never happen. The numbers are those of the invariants in
 * docs/correctness.md.
 */
import {
  type AttemptKey,
  compareTokens,
  type FencingToken,
  type SchedulerState,
  type SequencedEnd,
  statusOf,
} from '../../protocol/scheduler/index.js';
import { audit } from './audit.js';
import { LogOracle } from './log-oracle.js';

export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7' | 'I12' | 'I14' | 'I15' | 'I16';
  readonly what: string;
  readonly atMs: number;
}

/** More are not kept: one is enough to fail a run. */
const VIOLATIONS_MAX = 20;

export const tokenText = ({ epoch, counter }: FencingToken): string => `(${epoch}, ${counter})`;
export const keyOf = ({ id, attempt }: AttemptKey): string => `${id}#${attempt}`;

export class Oracle {
  readonly violations: Violation[] = [];
  readonly log: LogOracle;
  readonly counts = { executions: 0, accepted: 0, superseded: 0, ends: 0, recoveries: 0, quarantined: 0 };
  readonly #nowMs: () => number;
  readonly #acknowledged = new Set<string>();
  readonly #ended = new Map<string, string>();
  readonly #results = new Map<string, string>();
  readonly #accepted = new Map<string, FencingToken>();
  /** Accepted commits by attempt: what a driver sees as a result must be among them. */
  readonly #committed = new Map<string, FencingToken>();
  readonly #deaths = new Map<string, number>();
  readonly #runs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.log = new LogOracle(this, nowMs);
  }

  violate(invariant: Violation['invariant'], what: string): void {
    if (this.violations.length < VIOLATIONS_MAX)
      this.violations.push({ invariant, what, atMs: this.#nowMs() });
  }

  /** A driver was told that its submission is safe. */
  acknowledged(key: AttemptKey): void {
    this.#acknowledged.add(keyOf(key));
  }

  wasAcknowledged(key: AttemptKey): boolean {
    return this.#acknowledged.has(keyOf(key));
  }

  /** User code began. */
  executed(id: string, delivery: 'at-least-once' | 'at-most-once'): void {
    this.counts.executions += 1;
    const runs = (this.#runs.get(id) ?? 0) + 1;
    this.#runs.set(id, runs);
    if (delivery === 'at-most-once' && runs > 1)
      this.violate('I2', `At-most-once task ${id} ran ${runs} times.`);
  }

  /** A worker died of a task. */
  killed(id: string): void {
    this.#deaths.set(id, (this.#deaths.get(id) ?? 0) + 1);
  }

  /** No task may end more workers than it takes to know it, when nothing else goes wrong. */
  checkDeaths(deathsMax: number): void {
    for (const [id, deaths] of this.#deaths)
      if (deaths > deathsMax) this.violate('I5', `${id} killed ${deaths} workers.`);
  }

  /** The head's decision that a commit counts is durable. `madeUnder` is what the worker ran it under. */
  accepted(key: AttemptKey, token: FencingToken, madeUnder: string): void {
    this.counts.accepted += 1;
    if (madeUnder !== tokenText(token))
      this.violate('I3', `${keyOf(key)}: a result made under ${madeUnder} counts under ${tokenText(token)}.`);
    const before = this.#accepted.get(key.id);
    if (before !== undefined && compareTokens(token, before) < 0)
      this.violate('I3', `${keyOf(key)}: a commit under an older token was accepted after a newer one.`);
    if (before === undefined || compareTokens(token, before) > 0) this.#accepted.set(key.id, token);
    this.#committed.set(keyOf(key), token);
  }

  /** A driver sees an end for the first time. */
  ended({ id, attempt, end, token }: SequencedEnd): void {
    this.counts.ends += 1;
    const key = keyOf({ id, attempt });
    const status = statusOf(end);
    if (this.#ended.has(key))
      this.violate('I2', `${key} ended twice: ${this.#ended.get(key)}, then ${status}.`);
    this.#ended.set(key, status);
    if (end.by !== 'worker') return;
    if (status === 'ok') {
      if (this.#results.has(id))
        this.violate('I2', `${id} gave two results: ${this.#results.get(id)} and ${key}.`);
      this.#results.set(id, key);
    }
    const committed = this.#committed.get(key);
    if (committed === undefined || token === undefined || compareTokens(committed, token) !== 0)
      this.violate('I7', `The driver sees a result of ${key} that no accepted commit gave.`);
  }

  /** A head has read its journal: nothing that others were told may be missing from it. */
  recovered(state: SchedulerState, nowMs: number): void {
    this.counts.recoveries += 1;
    for (const key of this.#acknowledged) {
      const [id, attempt] = key.split('#') as [string, string];
      const known = state.tasks.find(id, nowMs);
      if (known === undefined || known.attempt < Number(attempt))
        this.violate('I1', `${key} was acknowledged, and the journal does not know it.`);
    }
    for (const key of this.#ended.keys()) {
      const [id, attempt] = key.split('#') as [string, string];
      if (state.tasks.get(id)?.attempt === Number(attempt) && this.#ended.get(key) !== 'refused')
        this.violate('I7', `The driver saw the end of ${key}, and the journal has it open.`);
    }
  }

  /** The head's own books must agree with each other, and keep within their bounds. */
  audit(state: SchedulerState): void {
    for (const problem of audit(state)) this.violate('I12', problem);
  }
}
