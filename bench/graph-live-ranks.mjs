/**
 * PageRank of a live hypergraph after batches of 1 to 100,000 hyperedges: pushing, sweeping, and the choice between them
 * by the estimate. Each way follows the same changes of the same graph.
 *
 *   node bench/graph-live-ranks.mjs [--runs 3] [--json]
 *
 * Medians of the time that the first question after a batch takes; `errorBound` is at most 1e-4. Exits with 1 when the
 * choice takes over 1.25 times what the better way takes, or the estimate would choose wrongly by that much.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { seededRandom } from '@anant/core/testing';
import { LiveHypergraph, LivePagerank } from '@anant/graph';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const VERTICES = 100_000;
const HYPEREDGES = 400_000;
const BATCHES = [1, 10, 100, 1_000, 10_000, 100_000];
const METHODS = ['push', 'sweep', 'auto'];
const SLOWER_MAX = 1.25;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const random = seededRandom(3);
const vertex = () => Math.floor(random() ** 2 * VERTICES);
const hyperedges = (count) =>
  Array.from({ length: count }, () => ({ type: 'hyperedge-add', members: [vertex(), vertex(), vertex()] }));

function timed(ranks) {
  const begin = performance.now();
  if (ranks.errorBound > 1e-4) throw new Error('The bound is not kept.');
  return performance.now() - begin;
}

const graph = await LiveHypergraph.open();
for (let left = HYPEREDGES; left > 0; left -= 10_000) await graph.apply(hyperedges(10_000));
const followers = METHODS.map((method) => new LivePagerank(graph, { tolerance: 1e-4, method }));
const rows = [{ batch: 'all', ms: followers.map(timed), rounds: followers[2].lastUpdate }];
for (const batch of BATCHES) {
  const times = METHODS.map(() => []);
  let rounds;
  for (let run = 0; run < Number(options.runs); run++) {
    await graph.apply(hyperedges(batch));
    for (const [at, ranks] of followers.entries()) times[at].push(timed(ranks));
    rounds = followers[2].lastUpdate;
  }
  rows.push({ batch, ms: times.map(median), rounds });
}
const isMet = ({ ms: [push, sweep, auto] }) => auto <= SLOWER_MAX * Math.min(push, sweep) + 1;
const host = `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`;
if (options.json) console.log(JSON.stringify({ host, rows }));
else {
  console.log(`${host}; ${VERTICES} vertices, ${HYPEREDGES} hyperedges of three`);
  console.log('hyperedges added    push ms   sweep ms    auto ms   rounds of push, sweep');
  for (const row of rows) {
    const { batch, ms, rounds } = row;
    const shown = ms.map((value) => value.toFixed(1).padStart(11)).join('');
    console.log(
      `${String(batch).padEnd(16)}${shown}   ${rounds.pushRounds}, ${rounds.sweepRounds}${isMet(row) ? '' : '  missed'}`,
    );
  }
}
for (const ranks of followers) ranks[Symbol.dispose]?.();
process.exitCode = rows.every(isMet) ? 0 : 1;
