/** What each of the 16 cells promises, as data. The shared suite reads it and checks it; docs/broker.md prints it. */

export const TRANSPORTS = ['memory', 'zeromq', 'redis', 'grpc'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export const PATTERNS = ['request', 'publish', 'send', 'stream'] as const;
export type PatternName = (typeof PATTERNS)[number];

export interface Guarantee {
  /** How often a message that was accepted is handled. */
  readonly delivery: 'at-most-once' | 'at-least-once' | 'whole-or-error';
  readonly order: 'per-sender' | 'none' | 'strict';
  /** What a sender hears when nobody receives. */
  readonly whenNobody: 'error' | 'nothing' | 'kept';
  /** What happens to a receiver that is slower than its senders. */
  readonly whenSlow: 'refused' | 'oldest-dropped' | 'sender-waits' | 'kept';
  readonly carriedBy: string;
}

const REQUEST = {
  delivery: 'at-most-once',
  order: 'none',
  whenNobody: 'error',
  whenSlow: 'refused',
} as const;
const PUBLISH = {
  delivery: 'at-most-once',
  order: 'per-sender',
  whenNobody: 'nothing',
  whenSlow: 'oldest-dropped',
} as const;
const SEND = {
  delivery: 'at-most-once',
  order: 'per-sender',
  whenNobody: 'nothing',
  whenSlow: 'oldest-dropped',
} as const;
const STREAM = {
  delivery: 'whole-or-error',
  order: 'strict',
  whenNobody: 'error',
  whenSlow: 'sender-waits',
} as const;

export const GUARANTEES: Readonly<Record<TransportName, Readonly<Record<PatternName, Guarantee>>>> = {
  memory: {
    request: { ...REQUEST, carriedBy: 'a call' },
    publish: { ...PUBLISH, carriedBy: 'a call per subscriber' },
    send: { ...SEND, carriedBy: 'a call' },
    stream: { ...STREAM, carriedBy: 'calls, chunks and credits' },
  },
  zeromq: {
    request: { ...REQUEST, carriedBy: 'DEALER to ROUTER and back' },
    publish: { ...PUBLISH, carriedBy: 'XPUB to SUB' },
    send: { ...SEND, carriedBy: 'PUSH to PULL, then ROUTER to DEALER' },
    stream: { ...STREAM, carriedBy: 'DEALER to ROUTER, chunks and credits' },
  },
  redis: {
    request: { ...REQUEST, whenNobody: 'kept', carriedBy: 'a stream per subject and one per broker' },
    publish: { ...PUBLISH, carriedBy: 'PUBLISH to SUBSCRIBE' },
    send: {
      delivery: 'at-least-once',
      order: 'per-sender',
      whenNobody: 'kept',
      whenSlow: 'kept',
      carriedBy: 'a stream per subject with one consumer group',
    },
    stream: { ...STREAM, whenNobody: 'kept', carriedBy: 'streams, chunks and credits' },
  },
  grpc: {
    request: { ...REQUEST, carriedBy: 'one bidirectional stream per broker' },
    publish: { ...PUBLISH, carriedBy: 'one bidirectional stream per broker' },
    send: { ...SEND, carriedBy: 'one bidirectional stream per broker' },
    stream: { ...STREAM, carriedBy: 'one bidirectional stream per broker, chunks and credits' },
  },
};
