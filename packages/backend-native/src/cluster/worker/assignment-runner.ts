/** What a worker does with its assignments: runs them with the executors of the embedded backend, stops them, gives them back. */
import type { TaskEnvelope } from '@anant/core';
import type { NativeBackend } from '../../embedded/native-backend.js';
import { lostBeforeStart, refusedBy } from '../../embedded/outcomes.js';
import type { CodeDesk } from '../code/code-desk.js';
import { readPayload } from '../data/task-payload.js';
import {
  type AssignBatch,
  type Assignment,
  type ReturnedBatch,
  type Revoke,
  RevokeAction,
  type RevokeBatch,
  type VerdictBatch,
} from '../proto/anant/v1/worker.js';
import type { InputDesk } from './input-desk.js';
import type { Reporter } from './reporter.js';
import type { KnownPeer, SessionTable } from './session-table.js';
import type { Work, WorkTable } from './work.js';

const NO_REFERENCES: readonly [] = [];

/** Pause before a commit is repeated that the head could not decide. */
const LATER_MS = 200;

export interface AssignmentRunnerOptions {
  readonly backend: NativeBackend;
  readonly works: WorkTable;
  readonly sessions: SessionTable;
  readonly inputs: InputDesk;
  readonly code: CodeDesk;
  readonly reporter: Reporter;
  readonly giveBack: (batch: ReturnedBatch) => void;
}

export class AssignmentRunner {
  readonly #options: AssignmentRunnerOptions;

  constructor(options: AssignmentRunnerOptions) {
    this.#options = options;
  }

  assign({ epoch, sessions, templates, assignments }: AssignBatch): void {
    for (const session of sessions) this.#options.sessions.add(session);
    for (const template of templates) this.#options.sessions.addTemplate(template);
    const ready: TaskEnvelope[] = [];
    for (const assignment of assignments) {
      const envelope = this.#accept(epoch, assignment);
      if (envelope !== undefined) ready.push(envelope);
    }
    if (ready.length > 0) this.#options.backend.doSubmit(ready);
  }

  /** @returns what can be run at once */
  #accept(
    epoch: number,
    { counter, session, id, attempt, template, payload, isAlone }: Assignment,
  ): TaskEnvelope | undefined {
    const peer = this.#options.sessions.find(session);
    const known = this.#options.sessions.template(template);
    if (peer === undefined || known === undefined) return undefined;
    const content = readPayload(payload);
    const { number } = content;
    const work: Work = {
      id,
      attempt,
      epoch,
      counter,
      session: peer,
      number,
      state: 'waiting',
      startedMs: 0,
      runUs: 0,
      isDropped: false,
      commit: undefined,
    };
    if (!this.#options.works.add(work)) return undefined;
    const options =
      isAlone && known.definition.kind === 'typescript' && known.options.mode !== 'gpu'
        ? { ...known.options, mode: 'process' as const }
        : known.options;
    const { inputs, code } = this.#options;
    const definition = code.ready(known.definition, known.code);
    try {
      if (definition !== undefined && inputs.isHere(content))
        return { id, attempt, definition, input: inputs.read(content), references: NO_REFERENCES, options };
    } catch (thrown) {
      this.#options.reporter.end(work, refusedBy(thrown));
      return undefined;
    }
    const bringCode =
      definition ?? code.bring(known.definition, known.code, (wanted) => inputs.fetch(wanted, peer));
    Promise.all([inputs.gather(content, peer), bringCode]).then(
      ([input, found]) => {
        if (work.state === 'waiting' && this.#options.works.byToken(epoch, counter) === work)
          this.#options.backend.doSubmit([
            { id, attempt, definition: found, input, references: NO_REFERENCES, options },
          ]);
      },
      (thrown) => this.#options.reporter.end(work, refusedBy(thrown)),
    );
    return undefined;
  }

  revoke({ epoch, revokes }: RevokeBatch): void {
    const returned: number[] = [];
    for (const revoke of revokes) {
      const work = this.#options.works.byToken(epoch, revoke.counter);
      if (work !== undefined && this.#act(work, revoke) === 'returned') returned.push(revoke.counter);
    }
    if (returned.length > 0) this.#options.giveBack({ epoch, counters: returned });
  }

  #act(work: Work, { action, how }: Revoke): 'returned' | 'kept' {
    const { id, attempt } = work;
    if (work.state === 'done') return 'kept';
    if (action === RevokeAction.REVOKE || action === RevokeAction.DROP) {
      if (work.state === 'waiting') {
        // Off the table first: what its executor says of its end is no news.
        this.#options.works.delete(work);
        if (!this.#wasHanded(work) || this.#options.backend.takeBack(id, attempt)) return 'returned';
        this.#options.works.add(work);
      }
      if (action === RevokeAction.REVOKE) return 'kept';
      work.isDropped = true;
      if (how === 'kill') void this.#options.backend.doCancel([{ id, attempt, how: 'kill' }]);
      return 'kept';
    }
    const strategy = how === 'kill' ? 'kill' : how === 'ask' ? 'ask' : 'forget';
    if (!this.#wasHanded(work)) this.#options.reporter.end(work, { status: 'cancelled', how: strategy });
    else void this.#options.backend.doCancel([{ id, attempt, how: strategy }]);
    return 'kept';
  }

  #wasHanded({ id, attempt }: Work): boolean {
    return this.#options.backend.isOpen(id, attempt);
  }

  verdict({ epoch, accepted, superseded, later }: VerdictBatch): void {
    for (const counters of [accepted, superseded]) {
      for (const counter of counters) {
        const work = this.#options.works.byToken(epoch, counter);
        if (work !== undefined) this.#options.works.delete(work);
      }
    }
    if (later.length === 0) return;
    setTimeout(() => {
      for (const counter of later) {
        const work = this.#options.works.byToken(epoch, counter);
        if (work !== undefined) this.#options.reporter.repeat(work);
      }
    }, LATER_MS).unref();
  }

  /** Stops what runs for a driver that is gone. */
  stopSession(session: KnownPeer): void {
    for (const work of this.#options.works.all()) if (work.session === session) this.#kill(work);
  }

  /** Stops everything and forgets it: others may run it now. */
  stopAll(): void {
    const { works, backend } = this.#options;
    const running = works.all().filter((work) => this.#wasHanded(work));
    works.clear();
    void backend.doCancel(running.map(({ id, attempt }) => ({ id, attempt, how: 'kill' })));
  }

  #kill(work: Work): void {
    work.isDropped = true;
    const { id, attempt } = work;
    if (this.#wasHanded(work)) void this.#options.backend.doCancel([{ id, attempt, how: 'kill' }]);
    else this.#options.reporter.end(work, lostBeforeStart('The session ended.'));
  }
}
