/** What a query is once it is read. Columns are for errors. */

export interface Name {
  readonly text: string;
  readonly column: number;
}

/** `variable` undefined: any value, which is not told. */
export type Term =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'variable'; readonly variable: string | undefined; readonly column: number };

/** A relation, followed once, at least once (`+`) or any number of times (`*`). */
export interface Step {
  readonly relation: Term;
  readonly times: 'once' | 'one-or-more' | 'any';
}

/** Facts of two members in their order, or of any members with `relation(a, b, c)` or `relation(role: a, role: b)`. */
export interface Pattern {
  readonly step: Step;
  readonly terms: readonly Term[];
  /** The role of each term, where terms are told by role rather than by place. */
  readonly roles?: readonly Name[];
}

export type Query =
  | {
      readonly kind: 'neighbors' | 'facts';
      readonly vertex: Name;
      readonly hops: number;
      readonly relation: Name | undefined;
      readonly limit: number | undefined;
    }
  | { readonly kind: 'degree'; readonly vertex: Name }
  | { readonly kind: 'members'; readonly hyperedge: Name; readonly limit: number | undefined }
  | {
      readonly kind: 'path';
      readonly from: Name;
      readonly to: Name;
      readonly hops: number;
      readonly relation: Name | undefined;
    }
  | {
      readonly kind: 'match';
      readonly patterns: readonly Pattern[];
      /** Variables in the order in which they are told. */
      readonly select: readonly string[];
      readonly limit: number | undefined;
    };

export const HOPS_MAX = 64;
export const LIMIT_MAX = 1_000_000;
/** Members of one pattern. */
export const TERMS_MAX = 256;
