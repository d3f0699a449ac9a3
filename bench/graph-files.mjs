/**
 * Graph files: loading from text, saving and opening `.anant`, bytes per incidence in memory and on disk.
 *
 *   node bench/graph-files.mjs [--sets math-sx-joined,tags-ask-ubuntu] [--runs 9] [--json]
 *
 * Medians. Needs ANANT_DATA_DIR. Exits with 1 when a goal is missed.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';
import { time } from './graph/timing.mjs';

const { values: options } = parseArgs({
  options: {
    sets: { type: 'string', default: 'tags-ask-ubuntu,math-sx-joined' },
    runs: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
/** Upper bounds: text load in ns per incidence, open in ms, resident bytes per incidence. */
const GOALS = { loadNs: 80, openMs: 100, bytes: 10 };
const folder = mkdtempSync(join(tmpdir(), 'anant-bench-'));

/** The set, and how long reading it from text takes per incidence; math-sx joined as lists of members. */
async function fromText(name) {
  const path = pathOf(name);
  const graph = await Hypergraph.load(path);
  const { median } = await time(runs, async () => (await Hypergraph.load(path))[Symbol.dispose]());
  return { graph, loadMs: median };
}

async function measureSet(name) {
  const { graph, loadMs } = await fromText(name);
  const file = join(folder, `${name}.anant`);
  const save = await time(runs, () => graph.save(file));
  const open = await time(runs, async () => (await Hypergraph.open(file))[Symbol.dispose]());
  const { vertexCount, hyperedgeCount, incidenceCount } = graph;
  return {
    name,
    vertexCount,
    hyperedgeCount,
    incidenceCount,
    loadNs: (loadMs * 1e6) / incidenceCount,
    saveMs: save.median,
    openMs: open.median,
    bytes: graph.bytes().total / incidenceCount,
    bytesOnDisk: statSync(file).size / incidenceCount,
  };
}

const results = [];
try {
  for (const name of options.sets.split(',')) results.push(await measureSet(name));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const missed = results.flatMap((result) =>
  Object.entries(GOALS)
    .filter(([goal, most]) => result[goal] > most)
    .map(([goal, most]) => `${result.name}: ${goal} ${result[goal].toFixed(2)}, at most ${most} wanted`),
);
if (options.json) console.log(JSON.stringify({ runs, goals: GOALS, results, missed }));
else {
  console.table(
    Object.fromEntries(
      results.map(({ name, ...rest }) => [
        name,
        Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, Number(value.toFixed(2))])),
      ]),
    ),
  );
  for (const miss of missed) console.log(`MISSED ${miss}`);
}
if (missed.length > 0) process.exitCode = 1;
