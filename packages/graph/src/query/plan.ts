/** A match query bound to a graph: names are indexes, variables are slots. */
import type { Hypergraph } from '../hypergraph.js';
import { findId, findVertexNamed } from '../ids/find-id.js';
import type { IdTable } from '../ids/id-table.js';
import type { Name, Pattern, Step, Term } from './query.js';
import { queryError } from './query-error.js';

/** A known index, a slot that a variable has, or anything. */
export type Slot =
  | { readonly kind: 'known'; readonly index: number }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'any' };

export interface PlannedPattern {
  readonly relation: Slot;
  readonly terms: readonly Slot[];
  readonly times: Step['times'];
  /** Of each term, as an index into the dictionary of roles; undefined where places tell what a member is. */
  readonly roles: readonly number[] | undefined;
}

export interface Plan {
  readonly patterns: readonly PlannedPattern[];
  /** What each slot holds. */
  readonly slots: readonly { readonly name: string; readonly holds: 'vertex' | 'relation' }[];
}

/** @throws AnantError `E_QUERY_INVALID` for a name the graph does not have, or a variable that is two things. */
export function planMatch(graph: Hypergraph, patterns: readonly Pattern[]): Plan {
  const slots: { name: string; holds: 'vertex' | 'relation' }[] = [];
  const slotOf = (variable: string, holds: 'vertex' | 'relation', column: number): Slot => {
    const found = slots.findIndex(({ name }) => name === variable);
    if (found >= 0 && slots[found]!.holds !== holds) {
      throw queryError(column, `?${variable} stands for a relation in one place and for a vertex in another`);
    }
    if (found < 0) slots.push({ name: variable, holds });
    return { kind: 'slot', slot: found < 0 ? slots.length - 1 : found };
  };
  const plan = (term: Term, holds: 'vertex' | 'relation'): Slot => {
    if (term.kind === 'variable') {
      return term.variable === undefined ? { kind: 'any' } : slotOf(term.variable, holds, term.column);
    }
    const index = holds === 'vertex' ? vertexNamed(graph, term.name) : relationNamed(graph, term.name);
    return { kind: 'known', index };
  };
  const planned = patterns.map(({ step, terms, roles }) => ({
    terms: terms.map((term) => plan(term, 'vertex')),
    relation: plan(step.relation, 'relation'),
    times: step.times,
    roles: roles?.map((role) => roleNamed(graph, role)),
  }));
  return { patterns: planned, slots };
}

/** @throws AnantError `E_QUERY_INVALID` */
export function vertexNamed(graph: Hypergraph, { text, column }: Name): number {
  const index = findVertexNamed(graph, text);
  if (index >= 0) return index;
  throw queryError(
    column,
    `the graph has no vertex "${text}"`,
    'Name it by its id or label; ids with spaces or signs go in quotes.',
  );
}

/** @throws AnantError `E_QUERY_INVALID` */
export function hyperedgeNamed(graph: Hypergraph, { text, column }: Name): number {
  const index = findId(graph.hyperedges, text);
  if (index >= 0) return index;
  throw queryError(column, `the graph has no hyperedge "${text}"`);
}

/** Most relations that an error lists. */
const SHOWN_MAX = 12;

/** @throws AnantError `E_QUERY_INVALID` */
export function relationNamed(graph: Hypergraph, { text, column }: Name): number {
  const dictionary = graph.properties.hyperedges.relation?.dictionary;
  if (dictionary === undefined) {
    throw queryError(
      column,
      'the hyperedges of this graph have no relations',
      "Load it with properties: 'keep', or match any relation with _.",
    );
  }
  return named(dictionary, 'relation', { text, column });
}

/** @throws AnantError `E_QUERY_INVALID` */
function roleNamed(graph: Hypergraph, name: Name): number {
  const dictionary = graph.properties.incidences.role?.dictionary;
  if (dictionary) return named(dictionary, 'role', name);
  throw queryError(
    name.column,
    'the members of this graph have no roles',
    "Load it with properties: 'keep', or tell members by their places.",
  );
}

/** @throws AnantError `E_QUERY_INVALID`, listing what there is */
function named(dictionary: IdTable, what: string, { text, column }: Name): number {
  const index = findId(dictionary, text);
  if (index >= 0) return index;
  const known = Array.from({ length: Math.min(dictionary.size, SHOWN_MAX) }, (_, i) =>
    String(dictionary.externalOf(i)),
  );
  const more = dictionary.size > SHOWN_MAX ? `, and ${dictionary.size - SHOWN_MAX} more` : '';
  throw queryError(column, `the graph has no ${what} "${text}"`, `There are: ${known.join(', ')}${more}.`);
}
