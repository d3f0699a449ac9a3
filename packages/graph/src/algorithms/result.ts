/** What an algorithm gives: typed arrays for programs, facts and a table for people, bytes for checksums. */
import type { Warning } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';

export type ResultArray = Float64Array | Uint32Array | Int32Array;
export type ResultValues = Readonly<Record<string, ResultArray>>;

/** One line of a summary, for example `components: 9`. */
export interface Fact {
  readonly name: string;
  readonly value: number | string;
}

export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

/** How the kernel ran. */
export interface RunInfo {
  readonly backend: string;
  /** From submit to result, in milliseconds. */
  readonly elapsedMs: number;
  readonly warnings: readonly Warning[];
}

export interface AlgorithmResult<Values extends ResultValues = ResultValues> extends RunInfo {
  readonly algorithm: string;
  /** All parameters, defaults included; vertices as indexes, partitions by their size. */
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly values: Values;
  /** What stands out, in a few lines. */
  readonly summary: readonly Fact[];
  /** The `count` most telling rows. */
  table(count: number): ResultTable;
  /** The bytes of all values, in the order of `values`, little-endian: equal on every backend. */
  checksumBytes(): Uint8Array;
  /** There when the result is a hypergraph: builds one of its own on every call. */
  readonly graph?: () => Hypergraph;
}

export interface ResultWithGraph<Values extends ResultValues = ResultValues> extends AlgorithmResult<Values> {
  readonly graph: () => Hypergraph;
}

/** Bytes of arrays end to end. */
export function bytesOf(values: ResultValues): Uint8Array {
  const arrays = Object.values(values);
  const bytes = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}
