/** Where parts live: as actors of a backend that has them, else as stored objects that tasks read and write. */
import {
  type ActorHandle,
  AnantError,
  type Client,
  type InputOf,
  type StoredObject,
  type SubmitOptions,
  type TaskDefinition,
} from '@anant/core';
import type { Checkpoint } from './driver.js';
import type { PartitionSource } from './partition-data.js';
import type { Collected, ProgramParameters, StepInput, StepOutput } from './program.js';
import type { ProgramName } from './programs/table.js';
import type { PartInput, SavedState, StoredState, SuperstepPartition } from './worker.js';
import {
  collectPartTask,
  partitionActor,
  readOutputTask,
  savePartTask,
  seesFileTask,
  startPartTask,
  stepPartTask,
} from './worker-tasks.js';

export type SuperstepClient = Pick<Client, 'submit' | 'put' | 'explain' | 'actor'>;

/** Runs the commands of the driver. A rejected promise says that the part is lost, or why the run cannot go on. */
export interface PartitionHost {
  readonly kind: 'actors' | 'objects' | 'files';
  start(part: number, checkpoint: Checkpoint | undefined): Promise<void>;
  step(part: number, input: StepInput): Promise<StepOutput>;
  /** @param path Where to save, or an empty text: in this process */
  save(part: number, path: string): Promise<Checkpoint>;
  collect(part: number): Promise<Collected>;
  /** Whether workers can read a file of this machine. */
  sees(path: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly client: SuperstepClient;
  readonly backend: string;
  readonly sources: readonly PartitionSource[];
  readonly program: ProgramName;
  readonly parameters: ProgramParameters;
  readonly submit: Omit<SubmitOptions, 'id' | 'output' | 'backend'>;
}

const inputOf = ({ sources, program, parameters }: HostOptions, part: number): PartInput => ({
  source: sources[part]!,
  program,
  parameters,
});

export class ActorPartitions implements PartitionHost {
  readonly kind = 'actors' as const;
  readonly #options: HostOptions;
  readonly #actors: (ActorHandle<SuperstepPartition> | undefined)[] = [];

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async start(part: number, checkpoint: Checkpoint | undefined): Promise<void> {
    const { client, backend, submit } = this.#options;
    // One that was lost holds its name and maybe its thread.
    await this.#actors[part]?.stop().catch(() => {});
    this.#actors[part] = undefined;
    const input = {
      ...inputOf(this.#options, part),
      ...(checkpoint !== undefined && { saved: checkpoint as SavedState }),
    };
    this.#actors[part] = await client.actor(partitionActor, input, {
      backend,
      ...(submit.signal && { signal: submit.signal }),
    });
  }

  step(part: number, input: StepInput): Promise<StepOutput> {
    return this.#actor(part).call('step', input, this.#callOptions()).result();
  }

  save(part: number, path: string): Promise<Checkpoint> {
    return this.#actor(part).call('save', { path }, this.#callOptions()).result();
  }

  collect(part: number): Promise<Collected> {
    return this.#actor(part).call('collect', undefined, this.#callOptions()).result();
  }

  sees(path: string): Promise<boolean> {
    return this.#actor(0).call('sees', { path }, this.#callOptions()).result();
  }

  async close(): Promise<void> {
    await Promise.all(this.#actors.map((actor) => actor?.stop().catch(() => {})));
  }

  #actor(part: number): ActorHandle<SuperstepPartition> {
    const actor = this.#actors[part];
    if (actor === undefined) throw new AnantError('E_LOST', `Part ${part} has no actor.`);
    return actor;
  }

  #callOptions() {
    const { signal, timeouts } = this.#options.submit;
    return { ...(signal && { signal }), ...(timeouts && { timeouts }) };
  }
}

/** The state of every part, and what its superstep sent, is one stored object: only what is sent leaves the store. */
export class StoredPartitions implements PartitionHost {
  readonly kind = 'objects' as const;
  readonly #options: HostOptions;
  readonly #sources: (StoredObject<PartitionSource> | undefined)[] = [];
  readonly #states: (StoredObject<StoredState> | undefined)[] = [];

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async start(part: number, checkpoint: Checkpoint | undefined): Promise<void> {
    const { client, backend } = this.#options;
    // After a loss the store may have lost this, too.
    this.#sources[part]?.release();
    this.#sources[part] = await client.put(this.#options.sources[part]!, { backend });
    const saved = checkpoint !== undefined && { saved: checkpoint as SavedState };
    const input = { ...this.#input(part), ...saved };
    this.#keep(part, await this.#runKept(startPartTask, input));
  }

  async step(part: number, input: StepInput): Promise<StepOutput> {
    const before = this.#state(part);
    this.#keep(part, await this.#runKept(stepPartTask, { ...this.#input(part), before, input }));
    return this.#run(readOutputTask, { of: this.#state(part) });
  }

  save(part: number, path: string): Promise<Checkpoint> {
    return this.#run(savePartTask, { of: this.#state(part), path });
  }

  collect(part: number): Promise<Collected> {
    return this.#run(collectPartTask, { ...this.#input(part), of: this.#state(part) });
  }

  sees(path: string): Promise<boolean> {
    return this.#run(seesFileTask, { path });
  }

  async close(): Promise<void> {
    for (const object of [...this.#sources, ...this.#states]) object?.release();
  }

  #input(part: number) {
    return { ...inputOf(this.#options, part), source: this.#sources[part]! };
  }

  #state(part: number): StoredObject<StoredState> {
    const state = this.#states[part];
    if (state === undefined) throw new AnantError('E_LOST', `Part ${part} has no state.`);
    return state;
  }

  #keep(part: number, state: StoredObject<StoredState>): void {
    this.#states[part]?.release();
    this.#states[part] = state;
  }

  #run<Input extends object, Output>(
    task: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<Input>,
  ): Promise<Output> {
    const { client, backend, submit } = this.#options;
    return client.submit(task, input as InputOf<NoInfer<Input>>, { ...submit, backend }).result();
  }

  #runKept<Input extends object, Output>(
    task: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<Input>,
  ): Promise<StoredObject<Output>> {
    const { client, backend, submit } = this.#options;
    const options = { ...submit, backend, output: 'reference' } as const;
    return client.submit(task, input as InputOf<NoInfer<Input>>, options).result();
  }
}
