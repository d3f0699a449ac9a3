import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { components } from './components.js';
import { degrees } from './degrees.js';
import { groupSizes } from './groups.js';
import { sComponents } from './s-components.js';

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const goldPath = join(data, 'gold', 'reference-counts.json');
const isHere = existsSync(goldPath);
const gold = isHere ? JSON.parse(readFileSync(goldPath, 'utf8')) : {};
const folders: Record<string, string> = {
  'email-Enron': 'small',
  'contact-high-school': 'small',
  'contact-primary-school': 'small',
  'NDC-classes': 'small',
  'email-Eu': 'medium',
  'tags-ask-ubuntu': 'medium',
  'congress-bills': 'medium',
  'tags-math-sx': 'large',
  'threads-math-sx': 'large',
};

describe.skipIf(!isHere)('published counts (needs ANANT_DATA_DIR)', () => {
  for (const [name, folder] of Object.entries(folders)) {
    test(name, async () => {
      const want = gold[name];
      const client = kernelClient();
      using graph = await Hypergraph.load(join(data, folder, name));
      expect(graph.vertexCount).toBe(want.vertices);
      expect(graph.hyperedgeCount).toBe(want.hyperedges);
      expect(graph.incidenceCount).toBe(want.incidences);
      expect(graph.vertices.externalOf(0)).toBe(want.id_min);
      expect(graph.vertices.externalOf(graph.vertexCount - 1)).toBe(want.id_max);

      const sizes = (await degrees.run(client, graph, { of: 'hyperedges' })).values.degrees;
      expect(sizes.reduce((a, b) => Math.max(a, b))).toBe(want.max_size);
      expect(sizes.filter((size) => size === 1).length).toBe(want.singletons);
      const vertexDegrees = (await degrees.run(client, graph)).values.degrees;
      expect(vertexDegrees.reduce((a, b) => Math.max(a, b))).toBe(want.max_vertex_degree);

      const joined = await components.run(client, graph);
      const groups = groupSizes(joined.values.labels);
      expect(joined.summary[0]).toEqual({ name: 'components', value: want.connected_components });
      expect(groups.largest).toBe(want.largest_component);

      const { sets } = (await sComponents.run(client, graph, { s: 1 })).values;
      const isSet = (hyperedge: number) => sets[hyperedge] === hyperedge;
      const distinct = [...sets.keys()].filter(isSet);
      expect(distinct.length).toBe(want.distinct_sets);
      expect(distinct.reduce((total, hyperedge) => total + sizes[hyperedge]!, 0)).toBe(
        want.distinct_set_incidences,
      );
    });
  }

  for (const name of Object.keys(folders).filter((key) => gold[key]?.s_line)) {
    for (const s of [1, 2, 3]) {
      test(`${name}, s = ${s}`, async () => {
        const want = gold[name].s_line[s];
        using graph = await Hypergraph.load(join(data, folders[name]!, name));
        const result = await sComponents.run(kernelClient(), graph, { s });
        const facts = Object.fromEntries(result.summary.map((fact) => [fact.name, fact.value]));
        expect(facts).toMatchObject({
          'distinct sets among them': want.hyperedges_of_size_ge_s,
          's-components': want.s_components,
          'of more than one set': want.non_singleton_components,
          'largest, in distinct sets': want.largest,
        });
      });
    }
  }
});
