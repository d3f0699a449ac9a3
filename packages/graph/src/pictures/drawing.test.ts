import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { tempFile } from '../testing/temp-files.js';
import { drawHypergraph } from './drawing.js';
import { excerptOf } from './excerpt.js';
import { convexHull } from './hull.js';
import { layOut } from './layout.js';

function countElements(svg: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    counts[name] = (counts[name] ?? 0) + 1;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(svg).close();
  return counts;
}

describe('excerptOf', () => {
  const star = Hypergraph.from([
    ...Array.from({ length: 30 }, (_, i) => ['m', `v${i}`]),
    ['v0', 'v1', 'far'],
    ['m', 'v0'],
  ]);

  test('takes the nearest vertices and the hyperedges between them, equal ones once', () => {
    const excerpt = excerptOf(star, { around: 0, hops: 1, verticesMax: 4 });
    expect(excerpt.vertices).toEqual([0, 1, 2, 3]);
    expect(excerpt.hyperedges.map(({ members, count, hidden }) => [members, count, hidden])).toEqual([
      [[0, 1], 2, 0],
      [[0, 2], 1, 0],
      [[0, 3], 1, 0],
      [[1, 2], 1, 1],
    ]);
    expect(excerpt.leftOut).toEqual(['only 4 vertices of more', '1 hyperedges go on beyond the picture']);
  });

  test('keeps what joins the vertices when there are too many hyperedges', () => {
    const path = Hypergraph.from([['a'], ['b'], ['c'], ['a', 'b'], ['b', 'c', 'a']]);
    expect(excerptOf(path, { hyperedgesMax: 2 }).hyperedges.map(({ hyperedge }) => hyperedge)).toEqual([
      3, 4,
    ]);
  });

  test('of a large graph without a middle it takes the busiest part', () => {
    const excerpt = excerptOf(star, { verticesMax: 5 });
    expect(excerpt.vertices).toHaveLength(5);
    expect(excerpt.vertices[0]).toBe(0);
  });
});

test('a hull holds all points, turning one way', () => {
  const point = fc.record({ x: fc.integer({ min: 0, max: 50 }), y: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(
      fc.uniqueArray(point, { minLength: 3, maxLength: 20, selector: ({ x, y }) => x * 100 + y }),
      (points) => {
        const hull = convexHull(points);
        if (hull.length < 3) return;
        for (const { x, y } of points) {
          hull.forEach((a, i) => {
            const b = hull[(i + 1) % hull.length]!;
            expect((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)).toBeGreaterThanOrEqual(0);
          });
        }
      },
    ),
  );
});

test('a layout stays inside its area and keeps points apart', () => {
  const springs = [
    [0, 1],
    [1, 2],
    [2, 0],
    [3, 4],
  ] as const;
  const weights = [1, 1, 1, 1, 1, 1];
  const points = layOut({ width: 300, height: 200, seed: 3, springs, weights });
  points.forEach(({ x, y }, index) => {
    expect(x).toBeGreaterThanOrEqual(-1e-6);
    expect(x).toBeLessThanOrEqual(300 + 1e-6);
    expect(y).toBeGreaterThanOrEqual(-1e-6);
    expect(y).toBeLessThanOrEqual(200 + 1e-6);
    for (const other of points.slice(0, index))
      expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(10);
  });
});

describe('drawHypergraph', () => {
  test('gives the same bytes for the same seed, others for another, and well-formed XML for any graph', () => {
    fc.assert(
      fc.property(
        randomHypergraph,
        fc.constantFrom('hulls', 'bipartite'),
        ({ vertexCount, hyperedges }, style) => {
          const graph = Hypergraph.from(hyperedges, {
            vertices: Array.from({ length: vertexCount }, (_, v) => `<${v}>`),
          });
          const picture = drawHypergraph(graph, { style: style as 'hulls', seed: 1 });
          expect(drawHypergraph(graph, { style: style as 'hulls', seed: 1 })).toBe(picture);
          expect(picture).not.toContain('NaN');
          expect(countElements(picture).circle).toBeGreaterThanOrEqual(vertexCount);
        },
      ),
      { numRuns: 30 },
    );
    const graph = Hypergraph.from([
      ['a', 'b', 'c'],
      ['c', 'd'],
    ]);
    expect(drawHypergraph(graph, { seed: 2 })).not.toBe(drawHypergraph(graph, { seed: 1 }));
    expect(countElements(drawHypergraph(Hypergraph.from([])))).toMatchObject({ svg: 1 });
  });

  test('names the middle, and relations along arrows', async () => {
    const path = tempFile('t.tsv', 'ada\thttp://x/knows\tcharles\nada\thttp://x/born\tlondon\n');
    const graph = await Hypergraph.load(path, { properties: 'keep' });
    const picture = drawHypergraph(graph, { around: 0, hops: 2 });
    expect(picture).toContain('ada and what is 2 hops around');
    expect(picture).toMatch(/>knows<.*>born</s);
    expect(countElements(picture)).toMatchObject({ marker: 1, line: 2 });
    expect(() => drawHypergraph(graph, { around: 9 })).toThrow(RangeError);
  });

  test('hyperedges are hulls while they are few, squares beyond', () => {
    const wheel = (count: number) =>
      Hypergraph.from(Array.from({ length: count }, (_, i) => ['m', `a${i}`, `b${i}`]));
    expect(countElements(drawHypergraph(wheel(3))).rect).toBe(1);
    expect(countElements(drawHypergraph(wheel(20))).rect).toBe(21);
  });
});
