/** Parameters of algorithms as data: what the command line shows and what calls are checked against. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import { findId, findVertexNamed, isId } from '../ids/find-id.js';
import type { ExternalId } from '../ids/id-table.js';

export interface ParameterSpecification {
  /**
   * `vertex` takes the id or the label of a vertex, and is passed on as its index; `node` the same of a vertex or a
   * hyperedge, as the parameter `of` says, which comes before it. `partition` takes a name per vertex and is passed on
   * with the smallest vertex of the same name for each; on the command line it is a file with one per line.
   * `vertices` takes several vertices, as a list or as one text with commas, and passes on their indexes, rising; none
   * when it is not given.
   */
  readonly type: 'integer' | 'number' | 'vertex' | 'node' | 'vertices' | 'choice' | 'partition';
  readonly description: string;
  /** What it is when it is not given; a function computes it from the graph and the parameters before. */
  readonly default: ParameterValue | ((graph: Hypergraph, values: ParameterValues) => number | Uint32Array);
  /** How the default is shown when it is computed. */
  readonly defaultText?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether the bounds themselves are allowed. @default 'inclusive' */
  readonly bounds?: 'inclusive' | 'exclusive';
  readonly choices?: readonly string[];
}

export type ParameterSpecifications = Readonly<Record<string, ParameterSpecification>>;
export type ParameterValue = number | string | Uint32Array;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;
/** Names of parts, one per vertex in the order of indexes. */
export type PartNames = ArrayLike<ExternalId>;

/**
 * The values of all parameters: checked, with defaults, vertices as indexes.
 * @throws AnantError `E_GRAPH_INVALID`, naming the parameter and what it must be.
 */
export function resolveParameters(
  algorithm: string,
  specifications: ParameterSpecifications,
  given: Readonly<Record<string, unknown>>,
  graph: Hypergraph,
): ParameterValues {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specifications, name)) continue;
    const known = Object.keys(specifications).join(', ') || 'none';
    throw invalid(`The algorithm "${algorithm}" has no parameter "${name}"; it has: ${known}.`);
  }
  const values: Record<string, ParameterValue> = {};
  for (const [name, specification] of Object.entries(specifications)) {
    const value = given[name];
    if (value === undefined) values[name] = defaultOf(specification, graph, values);
    else values[name] = check(name, specification, value, graph, values);
  }
  return values;
}

function defaultOf(
  { default: value }: ParameterSpecification,
  graph: Hypergraph,
  values: ParameterValues,
): ParameterValue {
  return typeof value === 'function' ? value(graph, values) : value;
}

function check(
  name: string,
  specification: ParameterSpecification,
  value: unknown,
  graph: Hypergraph,
  values: ParameterValues,
): ParameterValue {
  switch (specification.type) {
    case 'partition':
      return readPartition(name, value, graph);
    case 'vertex':
      return findVertex(name, value, graph);
    case 'node':
      return values.of === 'vertices' ? findVertex(name, value, graph) : findHyperedge(name, value, graph);
    case 'vertices':
      return findVertices(name, value, graph);
    case 'choice':
      if (typeof value === 'string' && specification.choices?.includes(value)) return value;
      throw invalid(`"${name}" must be one of ${specification.choices?.join(', ')}, not ${show(value)}.`);
    default:
      return checkNumber(name, specification, value);
  }
}

function checkNumber(name: string, specification: ParameterSpecification, value: unknown): number {
  const { type, minimum = -Infinity, maximum = Infinity, bounds = 'inclusive' } = specification;
  const isKind = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  const number = value as number;
  const isInside =
    bounds === 'inclusive' ? number >= minimum && number <= maximum : number > minimum && number < maximum;
  if (isKind && isInside) return number;
  const kind = type === 'integer' ? 'an integer' : 'a number';
  throw invalid(`"${name}" must be ${kind} ${describeBounds(minimum, maximum, bounds)}, not ${show(value)}.`);
}

function describeBounds(minimum: number, maximum: number, bounds: 'inclusive' | 'exclusive'): string {
  if (bounds === 'exclusive') {
    return maximum === Infinity ? `greater than ${minimum}` : `between ${minimum} and ${maximum} (exclusive)`;
  }
  return maximum === Infinity ? `from ${minimum}` : `from ${minimum} to ${maximum}`;
}

/** An id as given, then the integer that a text writes, then a label. */
function findVertex(name: string, value: unknown, graph: Hypergraph): number {
  const index = findVertexNamed(graph, value);
  if (index >= 0) return index;
  throw invalid(
    isId(value)
      ? `"${name}": the graph has no vertex with the id or label ${show(value)}.`
      : `"${name}" must be the id or label of a vertex, not ${show(value)}.`,
  );
}

/** A text is first taken as one vertex, since ids and labels may hold commas. */
function findVertices(name: string, value: unknown, graph: Hypergraph): Uint32Array {
  const isOne = isId(value) && (typeof value === 'number' || findVertexNamed(graph, value) >= 0);
  const given = Array.isArray(value) ? value : isOne ? [value] : String(value).split(',');
  if (given.length === 0) throw invalid(`"${name}" names no vertex; leave it out for its default.`);
  const found = new Set(
    given.map((each) => findVertex(name, typeof each === 'string' ? each.trim() : each, graph)),
  );
  return Uint32Array.from(found).sort();
}

function findHyperedge(name: string, value: unknown, graph: Hypergraph): number {
  const index = findId(graph.hyperedges, value);
  if (index >= 0) return index;
  throw invalid(
    isId(value)
      ? `"${name}": the graph has no hyperedge with the id ${show(value)}.`
      : `"${name}" must be the id of a hyperedge, not ${show(value)}.`,
  );
}

/** The smallest vertex with the same name, for every vertex. @throws AnantError `E_GRAPH_INVALID` */
export function readPartition(name: string, value: unknown, graph: Hypergraph): Uint32Array {
  const names = value as PartNames;
  if (typeof value !== 'object' || value === null || typeof names.length !== 'number') {
    throw invalid(`"${name}" must be a list with the name of a part for every vertex, not ${show(value)}.`);
  }
  if (names.length !== graph.vertexCount) {
    throw invalid(
      `"${name}" has ${names.length} names of parts; the graph has ${graph.vertexCount} vertices.`,
    );
  }
  const firsts = new Map<ExternalId, number>();
  const labels = new Uint32Array(names.length);
  for (let vertex = 0; vertex < names.length; vertex++) {
    const part = names[vertex]!;
    if (typeof part !== 'string' && !Number.isFinite(part)) {
      throw invalid(`"${name}": the part of vertex ${vertex} must be a number or a text, not ${show(part)}.`);
    }
    const first = firsts.get(part);
    if (first === undefined) firsts.set(part, vertex);
    labels[vertex] = first ?? vertex;
  }
  return labels;
}

/** For a parameter that has no default. */
export const required = (name: string) => (): never => {
  throw invalid(`"${name}" must be given.`);
};

const show = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : typeof value === 'number' ? String(value) : `a ${typeof value}`;

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'The parameters of each algorithm are listed in docs/graph.md.',
  });
}
