/**
 * A sparse matrix times a dense one by gpu.js beside the portable kernel, on matrices of rising size. Prints JSON that says
 * which device did the work; without a GPU that is WebAssembly or the processor, with the reason.
 *
 *   node bench/gpu.mjs [--directory FOLDER] [--entries 10000,100000,1000000,4000000] [--per-row 16] [--width 16] [--runs 5]
 *
 * FOLDER is where `anant setup gpu` ran, by default this one. Milliseconds are medians; `firstMs` includes that gpu.js
 * compiles its kernel. `maxError` is the largest difference of any value from the kernel's, relative to the largest value.
 * Exits with 1 when a device gave a wrong product, that is, where the kernel had to step in for it.
 */
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { findNvidiaGpus, native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { Gpu } from '@anant/core/gpu';
import { seededRandom } from '@anant/core/testing';
import { SparseMatrix } from '@anant/graph';
import { time } from './graph/timing.mjs';

const { values: options } = parseArgs({
  options: {
    directory: { type: 'string', default: process.cwd() },
    entries: { type: 'string', default: '10000,100000,1000000,4000000' },
    'per-row': { type: 'string', default: '16' },
    width: { type: 'string', default: '16' },
    runs: { type: 'string', default: '5' },
  },
});
const width = Number(options.width);
const runs = Number(options.runs);
const perRow = Number(options['per-row']);
const SEED = 20_261_126;

/** Rows of `perRow` entries in random columns, as many rows as columns. */
function example(entryCount) {
  const random = seededRandom(SEED);
  const rowCount = Math.ceil(entryCount / perRow);
  const offsets = Uint32Array.from({ length: rowCount + 1 }, (_, row) => row * perRow);
  const indexes = new Uint32Array(offsets[rowCount]).map(() => Math.floor(random() * rowCount));
  const values = new Float64Array(indexes.length).map(() => random() * 2 - 1);
  const x = new Float64Array(rowCount * width).map(() => random() * 2 - 1);
  return { matrix: new SparseMatrix({ columnCount: rowCount, offsets, indexes, values }), x };
}

function maxErrorOf(found, expected) {
  let [largest, size] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    largest = Math.max(largest, Math.abs(found[at] - expected[at]));
    size = Math.max(size, Math.abs(expected[at]));
  }
  return size === 0 ? largest : largest / size;
}

async function measure(client, gpu, entryCount) {
  const { matrix, x } = example(entryCount);
  const expected = await matrix.timesDense(client, x, width);
  const start = performance.now();
  const found = await matrix.timesDenseOnGpu(client, gpu, x, width);
  const firstMs = performance.now() - start;
  const onGpu = await time(runs, () => matrix.timesDenseOnGpu(client, gpu, x, width));
  const onKernel = await time(runs, () => matrix.timesDense(client, x, width));
  return {
    entries: matrix.entryCount,
    rows: matrix.rowCount,
    width,
    device: found.device,
    ...(found.reason !== undefined && { reason: found.reason }),
    firstMs,
    ms: onGpu.median,
    kernelMs: onKernel.median,
    timesKernel: onKernel.median / onGpu.median,
    maxError: maxErrorOf(found.y, expected),
    shareOfAllowed: found.largestError,
    checkedRows: found.checkedRows,
  };
}

const host = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, kernel: release() };
const nvidia = await findNvidiaGpus();
const gpu = new Gpu({ directory: options.directory });
const client = connect({ backends: { native: () => native() } });
try {
  const report = await gpu.report().catch((error) => ({ device: 'none', reason: error.message }));
  const products = [];
  for (const entries of options.entries.split(','))
    products.push(await measure(client, gpu, Number(entries)));
  console.log(JSON.stringify({ host, nvidia, report, runs, products }, null, 2));
  if (products.some(({ reason }) => reason?.includes('off by'))) process.exitCode = 1;
} finally {
  await client.close();
  await gpu.close();
}
