/** What happened at the border of one backend, in order, bounded, with the laws checked on the way. */
import type { TaskEvent } from '../contract/index.js';
import { LawChecker } from './law-checker.js';

/** Entries a trace keeps; past it the oldest are dropped and counted. */
export const TRACE_ENTRIES_MAX = 20_000;

export interface TraceEntry {
  readonly atMs: number;
  /** The member that was called, `emit`, or a member followed by ` →` for its answer. */
  readonly what: string;
  /** One line for people; values are not kept. */
  readonly text: string;
}

export class Trace {
  readonly laws = new LawChecker();
  #entries: TraceEntry[] = [];
  #dropped = 0;

  add(atMs: number, what: string, text: string): void {
    this.#entries.push({ atMs, what, text });
    if (this.#entries.length > 2 * TRACE_ENTRIES_MAX) {
      this.#dropped += this.#entries.length - TRACE_ENTRIES_MAX;
      this.#entries = this.#entries.slice(-TRACE_ENTRIES_MAX);
    }
  }

  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** Entries that are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The last `count` entries and what is still open, as text for failure messages. */
  tail(count: number): string {
    const lines = this.#entries
      .slice(-count)
      .map((entry) => `  ${entry.atMs.toFixed(1)} ms ${entry.what} ${entry.text}`);
    const open = this.laws.openAttempts;
    if (open.length > 0) lines.push(`  ${open.length} still open: ${open.slice(0, 8).join(' ')}`);
    return lines.join('\n');
  }
}

/** An event without its values. */
export function summariseEvent(event: TaskEvent): string {
  if (event.type === 'backend-state')
    return `backend-state ${event.state} epoch ${event.epoch} (${event.reason})`;
  const name = `${event.type} ${event.id}#${event.attempt}`;
  switch (event.type) {
    case 'task-start':
      return `${name} on ${event.worker}`;
    case 'task-device':
      return `${name} ${event.device}`;
    case 'task-progress':
      return `${name} ${event.done}/${event.total}`;
    case 'task-item':
      return `${name} [${event.sequence}]`;
    case 'task-heartbeat':
      return name;
    case 'task-end':
      return `${name} ${summariseOutcome(event.outcome)}`;
  }
}

function summariseOutcome(outcome: (TaskEvent & { type: 'task-end' })['outcome']): string {
  switch (outcome.status) {
    case 'app-error':
      return `app-error ${outcome.error.type}: ${outcome.error.message.slice(0, 200)}`;
    case 'lost':
      return `lost (started: ${outcome.started}) ${outcome.reason}`;
    case 'refused':
      return `refused ${outcome.code}: ${outcome.reason}`;
    case 'unknown':
      return `unknown ${outcome.reason}`;
    case 'cancelled':
      return `cancelled by ${outcome.how}`;
    case 'ok-reference':
      return `ok-reference ${outcome.object}`;
    case 'ok':
      return 'ok';
  }
}
