/** For tests: the same kernel calls in V8 and, through Python, in wasmtime. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  compileKernel,
  type KernelReference,
  type KernelResult,
  runKernel,
  type TaskDefinition,
} from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { Hypergraph } from '../hypergraph.js';
import { KERNELS_URL } from '../kernels/module-url.js';

const wasm = fileURLToPath(KERNELS_URL);
const script = fileURLToPath(new URL('./run_wasmtime.py', import.meta.url));
const pythonPath = fileURLToPath(new URL('../../../../python/src', import.meta.url));

/** The Python that has wasmtime, if there is one. */
export const wasmtimePython = process.env.ANANT_PYTHON;

export type KernelInput = Uint32Array | Float64Array | Uint8Array | number;
export type KernelCall = readonly [TaskDefinition, Readonly<Record<string, KernelInput>>];

/** A kernel call with its inputs checked against the declaration. */
export function kernelCall<Input extends object, Output>(
  definition: TaskDefinition<Input, Output, 'value'>,
  inputs: NoInfer<Input>,
): KernelCall {
  return [definition, inputs] as unknown as KernelCall;
}

/** Runs one call in this thread. */
export function runInV8([definition, inputs]: KernelCall): KernelResult {
  const { export: name, signature } = definition.reference() as KernelReference;
  return runKernel({ kernel: compileKernel(readFileSync(wasm)), export: name, signature }, inputs);
}

/** The SHA-256 of the result of each call. */
export function hashesInV8(calls: readonly KernelCall[]): string[] {
  return calls.map((call) => {
    const digest = createHash('sha256');
    for (const value of Object.values(runInV8(call))) {
      digest.update(typeof value === 'number' ? String(value) : new Uint8Array(value.slice().buffer));
    }
    return digest.digest('hex');
  });
}

/** The same from wasmtime. Needs `wasmtimePython`. */
export function hashesInWasmtime(calls: readonly KernelCall[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'anant-kernels-'));
  try {
    const requests = calls.map((call, index) => requestOf(call, join(folder, String(index))));
    const output = execFileSync(wasmtimePython!, [script], {
      input: JSON.stringify(requests),
      env: { ...process.env, PYTHONPATH: pythonPath },
      timeout: 120_000,
    });
    return output.toString().trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function requestOf([definition, inputs]: KernelCall, prefix: string): object {
  const { export: name, signature } = definition.reference() as KernelReference;
  const written = Object.entries(inputs).map(([key, value]) => {
    if (typeof value === 'number') return [key, value];
    const path = `${prefix}-${key}`;
    writeFileSync(path, value);
    return [key, { dtype: dtypeOf(value), path }];
  });
  return { wasm, export: name, signature, inputs: Object.fromEntries(written) };
}

const dtypeOf = (value: Exclude<KernelInput, number>): string =>
  value instanceof Float64Array ? '<f8' : value instanceof Uint8Array ? '<u1' : '<u4';

/** A skewed hypergraph: few vertices in many hyperedges, sizes from 0 to 9, repeated members kept. */
export function skewedHypergraph(): Hypergraph {
  const random = seededRandom(20_261_123);
  const hyperedges = Array.from({ length: 6_000 }, () =>
    Array.from({ length: Math.floor(random() * 10) }, () => Math.floor(random() ** 3 * 4_000)),
  );
  return Hypergraph.from(hyperedges, { vertices: [5_000, 5_001], repeatedMembers: 'keep' });
}
