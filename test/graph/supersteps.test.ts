/** Graphs on partitions on every backend: the bytes of one machine, and so after a worker was killed in the middle. */
import { createHash } from 'node:crypto';
import { native } from '@anant/backend-native';
import { ray } from '@anant/backend-ray';
import { type Client, connect } from '@anant/core';
import { memoryBackend } from '@anant/core/testing';
import { algorithms, Hypergraph, type RunOptions } from '@anant/graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rayApart } from '../conformance/support/engines-apart.js';
import { descendantsOf, signal } from '../conformance/support/processes.js';
import { TestCluster } from '../support/test-cluster.js';
import { connectEngine } from '../trouble/engines.js';

const { ANANT_PYTHON } = process.env;
/** Supersteps after which a worker is killed: two checkpoints, and one more superstep. */
const KILL_AT = 9;
const SETTINGS = { fallback: 'forbid', retry: { attempts: 5, on: ['lost'] } } as const;
const JOBS = {
  pagerank: (client: Client, graph: Hypergraph, options: RunOptions) =>
    algorithms.pagerank.run(client, graph, { tolerance: 1e-5 }, options),
  components: (client: Client, graph: Hypergraph, options: RunOptions) =>
    algorithms.components.run(client, graph, {}, options),
  bfs: (client: Client, graph: Hypergraph, options: RunOptions) =>
    algorithms.bfs.run(client, graph, {}, options),
} as const;
type Job = keyof typeof JOBS;

const checksums = new Map<Job, string>();
const jobs = Object.keys(JOBS) as Job[];
let graph: Hypergraph;

async function checksum(job: Job, client: Client, options: RunOptions): Promise<string> {
  const result = await JOBS[job](client, graph, options);
  return createHash('sha256').update(result.checksumBytes()).digest('hex');
}

/** Triangles in a long chain of groups, some groups apart, and a lone vertex. */
function chain(): Hypergraph {
  const hyperedges = Array.from({ length: 3_000 }, (_, at) => {
    const group = Math.floor(at / 30);
    const place = (step: number) => group * 20 + ((at * 7 + step * 5) % 20);
    const bridge = at % 30 === 0 && group % 25 !== 0 ? [(group - 1) * 20] : [];
    return [place(0), place(1), place(2), ...bridge];
  });
  return Hypergraph.from(hyperedges, { vertices: [99_999] });
}

/** Kills when the run has come so far, once. */
function killAt(superstep: number, kill: () => void): RunOptions {
  let isDone = false;
  return {
    supersteps: {
      checkpointEvery: 4,
      onSuperstep({ supersteps }) {
        if (supersteps < superstep || isDone) return;
        isDone = true;
        kill();
      },
    },
  };
}

beforeAll(async () => {
  graph = chain();
  await using client = connect({ backends: { native: () => native() } });
  for (const job of jobs) checksums.set(job, await checksum(job, client, { threads: 1 }));
});
afterAll(() => graph[Symbol.dispose]());

/**
 * How to connect, and what to kill.
 * @param lossesMin Where parts are stored objects and their store lives on, tasks are only tried again.
 */
function supersteps(name: string, open: () => Promise<Client>, kill?: () => void, lossesMin = 0): void {
  describe(name, () => {
    let client: Client;
    beforeAll(async () => {
      client = await open();
    });
    afterAll(() => client?.close({ graceMs: 0 }));

    // PageRank is what the kill is for.
    it.each(jobs.filter((job) => kill === undefined || job !== 'pagerank'))(
      '%s has the bytes of one machine',
      async (job) => {
        expect(await checksum(job, client, { ...SETTINGS, partitions: 3, partitioner: 'hash' })).toBe(
          checksums.get(job),
        );
      },
    );

    if (kill !== undefined) {
      it('goes on from the last checkpoint when a worker is killed', async () => {
        const cut = { partitions: 3, partitioner: 'hash' } as const;
        const options = { ...SETTINGS, ...cut, ...killAt(KILL_AT, kill) };
        const result = await JOBS.pagerank(client, graph, options);
        const sha256 = createHash('sha256').update(result.checksumBytes()).digest('hex');
        expect(sha256).toBe(checksums.get('pagerank'));
        const fact = (of: string) => Number(result.summary.find(({ name: known }) => known === of)?.value);
        expect(fact('supersteps')).toBeGreaterThan(KILL_AT);
        expect(fact('parts lost and resumed')).toBeGreaterThanOrEqual(lossesMin);
      });
    }
  });
}

supersteps('memory', async () =>
  connect({ backends: { memory: () => memoryBackend() }, defaults: { backend: 'memory' } }),
);
supersteps('native', async () => connect({ backends: { native: () => native() } }));

let cluster: TestCluster;
const killWorker = () => signal(cluster.workerPids[0]!, 'SIGKILL');
supersteps(
  'cluster',
  async () => {
    cluster = await TestCluster.start({ workers: 2, native: { slots: 2 } });
    return connect({ backends: { native: () => native(cluster.options) } });
  },
  killWorker,
  1,
);
afterAll(() => cluster?.close());

/** What runs tasks, by command line; looked for below this process only. */
const WORKERS = {
  dask: /multiprocessing.*(spawn_main|forkserver)/,
  ray: /^ray::Slot/,
  celery: /-m celery .*worker/,
} as const;

function killAll(pattern: RegExp): void {
  const victims = descendantsOf(process.pid).filter(({ command }) => pattern.test(command));
  expect(victims.length).toBeGreaterThan(0);
  for (const { pid } of victims) signal(pid, 'SIGKILL');
}

for (const engine of ['dask', 'ray', 'celery'] as const) {
  if (!ANANT_PYTHON) {
    describe.skip(`${engine} (skipped: ANANT_PYTHON names no interpreter)`, () => it('runs', () => {}));
    continue;
  }
  // Ray loses actors, and Dask states, with their workers; Celery's states lie in Redis.
  const lossesMin = engine === 'celery' ? 0 : 1;
  supersteps(
    engine,
    async () => connectEngine(engine),
    () => killAll(WORKERS[engine]),
    lossesMin,
  );
}

if (ANANT_PYTHON) {
  let head: Awaited<ReturnType<typeof rayApart>>;
  supersteps(
    'ray by address',
    async () => {
      head = await rayApart(ray);
      return connect({ backends: { ray: () => head.backend }, defaults: { backend: 'ray' } });
    },
    () => killAll(WORKERS.ray),
    1,
  );
  afterAll(() => head?.close());
}
