/**
 * Queries on math-sx joined, one thread: vertices two hops away, facts of a pattern, and what the fact index costs.
 *
 *   node bench/graph-queries.mjs [--queries 20000] [--limit 100] [--json]
 *
 * Each query starts from a seeded random vertex that has a hyperedge. Two hops reach most of this graph (tags are in
 * up to hundreds of thousands of posts), so the interactive query has a limit; the same without one is measured beside
 * it. Needs ANANT_DATA_DIR. Exits with 1 when the goal is missed.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '@anant/core/testing';
import { Hypergraph } from '@anant/graph';
import { pathOf } from './graph/data-sets.mjs';

const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: '20000' },
    limit: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const queries = Number(options.queries);
const limit = Number(options.limit);
const SEED = 20_261_125;
const WARM_UPS = 2_000;
const UNLIMITED_QUERIES = 200;
const GOALS = { perSecond: 20_000, p99Ms: 10 };

function measure(count, starts, ask) {
  let rows = 0;
  for (let i = 0; i < Math.min(count, WARM_UPS); i++) ask(starts[i % starts.length]);
  const times = new Float64Array(count);
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    rows += ask(starts[i % starts.length]);
    times[i] = performance.now() - before;
  }
  const elapsedMs = performance.now() - start;
  times.sort();
  return {
    perSecond: (count * 1000) / elapsedMs,
    p50Ms: times[count >> 1],
    p99Ms: times[Math.floor(count * 0.99)],
    rowsMean: rows / count,
  };
}

const graph = await Hypergraph.load(pathOf('math-sx-joined'));
const random = seededRandom(SEED);
const starts = [];
while (starts.length < queries) {
  const vertex = Math.floor(random() * graph.vertexCount);
  if (graph.degreeOf(vertex) > 0) starts.push(vertex);
}
const idOf = (vertex) => graph.vertices.externalOf(vertex);
const indexStart = performance.now();
graph.query('match _ _ ?x limit 1');
const indexMs = performance.now() - indexStart;
const results = {
  [`neighbors ID --hops 2 --limit ${limit}, as text`]: measure(
    queries,
    starts,
    (vertex) => graph.query(`neighbors ${idOf(vertex)} --hops 2 --limit ${limit}`).rows.length,
  ),
  [`graph.neighbors, 2 hops, limit ${limit}`]: measure(
    queries,
    starts,
    (vertex) => graph.neighbors(vertex, { hops: 2, limit }).vertices.length,
  ),
  'graph.neighbors, 2 hops, no limit': measure(
    UNLIMITED_QUERIES,
    starts,
    (vertex) => graph.neighbors(vertex, { hops: 2 }).vertices.length,
  ),
  [`match ID _ ?x, ?x _ ?y limit ${limit}`]: measure(
    Math.min(queries, 2_000),
    starts,
    (vertex) => graph.query(`match ${idOf(vertex)} _ ?x, ?x _ ?y limit ${limit}`).rows.length,
  ),
};
const goal = Object.values(results)[0];
const missed = [];
if (goal.perSecond < GOALS.perSecond)
  missed.push(`${goal.perSecond.toFixed(0)} queries a second, ${GOALS.perSecond} wanted`);
if (goal.p99Ms > GOALS.p99Ms) missed.push(`p99 ${goal.p99Ms.toFixed(2)} ms, at most ${GOALS.p99Ms} wanted`);
if (options.json) console.log(JSON.stringify({ queries, limit, indexMs, results, missed }));
else {
  console.log(`one order of the fact index: ${indexMs.toFixed(0)} ms`);
  const rounded = (values) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.toPrecision(4))]));
  console.table(Object.fromEntries(Object.entries(results).map(([name, values]) => [name, rounded(values)])));
  for (const miss of missed) console.log(`MISSED ${miss}`);
}
if (missed.length > 0) process.exitCode = 1;
