/**
 * Graphs of 16 and 48 million incidences: memory of loading and of every kernel whose time is linear in the incidences.
 *
 *   node bench/graph-scale.mjs [--scales 10,30] [--set threads-math-sx] [--algorithms all] [--json]
 *
 * A bipartite Chung-Lu graph with the degrees and sizes of the set, that many times over (`--seed 7` of `anant graph generate`).
 * It is generated, written as `.anant` and as text, and loaded, each in a process of its own; a last process opens the file and runs the
 * kernels, iterative ones for 5 iterations. `resident`: the most that a process had at once. Needs ANANT_DATA_DIR. Exits with 1 when
 * a process takes more than 8 GB, an algorithm fails, or the graph is not the one that it was when this was written.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { algorithms, chungLuHypergraph, Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';

const { values: options } = parseArgs({
  options: {
    scales: { type: 'string', default: '10,30' },
    set: { type: 'string', default: 'threads-math-sx' },
    algorithms: { type: 'string', default: 'all' },
    json: { type: 'boolean', default: false },
    /** What a child does, on which file. */
    child: { type: 'string' },
    file: { type: 'string' },
    scale: { type: 'string' },
  },
});

const RESIDENT_BYTES_MAX = 8e9;
const SEED = 7;
const STEP_MS_MAX = 1_800_000;
/** SHA-256 of offsets and members of hyperedges, by set and scale. */
const GRAPHS = {
  'threads-math-sx 10': '3d11c8b537bb3536b4397cac2d44b8eec2e47bbfa49a99de34a65f3c976ab66a',
  'threads-math-sx 30': '4ce75314e0f9e792c40ea5536acb662077bf2553acb6a9597a8b8d5bd59053a3',
};
const FEW = { iterationsMax: 5 };
const JOBS = {
  degrees: {},
  bfs: {},
  dfs: {},
  components: {},
  's-components': { s: 1 },
  'strong-components': {},
  'cut-vertices': {},
  'shortest-paths': {},
  'k-core': {},
  hypercore: { k: 3 },
  pagerank: FEW,
  katz: FEW,
  'clique-eigenvector': FEW,
  'node-edge': FEW,
  'label-propagation': FEW,
  'parallel-label-propagation': FEW,
  'independent-set': {},
  'star-expansion': {},
  'random-walks': { length: 5, walks: 1 },
  partition: { method: 'stream', k: 8 },
};

/** Most that this process had resident, in bytes. */
function residentBytes() {
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kibibytes) * 1024;
}

const connected = () => connect({ backends: { native: () => native() } });

const CHILDREN = {
  async generate({ file, scale }) {
    const client = connected();
    const like = await Hypergraph.load(pathOf(options.set));
    const times = (count, of) => {
      const once = Array.from({ length: count }, (_, at) => of(at));
      return Array.from({ length: scale }, () => once).flat();
    };
    const degrees = times(like.vertexCount, (at) => like.degreeOf(at));
    const sizes = times(like.hyperedgeCount, (at) => like.sizeOf(at));
    like[Symbol.dispose]();
    const graph = await chungLuHypergraph(client, { degrees, sizes, seed: SEED });
    await graph.save(file);
    const digest = createHash('sha256');
    for (const { buffer, byteOffset, byteLength } of [graph.edgeToNodes.offsets, graph.edgeToNodes.members])
      for (let at = 0; at < byteLength; at += 2 ** 28)
        digest.update(new Uint8Array(buffer, byteOffset + at, Math.min(2 ** 28, byteLength - at)));
    await client.close();
    const { vertexCount, hyperedgeCount, incidenceCount } = graph;
    return { vertexCount, hyperedgeCount, incidenceCount, sha256: digest.digest('hex') };
  },
  async write({ file }) {
    const graph = await Hypergraph.open(file);
    await graph.export(textOf(file), { format: 'hyperedges' });
  },
  async load({ file }) {
    const graph = await Hypergraph.load(textOf(file), { format: 'hyperedges' });
    return { incidenceCount: graph.incidenceCount, graphBytes: graph.bytes().total };
  },
  async run({ file }) {
    const client = connected();
    const startMs = performance.now();
    const graph = await Hypergraph.open(file);
    const openMs = performance.now() - startMs;
    const wanted = options.algorithms === 'all' ? Object.keys(JOBS) : options.algorithms.split(',');
    const rows = [];
    for (const name of wanted) {
      const on = { timeouts: { scheduleToCloseMs: STEP_MS_MAX } };
      const one = await algorithms[name].run(client, graph, JOBS[name], on).catch(String);
      const resident = residentBytes();
      rows.push(typeof one === 'string' ? { name, error: one } : { name, ms: one.elapsedMs, resident });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
    const vector = await spmv(client, graph);
    await client.close();
    return { openMs, rows: [...rows, vector] };
  },
};

async function spmv(client, graph) {
  const ones = new Float64Array(graph.vertexCount).fill(1);
  const startMs = performance.now();
  await graph.incidenceMatrix().timesVector(client, ones);
  return { name: 'product with a vector', ms: performance.now() - startMs, resident: residentBytes() };
}

const textOf = (file) => `${file}.txt`;

function child(step, file, scale) {
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    [
      fileURLToPath(import.meta.url),
      '--child',
      step,
      '--file',
      file,
      '--scale',
      String(scale),
      '--set',
      options.set,
      '--algorithms',
      options.algorithms,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 2 * STEP_MS_MAX, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The process for "${step}" ended with ${signal ?? status}.`);
  return JSON.parse(stdout);
}

function measure(scale) {
  const folder = mkdtempSync(join(tmpdir(), 'anant-scale-'));
  try {
    const file = join(folder, 'graph.anant');
    return {
      scale,
      ...Object.fromEntries(Object.keys(CHILDREN).map((step) => [step, child(step, file, scale)])),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function wrongOf({ scale, generate, ...rest }) {
  const known = GRAPHS[`${options.set} ${scale}`];
  const steps = Object.entries({ generate, ...rest });
  return [
    ...(known !== undefined && known !== generate.sha256
      ? [`×${scale}: another graph, ${generate.sha256}`]
      : []),
    ...steps.flatMap(([step, { resident }]) =>
      resident > RESIDENT_BYTES_MAX ? [`×${scale}: "${step}" had ${gigabytes(resident)} GB resident`] : [],
    ),
    ...rest.run.rows.flatMap(({ name, error }) => (error ? [`×${scale}: ${name}: ${error}`] : [])),
  ];
}

const gigabytes = (bytes) => Number((bytes / 1e9).toFixed(2));

function print({ scale, generate, write, load, run }) {
  const { vertexCount, hyperedgeCount, incidenceCount } = generate;
  console.log(
    `\n×${scale}: ${vertexCount} vertices, ${hyperedgeCount} hyperedges, ${incidenceCount} incidences`,
  );
  for (const [step, { ms, resident }] of Object.entries({ generate, write, load, run }))
    console.log(`${step.padEnd(9)} ${(ms / 1000).toFixed(1)} s, at most ${gigabytes(resident)} GB resident`);
  console.log(
    `the graph itself ${(load.graphBytes / incidenceCount).toFixed(1)} bytes an incidence; opened in ${run.openMs.toFixed(0)} ms`,
  );
  console.table(
    Object.fromEntries(
      run.rows.map(({ name, ms, resident, error }) => [
        name,
        error
          ? { error }
          : {
              s: Number((ms / 1000).toFixed(2)),
              'ns an incidence': Number(((1e6 * ms) / incidenceCount).toFixed(1)),
              'GB so far': gigabytes(resident),
            },
      ]),
    ),
  );
}

if (options.child) {
  const startMs = performance.now();
  const result = await CHILDREN[options.child]({ file: options.file, scale: Number(options.scale) });
  const ms = performance.now() - startMs;
  console.log(JSON.stringify({ ...result, ms, resident: residentBytes() }));
} else {
  const measured = options.scales.split(',').map((scale) => measure(Number(scale)));
  const wrong = measured.flatMap(wrongOf);
  if (options.json) console.log(JSON.stringify({ measured, wrong }));
  else for (const one of measured) print(one);
  for (const line of wrong) console.error(line);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
