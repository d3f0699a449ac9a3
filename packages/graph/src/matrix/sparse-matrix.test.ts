import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { SEMIRINGS, type Semiring } from './semiring.js';
import { SparseMatrix } from './sparse-matrix.js';

const client = kernelClient();

/** A dense matrix with undefined where there is no entry, and the sparse one of it. */
interface Both {
  readonly dense: readonly (readonly (number | undefined)[])[];
  readonly sparse: SparseMatrix;
}

const OPERATIONS: Record<
  Semiring,
  { zero: number; add(a: number, b: number): number; times(a: number, b: number): number }
> = {
  'plus-times': { zero: 0, add: (a, b) => a + b, times: (a, b) => a * b },
  'min-plus': { zero: Infinity, add: Math.min, times: (a, b) => a + b },
  'or-and': { zero: 0, add: (a, b) => (a || b ? 1 : 0), times: (a, b) => (a && b ? 1 : 0) },
  'max-times': { zero: 0, add: Math.max, times: (a, b) => a * b },
};

/** Sums run over rising columns, as the kernels' do. */
function naiveProduct(a: Both['dense'], b: Both['dense'], width: number, semiring: Semiring): Both['dense'] {
  const { add, times } = OPERATIONS[semiring];
  return a.map((row) =>
    Array.from({ length: width }, (_, column) =>
      row.reduce<number | undefined>((sum, value, middle) => {
        const other = b[middle]?.[column];
        if (value === undefined || other === undefined) return sum;
        const product = times(value, other);
        return sum === undefined ? product : add(sum, product);
      }, undefined),
    ),
  );
}

function sparseOf(dense: Both['dense'], columnCount: number, isPattern: boolean): SparseMatrix {
  const entries = dense.map((row) =>
    row.flatMap((value, column) => (value === undefined ? [] : [[column, value] as const])),
  );
  const offsets = Uint32Array.from([0, ...entries.map(({ length }) => length)]);
  for (let row = 0; row < entries.length; row++) offsets[row + 1]! += offsets[row]!;
  const flat = entries.flat();
  return new SparseMatrix({
    columnCount,
    offsets,
    indexes: Uint32Array.from(flat, ([column]) => column),
    ...(!isPattern && { values: Float64Array.from(flat, ([, value]) => value) }),
  });
}

const matrix = (rows: number, columns: number): fc.Arbitrary<Both> =>
  fc.boolean().chain((isPattern) => {
    const value = isPattern ? fc.constant(1) : fc.double({ min: 0, max: 9, noNaN: true });
    const row = fc.array(fc.option(value, { nil: undefined, freq: 2 }), {
      minLength: columns,
      maxLength: columns,
    });
    return fc
      .array(row, { minLength: rows, maxLength: rows })
      .map((dense) => ({ dense, sparse: sparseOf(dense, columns, isPattern) }));
  });

const SIZE = fc.integer({ min: 0, max: 9 });
const semirings = fc.constantFrom(...SEMIRINGS);

describe('against dense matrices', () => {
  test('vectors and dense matrices, every semiring, with and without a mask', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(SIZE, SIZE, fc.integer({ min: 1, max: 5 })).chain(([rows, columns, width]) =>
          fc.record({
            a: matrix(rows, columns),
            x: fc.array(fc.double({ min: 0, max: 9, noNaN: true }), {
              minLength: columns * width,
              maxLength: columns * width,
            }),
            mask: fc.uint8Array({ min: 0, max: 1, minLength: rows, maxLength: rows }),
            width: fc.constant(width),
            semiring: semirings,
          }),
        ),
        async ({ a, x, mask, width, semiring }) => {
          const dense = Array.from({ length: a.sparse.columnCount }, (_, row) =>
            x.slice(row * width, (row + 1) * width),
          );
          const { zero } = OPERATIONS[semiring];
          const want = naiveProduct(a.dense, dense, width, semiring).map((row) =>
            row.map((value) => value ?? zero),
          );
          const values = Float64Array.from(x);
          expect([...(await a.sparse.timesDense(client, values, width, { semiring }))]).toEqual(want.flat());
          const masked = want.flatMap((row, at) =>
            row.map((value) => (mask[at] || mask.length === 0 ? value : zero)),
          );
          expect([...(await a.sparse.timesDense(client, values, width, { semiring, mask }))]).toEqual(masked);
          const first = Float64Array.from(dense, ([value]) => value!);
          expect([...(await a.sparse.timesVector(client, first, { semiring }))]).toEqual(
            want.map((row) => row[0]),
          );
        },
      ),
    ));

  test('sparse matrices, every semiring, with masks of both kinds', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(SIZE, SIZE, SIZE).chain(([rows, middle, columns]) =>
          fc.record({
            a: matrix(rows, middle),
            b: matrix(middle, columns),
            mask: matrix(rows, columns),
            keep: fc.constantFrom('only', 'except'),
            semiring: semirings,
          }),
        ),
        async ({ a, b, mask, keep, semiring }) => {
          const { columnCount } = b.sparse;
          const want = naiveProduct(a.dense, b.dense, columnCount, semiring);
          const product = await a.sparse.times(client, b.sparse, { semiring });
          expect(product).toEqual(sparseOf(want, columnCount, false));
          const masked = want.map((row, r) =>
            row.map((value, c) =>
              (mask.dense[r]![c] !== undefined) === (keep === 'only') ? value : undefined,
            ),
          );
          const options = { semiring, mask: { matrix: mask.sparse, keep } } as const;
          expect(await a.sparse.times(client, b.sparse, options)).toEqual(
            sparseOf(masked, columnCount, false),
          );
        },
      ),
    ));

  test('long rows are in order, too', async () => {
    const length = 3_000;
    const indexes = Uint32Array.from({ length }, (_, i) => (i * 7_919) % 100_003);
    const row = new SparseMatrix({ columnCount: 100_003, offsets: Uint32Array.of(0, length), indexes });
    const one = new SparseMatrix({
      columnCount: 1,
      offsets: Uint32Array.of(0, 1),
      indexes: Uint32Array.of(0),
    });
    const product = await one.times(client, row);
    expect([...product.indexes]).toEqual([...indexes].sort((a, b) => a - b));
  });
});

test('the incidence matrix shares the arrays of the graph; its transpose times it counts shared hyperedges', async () => {
  using graph = Hypergraph.from([[0, 1, 2], [1, 2], [2]]);
  const incidence = graph.incidenceMatrix();
  expect(incidence.indexes).toBe(graph.edgeToNodes.members);
  expect(incidence.transpose()).toEqual(
    new SparseMatrix({
      columnCount: 3,
      offsets: graph.nodeToEdges.offsets.slice(),
      indexes: graph.nodeToEdges.members.slice(),
    }),
  );
  const shared = await graph.transposedIncidenceMatrix().times(client, incidence);
  expect([...shared.values]).toEqual([1, 1, 1, 1, 2, 2, 1, 2, 3]);
  const x = Float64Array.of(1, 10, 100);
  const used = graph.memory.usedBytes;
  const y = await incidence.timesVector(client, x);
  expect([...y]).toEqual([111, 110, 100]);
  expect(await incidence.timesVector(client, x, { threads: 2 })).toEqual(y);
  expect(graph.memory.usedBytes).toBe(used);
});

test.each([
  [
    () => new SparseMatrix({ columnCount: 1, offsets: Uint32Array.of(0, 2), indexes: Uint32Array.of(0) }),
    /end with 1/,
  ],
  [
    () =>
      new SparseMatrix({
        columnCount: 1,
        offsets: Uint32Array.of(0, 1),
        indexes: Uint32Array.of(0),
        values: new Float64Array(2),
      }),
    /must have as many values, not 2/,
  ],
  [
    () => new SparseMatrix({ columnCount: -1, offsets: Uint32Array.of(0), indexes: new Uint32Array(0) }),
    /not -1/,
  ],
])('matrices that do not fit are refused', (make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) }),
  );
});

test('operands that do not fit are refused by name, an index out of range traps', async () => {
  const row = new SparseMatrix({ columnCount: 2, offsets: Uint32Array.of(0, 1), indexes: Uint32Array.of(1) });
  const refused = (run: Promise<unknown>, message: RegExp) =>
    expect(run).rejects.toThrow(
      expect.objectContaining({ code: 'E_GRAPH_INVALID', message: expect.stringMatching(message) }),
    );
  await refused(row.timesVector(client, new Float64Array(3)), /"x" must have 2 values, not 3/);
  await refused(
    row.timesVector(client, new Float64Array(2), { mask: new Uint8Array(2) }),
    /mask must have 1 bytes/,
  );
  await refused(
    row.timesVector(client, new Float64Array(2), { semiring: 'no' as never }),
    /"semiring" must be one of/,
  );
  await refused(row.timesDense(client, new Float64Array(2), 0), /"width"/);
  await refused(row.times(client, row), /2 columns cannot multiply one with 1 rows/);
  const mask = { matrix: row, keep: 'only' } as const;
  const square = new SparseMatrix({
    columnCount: 2,
    offsets: Uint32Array.of(0, 0, 0),
    indexes: new Uint32Array(0),
  });
  await refused(square.times(client, square, { mask }), /mask must have 2 rows and 2 columns/);
  const wrong = new SparseMatrix({
    columnCount: 1,
    offsets: Uint32Array.of(0, 1),
    indexes: Uint32Array.of(5),
  });
  await expect(wrong.timesVector(client, new Float64Array(1))).rejects.toMatchObject({
    code: 'E_KERNEL_TRAP',
  });
});
