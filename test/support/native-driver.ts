/** Drives a backend by the contract, without a client: submits envelopes and waits for their events, with deadlines. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttemptOutcome,
  type BackendV1,
  type CancelAnswer,
  type CancelStrategy,
  type DefinitionReference,
  type EnvelopeOptions,
  moduleVersion,
  silentLogger,
  systemClock,
  type TaskEnvelope,
  type TaskEvent,
  type TypeScriptReference,
} from '@anant/core';

const DEADLINE_MS = 20_000;
const TASKS = new URL('./native-tasks.mjs', import.meta.url).href;
const VERSION = moduleVersion(TASKS);

/** A task of `native-tasks.mjs`. */
export const task = (name: string): TypeScriptReference => ({
  kind: 'typescript',
  name,
  module: TASKS,
  export: name,
  version: VERSION,
});

export const python = (target: string): DefinitionReference => ({
  kind: 'python',
  name: target,
  target,
  version: '',
});

export type SubmitOptions = Partial<EnvelopeOptions> &
  Partial<Pick<TaskEnvelope, 'id' | 'attempt' | 'actor' | 'references'>>;

export class Driver<Backend extends BackendV1> {
  readonly events: TaskEvent[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'anant-native-test-'));
  readonly #waiting = new Set<() => void>();
  #tasks = 0;
  #files = 0;

  private constructor(readonly backend: Backend) {}

  static async start<Backend extends BackendV1>(backend: Backend): Promise<Driver<Backend>> {
    const driver = new Driver(backend);
    await backend.doStart({
      clock: systemClock,
      logger: silentLogger,
      startTimeoutMs: DEADLINE_MS,
      emit: (events) => {
        driver.events.push(...events);
        for (const look of driver.#waiting) look();
      },
    });
    return driver;
  }

  envelope(definition: DefinitionReference, input?: unknown, options: SubmitOptions = {}): TaskEnvelope {
    const { id, attempt, actor, references, ...rest } = options;
    this.#tasks += 1;
    return {
      id: id ?? `task-${this.#tasks}`,
      attempt: attempt ?? 1,
      definition,
      input,
      references: references ?? [],
      options: { priority: 0, delivery: 'at-least-once', output: 'value', ...rest },
      ...(actor && { actor }),
    };
  }

  submit(definition: DefinitionReference, input?: unknown, options?: SubmitOptions): TaskEnvelope {
    const envelope = this.envelope(definition, input, options);
    this.backend.doSubmit([envelope]);
    return envelope;
  }

  run(definition: DefinitionReference, input?: unknown, options?: SubmitOptions): Promise<AttemptOutcome> {
    return this.end(this.submit(definition, input, options));
  }

  async value(definition: DefinitionReference, input?: unknown, options?: SubmitOptions): Promise<unknown> {
    const outcome = await this.run(definition, input, options);
    if (outcome.status !== 'ok') throw new Error(`It ended ${JSON.stringify(outcome)}.`);
    return outcome.value;
  }

  async end({ id, attempt }: TaskEnvelope): Promise<AttemptOutcome> {
    const event = await this.next(
      (each): each is Extract<TaskEvent, { type: 'task-end' }> =>
        each.type === 'task-end' && each.id === id && each.attempt === attempt,
      `the end of ${id}`,
    );
    return event.outcome;
  }

  async started({ id, attempt }: TaskEnvelope): Promise<void> {
    const is = (each: TaskEvent): each is TaskEvent =>
      each.type === 'task-start' && each.id === id && each.attempt === attempt;
    await this.next(is, `the start of ${id}`);
  }

  async cancel({ id, attempt }: TaskEnvelope, how: CancelStrategy): Promise<CancelAnswer> {
    const [answer] = await this.backend.doCancel([{ id, attempt, how }]);
    return answer!;
  }

  /** A path in this driver's folder that does not exist. */
  path(): string {
    this.#files += 1;
    return join(this.folder, `file-${this.#files}`);
  }

  async next<Event extends TaskEvent>(
    is: (event: TaskEvent) => event is Event,
    what: string,
  ): Promise<Event> {
    return await this.until(() => this.events.find(is), what);
  }

  /** Waits until `find` finds something, looking at every batch of events. */
  async until<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    const found = find();
    if (found !== undefined) return found;
    return await new Promise<Found>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${what} did not come within ${DEADLINE_MS} ms`));
      }, DEADLINE_MS);
      const look = (): void => {
        const value = find();
        if (value === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(value);
      };
      this.#waiting.add(look);
    });
  }

  /** Waits until a task has made a file. */
  async file(path: string): Promise<void> {
    const endMs = performance.now() + DEADLINE_MS;
    while (!existsSync(path)) {
      if (performance.now() > endMs) throw new Error(`${path} did not come within ${DEADLINE_MS} ms`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(graceMs = 0): Promise<void> {
    await this.backend.doStop({ graceMs });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
