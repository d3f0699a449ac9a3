/** Errors of queries: always the column, counted from 1. */
import { AnantError } from '@anant/core';

export function queryError(
  column: number,
  reason: string,
  advice = 'The query language is described in docs/graph-query.md.',
): AnantError<'E_QUERY_INVALID'> {
  return new AnantError('E_QUERY_INVALID', `Column ${column}: ${reason}.`, {
    advice,
    details: { column, reason },
  });
}
