/** Vertices that a user says exist, whether or not a hyperedge holds them. */
import { AnantError } from '@anant/core';
import type { ReadOptions } from './read-context.js';
import { IntegerTokens, type Tokens } from './tokens.js';

/** Adds the option `vertexRange` to the vertices. @throws AnantError `E_GRAPH_INVALID` */
export function vertexTokens(tokens: Tokens, { vertexRange }: Pick<ReadOptions, 'vertexRange'>): Tokens {
  if (vertexRange === undefined) return tokens;
  const { first, last } = vertexRange;
  const isRange = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last >= first;
  if (!isRange) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      `vertexRange must run from a whole number to one that is not smaller, not from ${first} to ${last}.`,
    );
  }
  if (!(tokens instanceof IntegerTokens)) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      'vertexRange needs integer ids, but the ids of this file are text.',
    );
  }
  for (let id = first; id <= last; id++) tokens.interner.intern(id);
  return tokens;
}
