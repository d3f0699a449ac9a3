/** Tells drivers what happens to their tasks, and the head how they end. Both in batches, the drivers first. */
import type { AttemptOutcome, TaskEvent } from '@anant/core';
import { describeError } from '@anant/core';
import { encodeDetail, statusNumber } from '../control/end-status.js';
import { Flusher } from '../control/flusher.js';
import { DATA_KIND } from '../data/data-message.js';
import type { DataPlane } from '../data/data-plane.js';
import type { EventKey } from '../data/event-writer.js';
import type { Commit, CommitBatch, StartedBatch } from '../proto/anant/v1/worker.js';
import type { KnownPeer } from './session-table.js';
import { attemptKey, type Work, type WorkTable } from './work.js';

/** A call of an actor: no head knows of it. */
export interface ActorCall {
  readonly session: KnownPeer;
  readonly number: number;
}

export interface ReporterOptions {
  readonly plane: DataPlane;
  readonly works: WorkTable;
  readonly sessions: () => Iterable<KnownPeer>;
  readonly sendStarted: (batch: StartedBatch) => void;
  readonly sendCommits: (batch: CommitBatch) => void;
  /** Whether the worker still holds its lease; when not, nothing may leave. */
  readonly isLeased: () => boolean;
  readonly onActorEnd: (call: ActorCall) => void;
}

export class Reporter {
  readonly calls = new Map<string, ActorCall>();
  readonly #options: ReporterOptions;
  readonly #flusher = new Flusher(() => this.#send());
  #started = new Map<number, number[]>();
  #commits = new Map<number, Commit[]>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Takes what the executors emit. */
  readonly receive = (events: readonly TaskEvent[]): void => {
    for (const event of events) {
      if (event.type === 'backend-state') continue;
      const work = this.#options.works.byAttempt(event.id, event.attempt);
      if (work !== undefined) this.#work(work, event);
      else this.#call(event);
    }
    this.#flusher.wake();
  };

  /** Ends a task that never reached an executor. */
  end(work: Work, outcome: AttemptOutcome): void {
    this.#end(work, outcome);
    this.#flusher.wake();
  }

  /** Sends a commit again: the head could not decide it, or another one leads. */
  repeat(work: Work): void {
    if (work.commit === undefined) return;
    this.#commit(work);
    this.#flusher.wake();
  }

  /** Sends everything now. */
  flush(): void {
    this.#flusher.flush();
  }

  #work(work: Work, event: Exclude<TaskEvent, { type: 'backend-state' }>): void {
    if (event.type === 'task-end') {
      this.#end(work, event.outcome);
      return;
    }
    if (event.type === 'task-start') {
      work.state = 'running';
      work.startedMs = performance.now();
      push(this.#started, work.epoch, work.counter);
    }
    this.#write(work.session, work, event);
  }

  #call(event: Exclude<TaskEvent, { type: 'backend-state' }>): void {
    const key = attemptKey(event.id, event.attempt);
    const call = this.calls.get(key);
    if (call === undefined) return;
    const eventKey = { number: call.number, epoch: 0, counter: 0 };
    if (event.type !== 'task-end') {
      this.#write(call.session, eventKey, event);
      return;
    }
    this.calls.delete(key);
    this.endCall(call, event.outcome);
  }

  /** Tells the driver how a call of an actor ended. */
  endCall(call: ActorCall, outcome: AttemptOutcome): void {
    const eventKey = { number: call.number, epoch: 0, counter: 0 };
    if (!this.#writeResult(call.session, eventKey, outcome)) call.session.writer.end(eventKey, outcome);
    this.#options.onActorEnd(call);
    this.#flusher.wake();
  }

  #write(
    session: KnownPeer,
    key: EventKey,
    event: Exclude<TaskEvent, { type: 'backend-state' | 'task-end' }>,
  ): void {
    if (session.isGone) return;
    switch (event.type) {
      case 'task-start':
        session.writer.start(key);
        break;
      case 'task-heartbeat':
        session.writer.heartbeat(key);
        break;
      case 'task-progress':
        session.writer.progress(key, event.done, event.total, event.note);
        break;
      case 'task-device':
        session.writer.device(key, event.device);
        break;
      case 'task-item':
        session.writer.item(key, event.sequence, event.value);
        break;
    }
    if (session.writer.isFull) this.#sendTo(session);
  }

  #end(work: Work, outcome: AttemptOutcome): void {
    if (work.state === 'done') return;
    const runUs = runUsOf(work);
    const told = work.isDropped ? outcome : this.#tell(work, outcome);
    work.state = 'done';
    work.commit = {
      status: statusNumber(told.status),
      detail: encodeDetail(told),
      runUs: Math.min(runUs, 0xffff_ffff),
    };
    this.#commit(work);
  }

  /** Sends a result to its driver; one that cannot be written is an error of the task. */
  #tell(work: Work, outcome: AttemptOutcome): AttemptOutcome {
    try {
      this.#writeResult(work.session, work, outcome);
      return outcome;
    } catch (thrown) {
      const error = { ...describeError(thrown), retryable: false };
      work.session.writer.error(work, error);
      return { status: 'app-error', error };
    }
  }

  /** @returns whether the outcome is one that a driver hears from the worker */
  #writeResult(session: KnownPeer, key: EventKey, outcome: AttemptOutcome): boolean {
    const { writer } = session;
    if (session.isGone) return true;
    switch (outcome.status) {
      case 'ok':
        writer.ok(key, outcome.value);
        break;
      case 'ok-reference':
        session.objects.add(outcome.object);
        writer.reference(key, outcome.object, outcome.bytes);
        break;
      case 'app-error':
        writer.error(key, outcome.error);
        break;
      default:
        return false;
    }
    if (writer.isFull) this.#sendTo(session);
    return true;
  }

  #commit({ epoch, counter, commit }: Work): void {
    if (commit === undefined) return;
    const { status, detail, runUs } = commit;
    push(this.#commits, epoch, { counter, status, detail, runUs });
  }

  #sendTo(session: KnownPeer): void {
    const { address, secret, writer } = session;
    const { payload, buffers } = writer.take();
    this.#options.plane.send(address, secret, DATA_KIND.events, payload, buffers);
  }

  #send(): number {
    const { sendStarted, sendCommits, isLeased, sessions } = this.#options;
    if (!isLeased()) return 0;
    for (const session of sessions()) if (!session.writer.isEmpty) this.#sendTo(session);
    const started = this.#started;
    const commits = this.#commits;
    if (started.size > 0) this.#started = new Map();
    if (commits.size > 0) this.#commits = new Map();
    for (const [epoch, counters] of started) {
      const running = this.#stillRunning(epoch, counters);
      if (running.length > 0) sendStarted({ epoch, counters: running });
    }
    let count = 0;
    for (const list of commits.values()) count += list.length;
    for (const [epoch, list] of commits) {
      sendCommits({ epoch, commits: list });
    }
    return count;
  }

  /** A start whose end goes out in the same moment is no news. */
  #stillRunning(epoch: number, counters: readonly number[]): number[] {
    return counters.filter((counter) => this.#options.works.byToken(epoch, counter)?.state === 'running');
  }
}

/** Tasks that share a message begin and end together as far as this thread sees: what the executor says is better. */
function runUsOf({ runUs, state, startedMs }: Work): number {
  if (runUs > 0) return Math.max(1, Math.round(runUs));
  return state === 'running' ? Math.max(1, Math.round((performance.now() - startedMs) * 1000)) : 0;
}

function push<Item>(byEpoch: Map<number, Item[]>, epoch: number, item: Item): void {
  const items = byEpoch.get(epoch);
  if (items === undefined) byEpoch.set(epoch, [item]);
  else items.push(item);
}
