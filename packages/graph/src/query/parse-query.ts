/** Reads a query (grammar: docs/graph-query.md). */
import {
  HOPS_MAX,
  LIMIT_MAX,
  type Name,
  type Pattern,
  type Query,
  type Step,
  TERMS_MAX,
  type Term,
} from './query.js';
import { queryError } from './query-error.js';
import { type Token, tokenize } from './tokens.js';

const COMMANDS = ['neighbors', 'facts', 'degree', 'members', 'path', 'match'] as const;
const NEIGHBOR_HOPS = 1;
const PATH_HOPS = 16;
/** Most patterns of one query. */
const PATTERNS_MAX = 64;

/** @throws AnantError `E_QUERY_INVALID`, naming the column */
export function parseQuery(query: string): Query {
  return new Parser(tokenize(query)).query();
}

interface Options {
  readonly hops: number | undefined;
  readonly limit: number | undefined;
  readonly relation: Name | undefined;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    const token = this.#take();
    const command = COMMANDS.find((known) => token.kind === 'word' && known === token.text);
    switch (command) {
      case 'neighbors':
      case 'facts':
        return this.#around(command);
      case 'degree':
        return this.#ended({ kind: command, vertex: this.#name('the id of a vertex') });
      case 'members':
        return this.#ended({
          kind: command,
          hyperedge: this.#name('the id of a hyperedge'),
          limit: this.#options(['limit']).limit,
        });
      case 'path':
        return this.#path();
      case 'match':
        return this.#match();
      default:
        throw queryError(token.column, `a query starts with ${COMMANDS.join(', ')}, not ${show(token)}`);
    }
  }

  #around(kind: 'neighbors' | 'facts'): Query {
    const vertex = this.#name('the id of a vertex');
    const known =
      kind === 'neighbors' ? (['hops', 'limit', 'relation'] as const) : (['limit', 'relation'] as const);
    const { hops = NEIGHBOR_HOPS, limit, relation } = this.#options(known);
    return this.#ended({ kind, vertex, hops, relation, limit });
  }

  #path(): Query {
    const from = this.#name('the id of the first vertex');
    const to = this.#name('the id of the last vertex');
    const { hops = PATH_HOPS, relation } = this.#options(['hops', 'relation']);
    return this.#ended({ kind: 'path', from, to, hops, relation });
  }

  #match(): Query {
    const patterns = [this.#pattern()];
    while (this.#takes('mark', ',')) {
      if (patterns.length === PATTERNS_MAX) {
        throw queryError(this.#peek().column, `a query has at most ${PATTERNS_MAX} patterns`);
      }
      patterns.push(this.#pattern());
    }
    const variables = variablesOf(patterns);
    const select = this.#takes('word', 'select') ? this.#selection(variables) : variables;
    const limit = this.#takes('word', 'limit') ? this.#integer('limit', 1, LIMIT_MAX) : undefined;
    return this.#ended({ kind: 'match', patterns, select, limit });
  }

  #selection(known: readonly string[]): string[] {
    const selected: string[] = [];
    while (this.#peek().kind === 'variable') {
      const { text, column } = this.#take();
      if (!known.includes(text)) throw queryError(column, `no pattern has the variable ?${text}`);
      if (!selected.includes(text)) selected.push(text);
      this.#takes('mark', ',');
    }
    if (selected.length > 0) return selected;
    throw queryError(this.#peek().column, `after "select" come variables, not ${show(this.#peek())}`);
  }

  #pattern(): Pattern {
    const next = this.#tokens[this.#at + 1];
    if (next?.kind === 'mark' && next.text === '(') return this.#fact();
    const first = this.#term();
    const { step, isInverse } = this.#step();
    const last = this.#term();
    return { step, terms: isInverse ? [last, first] : [first, last] };
  }

  /** `relation(a, b, c)`, or `relation(role: a, role: b)` */
  #fact(): Pattern {
    const relation = this.#term();
    this.#take();
    const roles: Name[] = [];
    const terms: Term[] = [];
    do {
      const { column } = this.#peek();
      const role = this.#role();
      if (role) roles.push(role);
      terms.push(this.#term());
      if (roles.length > 0 && roles.length < terms.length) {
        throw queryError(column, 'either all members of a pattern have a role or none has');
      }
      if (terms.length > TERMS_MAX) throw queryError(column, `a pattern has at most ${TERMS_MAX} members`);
    } while (this.#takes('mark', ','));
    const end = this.#take();
    if (end.kind !== 'mark' || end.text !== ')') {
      throw queryError(end.column, `expected "," or ")", not ${show(end)}`);
    }
    return { step: { relation, times: 'once' }, terms, ...(roles.length > 0 && { roles }) };
  }

  /** `role:` before a term; in quotes where the role has spaces or signs. */
  #role(): Name | undefined {
    const { kind, text, column } = this.#peek();
    const next = this.#tokens[this.#at + 1]!;
    if (kind === 'text' && next.kind === 'word' && next.text === ':') {
      this.#at += 2;
      return { text, column };
    }
    const isRole =
      kind === 'word' && text.length > 1 && text.endsWith(':') && next.kind !== 'mark' && next.kind !== 'end';
    if (!isRole) return undefined;
    this.#at += 1;
    return { text: text.slice(0, -1), column };
  }

  #step(): { step: Step; isInverse: boolean } {
    const token = this.#take();
    if (token.kind === 'variable' || token.kind === 'text') {
      return { step: { relation: termOf(token), times: 'once' }, isInverse: false };
    }
    if (token.kind !== 'word') throw queryError(token.column, `expected a relation, not ${show(token)}`);
    const isInverse = token.text.startsWith('^');
    const rest = isInverse ? token.text.slice(1) : token.text;
    const times = rest.endsWith('+') ? 'one-or-more' : rest.endsWith('*') ? 'any' : 'once';
    const text = times === 'once' ? rest : rest.slice(0, -1);
    const column = token.column + (isInverse ? 1 : 0);
    if (text === '') throw queryError(column, 'a relation is missing (put it in quotes when it is a sign)');
    if (text.startsWith('?'))
      throw queryError(column, 'a variable cannot be followed several times or backwards');
    return { step: { relation: termOf({ kind: 'word', text, column }), times }, isInverse };
  }

  #term(): Term {
    const token = this.#take();
    if (token.kind === 'word' || token.kind === 'text' || token.kind === 'variable') return termOf(token);
    throw queryError(token.column, `expected an id, a variable or "_", not ${show(token)}`);
  }

  #name(what: string): Name {
    const { kind, text, column } = this.#take();
    if (kind === 'word' || kind === 'text') return { text, column };
    throw queryError(column, `expected ${what}, not ${show({ kind, text, column })}`);
  }

  #options(known: readonly (keyof Options)[]): Options {
    const options: { -readonly [Key in keyof Options]: Options[Key] } = {
      hops: undefined,
      limit: undefined,
      relation: undefined,
    };
    while (this.#peek().kind === 'option') {
      const { text, column } = this.#take();
      const option = known.find((name) => name === text);
      if (option === undefined) {
        const names = known.map((name) => `--${name}`).join(', ');
        throw queryError(column, `there is no option "--${text}" here; there are ${names}`);
      }
      if (option === 'relation') options.relation = this.#name('the name of a relation');
      else options[option] = this.#integer(`--${option}`, 1, option === 'hops' ? HOPS_MAX : LIMIT_MAX);
    }
    return options;
  }

  #integer(what: string, least: number, most: number): number {
    const token = this.#take();
    const value = token.kind === 'word' && /^\d{1,9}$/.test(token.text) ? Number(token.text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw queryError(
      token.column,
      `"${what}" must be a whole number from ${least} to ${most}, not ${show(token)}`,
    );
  }

  #ended(query: Query): Query {
    const token = this.#peek();
    if (token.kind === 'end') return query;
    throw queryError(token.column, `the query should end here, but goes on with ${show(token)}`);
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function termOf({ kind, text, column }: Token): Term {
  if (kind === 'variable') return { kind, variable: text, column };
  if (kind === 'word' && text === '_') return { kind: 'variable', variable: undefined, column };
  return { kind: 'name', name: { text, column } };
}

function variablesOf(patterns: readonly Pattern[]): string[] {
  const names = patterns.flatMap(({ step, terms }) => {
    const inOrder = terms.length === 2 ? [terms[0]!, step.relation, terms[1]!] : [step.relation, ...terms];
    return inOrder.flatMap((term) => (term.kind === 'variable' && term.variable ? [term.variable] : []));
  });
  return [...new Set(names)];
}

const show = ({ kind, text }: Token): string =>
  kind === 'end' ? 'the end' : `"${kind === 'variable' ? '?' : kind === 'option' ? '--' : ''}${text}"`;
