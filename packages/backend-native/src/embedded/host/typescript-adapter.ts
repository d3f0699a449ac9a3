/** TypeScript tasks travel to a host child as they are. */
import type { HostCall, HostEnd } from '@anant/bridge/host';
import type { AttemptOutcome, TypeScriptReference } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import { encodeInput, type PreparedInput } from '../prepared-input.js';
import type { HostAdapter } from './host-adapter.js';

export const typescriptAdapter: HostAdapter = {
  startsWith: 'call',
  callOf({ envelope }: Attempt, input: PreparedInput): HostCall {
    return {
      id: envelope.id,
      attempt: envelope.attempt,
      definition: envelope.definition as TypeScriptReference,
      value: encodeInput(input),
      output: envelope.options.output === 'stream' ? 'stream' : 'value',
    };
  },
  valueOf: (_attempt: Attempt, value: EncodedValue) => value,
  failureOf: (_attempt: Attempt, end) => hostFailure(end),
};

export function hostFailure(end: Exclude<HostEnd, { status: 'ok' }>): AttemptOutcome {
  if (end.status !== 'lost') return end;
  const { code, reason, started, suspect } = end;
  return { status: 'lost', reason: `${code}: ${reason}`, started, suspect };
}
