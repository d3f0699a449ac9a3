import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { binsOf, distributionOf } from './distribution.js';
import { drawDistributions } from './distribution-picture.js';
import { drawRanks } from './rank-picture.js';
import { linearScale, logScale } from './scale.js';
import { escapeText, tickText } from './svg.js';

/** Whether a text is well-formed XML. */
async function parse(svg: string): Promise<Record<string, number>> {
  const { SaxesParser } = await import('saxes');
  const parser = new SaxesParser();
  const counts: Record<string, number> = {};
  parser.on('opentag', ({ name }) => {
    counts[name] = (counts[name] ?? 0) + 1;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(svg).close();
  return counts;
}

describe('distributionOf', () => {
  const graph = Hypergraph.from([['a', 'b', 'c'], ['a', 'b'], ['a'], []], { vertices: ['z'] });

  test('counts every value that occurs', () => {
    expect(distributionOf(graph, 'degree')).toEqual({
      of: 'degree',
      values: Uint32Array.of(0, 1, 2, 3),
      counts: Uint32Array.of(1, 1, 1, 1),
      total: 4,
      least: 0,
      largest: 3,
      median: 2,
      mean: 1.5,
    });
    expect(distributionOf(Hypergraph.from([]), 'size')).toMatchObject({ total: 0, mean: 0, largest: 0 });
  });

  test('bins cover all, value by value or doubling', () => {
    const degrees = distributionOf(graph, 'degree');
    expect(binsOf(degrees).map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 0, 1],
      [1, 1, 1],
      [2, 2, 1],
      [3, 3, 1],
    ]);
    const wide = {
      ...degrees,
      values: Uint32Array.of(0, 1, 30),
      counts: Uint32Array.of(4, 5, 6),
      largest: 30,
    };
    const bins = binsOf(wide, 4);
    expect(bins.at(-1)).toEqual({ from: 16, to: 31, count: 6 });
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(15);
  });
});

test('scales put the ends of the domain inside the range, and ticks between them', () => {
  for (const make of [linearScale, logScale]) {
    for (const domain of [
      [1, 10],
      [0.001, 0.0011],
      [3, 3],
      [1, 1e7],
    ] as const) {
      const { at, ticks } = make(domain, [10, 110]);
      for (const value of [...domain, ...ticks]) {
        expect(at(value)).toBeGreaterThanOrEqual(9.99);
        expect(at(value)).toBeLessThanOrEqual(110.01);
      }
    }
  }
});

test('texts are escaped and ticks are short', () => {
  expect(escapeText('<a & "b"> \u0001')).toBe('&lt;a &amp; &quot;b&quot;&gt; \ufffd');
  expect([0, 1, 1500, 2e6, 0.0001, 0.25].map(tickText)).toEqual(['0', '1', '1.5k', '2M', '1e-4', '0.25']);
});

describe('pictures are well-formed', () => {
  test('distributions of few values, of many and of none', async () => {
    const star = Hypergraph.from(
      Array.from({ length: 300 }, (_, i) => (i < 2 ? ['a', 'b'] : ['a', `v${i}`])),
    );
    expect(await parse(drawDistributions(star))).toMatchObject({ svg: 1, title: 1 });
    expect((await parse(drawDistributions(star))).circle).toBe(3);
    expect(await parse(drawDistributions(Hypergraph.from([])))).toMatchObject({ svg: 1 });
  });

  test('ranks with names that need escaping, and values that cannot be drawn', async () => {
    const values = Float64Array.of(0.5, 0.25, 0, Number.NaN, 1e-9);
    const picture = drawRanks(values, { title: 'a < b', y: 'score', nameOf: (index) => `<${index}>` });
    expect((await parse(picture)).circle).toBe(3);
    expect(picture).toContain('2 not above 0 are left out');
    expect(picture.indexOf('&lt;0&gt;')).toBeLessThan(picture.indexOf('&lt;1&gt;'));
    expect(await parse(drawRanks([], { title: 'none', y: 'y' }))).toMatchObject({ svg: 1 });
  });
});
