/** The one place that makes ioredis clients: nothing is resent, queued or retried behind the caller's back. */
import type { Clock, Random } from '@anant/core';
import type { Cluster, Redis } from 'ioredis';
import { CONNECT_MS_MAX } from './limits.js';

export interface RedisOptions {
  /** `redis://` or `rediss://` URLs: one server, or any nodes of a Redis Cluster. */
  readonly urls: readonly string[];
  /** @default 'single' for one URL, 'cluster' for several */
  readonly kind?: 'single' | 'cluster';
  readonly clock?: Clock;
  readonly random?: Random;
}

export type RedisClient = Redis | Cluster;

const RECONNECT_MS_MAX = 200;

/**
 * Begins to connect. A client for subscriptions subscribes again after it lost its connection.
 * @throws TypeError for no or malformed URLs.
 */
export async function createRedisClient(
  options: RedisOptions,
  use: 'calls' | 'subscriptions',
): Promise<RedisClient> {
  const urls = options.urls.map((url) => new URL(url));
  const [first] = urls;
  if (!first) throw new TypeError('Redis needs at least one URL.');
  const { Redis, Cluster } = await import('ioredis');
  const kind = options.kind ?? (urls.length > 1 ? 'cluster' : 'single');
  const waits = use === 'subscriptions';
  const connection = {
    ...connectionOptions(first),
    autoResubscribe: waits,
    ...(waits && { maxRetriesPerRequest: null }),
  };
  if (kind === 'single') {
    const address = { host: hostOf(first), port: portOf(first) };
    return new Redis({ ...connection, ...address, enableOfflineQueue: waits, retryStrategy: reconnectMs });
  }
  return new Cluster(
    urls.map((url) => ({ host: hostOf(url), port: portOf(url) })),
    {
      redisOptions: connection,
      clusterRetryStrategy: reconnectMs,
      enableOfflineQueue: waits,
      // Redirections in one call; failovers are waited for by the caller, within its deadline.
      maxRedirections: 3,
      slotsRefreshTimeout: CONNECT_MS_MAX,
      slotsRefreshInterval: 5_000,
    },
  );
}

function connectionOptions(url: URL) {
  return {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 && { db: Number(url.pathname.slice(1)) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS_MAX,
    noDelay: true,
  };
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1';
const portOf = (url: URL): number => Number(url.port || 6379);
const reconnectMs = (times: number): number => Math.min(20 * times, RECONNECT_MS_MAX);
