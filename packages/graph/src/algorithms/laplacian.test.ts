import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { SparseMatrix } from '../matrix/sparse-matrix.js';
import { kernelClient } from '../testing/kernel-client.js';
import { naivePairs } from '../testing/naive-labels.js';
import { randomHypergraph } from '../testing/random-hypergraph.js';
import { independentSet } from './independent-set.js';
import { laplacian } from './laplacian.js';

const client = kernelClient();
const idsTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const graphOf = ({ vertexCount, hyperedges }: { vertexCount: number; hyperedges: number[][] }) =>
  Hypergraph.from(hyperedges, { vertices: idsTo(vertexCount), repeatedMembers: 'keep' });

test('Laplacians by their definitions, entry by entry, as matrices', () =>
  fc.assert(
    fc.asyncProperty(
      randomHypergraph,
      fc.constantFrom('one', 'count', 'share' as const),
      async (random, weights) => {
        using graph = graphOf(random);
        const { vertexCount: size, hyperedges } = random;
        const degreeOf = (vertex: number) => hyperedges.flat().filter((member) => member === vertex).length;
        const column = (vertex: number) => Float64Array.from(idsTo(size), (row) => Number(row === vertex));
        const pairs = naivePairs(hyperedges, weights);
        const weightOf = (u: number, v: number) => pairs.get(`${Math.min(u, v)},${Math.max(u, v)}`) ?? 0;
        const smooth = (await laplacian.run(client, graph)).values;
        const ofPairs = (await laplacian.run(client, graph, { kind: 'clique', weights })).values;
        for (const v of idsTo(size)) {
          const [first, second] = await Promise.all(
            [smooth, ofPairs].map((values) =>
              new SparseMatrix({ columnCount: size, ...values }).timesVector(client, column(v)),
            ),
          );
          for (const u of idsTo(size)) {
            const shared = hyperedges.reduce((sum, members) => {
              const count = (vertex: number) => members.filter((member) => member === vertex).length;
              return sum + (members.length === 0 ? 0 : (count(u) * count(v)) / members.length);
            }, 0);
            const scale = Math.sqrt(degreeOf(u) * degreeOf(v));
            expect(first![u]).toBeCloseTo(
              (u === v && degreeOf(u) > 0 ? 1 : 0) - (scale === 0 ? 0 : shared / scale),
              10,
            );
            const sum = idsTo(size).reduce(
              (total, other) => total + (other === u ? 0 : weightOf(u, other)),
              0,
            );
            expect(second![u]).toBeCloseTo(u === v ? sum : -weightOf(u, v), 10);
          }
        }
      },
    ),
    { numRuns: 40 },
  ));

test('independent sets are independent and maximal, of either kind', () =>
  fc.assert(
    fc.asyncProperty(randomHypergraph, fc.nat(99), async (random, seed) => {
      using graph = graphOf(random);
      const sets = random.hyperedges.map((members) => new Set(members)).filter((set) => set.size > 0);
      const isIndependent = {
        strong: (chosen: ReadonlySet<number>) =>
          sets.every((set) => [...set].filter((v) => chosen.has(v)).length <= 1),
        weak: (chosen: ReadonlySet<number>) => sets.every((set) => ![...set].every((v) => chosen.has(v))),
      };
      for (const kind of ['strong', 'weak'] as const) {
        const { vertices } = (await independentSet.run(client, graph, { kind, seed })).values;
        const chosen = new Set(vertices);
        expect(isIndependent[kind](chosen)).toBe(true);
        for (const vertex of idsTo(random.vertexCount)) {
          if (!chosen.has(vertex)) expect(isIndependent[kind](new Set([...chosen, vertex]))).toBe(false);
        }
      }
    }),
  ));
