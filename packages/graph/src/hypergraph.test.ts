import { KernelMemory } from '@anant/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from './hypergraph.js';
import { randomHypergraph } from './testing/random-hypergraph.js';

test('both sides agree with the lists given', () => {
  fc.assert(
    fc.property(randomHypergraph, ({ vertexCount, hyperedges }) => {
      const vertices = Array.from({ length: vertexCount }, (_, id) => id);
      using graph = Hypergraph.from(hyperedges, { vertices, repeatedMembers: 'keep' });
      expect(hyperedges.map((_, hyperedge) => [...graph.membersOf(hyperedge)])).toEqual(hyperedges);
      const incident = vertices.map((vertex) =>
        hyperedges.flatMap((members, hyperedge) =>
          members.filter((member) => member === vertex).map(() => hyperedge),
        ),
      );
      expect(vertices.map((vertex) => [...graph.hyperedgesOf(vertex)])).toEqual(incident);
      using merged = Hypergraph.from(hyperedges, { vertices });
      expect(hyperedges.map((_, hyperedge) => [...merged.membersOf(hyperedge)])).toEqual(
        hyperedges.map((members) => [...new Set(members)]),
      );
    }),
  );
});

test('ids of hyperedges, by name', () => {
  const graph = Hypergraph.from([['a', 'b'], ['c']], { hyperedgeIds: ['first', 'second'] });
  expect(graph.hyperedges.indexOf('second')).toBe(1);
  expect(graph.sizeOf(0)).toBe(2);
  for (const hyperedgeIds of [['x'], ['x', 'x'], ['x', 'y', 'z']]) {
    expect(() => Hypergraph.from([['a'], ['b']], { hyperedgeIds })).toThrow(
      expect.objectContaining({ code: 'E_GRAPH_INVALID' }),
    );
  }
});

test('indexes out of range are refused', () => {
  const graph = Hypergraph.from([['a', 'b']]);
  for (const index of [-1, 1, 0.5, Number.NaN]) expect(() => graph.membersOf(index)).toThrow(RangeError);
  expect(() => graph.degreeOf(2)).toThrow(RangeError);
  expect(() => graph.labelOf(2)).toThrow(RangeError);
});

test('a text is no list of members', () => {
  expect(() => Hypergraph.from(['ab'])).toThrow(/A hyperedge is a list of members, not the text "ab"/);
});

describe('memory', () => {
  const lists = Array.from({ length: 1_000 }, (_, i) => [i, i + 1, i + 2, (i * 7) % 1_000]);

  test('at most 10 bytes per incidence, and it says what for', () => {
    const graph = Hypergraph.from(lists);
    const bytes = graph.bytes();
    expect(bytes.incidence).toBe(
      8 * graph.incidenceCount + 4 * (graph.vertexCount + graph.hyperedgeCount + 2),
    );
    expect(bytes.total).toBe(bytes.incidence);
    expect(bytes.total / graph.incidenceCount).toBeLessThanOrEqual(10.02);
  });

  test('graphs may share a memory, and give their part back with the last dual', () => {
    const memory = new KernelMemory();
    const one = Hypergraph.from(lists, { memory });
    const other = Hypergraph.from(lists, { memory });
    expect(one.memory).toBe(other.memory);
    const dual = one.dual();
    const used = memory.usedBytes;
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(memory.usedBytes).toBe(used);
    dual[Symbol.dispose]();
    expect(memory.usedBytes).toBe(used / 2);
    other[Symbol.dispose]();
    expect(memory.usedBytes).toBe(0);
  });

  test('once disposed of it refuses to be read, while its dual goes on', () => {
    const graph = Hypergraph.from(lists);
    using dual = graph.dual();
    const first = [...dual.hyperedgesOf(0)];
    graph[Symbol.dispose]();
    const read = [() => graph.membersOf(0), () => graph.parts(), () => graph.dual()];
    for (const one of read) expect(one).toThrow('was disposed of');
    expect([...dual.hyperedgesOf(0)]).toEqual(first);
  });

  test('a memory that is too small is an error, and nothing stays allocated', () => {
    const memory = new KernelMemory({ maximumBytes: 2 * 1024 * 1024 });
    const many = Array.from({ length: 60_000 }, (_, i) => [i, i + 1, i + 2]);
    expect(() => Hypergraph.from(many, { memory })).toThrow(
      expect.objectContaining({ code: 'E_OUT_OF_MEMORY' }),
    );
    expect(memory.usedBytes).toBe(0);
  });
});
