/**
 * An algorithm by supersteps (Valiant, "A bridging model for parallel computation", CACM 33, 1990; Malewicz and others,
 * "Pregel", SIGMOD 2010): a *program* runs on every part, a *coordinator* beside the driver decides from the reports of
 * a superstep what comes next. Both are deterministic, so a part that is lost can be run again.
 */
import type { MemberRange } from '../store/member-range.js';
import type { Frames, PartitionData } from './partition-data.js';

export type StateArray = Float64Array | Uint32Array | Int32Array | Uint8Array;
/** All that a part knows after a superstep: what a checkpoint holds. */
export type ProgramState = Record<string, StateArray>;
export type ProgramParameters = Readonly<Record<string, number>>;

export interface StepInput {
  /** From 0. */
  readonly superstep: number;
  /** What each part sent in the superstep before. */
  readonly frames: Frames;
  /** Numbers that the coordinator has for all parts. */
  readonly globals: Float64Array;
  /** Vertices that the coordinator names: a bit for each of the whole graph (`marks.ts`). */
  readonly marks?: Uint8Array;
}

export interface StepOutput {
  /** What each part gets in the next superstep. */
  readonly frames: Frames;
  /** Numbers for the coordinator. */
  readonly report: Float64Array;
}

/** Results of the own vertices and hyperedges of a part, in the order of its slots. */
export interface Collected {
  readonly vertices: Readonly<Record<string, StateArray>>;
  readonly hyperedges: Readonly<Record<string, StateArray>>;
}

export interface Program {
  start(data: PartitionData, parameters: ProgramParameters): ProgramState;
  /** Changes `state` in place, or replaces arrays of it. */
  step(data: PartitionData, state: ProgramState, input: StepInput, parameters: ProgramParameters): StepOutput;
  collect(data: PartitionData, state: ProgramState): Collected;
}

export type Decision =
  | { readonly next: 'step'; readonly globals: Float64Array; readonly marks?: Uint8Array }
  /** Fetch the results of all parts; the coordinator may still want more supersteps. */
  | { readonly next: 'collect' };

/** Results of all parts, by index in the whole graph. */
export type Merged = Readonly<Record<string, StateArray>>;
export type Outputs = Readonly<Record<string, StateArray | number>>;

export interface Coordinator {
  first(): Decision;
  /** After superstep `superstep`, with the report of every part. */
  next(superstep: number, reports: readonly Float64Array[]): Decision;
  /** With collected results: what the kernel of one machine would give, or the next superstep. */
  conclude(merged: Merged): { readonly outputs: Outputs } | Decision;
}

/** What a coordinator knows of the whole graph. */
export interface WholeGraph {
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  readonly incidenceCount: number;
  /** Degree-less vertices in each of the 256 blocks over which sums run (see the kernel `pagerank`). */
  loneByBlock(): Uint32Array;
  /** Where the kernel's sums divide the hyperedges: the first one of every part but the first. */
  sumBounds(parts: number): readonly number[];
  /** Fewest and most different members of a hyperedge. */
  memberRange(): MemberRange;
}
