/** One backend under test, started, seen from the contract: submit envelopes, await events, cancel. */
import { checkPortable } from '../codec/index.js';
import type {
  ActorTarget,
  BackendV1,
  CancelAnswer,
  CancelStrategy,
  DefinitionKind,
  DefinitionReference,
  EnvelopeOptions,
  StartInfo,
  TaskEndEvent,
  TaskEnvelope,
} from '../contract/index.js';
import { silentLogger, systemClock } from '../contract/index.js';
import { fileText, within } from './deadline.js';
import { type Attempt, EventLog } from './event-log.js';
import type { FaultTarget } from './fault-harness.js';
import type { FixtureName, FixtureSet } from './fixture-set.js';
import { Violation } from './violation.js';

export interface SessionOptions {
  readonly fixtures: FixtureSet;
  readonly kind: DefinitionKind;
  /** Starts every id of this session, so that sessions on one backend never meet. */
  readonly prefix: string;
  readonly deadlineMs: number;
  readonly startTimeoutMs: number;
}

export interface CallOptions extends Partial<EnvelopeOptions> {
  readonly id?: string;
  readonly attempt?: number;
  readonly actor?: ActorTarget;
  /** Instead of the session's kind. */
  readonly kind?: DefinitionKind;
}

/** One call to make: a fixture's name or a whole reference, its input and its options. */
export type Call = readonly [task: FixtureName | DefinitionReference, input?: unknown, options?: CallOptions];

export class Session {
  readonly log: EventLog;
  #count = 0;
  #info: StartInfo | undefined;

  constructor(
    readonly backend: BackendV1,
    readonly options: SessionOptions,
  ) {
    this.log = new EventLog(options.deadlineMs);
  }

  get deadlineMs(): number {
    return this.options.deadlineMs;
  }

  get info(): StartInfo {
    if (this.#info === undefined) throw new Violation('the session was not started');
    return this.#info;
  }

  async start(): Promise<StartInfo> {
    const { startTimeoutMs } = this.options;
    const start = this.backend.doStart({
      emit: (events) => this.log.receive(events),
      clock: systemClock,
      logger: silentLogger,
      startTimeoutMs,
    });
    this.#info = await within(start, startTimeoutMs, () => 'doStart');
    return this.#info;
  }

  newId(name = 'task'): string {
    this.#count += 1;
    return `${this.options.prefix}.${name}-${this.#count}`;
  }

  envelope([task, input, options = {}]: Call): TaskEnvelope {
    const { id, attempt, actor, kind, ...rest } = options;
    const definition =
      typeof task === 'string' ? this.options.fixtures.reference(kind ?? this.options.kind, task) : task;
    return {
      id: id ?? this.newId(),
      attempt: attempt ?? 1,
      definition,
      input,
      references: checkPortable(input, 'input').map((reference) => reference.id),
      options: { priority: 0, delivery: 'at-least-once', output: 'value', ...rest },
      ...(actor && { actor }),
    };
  }

  /** Submits one batch. */
  submit(calls: readonly Call[]): readonly TaskEnvelope[] {
    const envelopes = calls.map((call) => this.envelope(call));
    this.backend.doSubmit(envelopes);
    return envelopes;
  }

  submitOne(...call: Call): TaskEnvelope {
    return this.submit([call])[0]!;
  }

  /** Submits one task and waits for its end. */
  run(...call: Call): Promise<TaskEndEvent> {
    return this.log.end(this.submitOne(...call));
  }

  /** Submits one task that must end ok, and gives its value. */
  async value(...call: Call): Promise<unknown> {
    const envelope = this.submitOne(...call);
    return okValue(await this.log.end(envelope), envelope.definition.name);
  }

  async cancel(how: CancelStrategy, ...attempts: readonly Attempt[]): Promise<readonly CancelAnswer[]> {
    const requests = attempts.map(({ id, attempt }) => ({ id, attempt, how }));
    return within(this.backend.doCancel(requests), this.deadlineMs, () => `the answer to doCancel (${how})`);
  }

  /** Waits until the task itself has written its mark, and says where it runs. */
  async target(attempt: Attempt, startedPath: string): Promise<FaultTarget> {
    const mark = JSON.parse(await fileText(startedPath, this.deadlineMs)) as { pid: number; parent: number };
    const start = await this.log.started(attempt);
    return { id: attempt.id, worker: start.worker, pid: mark.pid, parentPid: mark.parent };
  }

  async stop(graceMs: number): Promise<void> {
    await within(
      this.backend.doStop({ graceMs }),
      graceMs + this.deadlineMs,
      () => `doStop with a grace of ${graceMs} ms`,
    );
  }
}

/** @throws Violation with the whole outcome unless the attempt ended ok. */
export function okValue(end: TaskEndEvent, what: string): unknown {
  if (end.outcome.status !== 'ok') {
    throw new Violation(`${what}: expected ok, got ${JSON.stringify(end.outcome).slice(0, 600)}`);
  }
  return end.outcome.value;
}
