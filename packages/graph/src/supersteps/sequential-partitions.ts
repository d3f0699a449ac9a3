/** Parts in files, run here one after the other: between two supersteps nothing of a part is in memory. */
import { join } from 'node:path';
import { readArrayFile, writeArrayFile } from './array-file.js';
import type { Checkpoint } from './driver.js';
import type { PartitionHost } from './hosts.js';
import type { PartitionSource } from './partition-data.js';
import { partitionOf } from './partition-file.js';
import type { Collected, ProgramParameters, ProgramState, StepInput, StepOutput } from './program.js';
import { type ProgramName, programs } from './programs/table.js';

export interface SequentialOptions {
  /** Where the states of parts are kept. */
  readonly folder: string;
  readonly sources: readonly PartitionSource[];
  readonly program: ProgramName;
  readonly parameters: ProgramParameters;
}

export class SequentialPartitions implements PartitionHost {
  readonly kind = 'files' as const;
  readonly #options: SequentialOptions;

  constructor(options: SequentialOptions) {
    this.#options = options;
  }

  async start(part: number, checkpoint: Checkpoint | undefined): Promise<void> {
    const { program, parameters, sources } = this.#options;
    const saved = checkpoint as { readonly path: string } | undefined;
    const state = saved
      ? (readArrayFile(saved.path) as ProgramState)
      : programs[program].start(partitionOf(sources[part]!), parameters);
    writeArrayFile(this.#pathOf(part), state);
  }

  async step(part: number, input: StepInput): Promise<StepOutput> {
    const { program, parameters, sources } = this.#options;
    const state = this.#stateOf(part);
    const output = programs[program].step(partitionOf(sources[part]!), state, input, parameters);
    writeArrayFile(this.#pathOf(part), state);
    return output;
  }

  async save(part: number, path: string): Promise<Checkpoint> {
    writeArrayFile(path, this.#stateOf(part));
    return { path };
  }

  async collect(part: number): Promise<Collected> {
    const { program, sources } = this.#options;
    return programs[program].collect(partitionOf(sources[part]!), this.#stateOf(part));
  }

  async sees(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}

  #stateOf(part: number): ProgramState {
    return readArrayFile(this.#pathOf(part)) as ProgramState;
  }

  #pathOf(part: number): string {
    return join(this.#options.folder, `part-${part}.now`);
  }
}
