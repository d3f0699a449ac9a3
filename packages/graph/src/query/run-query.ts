/** Answers queries: text in, a table out. */
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { valueAt } from '../store/properties.js';
import { CANDIDATES_MAX, findMatches } from './match.js';
import { neighborsOf } from './neighborhood.js';
import { parseQuery } from './parse-query.js';
import { hyperedgeNamed, planMatch, relationNamed, vertexNamed } from './plan.js';
import type { Name, Query } from './query.js';
import { shortestPath } from './shortest-path.js';

/** Rows that a query without a limit gives at most. */
export const ROWS_DEFAULT = 1_000;

export interface QueryOptions {
  /** Most rows where the query itself sets no limit; 1 to 1,000,000. @default 1000 */
  readonly limit?: number;
}

export interface QueryResult {
  readonly columns: readonly string[];
  /** Ids as the graph has them, numbers, and texts. */
  readonly rows: readonly (readonly ExternalId[])[];
  /** Why there may be more than these rows, or undefined when these are all. */
  readonly cut: string | undefined;
}

type Of<Kind extends Query['kind']> = Extract<Query, { readonly kind: Kind }>;

/** @throws AnantError `E_QUERY_INVALID`, naming the column of the query */
export function runQuery(graph: Hypergraph, text: string, options: QueryOptions = {}): QueryResult {
  const query = parseQuery(text);
  const limit = options.limit ?? ROWS_DEFAULT;
  switch (query.kind) {
    case 'neighbors':
      return neighbors(graph, query, query.limit ?? limit);
    case 'facts':
      return facts(graph, query, query.limit ?? limit);
    case 'degree': {
      const vertex = vertexNamed(graph, query.vertex);
      return whole(['vertex', 'degree'], [[graph.vertices.externalOf(vertex), graph.degreeOf(vertex)]]);
    }
    case 'members':
      return members(graph, query);
    case 'path':
      return path(graph, query);
    case 'match':
      return match(graph, query, query.limit ?? limit);
  }
}

const whole = (columns: readonly string[], rows: QueryResult['rows']): QueryResult => ({
  columns,
  rows,
  cut: undefined,
});

/** `label` is told where the graph has labels. */
function vertexColumns(graph: Hypergraph): {
  readonly names: string[];
  readonly of: (vertex: number) => ExternalId[];
} {
  if (!graph.parts().labels.vertices) {
    return { names: ['vertex'], of: (vertex) => [graph.vertices.externalOf(vertex)] };
  }
  return {
    names: ['vertex', 'label'],
    of: (vertex) => [graph.vertices.externalOf(vertex), graph.labelOf(vertex)],
  };
}

function neighbors(graph: Hypergraph, query: Of<'neighbors' | 'facts'>, limit: number): QueryResult {
  const { names, of } = vertexColumns(graph);
  const found = neighborsOf(graph, vertexNamed(graph, query.vertex), {
    hops: query.hops,
    limit,
    ...relationOption(graph, query.relation),
  });
  return {
    columns: [...names, 'hops'],
    rows: Array.from(found.vertices, (vertex, index) => [...of(vertex), found.hops[index]!]),
    cut: found.isCut ? limitReached(limit) : undefined,
  };
}

const limitReached = (limit: number): string => `the limit of ${limit} rows is reached`;

function relationOption(graph: Hypergraph, relation: Name | undefined): { readonly relation?: number } {
  return relation === undefined ? {} : { relation: relationNamed(graph, relation) };
}

/** The hyperedges of a vertex, each with its members. */
function facts(graph: Hypergraph, query: Of<'neighbors' | 'facts'>, limit: number): QueryResult {
  const vertex = vertexNamed(graph, query.vertex);
  const { relation } = relationOption(graph, query.relation);
  const column = graph.properties.hyperedges.relation;
  const fitting = graph
    .hyperedgesOf(vertex)
    // A hyperedge that lists the vertex again stands beside itself.
    .filter((edge, index, all) => edge !== all[index - 1])
    .filter((edge) => relation === undefined || column?.values[edge] === relation);
  const rows = Array.from(fitting.subarray(0, limit), (edge) => {
    const name = column?.dictionary?.externalOf(column.values[edge]!);
    const names = Array.from(graph.membersOf(edge), (member) => graph.labelOf(member)).join(', ');
    return [graph.hyperedges.externalOf(edge), ...(name === undefined ? [] : [name]), names];
  });
  return {
    columns: ['hyperedge', ...(column?.dictionary ? ['relation'] : []), 'members'],
    rows,
    cut: fitting.length > limit ? limitReached(limit) : undefined,
  };
}

function members(graph: Hypergraph, query: Of<'members'>): QueryResult {
  const { names, of } = vertexColumns(graph);
  const hyperedge = hyperedgeNamed(graph, query.hyperedge);
  const { role } = graph.properties.incidences;
  const start = graph.edgeToNodes.offsets[hyperedge]!;
  return whole(
    ['place', ...names, ...(role ? ['role'] : [])],
    Array.from(graph.membersOf(hyperedge), (vertex, place) => [
      place,
      ...of(vertex),
      ...(role ? [valueAt(role, start + place) ?? ''] : []),
    ]),
  );
}

/** No row when there is no path that short. */
function path(graph: Hypergraph, query: Of<'path'>): QueryResult {
  const { names, of } = vertexColumns(graph);
  const from = vertexNamed(graph, query.from);
  const relation = relationOption(graph, query.relation).relation;
  const found = shortestPath(graph, from, vertexNamed(graph, query.to), { hops: query.hops, relation });
  const rows = found?.map(({ hyperedge, vertex }, index) => [
    index + 1,
    graph.hyperedges.externalOf(hyperedge),
    ...of(vertex),
  ]);
  return whole(['hop', 'hyperedge', ...names], rows ? [[0, '', ...of(from)], ...rows] : []);
}

function match(graph: Hypergraph, query: Of<'match'>, limit: number): QueryResult {
  const plan = planMatch(graph, query.patterns);
  const slots = query.select.map((name) => plan.slots.findIndex((slot) => slot.name === name));
  const dictionary = graph.properties.hyperedges.relation?.dictionary;
  const seen = new Set<string>();
  const rows: ExternalId[][] = [];
  let isFull = false;
  const end = findMatches(graph, plan, (bindings) => {
    const values = slots.map((slot) => bindings[slot]!);
    const key = values.join(' ');
    if (seen.has(key)) return true;
    if (rows.length === limit) {
      isFull = true;
      return false;
    }
    seen.add(key);
    rows.push(
      values.map((value, i) =>
        plan.slots[slots[i]!]!.holds === 'vertex'
          ? graph.vertices.externalOf(value)
          : (dictionary?.externalOf(value) ?? ''),
      ),
    );
    // Without variables one match is the answer.
    return slots.length > 0;
  });
  const cut = isFull
    ? limitReached(limit)
    : end === 'candidates'
      ? `the search ended after ${CANDIDATES_MAX} candidates`
      : undefined;
  if (slots.length > 0) return { columns: query.select, rows, cut };
  return { columns: ['holds'], rows: [[rows.length > 0 ? 'yes' : 'no']], cut };
}
