/** For tests: small random hypergraphs, with empty and repeated hyperedges, repeated members and lone vertices. */
import fc from 'fast-check';

export interface RandomHypergraph {
  readonly vertexCount: number;
  readonly hyperedges: number[][];
}

export const randomHypergraph: fc.Arbitrary<RandomHypergraph> = fc
  .integer({ min: 1, max: 24 })
  .chain((vertexCount) =>
    fc.record({
      vertexCount: fc.constant(vertexCount),
      hyperedges: fc.array(fc.array(fc.nat(vertexCount - 1), { maxLength: 7 }), { maxLength: 40 }),
    }),
  );
