/** A Lua script with its digest, so that only the first call sends its text. */
import { createHash } from 'node:crypto';

export interface RedisScript {
  readonly text: string;
  /** SHA-1, as EVALSHA takes it. */
  readonly sha: string;
  /** Writes may have happened although no answer came; reads are simply asked again. */
  readonly kind: 'read' | 'write';
}

export function redisScript(kind: RedisScript['kind'], text: string): RedisScript {
  return { kind, text, sha: createHash('sha1').update(text).digest('hex') };
}
