/** A started backend, driven by hand at the contract: tasks go in, ends come out, everything is recorded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BackendStateEvent,
  type BackendV1,
  type Clock,
  type DefinitionReference,
  type EnvelopeOptions,
  type Logger,
  type ObjectId,
  type StartInfo,
  silentLogger,
  systemClock,
  type TaskEndEvent,
  type TaskEvent,
} from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';

const START_MS_MAX = 90_000;
const fixtures = new FixtureSet();

export interface SubmitOverrides extends Partial<EnvelopeOptions> {
  readonly kind?: DefinitionReference['kind'];
  readonly references?: readonly ObjectId[];
}

export class DrivenBackend<Backend extends BackendV1> {
  readonly events: TaskEvent[] = [];
  readonly #waiters: (() => void)[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'anant-test-'));
  #count = 0;
  info: StartInfo | undefined;

  constructor(
    readonly backend: Backend,
    readonly clock: Clock = systemClock,
  ) {}

  async start(startTimeoutMs = START_MS_MAX, logger: Logger = silentLogger): Promise<this> {
    const emit = (events: readonly TaskEvent[]): void => {
      this.events.push(...events);
      for (const wake of this.#waiters.splice(0)) wake();
    };
    this.info = await this.backend.doStart({ emit, clock: this.clock, logger, startTimeoutMs });
    return this;
  }

  async stop(graceMs = 1_000): Promise<void> {
    await this.backend.doStop({ graceMs });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A path that tasks wait for, until `open` is called. */
  gate(): { readonly path: string; open(): void } {
    this.#count += 1;
    const path = join(this.#folder, `gate-${this.#count}`);
    return { path, open: () => writeFileSync(path, '') };
  }

  /** Submits fixtures of the conformance kit; returns their ids. */
  submit(name: string, inputs: readonly unknown[], overrides: SubmitOverrides = {}): string[] {
    const { kind = 'python', references = [], ...options } = overrides;
    const definition = fixtures.reference(kind, name as Parameters<FixtureSet['reference']>[1]);
    return this.submitDefinition(definition, inputs, { references, ...options });
  }

  submitDefinition(
    definition: DefinitionReference,
    inputs: readonly unknown[],
    overrides: SubmitOverrides = {},
  ): string[] {
    const { references = [], kind: _kind, ...options } = overrides;
    const envelopes = inputs.map((input) => {
      this.#count += 1;
      return {
        id: `task-${this.#count}`,
        attempt: 1,
        definition,
        input,
        references,
        options: { priority: 0, delivery: 'at-least-once', output: 'value', ...options } as EnvelopeOptions,
      };
    });
    this.backend.doSubmit(envelopes);
    return envelopes.map(({ id }) => id);
  }

  /** Waits for the first event that fits. */
  async event<Event extends TaskEvent>(fits: (event: TaskEvent) => event is Event): Promise<Event>;
  async event(fits: (event: TaskEvent) => boolean): Promise<TaskEvent>;
  async event(fits: (event: TaskEvent) => boolean): Promise<TaskEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  end(id: string): Promise<TaskEndEvent> {
    return this.event((event): event is TaskEndEvent => event.type === 'task-end' && event.id === id);
  }

  async value(id: string): Promise<unknown> {
    const { outcome } = await this.end(id);
    if (outcome.status !== 'ok') throw new Error(`The task ended ${JSON.stringify(outcome)}`);
    return outcome.value;
  }

  started(id: string): Promise<TaskEvent> {
    return this.event((event) => event.type === 'task-start' && event.id === id);
  }

  state(state: BackendStateEvent['state'], epoch?: number): Promise<BackendStateEvent> {
    return this.event(
      (event): event is BackendStateEvent =>
        event.type === 'backend-state' &&
        event.state === state &&
        (epoch === undefined || event.epoch === epoch),
    );
  }

  get ends(): TaskEndEvent[] {
    return this.events.filter((event): event is TaskEndEvent => event.type === 'task-end');
  }
}
