/** One step: collects what it decides, and hands it out in an order that never shows what is not durable yet. */
import type {
  AnswerNotice,
  AssignedTask,
  Refusal,
  RevokeNotice,
  SchedulerEffect,
  SequencedEnd,
  StartNotice,
  VerdictNotice,
} from './effect.js';
import type { JournalRecord } from './record.js';
import type { SchedulerState } from './state.js';
import type { AttemptKey, SessionId } from './task-spec.js';
import type { WorkerId } from './worker-spec.js';

/** Lists by key; most steps concern one or a few keys, and most lists of a step stay empty. */
class Batches<Item> {
  #byKey: Map<string, Item[]> | undefined;

  get byKey(): ReadonlyMap<string, Item[]> {
    return this.#byKey ?? NO_KEYS;
  }

  add(key: string, item: Item): void {
    this.#byKey ??= new Map();
    const items = this.#byKey.get(key);
    if (items === undefined) this.#byKey.set(key, [item]);
    else items.push(item);
  }

  clear(): void {
    this.#byKey = undefined;
  }
}

const NO_KEYS = new Map<string, never>();

type AssignRecord = Extract<JournalRecord, { type: 'assign' }>['tasks'][number];

export class Turn {
  readonly state: SchedulerState;
  readonly nowMs: number;
  /** Effects that need not wait for the journal. */
  readonly effects: SchedulerEffect[] = [];
  readonly records: JournalRecord[] = [];
  readonly acknowledged = new Batches<AttemptKey>();
  readonly refused = new Batches<Refusal>();
  readonly started = new Batches<StartNotice>();
  readonly ended = new Batches<SequencedEnd>();
  readonly endRecords = new Batches<SequencedEnd>();
  readonly answers = new Batches<AnswerNotice>();
  readonly assigned = new Batches<AssignedTask>();
  readonly assignedOnce = new Batches<AssignedTask>();
  readonly assignRecords = new Batches<AssignRecord>();
  readonly unassigned: string[] = [];
  readonly revoked = new Batches<RevokeNotice>();
  readonly verdicts = new Batches<VerdictNotice>();
  readonly drained: WorkerId[] = [];
  readonly resent: SessionId[] = [];

  constructor(state: SchedulerState, nowMs: number) {
    this.state = state;
    this.nowMs = nowMs;
  }

  /** Closes the step. */
  finish(): SchedulerEffect[] {
    const { effects, state } = this;
    for (const [session, tasks] of this.refused.byKey) effects.push({ type: 'refuse', session, tasks });
    this.#journal();
    for (const [worker, tasks] of this.assigned.byKey) effects.push({ type: 'assign', worker, tasks });
    for (const [worker, tasks] of this.revoked.byKey) effects.push({ type: 'revoke', worker, tasks });
    for (const [session, tasks] of this.started.byKey) effects.push({ type: 'start', session, tasks });
    const held = this.#durable();
    if (held.length === 0) return effects;
    if (state.journalIndex <= state.durableIndex) effects.push(...held);
    else state.held.hold(state.journalIndex, held);
    return effects;
  }

  /** Puts the ends decided so far before whatever is recorded next. */
  recordEnds(): void {
    for (const [session, ends] of this.endRecords.byKey) this.records.push({ type: 'end', session, ends });
    this.endRecords.clear();
  }

  #journal(): void {
    const { state, records } = this;
    if (this.unassigned.length > 0) records.push({ type: 'unassign', ids: this.unassigned });
    this.recordEnds();
    for (const [worker, tasks] of this.assignRecords.byKey) {
      const bootId = state.workers.get(worker)!.spec.bootId;
      records.push({ type: 'assign', worker, bootId, tasks });
    }
    if (records.length === 0) return;
    state.journalIndex += 1;
    this.effects.push({
      type: 'journal',
      entry: { epoch: state.epoch, index: state.journalIndex, records },
    });
  }

  /** Effects that others may only see once the journal has what they say. */
  #durable(): SchedulerEffect[] {
    const { epoch } = this.state;
    const held: SchedulerEffect[] = [];
    for (const [session, tasks] of this.acknowledged.byKey)
      held.push({ type: 'acknowledge', session, tasks });
    for (const session of this.resent) {
      const entry = this.state.sessions.get(session);
      if (entry && entry.endsHead < entry.ends.length)
        held.push({ type: 'end', session, ends: entry.ends.slice(entry.endsHead) });
    }
    for (const [session, ends] of this.ended.byKey) held.push({ type: 'end', session, ends });
    for (const [session, answers] of this.answers.byKey)
      held.push({ type: 'cancel-answer', session, answers });
    for (const [worker, verdicts] of this.verdicts.byKey)
      held.push({ type: 'commit-verdict', worker, epoch, verdicts });
    for (const [worker, tasks] of this.assignedOnce.byKey) held.push({ type: 'assign', worker, tasks });
    for (const worker of this.drained) held.push({ type: 'drained', worker });
    return held;
  }
}
