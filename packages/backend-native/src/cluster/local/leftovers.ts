/** What a cluster that has ended leaves: logs, what its heads kept in memory only, and what they shared in Redis. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder, type LocalCluster } from './state-file.js';

const REDIS_MS_MAX = 5_000;

/** Removes the logs of all its processes; nobody needs them after an end without trouble. */
export function removeLogs(directory: string): void {
  const folder = clusterFolder(directory);
  for (const name of filesOf(folder)) if (name.endsWith('.log')) rmSync(join(folder, name), { force: true });
}

/**
 * Removes what several heads shared, and their folders unless they hold a journal: the next cluster shares something else.
 * A head that joined from elsewhere goes on with what is shared, so then it stays.
 * @returns the Redis keys that stay, as a pattern, because Redis could not be asked
 */
export async function removeShared(directory: string, state: LocalCluster): Promise<string | undefined> {
  if (state.shared === undefined) return undefined;
  const { namespace, redis } = state.shared;
  const own = [state.head, ...state.standbys].map(({ name }) => name);
  for (const name of own) {
    const folder = join(clusterFolder(directory), name);
    if (!filesOf(folder).includes('journal')) rmSync(folder, { recursive: true, force: true });
  }
  const { HeadSetStore, RedisLink } = await import('../redis/index.js');
  try {
    const link = await RedisLink.open({ urls: redis });
    try {
      await new HeadSetStore(link, namespace).dissolve(own, REDIS_MS_MAX);
      return undefined;
    } finally {
      link.close();
    }
  } catch {
    return `anant:{${namespace}}:*`;
  }
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
