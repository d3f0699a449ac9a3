/** Statuses of attempts on the wire and in the contract. */
import type { AttemptOutcome } from '@anant/core';
import { EndDetail, EndStatus } from '../proto/anant/v1/common.js';

type Status = AttemptOutcome['status'];

const NUMBERS: Readonly<Record<Status, EndStatus>> = {
  ok: EndStatus.OK,
  'ok-reference': EndStatus.OK_REFERENCE,
  'app-error': EndStatus.APP_ERROR,
  cancelled: EndStatus.CANCELLED,
  lost: EndStatus.LOST,
  unknown: EndStatus.UNKNOWN,
  refused: EndStatus.REFUSED,
};

const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name as Status]));

export const statusNumber = (status: Status): EndStatus => NUMBERS[status];

/** @throws TypeError for a number that is no status */
export function statusName(number: EndStatus): Status {
  const name = NAMES.get(number);
  if (name === undefined) throw new TypeError(`${number} is no status of an attempt.`);
  return name;
}

const NO_BYTES = Buffer.alloc(0);

/** Whether the process of an attempt died of it. @throws Error for bytes that are no detail */
export const isSuspect = (status: EndStatus, detail: Uint8Array): boolean =>
  status === EndStatus.LOST && EndDetail.decode(detail).isSuspect;

/** What a status needs besides itself; values and errors travel on the data plane. */
export function encodeDetail(outcome: AttemptOutcome): Buffer {
  const { status } = outcome;
  if (status === 'ok' || status === 'ok-reference' || status === 'app-error') return NO_BYTES;
  const detail: EndDetail = {
    reason: 'reason' in outcome ? outcome.reason : '',
    code: codeOf(outcome),
    advice: outcome.status === 'refused' ? (outcome.advice ?? '') : '',
    isSuspect: outcome.status === 'lost' && outcome.suspect === true,
  };
  return EndDetail.encode(detail).finish() as Buffer;
}

function codeOf(outcome: AttemptOutcome): string {
  switch (outcome.status) {
    case 'refused':
      return outcome.code;
    case 'cancelled':
      return outcome.how;
    case 'lost':
      return outcome.started;
    default:
      return '';
  }
}

/** The outcome of a status that needs no value. */
export function outcomeOf(
  status: Exclude<Status, 'ok' | 'ok-reference' | 'app-error'>,
  { reason, code, advice, isSuspect }: EndDetail,
): AttemptOutcome {
  switch (status) {
    case 'cancelled':
      return { status, how: code === 'ask' || code === 'kill' ? code : 'forget' };
    case 'lost': {
      const started = code === 'no' || code === 'yes' ? code : 'maybe';
      return { status, reason, started, ...(isSuspect && { suspect: true }) };
    }
    case 'unknown':
      return { status, reason };
    case 'refused':
      return { status, code, reason, ...(advice !== '' && { advice }) };
  }
}
