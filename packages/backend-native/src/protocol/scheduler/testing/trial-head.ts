/** A head for tests: feeds events, keeps its journal in memory, and collects effects by type. Time moves by hand. */
import { seededRandom } from '@anant/core/testing';
import type { SchedulerEffect } from '../effect.js';
import type { CommitSpec, SchedulerEvent, TokenedKey } from '../event.js';
import type { JournalEntry } from '../record.js';
import { newSchedulerState, type SchedulerSettings, type SchedulerState } from '../state.js';
import { step } from '../step.js';
import type { TaskSpec } from '../task-spec.js';
import type { WorkerSpec } from '../worker-spec.js';

type Of<Type extends SchedulerEffect['type']> = Extract<SchedulerEffect, { type: Type }>;

export class TrialHead {
  readonly state: SchedulerState;
  nowMs = 0;
  effects: SchedulerEffect[] = [];
  readonly journal: JournalEntry[] = [];
  /** `later`: nothing is durable until `sync` is called. */
  sync: 'at-once' | 'later' = 'at-once';
  readonly #random = seededRandom(1);

  constructor(settings: SchedulerSettings = {}) {
    this.state = newSchedulerState(settings);
  }

  /** A head that leads, with a session called `driver`. */
  static leading(settings: SchedulerSettings = {}): TrialHead {
    const head = new TrialHead(settings);
    head.feed({ type: 'lead', epoch: 1 });
    head.feed({ type: 'session-open', session: 'driver', tenant: '' });
    head.effects = [];
    return head;
  }

  feed(event: SchedulerEvent): SchedulerEffect[] {
    const effects = step(this.state, event, { nowMs: this.nowMs, random: this.#random });
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.type !== 'journal') continue;
      this.journal.push(effect.entry);
      if (this.sync === 'at-once')
        effects.push(...this.feed({ type: 'journaled', index: effect.entry.index }));
    }
    return effects;
  }

  /** Everything appended so far is durable. */
  flush(): void {
    this.feed({ type: 'journaled', index: this.state.journalIndex });
  }

  advance(durationMs: number): void {
    this.nowMs += durationMs;
    this.feed({ type: 'tick' });
  }

  join(id: string, spec: Partial<WorkerSpec> = {}): void {
    this.feed({ type: 'worker-join', worker: trialWorker(id, spec) });
  }

  submit(...tasks: readonly TaskSpec[]): void {
    this.feed({ type: 'submit', session: 'driver', tasks });
  }

  /** Effects of a type since the last call of `clear`. */
  of<Type extends SchedulerEffect['type']>(type: Type): Of<Type>[] {
    return this.effects.filter((effect): effect is Of<Type> => effect.type === type);
  }

  /** What workers were given, in order: `task@worker`. */
  assigned(): string[] {
    return this.of('assign').flatMap(({ worker, tasks }) => tasks.map(({ id }) => `${id}@${worker}`));
  }

  /** How attempts ended, in order: `task#attempt status`. */
  ended(): string[] {
    return this.of('end').flatMap(({ ends }) =>
      ends.map(
        ({ id, attempt, end }) => `${id}#${attempt} ${end.by === 'worker' ? end.status : end.outcome.status}`,
      ),
    );
  }

  refused(): string[] {
    return this.of('refuse').flatMap(({ tasks }) => tasks.map(({ id, code }) => `${id} ${code}`));
  }

  verdicts(): string[] {
    return this.of('commit-verdict').flatMap(({ verdicts }) =>
      verdicts.map(({ id, verdict }) => `${id} ${verdict}`),
    );
  }

  /** The assignment of a task, as its worker would quote it. */
  assignment(id: string): TokenedKey {
    const { spec, token } = this.state.tasks.get(id)!;
    return { id, attempt: spec.attempt, token: token! };
  }

  start(id: string): TokenedKey {
    const key = this.assignment(id);
    const { worker } = this.state.tasks.get(id)!;
    this.feed({ type: 'started', worker: worker!.id, bootId: worker!.spec.bootId, tasks: [key] });
    return key;
  }

  commit(worker: string, key: TokenedKey, spec: Partial<CommitSpec> = {}): void {
    const commits = [{ ...key, status: 'ok' as const, body: new Uint8Array(), runUs: 10, ...spec }];
    this.feed({ type: 'commit', worker, bootId: 'boot', commits });
  }

  clear(): void {
    this.effects = [];
  }
}

export function trialWorker(id: string, spec: Partial<WorkerSpec> = {}): WorkerSpec {
  return {
    id,
    bootId: 'boot',
    slots: 1,
    resources: { cpu: 4, memoryBytes: 1000, gpu: 0, custom: {} },
    labels: {},
    host: `host-of-${id}`,
    zone: '',
    dataAddress: '',
    holds: [],
    ...spec,
  };
}

export function trialTask(id: string, spec: Partial<TaskSpec> = {}): TaskSpec {
  return {
    id,
    attempt: 1,
    digest: `digest-of-${id}`,
    definition: 'noop',
    priority: 0,
    tenant: '',
    delivery: 'at-least-once',
    payload: new Uint8Array(8),
    ...spec,
  };
}
