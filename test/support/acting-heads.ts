/**
 * Watches which heads act: drivers, one that begins at each head, submit without a pause. An acknowledgement is an act of
 * the head of its epoch, somewhere between the submission and its arrival here. If a submission that was made after
 * an acknowledgement of a later epoch had arrived is acknowledged under an earlier one, two heads act. Nothing of this depends on
 * how fast anybody is.
 */
import { randomUUID } from 'node:crypto';
import { ClusterDriver } from '@anant/backend-native/cluster';
import type { DefinitionReference, TaskEnvelope, TaskEvent } from '@anant/core';
import { silentLogger, systemClock } from '@anant/core';
import { eventually } from '@anant/core/testing';
import { slowDouble } from '../cluster/cluster-tasks.js';

export interface ActingHeadsOptions {
  readonly addresses: readonly string[];
  readonly token: string;
}

/** Of one head, as a driver heard it. */
interface Act {
  readonly epoch: number;
  readonly submittedMs: number;
  readonly heardMs: number;
}

interface Watched {
  readonly id: string;
  readonly submittedMs: number;
  isAcknowledged: boolean;
  /** How it ended. */
  status: string | undefined;
  /** Open when its driver had found no leader for so long that it gave up. */
  isGivenUp: boolean;
}

interface Watcher {
  readonly driver: ClusterDriver;
  readonly tasks: Map<string, Watched>;
  /** Sent and not acknowledged, the oldest first. */
  waiting: Watched[];
  readonly acts: Act[];
}

const SUBMIT_EVERY_MS = 25;
const START_MS_MAX = 120_000;
const WAIT_MS_MAX = 120_000;
const BOUNDS = { windowTasks: 65_536, payloadBytesMax: 2 ** 20, objectBytesMax: 2 ** 20 };

export class ActingHeads {
  readonly #watchers: Watcher[] = [];
  readonly #definition: DefinitionReference;
  #timer: NodeJS.Timeout | undefined;

  private constructor(definition: DefinitionReference) {
    this.#definition = definition;
  }

  static async watch({ addresses, token }: ActingHeadsOptions): Promise<ActingHeads> {
    const acting = new ActingHeads(await slowDouble.reference());
    for (const first of addresses) {
      const address = [first, ...addresses.filter((each) => each !== first)].join(',');
      acting.#watchers.push(await acting.#start(address, token));
    }
    acting.#timer = setInterval(() => acting.#submit(), SUBMIT_EVERY_MS);
    return acting;
  }

  get #tasks(): readonly Watched[] {
    return this.#watchers.flatMap(({ tasks }) => [...tasks.values()]);
  }

  get acknowledged(): number {
    return this.#tasks.filter(({ isAcknowledged }) => isAcknowledged).length;
  }

  /** Acknowledged tasks that ended without a result, other than by their driver. */
  get lost(): readonly string[] {
    return this.#tasks
      .filter(({ isAcknowledged, isGivenUp, status }) => isAcknowledged && !isGivenUp && status !== 'ok')
      .map(({ id, status }) => `${id}: ${status ?? 'open'}`);
  }

  get acts(): readonly Act[] {
    return this.#watchers.flatMap(({ acts }) => acts);
  }

  /** Acts of a head after one of a later epoch had been heard of. */
  get overlaps(): readonly string[] {
    const byHearing = [...this.acts].sort((left, right) => left.heardMs - right.heardMs);
    return this.acts.flatMap((act) => {
      const later = byHearing.find(({ heardMs, epoch }) => heardMs < act.submittedMs && epoch > act.epoch);
      return later === undefined ? [] : [`epoch ${act.epoch} acts after epoch ${later.epoch}`];
    });
  }

  /** Does something to the heads, and waits until every driver was acknowledged under a later epoch than before. */
  async throughout(trouble: () => Promise<unknown>): Promise<void> {
    const before = Math.max(0, ...this.acts.map(({ epoch }) => epoch));
    await trouble();
    await eventually(
      () => this.#watchers.every(({ acts }) => (acts.at(-1)?.epoch ?? 0) > before),
      WAIT_MS_MAX,
    );
  }

  /** Submits nothing more, and waits until everything has ended. */
  async settle(): Promise<void> {
    clearInterval(this.#timer);
    await eventually(() => this.#tasks.every(({ status }) => status !== undefined), WAIT_MS_MAX);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#watchers.map(({ driver }) => driver.stop({ graceMs: 0 })));
  }

  async #start(address: string, token: string): Promise<Watcher> {
    const watcher: Omit<Watcher, 'driver'> = { tasks: new Map(), waiting: [], acts: [] };
    const driver = await ClusterDriver.start(
      {
        id: 'native',
        address,
        token,
        security: undefined,
        dataHost: undefined,
        code: 'auto',
        connectTimeoutMs: START_MS_MAX,
        ...BOUNDS,
        onAcknowledged: (count, epoch) => {
          const heardMs = performance.now();
          for (const task of watcher.waiting.splice(0, count)) {
            task.isAcknowledged = true;
            watcher.acts.push({ epoch, submittedMs: task.submittedMs, heardMs });
          }
        },
      },
      {
        emit: (events) => hear(events, watcher),
        clock: systemClock,
        logger: silentLogger,
        startTimeoutMs: START_MS_MAX,
      },
    );
    return Object.assign(watcher, { driver });
  }

  #submit(): void {
    for (const { driver, waiting, tasks } of this.#watchers) {
      const id = randomUUID();
      const submittedMs = performance.now();
      const watched = { id, submittedMs, isAcknowledged: false, status: undefined, isGivenUp: false };
      tasks.set(id, watched);
      waiting.push(watched);
      const task: TaskEnvelope = {
        id,
        attempt: 1,
        definition: this.#definition,
        input: { value: 1, ms: 5 },
        references: [],
        options: { mode: 'async', priority: 0, delivery: 'at-least-once', output: 'value' },
      };
      driver.submit([task]);
    }
  }
}

function hear(events: readonly TaskEvent[], watcher: Omit<Watcher, 'driver'>): void {
  for (const event of events) {
    if (event.type === 'task-end') {
      const task = watcher.tasks.get(event.id);
      if (task?.status !== undefined) throw new Error(`${event.id} ended twice.`);
      if (task !== undefined) task.status = event.outcome.status;
    } else if (event.type === 'backend-state' && event.state === 'ready') {
      // What ended under an earlier connection is not sent again on this one.
      watcher.waiting = watcher.waiting.filter(({ status }) => status === undefined);
    } else if (event.type === 'backend-state' && event.state === 'down') {
      for (const task of watcher.tasks.values()) task.isGivenUp ||= task.status === undefined;
    }
  }
}
