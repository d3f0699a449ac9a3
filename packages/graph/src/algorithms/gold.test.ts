import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
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

  test('cnr-2000 as lists of out-neighbours, and its weak components', async () => {
    const want = gold['cnr-2000'];
    const path = join(data, 'large', 'cnr-2000', 'cnr-2000.adj.txt.gz');
    using graph = await Hypergraph.load(path);
    expect(graph.hyperedgeCount).toBe(want.vertices_with_out_arcs);
    expect(graph.incidenceCount).toBe(want.arcs);
    const client = kernelClient();
    const largest = async (of: 'vertices' | 'hyperedges') =>
      (await degrees.run(client, graph, { of })).values.degrees.reduce((a, b) => Math.max(a, b));
    expect(await largest('hyperedges')).toBe(want.max_out_degree);
    expect(await largest('vertices')).toBe(want.max_in_degree);

    const lists = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
    const stars = lists.map((line, vertex) => [vertex, ...(line === '' ? [] : line.split(' ').map(Number))]);
    using starGraph = Hypergraph.from(stars);
    expect(starGraph.vertexCount).toBe(want.vertices);
    // A page that links to itself is in its own list.
    const loops = stars.filter(([vertex, ...others]) => others.includes(vertex!)).length;
    expect(loops).toBe(want.self_loops);
    const joined = await components.run(client, starGraph);
    expect(joined.summary[0]).toEqual({ name: 'components', value: want.weak_components });
  }, 120_000);

  test('math-sx, tags and users joined by post', async () => {
    const want = gold['math-sx (tags+threads joined on post id)'];
    const posts = new Map<string, number[]>();
    // Users come after tags: both number from 1.
    for (const [name, shift] of [
      ['tags-math-sx', 0],
      ['threads-math-sx', 10_000],
    ] as const) {
      const folder = join(data, 'large', name);
      using graph = await Hypergraph.load(folder);
      const labels = gunzipSync(readFileSync(join(folder, `${name}-simplex-labels.txt.gz`)))
        .toString()
        .split('\n');
      for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
        const members = posts.get(labels[hyperedge]!) ?? [];
        for (const vertex of graph.membersOf(hyperedge)) members.push(vertex + shift);
        posts.set(labels[hyperedge]!, members);
      }
    }
    using graph = Hypergraph.from(posts.values());
    expect([graph.vertexCount, graph.hyperedgeCount, graph.incidenceCount]).toEqual([
      want.vertices,
      want.hyperedges,
      want.incidences,
    ]);
    const { summary, values } = await components.run(kernelClient(), graph);
    expect(summary[0]).toEqual({ name: 'components', value: want.components_bipartite });
    const { sizes } = groupSizes(values.labels);
    const label = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b)));
    let hyperedges = 0;
    for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
      if (values.labels[graph.membersOf(hyperedge)[0]!] === label) hyperedges += 1;
    }
    expect(sizes[label]! + hyperedges).toBe(want.largest_component_vertices_plus_hyperedges);
  }, 120_000);
});
