/** Gold values of the web graph cnr-2000 and of lists of simplices, and the hash of a generated graph. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chungLuHypergraph } from '../generate/degree-corrected.js';
import { Hypergraph } from '../graph.js';
import { SparseMatrix } from '../matrix/sparse-matrix.js';
import { dataPath, referenceCounts } from '../testing/data-folder.js';
import { kernelClient } from '../testing/kernel-client.js';
import { shortestPaths } from './shortest-paths.js';

const client = kernelClient();
const gold = referenceCounts();
const cnr = dataPath('large', 'cnr-2000', 'cnr-2000.adj.txt.gz');

test.skipIf(!gold || !cnr)(
  'cnr-2000: levels of a search along the links (needs ANANT_DATA_DIR)',
  async () => {
    const want = gold!['cnr-2000'].bfs;
    using graph = await Hypergraph.load(cnr!, { format: 'adjacency' });
    const { values } = await shortestPaths.run(client, graph, { source: want.source, way: 'forward' });
    const reached = values.distances.filter(Number.isFinite);
    expect(reached.length).toBe(want.reached);
    expect(reached.reduce((most, level) => Math.max(most, level), 0)).toBe(want.max_level);
    expect(reached.reduce((sum, level) => sum + level, 0)).toBe(want.sum_levels);
  },
  120_000,
);

test.skipIf(!gold || !cnr)(
  'cnr-2000: PageRank along the links, by sparse products (needs ANANT_DATA_DIR)',
  async () => {
    const want = gold!['cnr-2000']['pagerank_d0.85_uniform_dangling_l1tol1e-12'];
    using graph = await Hypergraph.load(cnr!, { format: 'adjacency' });
    const links = linksOf(graph);
    const outDegrees = Array.from(
      { length: links.rowCount },
      (_, row) => links.offsets[row + 1]! - links.offsets[row]!,
    );
    const incoming = links.transpose();
    const count = links.rowCount;
    let ranks = new Float64Array(count).fill(1 / count);
    let iterations = 0;
    for (let change = 1; change > 1e-12 && iterations < 1000; iterations++) {
      const given = ranks.map((rank, page) => (outDegrees[page] === 0 ? 0 : rank / outDegrees[page]!));
      const dangling = ranks.reduce((sum, rank, page) => sum + (outDegrees[page] === 0 ? rank : 0), 0);
      const sums = await incoming.timesVector(client, given);
      const next = sums.map((sum) => 0.15 / count + 0.85 * (sum + dangling / count));
      change = next.reduce((sum, rank, page) => sum + Math.abs(rank - ranks[page]!), 0);
      ranks = new Float64Array(next);
    }
    for (const [page, rank] of want.top10 as readonly (readonly [number, number])[]) {
      expect(Math.abs(ranks[page]! / rank - 1)).toBeLessThan(1e-9);
    }
    expect(Math.abs(iterations - want.iterations)).toBeLessThanOrEqual(2);
  },
  120_000,
);

/** A row per page with the pages it links to: the first member of a list is the page itself. */
function linksOf({ edgeToNodes, hyperedgeCount, vertexCount }: Hypergraph): SparseMatrix {
  const lists = Array.from({ length: vertexCount }, () => new Uint32Array(0));
  for (let list = 0; list < hyperedgeCount; list++) {
    const [page, ...links] = edgeToNodes.members.subarray(
      edgeToNodes.offsets[list],
      edgeToNodes.offsets[list + 1],
    );
    lists[page!] = Uint32Array.from(links);
  }
  const offsets = new Uint32Array(vertexCount + 1);
  lists.forEach((list, page) => {
    offsets[page + 1] = offsets[page]! + list.length;
  });
  const indexes = new Uint32Array(offsets[vertexCount]!);
  lists.forEach((list, page) => {
    indexes.set(list, offsets[page]!);
  });
  return new SparseMatrix({ columnCount: vertexCount, offsets, indexes });
}

for (const [folder, name] of [
  ['small', 'email-Enron'],
  ['small', 'contact-primary-school'],
  ['medium', 'tags-ask-ubuntu'],
  ['large', 'tags-math-sx'],
] as const) {
  test.skipIf(!gold || !dataPath(folder, name))(
    `${name}: the published number of ordered simplices (needs ANANT_DATA_DIR)`,
    async () => {
      using graph = await Hypergraph.load(dataPath(folder, name)!, { repeatedMembers: 'keep' });
      const tuples = new Set<string>();
      for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++)
        tuples.add(graph.membersOf(hyperedge).join());
      expect(tuples.size).toBe(gold![name].distinct_ordered_tuples);
    },
    120_000,
  );
}

test('a generated graph has the same bytes everywhere: its hash is pinned', async () => {
  const degrees = Array.from({ length: 4_000 }, (_, vertex) => 1 + Math.floor(40 / (1 + (vertex % 97))));
  const members = degrees.reduce((sum, degree) => sum + degree, 0);
  const sizes = Array.from({ length: Math.floor(members / 4) }, (_, at) => 2 + (at % 5));
  using graph = await chungLuHypergraph(client, { degrees, sizes, seed: 30 });
  const { offsets, members: listed } = graph.edgeToNodes;
  const hash = createHash('sha256')
    .update(Buffer.from(offsets.slice().buffer))
    .update(Buffer.from(listed.slice().buffer));
  expect(hash.digest('hex')).toBe('b73c49acc7ae214ced62fcbb5aee2543bc0db47172dd937e6722054a147ddd7c');
});
