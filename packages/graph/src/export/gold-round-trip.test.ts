/** The HIF data sets, there and back through each format that holds them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { contentsOf } from '../testing/same-graph.js';
import { tempFiles } from '../testing/temp-files.js';

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const folder = join(data, 'hif');

// Skipped where the data sets are not there (ANANT_DATA_DIR).
describe.skipIf(!existsSync(folder))('HIF data sets', () => {
  test.each(['lesmis.hif.json', 'e-coli.json', 'diseasome.json'])('%s', async (name) => {
    const graph = await Hypergraph.load(join(folder, name), { properties: 'keep' });
    const target = tempFiles({});
    for (const file of ['again.json', 'again.json.gz']) {
      await graph.export(join(target, file));
      const again = await Hypergraph.load(join(target, file), { properties: 'keep' });
      expect(contentsOf(again)).toEqual(contentsOf(graph));
    }
    await graph.save(join(target, 'graph.anant'));
    expect(contentsOf(await Hypergraph.open(join(target, 'graph.anant')))).toEqual(contentsOf(graph));
    const repeatedMembers = graph.kind === 'directed' ? 'keep' : 'merge';
    for (const file of ['graph.xgi.json', 'graph.graphml']) {
      await graph.export(join(target, file));
      const again = await Hypergraph.load(join(target, file), { repeatedMembers });
      expect(namedMembers(again), file).toEqual(namedMembers(graph));
    }
    await graph.export(join(target, 'graph.mtx'));
    const { edgeOffsets, nodeMembers } = contentsOf(graph);
    const numbered = await Hypergraph.load(join(target, 'graph.mtx'), { repeatedMembers });
    expect(contentsOf(numbered)).toMatchObject({ edgeOffsets, nodeMembers });
  });
});

/** Members by hyperedge as texts: those formats read `"7"` as the integer 7, which has another place. */
function namedMembers(graph: Hypergraph): Record<string, string[]> {
  const named: Record<string, string[]> = {};
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    const members = Array.from(graph.membersOf(hyperedge), (member) =>
      String(graph.vertices.externalOf(member)),
    );
    named[String(graph.hyperedges.externalOf(hyperedge))] = members;
  }
  return named;
}
