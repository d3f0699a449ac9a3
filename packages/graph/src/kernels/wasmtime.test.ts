import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernel, type KernelReference, runKernel, type TaskDefinition } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { KERNELS_URL } from './module-url.js';
import {
  bfsTask,
  componentsTask,
  degreesTask,
  kCoreTask,
  labelPropagationTask,
  pagerankTask,
  sComponentsTask,
} from './tasks.js';

const python = process.env.ANANT_PYTHON;
const wasm = fileURLToPath(KERNELS_URL);
const script = fileURLToPath(new URL('../testing/run_wasmtime.py', import.meta.url));
const pythonPath = fileURLToPath(new URL('../../../../python/src', import.meta.url));
const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** A skewed hypergraph: few vertices in many hyperedges, sizes from 0 to 9, repeated members kept. */
function generated(): Hypergraph {
  const random = seededRandom(20_261_123);
  const hyperedges = Array.from({ length: 6_000 }, () =>
    Array.from({ length: Math.floor(random() * 10) }, () => Math.floor(random() ** 3 * 4_000)),
  );
  return Hypergraph.from(hyperedges, { vertices: [5_000, 5_001], repeatedMembers: 'keep' });
}

type Call = readonly [TaskDefinition, Readonly<Record<string, Uint32Array | number>>];

function callsOn(graph: Hypergraph): Call[] {
  const { vertexCount, edgeToNodes, nodeToEdges } = graph;
  const edges = { edgeOffsets: edgeToNodes.offsets, edgeMembers: edgeToNodes.members };
  const nodes = { nodeOffsets: nodeToEdges.offsets, nodeMembers: nodeToEdges.members };
  const calls = [
    [degreesTask, { offsets: nodeToEdges.offsets }],
    [bfsTask, { ...edges, ...nodes, source: vertexCount >> 1 }],
    [componentsTask, { ...edges, vertexCount }],
    [sComponentsTask, { ...edges, vertexCount, s: 2 }],
    [kCoreTask, { ...edges, ...nodes, s: 2 }],
    [labelPropagationTask, { ...edges, ...nodes, seed: 7, iterationsMax: 100 }],
    [pagerankTask, { ...edges, vertexCount, damping: 0.85, tolerance: 1e-10, iterationsMax: 500 }],
  ];
  return calls as unknown as Call[];
}

function inV8(calls: readonly Call[]): string[] {
  const kernel = compileKernel(readFileSync(wasm));
  return calls.map(([definition, inputs]) => {
    const { export: name, signature } = definition.reference() as KernelReference;
    const digest = createHash('sha256');
    for (const value of Object.values(runKernel({ kernel, export: name, signature }, inputs))) {
      digest.update(typeof value === 'number' ? String(value) : new Uint8Array(value.slice().buffer));
    }
    return digest.digest('hex');
  });
}

function inWasmtime(calls: readonly Call[], folder: string): string[] {
  const requests = calls.map(([definition, inputs], call) => {
    const { export: name, signature } = definition.reference() as KernelReference;
    const written = Object.entries(inputs).map(([key, value]) => {
      if (typeof value === 'number') return [key, value];
      const path = join(folder, `${call}-${key}`);
      writeFileSync(path, value);
      return [key, { dtype: '<u4', path }];
    });
    return { wasm, export: name, signature, inputs: Object.fromEntries(written) };
  });
  const output = execFileSync(python!, [script], {
    input: JSON.stringify(requests),
    env: { ...process.env, PYTHONPATH: pythonPath },
    timeout: 120_000,
  });
  return output.toString().trim().split('\n');
}

async function compare(graph: Hypergraph): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'anant-kernels-'));
  try {
    const calls = callsOn(graph);
    expect(inWasmtime(calls, folder)).toEqual(inV8(calls));
  } finally {
    rmSync(folder, { recursive: true });
    graph[Symbol.dispose]();
  }
}

test.skipIf(!python)('V8 and wasmtime give the same bits (needs ANANT_PYTHON)', () => compare(generated()));

const tags = join(data, 'medium', 'tags-ask-ubuntu');
test.skipIf(!python || !existsSync(tags))(
  'V8 and wasmtime give the same bits on tags-ask-ubuntu (needs ANANT_PYTHON and ANANT_DATA_DIR)',
  async () => compare(await Hypergraph.load(tags)),
  120_000,
);
