/** The changes of a batch as a list: their types, the ids they were given, and which one is wrong. */
import { AnantError } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';
import type { GraphChange } from './change.js';

export const CHANGE_TYPES: readonly GraphChange['type'][] = [
  'hyperedge-add',
  'hyperedge-remove',
  'vertex-add',
  'vertex-remove',
  'incidence-add',
  'incidence-remove',
  'property-set',
];

/** The ids that hyperedges added without one got, in order. */
export type GivenIds = readonly number[];

/** The changes as they were applied: every added hyperedge has an id. */
export function withIds(changes: readonly GraphChange[], givenIds: GivenIds): readonly GraphChange[] {
  if (givenIds.length === 0) return changes;
  let next = 0;
  return changes.map((change) =>
    change.type === 'hyperedge-add' && change.id === undefined
      ? { ...change, id: givenIds[next++]! }
      : change,
  );
}

/** @throws TypeError for a text: its characters would become members. */
export function listOfMembers(members: readonly ExternalId[] | string): readonly ExternalId[] {
  if (typeof members !== 'string') return members;
  throw new TypeError('members must be a list, not a text');
}

/** The same error, naming the change; a change that lacks a part is one that JSON from elsewhere may hold. */
export function atChange(error: unknown, change: number, count: number): unknown {
  if (!AnantError.is(error) && !(error instanceof TypeError)) return error;
  const place = `Change ${change} of ${count}: `;
  if (!AnantError.is(error)) {
    return new AnantError(
      'E_GRAPH_INVALID',
      `${place}it lacks a part, or one has the wrong type: ${error.message}`,
      {
        cause: error,
        details: { change },
      },
    );
  }
  return new AnantError(error.code, `${place}${error.message}`, {
    ...(error.advice !== undefined && { advice: error.advice }),
    details: { ...error.details, change },
  });
}
