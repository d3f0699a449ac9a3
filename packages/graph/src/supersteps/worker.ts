/**
 * What runs on workers: a part as an actor that keeps its state, and the same as tasks whose state is a stored object. A
 * module of its own, whole in one file, so that a worker loads nothing else.
 */
import { existsSync } from 'node:fs';
import { readArrayFile, writeArrayFile } from './array-file.js';
import type { Frames, PartitionData, PartitionSource } from './partition-data.js';
import { partitionOf } from './partition-file.js';
import type { Collected, ProgramParameters, ProgramState, StepInput, StepOutput } from './program.js';
import { type ProgramName, programs } from './programs/table.js';

/** Which program a part runs, on what. */
export interface PartInput {
  readonly source: PartitionSource;
  readonly program: ProgramName;
  readonly parameters: ProgramParameters;
}

/** A saved state: a file that all workers can read, or the state itself. */
export type SavedState = { readonly path: string } | { readonly state: ProgramState };

export interface ActorInput extends PartInput {
  readonly saved?: SavedState;
}

export interface SaveInput {
  /** Where to write the state, or an empty text to return it. */
  readonly path: string;
}

const restored = (saved: SavedState): ProgramState =>
  'path' in saved ? (readArrayFile(saved.path) as ProgramState) : copied(saved.state);

/** Arrays of a message may be views of it, and programs write into their state. */
const copied = (state: ProgramState): ProgramState =>
  Object.fromEntries(Object.entries(state).map(([name, array]) => [name, array.slice()]));

function save(state: ProgramState, { path }: SaveInput): SavedState {
  if (path === '') return { state };
  writeArrayFile(path, state);
  return { path };
}

/** A part that keeps its state between supersteps. */
export class SuperstepPartition {
  readonly #data: PartitionData;
  readonly #program: ProgramName;
  readonly #parameters: ProgramParameters;
  readonly #state: ProgramState;

  constructor({ source, program, parameters, saved }: ActorInput) {
    this.#data = partitionOf(source);
    this.#program = program;
    this.#parameters = parameters;
    this.#state = saved ? restored(saved) : programs[program].start(this.#data, parameters);
  }

  /** Whether this worker can read a file. */
  sees({ path }: { readonly path: string }): boolean {
    return existsSync(path);
  }

  step(input: StepInput): StepOutput {
    return programs[this.#program].step(this.#data, this.#state, input, this.#parameters);
  }

  save(input: SaveInput): SavedState {
    return save(this.#state, input);
  }

  collect(): Collected {
    return programs[this.#program].collect(this.#data, this.#state);
  }
}

/** A state that lies in the store of a backend, with what its superstep sent. */
export interface StoredState {
  readonly state: ProgramState;
  readonly frames: Frames;
  readonly report: Float64Array;
}

/** The state before the first superstep, or a saved one. */
export function startPart({ source, program, parameters, saved }: ActorInput): StoredState {
  const state = saved ? restored(saved) : programs[program].start(partitionOf(source), parameters);
  return { state, frames: [], report: new Float64Array(0) };
}

export interface StepPartInput extends PartInput {
  readonly before: StoredState;
  readonly input: StepInput;
}

/** One superstep; the result stays in the store. */
export function stepPart({ source, program, parameters, before, input }: StepPartInput): StoredState {
  const state = copied(before.state);
  const output = programs[program].step(partitionOf(source), state, input, parameters);
  return { state, ...output };
}

/** What the superstep of a stored state sent: all that leaves the store. */
export function readOutput({ of: { frames, report } }: { readonly of: StoredState }): StepOutput {
  return { frames, report };
}

export function savePart({ of, path }: SaveInput & { readonly of: StoredState }): SavedState {
  return save(of.state, { path });
}

export function collectPart({ source, program, of }: PartInput & { readonly of: StoredState }): Collected {
  return programs[program].collect(partitionOf(source), of.state);
}

export function seesFile({ path }: { readonly path: string }): boolean {
  return existsSync(path);
}
