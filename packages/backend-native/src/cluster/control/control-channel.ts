/** The way to a head: channel options, deadlines, and errors of gRPC in our words. */
import { AnantError, type ErrorCode } from '@anant/core';
import { type ClientOptions, type ServiceError, status } from '@grpc/grpc-js';
import {
  KEEPALIVE_EVERY_MS,
  KEEPALIVE_MS_MAX,
  MESSAGE_BYTES_MAX,
  RECONNECT_MS_MAX,
  RECONNECT_MS_MIN,
} from '../limits.js';

/** What the head may send before it hears that it was read. */
const FLOW_BYTES = 1024 * 1024;

export const CHANNEL_OPTIONS: ClientOptions = {
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_MS_MAX,
  'grpc.initial_reconnect_backoff_ms': RECONNECT_MS_MIN,
  'grpc.min_reconnect_backoff_ms': RECONNECT_MS_MIN,
  'grpc.max_reconnect_backoff_ms': RECONNECT_MS_MAX,
  'grpc.enable_retries': 0,
  'grpc-node.flow_control_window': FLOW_BYTES,
  // Channels to one head are not shared: each has its own flow control.
  'grpc.use_local_subchannel_pool': 1,
};

/** A gRPC failure as an Anant error. @param what what was tried, for example `reach the head at 127.0.0.1:7700` */
export function controlError(what: string, error: unknown): AnantError {
  if (AnantError.is(error)) return error;
  const { code, details, message } = error as Partial<ServiceError> & Error;
  // The head was asked and has answered: what it says is all there is to say.
  if (code === status.NOT_FOUND && details) return new AnantError('E_INPUT_INVALID', details);
  const [own, advice] = explain(code);
  return new AnantError(own, `Could not ${what}: ${inWords(details || message)}`, {
    cause: error,
    advice,
    retryable: own === 'E_BACKEND_UNAVAILABLE',
  });
}

/** What became of a connection, as one would say it; anything else as gRPC says it. */
function inWords(details: string): string {
  const [system] = /E[A-Z]{4,}/.exec(details) ?? [];
  switch (system) {
    case 'ECONNREFUSED':
      return `nothing listens there: its process has ended, or never ran (${system}).`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `its machine cannot be reached (${system}).`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `the connection broke without a word (${system}).`;
  }
  if (details === 'Connection dropped') return 'the connection broke without a word.';
  const [late] = /^Deadline exceeded[^,]*|^.*did not answer.*$/.exec(details) ?? [];
  if (late !== undefined) return `${late.replace(/\.$/, '')}: it hangs, stands still or is overloaded.`;
  return HANDSHAKES.find(([sign]) => sign.test(details))?.[1] ?? details;
}

/** What a connection that was never made says of the two who tried. */
const HANDSHAKES: readonly (readonly [RegExp, string])[] = [
  [
    /self-signed certificate|unable to (verify|get local issuer)/,
    'its certificate is of another authority than that of this node.',
  ],
  [/certificate has expired/, 'its certificate has expired.'],
  [/certificate is not yet valid/, 'its certificate is not valid yet.'],
  [
    /before secure TLS connection|wrong version number/,
    'what listens there does not speak TLS: a head without certificates, or no head.',
  ],
  [
    /Last error: Failed to connect/,
    'the connection was closed at once: what listens there wants a certificate, or is no head.',
  ],
  [/Last error: Protocol error/, 'what listens there is no head.'],
];

function explain(code: status | undefined): readonly [ErrorCode, string] {
  switch (code) {
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return [
        'E_IDENTITY_REFUSED',
        'Use the token of this cluster, which `anant up` writes to its state file, or a certificate whose role may do this.',
      ];
    case status.FAILED_PRECONDITION:
      return ['E_VERSION_SKEW', 'Install the same version of Anant on every machine of the cluster.'];
    case status.UNIMPLEMENTED:
      return ['E_VERSION_SKEW', 'What listens there is no head of this version.'];
    default:
      return [
        'E_BACKEND_UNAVAILABLE',
        'Check the address, that a head runs there, and, where it has certificates, that one of its cluster is named.',
      ];
  }
}
