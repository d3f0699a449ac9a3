/**
 * Whether the Redis that a new head was given is the one its cluster's heads share. With another one it would be elected
 * there, and the others would promise it their obedience while their leader still leads.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AnantError } from '@anant/core';
import { withoutPassword } from '../local/check-redis.js';

const ASK_MS_MAX = 1_000;
const PAUSE_MS = 500;
/** Longer than it takes until somebody leads, where the right Redis has just lost everything. */
const LOOKS_MAX = 12;

/** One that cannot be reached is waited for, as by the other heads. @throws AnantError `E_CONFIG_INVALID` */
export async function checkSharedRedis(urls: readonly string[], namespace: string): Promise<void> {
  const { HeadSetStore, RedisLink } = await import('../redis/index.js');
  const link = await RedisLink.open({ urls });
  try {
    const store = new HeadSetStore(link, namespace);
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      if (look > 0) await sleep(PAUSE_MS);
      const kept = await store.read(0, ASK_MS_MAX);
      if (kept.inSync !== undefined) return;
    }
  } catch (error) {
    if (AnantError.is(error)) return;
    throw error;
  } finally {
    link.close();
  }
  const where = urls.map(withoutPassword).join(', ');
  throw new AnantError('E_CONFIG_INVALID', `The Redis at ${where} knows nothing of this cluster.`, {
    advice:
      'Name the one that its heads share, with --redis. If that one has lost everything, wait until a head leads: `anant heads`.',
  });
}
