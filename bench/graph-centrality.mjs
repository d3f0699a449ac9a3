/**
 * s-line graphs, s-components and centralities on one thread, beside other libraries in the same run.
 *
 *   node bench/graph-centrality.mjs [--only line,components,betweenness,distances,eigenvector] [--sets email-Enron,…]
 *     [--runs 5] [--peers PYTHON] [--json]
 *
 * Milliseconds, medians after 300 ms of warm-up each. All are given distinct sets. Other libraries get the line graph ready made for betweenness and
 * distances, except HyperNetX, which builds it itself, as ours does. Answers are compared. Sets need ANANT_DATA_DIR.
 * Exits with 1 when a goal is missed or an answer differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';
import * as ours from './graph/line-kernels.mjs';
import { time } from './graph/timing.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sets: { type: 'string' },
    runs: { type: 'string', default: '5' },
    peers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const PEER_DEADLINE_MS = 600_000;
const TOLERANCE = 1e-10;
const WARM_UP_MS = 300;

const KINDS = {
  line: ours.lineGraph,
  components: ours.sComponents,
  betweenness: ours.betweenness,
  distances: ours.allDistances,
  eigenvector: (graph) => ours.cliqueEigenvector(graph, TOLERANCE),
};

/** `times`: how many times as fast as the best of `beside`. `skip`: who would take minutes, or gigabytes. */
const CASES = [
  ...['email-Enron', 'NDC-classes'].flatMap((set) =>
    [1, 2, 3].map((s) => ({ kind: 'line', set, s, goal: { beside: ['scipy', 'xgi'], times: 2 } })),
  ),
  ...['contact-high-school', 'contact-primary-school', 'email-Eu'].flatMap((set) =>
    [1, 2, 3].map((s) => ({
      kind: 'line',
      ...{
        set,
        s,
        goal: { beside: ['scipy', 'xgi'], times: 2 },
        skip: ['hypernetx', ...(s === 1 ? ['xgi'] : [])],
      },
    })),
  ),
  ...['email-Enron', 'NDC-classes', 'contact-high-school', 'contact-primary-school', 'email-Eu'].flatMap(
    (set) =>
      [1, 2, 3].map((s) => ({
        kind: 'components',
        ...{ set, s, goal: { beside: ['scipy', 'networkit'], times: 2 } },
        skip: set === 'email-Enron' ? [] : ['hypernetx'],
      })),
  ),
  ...[1, 2].map((s) => ({
    kind: 'betweenness',
    ...{ set: 'email-Enron', s, goal: { beside: ['hypernetx'], times: 20 } },
  })),
  ...[1, 2].map((s) => ({ kind: 'distances', set: 'email-Enron', s })),
  { kind: 'distances', set: 'contact-high-school', s: 2 },
  { kind: 'eigenvector', set: 'tags-ask-ubuntu', s: 1 },
];

function peerTimes(graph, { kind, s, skip = [] }) {
  if (!options.peers) return {};
  const folder = mkdtempSync(join(tmpdir(), 'anant-peers-'));
  try {
    writeFileSync(join(folder, 'offsets'), graph.edgeToNodes.offsets);
    writeFileSync(join(folder, 'members'), graph.edgeToNodes.members);
    const request = { kind, s, runs, skip, tolerance: TOLERANCE, vertices: graph.vertexCount };
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request));
    const script = fileURLToPath(new URL('./graph/centrality_peers.py', import.meta.url));
    const settings = { timeout: PEER_DEADLINE_MS, stdio: ['ignore', 'pipe', 'inherit'] };
    return JSON.parse(execFileSync(options.peers, [script, folder], settings).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(graph, wanted) {
  const action = () => KINDS[wanted.kind](graph, wanted.s);
  const answer = action();
  // Short kernels run in unoptimised code at first; other libraries are warmed up as long.
  for (const start = performance.now(); performance.now() - start < WARM_UP_MS; ) action();
  const { median } = await time(runs, action);
  const peers = peerTimes(graph, wanted);
  const differing = Object.entries(peers)
    .filter(([, [, theirs]]) => theirs !== null && Math.abs(theirs - answer) > 1e-6 * Math.abs(answer))
    .map(([name, [, theirs]]) => `${name} gives ${theirs}, we ${answer}`);
  const ms = Object.fromEntries(Object.entries(peers).map(([name, [each]]) => [name, each]));
  const { kind, set, s, goal } = wanted;
  return { kind, set, s, answer, ms: { ours: median, ...ms }, goal, differing };
}

/** How many times as fast as the best of those named, if any was measured. */
function ratioOf({ ms, goal }) {
  const beside = Object.keys(ms).filter((name) => name !== 'ours' && (goal?.beside.includes(name) ?? true));
  return beside.length === 0 ? undefined : Math.min(...beside.map((name) => ms[name])) / ms.ours;
}

const kinds = options.only?.split(',') ?? Object.keys(KINDS);
const sets = options.sets?.split(',');
const wanted = CASES.filter(({ kind, set }) => kinds.includes(kind) && (sets?.includes(set) ?? true));
const graphs = new Map();
const results = [];
for (const each of wanted) {
  if (!graphs.has(each.set)) {
    const whole = await Hypergraph.load(pathOf(each.set));
    graphs.set(each.set, ours.distinctSets(whole));
    whole[Symbol.dispose]();
  }
  results.push(await measure(graphs.get(each.set), each));
}

const problems = results.flatMap((result) => {
  const { kind, set, s, goal, differing } = result;
  const ratio = ratioOf(result);
  const slow = goal && ratio !== undefined && ratio < goal.times;
  const miss = slow ? [`${ratio.toFixed(2)} times as fast, ${goal.times} wanted`] : [];
  return [...differing, ...miss].map((problem) => `${kind}, ${set}, s = ${s}: ${problem}`);
});
const host = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  kernel: release(),
  node: process.version,
  load: loadavg()[0],
};
if (options.json) {
  console.log(JSON.stringify({ host, runs, results, problems }));
} else {
  console.log(
    `${host.cpu}, ${host.cores} cores, Node ${host.node}, load ${host.load.toFixed(2)}; medians of ${runs}, ms`,
  );
  console.table(
    results.map((result) => {
      const rounded = Object.entries(result.ms).map(([who, ms]) => [who, Number(ms.toPrecision(3))]);
      const ratio = ratioOf(result);
      return {
        ...{ what: result.kind, set: result.set, s: result.s },
        ...Object.fromEntries(rounded),
        times: ratio === undefined ? '' : Number(ratio.toPrecision(3)),
      };
    }),
  );
  for (const problem of problems) console.log(problem);
}
process.exitCode = problems.length > 0 ? 1 : 0;
