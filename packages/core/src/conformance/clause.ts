/** A clause of the contract as plain data: what it says, what it needs, and how to try it. */
import type { DefinitionKind, Feature } from '../contract/index.js';
import type { ClauseContext } from './clause-context.js';

export const CLAUSE_GROUPS = [
  'manifest',
  'lifecycle',
  'submit',
  'outcome',
  'errors',
  'values',
  'kernel',
  'cancel',
  'order',
  'objects',
  'streams',
  'progress',
  'actors',
  'faults',
  'leaks',
  'timeout',
  'retry',
  'graph',
] as const;

export type ClauseGroup = (typeof CLAUSE_GROUPS)[number];

/** `contract`: calls the backend itself. `client`: goes through `connect`, as users do. */
export type ClauseLevel = 'contract' | 'client';

/** `shared`: one started backend serves many clauses. `fresh`: this clause stops or breaks its backend. */
export type ClauseScope = 'shared' | 'fresh';

export interface Clause {
  /** Stable: a clause keeps its number and its meaning, numbers are never given again. */
  readonly id: string;
  readonly group: ClauseGroup;
  readonly title: string;
  readonly level: ClauseLevel;
  readonly scope: ClauseScope;
  /** Where one of these is `absent`, the clause is replaced by the refusal of that feature. */
  readonly requires: readonly Feature[];
  /** Run once for each of these kinds that the manifest has; `any`: once, with the first kind there is. */
  readonly kinds: readonly DefinitionKind[] | 'any';
  readonly run: (context: ClauseContext) => Promise<void>;
}

export type ClauseDraft = Pick<Clause, 'id' | 'title' | 'run'> & Partial<Clause>;

/** Fills in what most clauses have in common: the contract level, a shared backend, any kind of task. */
export function defineClauses(group: ClauseGroup, drafts: readonly ClauseDraft[]): readonly Clause[] {
  return drafts.map((draft) => ({
    level: 'contract',
    scope: 'shared',
    requires: [],
    kinds: 'any',
    ...draft,
    group,
  }));
}

/** Kinds whose tasks are written by users, as opposed to kernels. */
export const CODE_KINDS: readonly DefinitionKind[] = ['typescript', 'python'];
