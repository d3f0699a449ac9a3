/** Answers queries: text in, a table out. */
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { valueAt } from '../store/properties.js';
import { CANDIDATES_MAX, findMatches } from './match.js';
import { neighborsOf } from './neighborhood.js';
import { parseQuery } from './parse-query.js';
import { hyperedgeNamed, planMatch, relationNamed, vertexNamed } from './plan.js';
import { LIMIT_MAX, type Name, type Query } from './query.js';
import { ANSWER_BYTES_MAX, limitError, QueryBudget, TIME_MS_DEFAULT } from './query-budget.js';
import { shortestPath } from './shortest-path.js';

/** Rows that a query without a limit gives at most. */
export const ROWS_DEFAULT = 1_000;

export interface QueryOptions {
  /** Most rows where the query itself sets no limit; 1 to 1,000,000. @default 1000 */
  readonly limit?: number;
  /** Longest time in milliseconds, 1 to 86,400,000; then `E_QUERY_LIMIT`. @default 30000 */
  readonly timeMsMax?: number;
  /** Most memory of the answer in bytes, 1 to 4,294,967,296, counted as 64 a row, 16 a cell and 2 a character; then `E_QUERY_LIMIT`. @default 268435456 */
  readonly answerBytesMax?: number;
  /** Most candidates of one `match`, 1 to 50,000,000; then the result is cut. @default 50000000 */
  readonly candidatesMax?: number;
  /** A clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

export interface QueryResult {
  readonly columns: readonly string[];
  /** Ids as the graph has them, numbers, and texts. */
  readonly rows: readonly (readonly ExternalId[])[];
  /** Why there may be more than these rows, or undefined when these are all. */
  readonly cut: string | undefined;
}

type Of<Kind extends Query['kind']> = Extract<Query, { readonly kind: Kind }>;

/**
 * @throws AnantError `E_QUERY_INVALID`, naming the column of the query; `E_QUERY_LIMIT` when it takes too long, or its answer
 * too much memory; TypeError for options out of range
 */
export function runQuery(graph: Hypergraph, text: string, options: QueryOptions = {}): QueryResult {
  const query = parseQuery(text);
  const limit = wholeOption('limit', options.limit ?? ROWS_DEFAULT, LIMIT_MAX);
  const candidatesMax = wholeOption('candidatesMax', options.candidatesMax ?? CANDIDATES_MAX, CANDIDATES_MAX);
  const budget = budgetOf(options);
  switch (query.kind) {
    case 'neighbors':
      return neighbors(graph, query, query.limit ?? limit, budget);
    case 'facts':
      return facts(graph, query, query.limit ?? limit, budget);
    case 'degree': {
      const vertex = vertexNamed(graph, query.vertex);
      return whole(['vertex', 'degree'], [[graph.vertices.externalOf(vertex), graph.degreeOf(vertex)]]);
    }
    case 'members':
      return members(graph, query, query.limit ?? limit, budget);
    case 'path':
      return path(graph, query, budget);
    case 'match':
      return match(graph, query, { limit: query.limit ?? limit, candidatesMax, budget });
  }
}

const TIME_MS_MAX = 86_400_000;
const ANSWER_BYTES_LIMIT = 4_294_967_296;

function budgetOf({ timeMsMax, answerBytesMax, now }: QueryOptions): QueryBudget {
  return new QueryBudget({
    timeMsMax: wholeOption('timeMsMax', timeMsMax ?? TIME_MS_DEFAULT, TIME_MS_MAX),
    answerBytesMax: wholeOption('answerBytesMax', answerBytesMax ?? ANSWER_BYTES_MAX, ANSWER_BYTES_LIMIT),
    now: now ?? (() => performance.now()),
  });
}

function wholeOption(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new TypeError(`"${name}" must be a whole number from 1 to ${max}, not ${value}.`);
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

function neighbors(
  graph: Hypergraph,
  query: Of<'neighbors' | 'facts'>,
  limit: number,
  budget: QueryBudget,
): QueryResult {
  const { names, of } = vertexColumns(graph);
  const options = { hops: query.hops, limit, ...relationOption(graph, query.relation) };
  const found = neighborsOf(graph, vertexNamed(graph, query.vertex), options, budget);
  return {
    columns: [...names, 'hops'],
    rows: Array.from(found.vertices, (vertex, index) => {
      const row = [...of(vertex), found.hops[index]!];
      budget.addRow(row);
      return row;
    }),
    cut: found.isCut ? limitReached(limit) : undefined,
  };
}

const limitReached = (limit: number): string => `the limit of ${limit} rows is reached`;

function relationOption(graph: Hypergraph, relation: Name | undefined): { readonly relation?: number } {
  return relation === undefined ? {} : { relation: relationNamed(graph, relation) };
}

/** The hyperedges of a vertex, each with its members. */
function facts(
  graph: Hypergraph,
  query: Of<'neighbors' | 'facts'>,
  limit: number,
  budget: QueryBudget,
): QueryResult {
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
    const named = [graph.hyperedges.externalOf(edge), ...(name === undefined ? [] : [name])];
    budget.addRow(named);
    return [...named, namesOf(graph, edge, budget)];
  });
  return {
    columns: ['hyperedge', ...(column?.dictionary ? ['relation'] : []), 'members'],
    rows,
    cut: fitting.length > limit ? limitReached(limit) : undefined,
  };
}

/** The labels of the members in one text, counted while it grows. */
function namesOf(graph: Hypergraph, edge: number, budget: QueryBudget): string {
  const members = graph.membersOf(edge);
  budget.spend(members.length);
  return Array.from(members, (member) => {
    const label = graph.labelOf(member);
    budget.addBytes(2 * label.length + 4);
    return label;
  }).join(', ');
}

function members(graph: Hypergraph, query: Of<'members'>, limit: number, budget: QueryBudget): QueryResult {
  const { names, of } = vertexColumns(graph);
  const hyperedge = hyperedgeNamed(graph, query.hyperedge);
  const { role } = graph.properties.incidences;
  const start = graph.edgeToNodes.offsets[hyperedge]!;
  const all = graph.membersOf(hyperedge);
  return {
    columns: ['place', ...names, ...(role ? ['role'] : [])],
    rows: Array.from(all.subarray(0, limit), (vertex, place) => {
      const row = [place, ...of(vertex), ...(role ? [valueAt(role, start + place) ?? ''] : [])];
      budget.addRow(row);
      return row;
    }),
    cut: all.length > limit ? limitReached(limit) : undefined,
  };
}

/** No row when there is no path that short. */
function path(graph: Hypergraph, query: Of<'path'>, budget: QueryBudget): QueryResult {
  const { names, of } = vertexColumns(graph);
  const from = vertexNamed(graph, query.from);
  const relation = relationOption(graph, query.relation).relation;
  const to = vertexNamed(graph, query.to);
  const found = shortestPath(graph, from, to, { hops: query.hops, relation }, budget);
  const rows = found?.map(({ hyperedge, vertex }, index) => [
    index + 1,
    graph.hyperedges.externalOf(hyperedge),
    ...of(vertex),
  ]);
  return whole(['hop', 'hyperedge', ...names], rows ? [[0, '', ...of(from)], ...rows] : []);
}

interface MatchBounds {
  readonly limit: number;
  readonly candidatesMax: number;
  readonly budget: QueryBudget;
}

function match(graph: Hypergraph, query: Of<'match'>, bounds: MatchBounds): QueryResult {
  const { limit, candidatesMax, budget } = bounds;
  const plan = planMatch(graph, query.patterns);
  const slots = query.select.map((name) => plan.slots.findIndex((slot) => slot.name === name));
  const dictionary = graph.properties.hyperedges.relation?.dictionary;
  const seen = new Set<string>();
  const rows: ExternalId[][] = [];
  let isFull = false;
  const found = (bindings: Float64Array): boolean => {
    const values = slots.map((slot) => bindings[slot]!);
    const key = values.join(' ');
    if (seen.has(key)) return true;
    if (rows.length === limit) {
      isFull = true;
      return false;
    }
    seen.add(key);
    const row = values.map((value, i) =>
      plan.slots[slots[i]!]!.holds === 'vertex'
        ? graph.vertices.externalOf(value)
        : (dictionary?.externalOf(value) ?? ''),
    );
    budget.addRow(row);
    budget.addRow([key]);
    rows.push(row);
    // Without variables one match is the answer.
    return slots.length > 0;
  };
  const end = findMatches(graph, plan, found, { candidatesMax, budget });
  const cut = isFull
    ? limitReached(limit)
    : end === 'candidates'
      ? `the search ended after ${candidatesMax} candidates`
      : undefined;
  if (slots.length > 0) return { columns: query.select, rows, cut };
  // Whether it holds is not known when not everything was looked at.
  if (rows.length === 0 && end === 'candidates') {
    throw limitError(
      `It looked at ${candidatesMax} candidates without an answer.`,
      'Name more of what is known.',
      { candidatesMax },
    );
  }
  return { columns: ['holds'], rows: [[rows.length > 0 ? 'yes' : 'no']], cut };
}
