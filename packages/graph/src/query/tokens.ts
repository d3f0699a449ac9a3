/** The words of a query, each with its column. */
import { queryError } from './query-error.js';

export interface Token {
  /**
   * `word` is an id or keyword as written, `text` was in quotes or angle brackets, `variable` starts with `?`,
   * `option` with `--`; `mark` is one of `,` `(` `)`, `end` the end of the query.
   */
  readonly kind: 'word' | 'text' | 'variable' | 'option' | 'mark' | 'end';
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
}

/** Most characters of a query; a longer one is refused. */
const CHARACTERS_MAX = 100_000;

const BLANK = /[\s]/;
const MARK = /[,()]/;
const WORD_END = /[\s,()]/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws AnantError `E_QUERY_INVALID` */
export function tokenize(query: string): Token[] {
  if (query.length > CHARACTERS_MAX) {
    throw queryError(CHARACTERS_MAX + 1, `the query is longer than ${CHARACTERS_MAX} characters`);
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const character = query[at]!;
    if (BLANK.test(character)) {
      at += 1;
      continue;
    }
    const column = at + 1;
    if (MARK.test(character)) {
      tokens.push({ kind: 'mark', text: character, column });
      at += 1;
    } else if (character === '"') {
      const { text, end } = readQuoted(query, at);
      tokens.push({ kind: 'text', text, column });
      at = end;
    } else if (character === '<') {
      const end = query.indexOf('>', at);
      if (end < 0) throw queryError(column, 'the ">" that belongs to this "<" is missing');
      tokens.push({ kind: 'text', text: query.slice(at + 1, end), column });
      at = end + 1;
    } else {
      let end = at;
      while (end < query.length && !WORD_END.test(query[end]!)) end += 1;
      tokens.push(wordOf(query.slice(at, end), column));
      at = end;
    }
  }
  tokens.push({ kind: 'end', text: '', column: query.length + 1 });
  return tokens;
}

function wordOf(text: string, column: number): Token {
  if (text.startsWith('?')) {
    if (!NAME.test(text.slice(1))) {
      throw queryError(column, `"${text}" is no variable: after "?" come letters, digits or "_"`);
    }
    return { kind: 'variable', text: text.slice(1), column };
  }
  if (text.startsWith('--')) return { kind: 'option', text: text.slice(2), column };
  return { kind: 'word', text, column };
}

function readQuoted(query: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at]!;
    if (character === '"') return { text, end: at + 1 };
    if (character === '\\' && at + 1 < query.length) at += 1;
    text += query[at];
  }
  throw queryError(start + 1, 'the quote that ends this text is missing');
}
