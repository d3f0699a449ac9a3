/** Which ZeroMQ pattern carries what: a pure rule, in the order of docs/broker.md. */
import { CHUNK_BYTES_MAX } from '../limits.js';

export type ZeroMqPattern = 'request-reply' | 'publish-subscribe' | 'push-pull' | 'dealer-router';

export interface Transmission {
  /** How many answers are expected. */
  readonly answers: 'none' | 'one' | 'many';
  /** A named peer, any one of several, or all of them. */
  readonly receivers: 'named' | 'any' | 'all';
  readonly bytes: number;
}

export interface PatternChoice {
  readonly pattern: ZeroMqPattern;
  /** Messages it takes. */
  readonly chunks: number;
  readonly reason: string;
}

/** @throws TypeError for a size that is none. */
export function pickZeroMqPattern({ answers, receivers, bytes }: Transmission): PatternChoice {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new TypeError(`${bytes} is no number of bytes.`);
  const chunks = Math.max(1, Math.ceil(bytes / CHUNK_BYTES_MAX));
  const choose = (pattern: ZeroMqPattern, reason: string): PatternChoice => ({ pattern, chunks, reason });
  if (answers === 'many') return choose('dealer-router', 'a stream needs credits from its reader');
  if (chunks > 1 && receivers === 'all')
    return choose(
      'dealer-router',
      'published data that is dropped cannot resume: it is offered and each fetches it',
    );
  if (chunks > 1)
    return choose('dealer-router', 'more than one chunk needs credits and resumes where it broke');
  if (receivers === 'all')
    return choose('publish-subscribe', 'all receivers get it, and a slow one slows nobody');
  if (answers === 'one') return choose('request-reply', 'one small message each way');
  if (receivers === 'any') return choose('push-pull', 'any receiver will do and nothing comes back');
  return choose('dealer-router', 'one named receiver and nothing comes back');
}
