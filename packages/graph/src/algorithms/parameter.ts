/** Parameters of algorithms as data: what the command line shows and what calls are checked against. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';

export interface ParameterSpecification {
  /** `vertex` takes the id or the label of a vertex, and is passed on as its index. */
  readonly type: 'integer' | 'number' | 'vertex' | 'choice';
  readonly description: string;
  /** What it is when it is not given; for a `vertex`, computed from the graph. */
  readonly default: number | string | ((graph: Hypergraph) => number);
  /** How the default is shown when it is computed. */
  readonly defaultText?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Whether the bounds themselves are allowed. @default 'inclusive' */
  readonly bounds?: 'inclusive' | 'exclusive';
  readonly choices?: readonly string[];
}

export type ParameterSpecifications = Readonly<Record<string, ParameterSpecification>>;
export type ParameterValues = Readonly<Record<string, number | string>>;

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
  const values: Record<string, number | string> = {};
  for (const [name, specification] of Object.entries(specifications)) {
    const value = given[name];
    if (value === undefined) values[name] = defaultOf(specification, graph);
    else values[name] = check(name, specification, value, graph);
  }
  return values;
}

function defaultOf({ default: value }: ParameterSpecification, graph: Hypergraph): number | string {
  return typeof value === 'function' ? value(graph) : value;
}

function check(
  name: string,
  specification: ParameterSpecification,
  value: unknown,
  graph: Hypergraph,
): number | string {
  switch (specification.type) {
    case 'vertex':
      return findVertex(name, value, graph);
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
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw invalid(`"${name}" must be the id or label of a vertex, not ${show(value)}.`);
  }
  const candidates: ExternalId[] = [value];
  if (typeof value === 'string' && /^-?\d+$/.test(value)) candidates.push(Number(value));
  for (const id of candidates) {
    const index = graph.vertices.indexOf(id);
    if (index >= 0) return index;
  }
  const labelled = typeof value === 'string' ? graph.vertexLabelled(value) : -1;
  if (labelled >= 0) return labelled;
  throw invalid(`"${name}": the graph has no vertex with the id or label ${show(value)}.`);
}

const show = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : typeof value === 'number' ? String(value) : `a ${typeof value}`;

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'The parameters of each algorithm are listed in docs/graph.md.',
  });
}
