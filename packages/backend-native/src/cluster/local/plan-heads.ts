/** Which heads a local cluster begins with: one alone, or several that share a Redis. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { AnantError } from '@anant/core';
import type { SeveralHeads } from '../replication/open-head-node.js';
import { checkRedis } from './check-redis.js';
import type { LocalCluster } from './state-file.js';

export interface HeadPlan {
  readonly heads: readonly {
    readonly name: string;
    readonly port: number;
    readonly several: SeveralHeads | undefined;
  }[];
  readonly shared: LocalCluster['shared'];
}

export interface PlanOptions {
  readonly port: number;
  /** Interface of every head. @default '127.0.0.1' */
  readonly bind?: string;
  readonly heads?: number;
  readonly redis?: readonly string[];
}

/** More copies cost more than they save. */
const HEADS_MAX = 5;

/** @throws AnantError `E_CONFIG_INVALID`, `E_REDIS_UNREACHABLE`, `E_REDIS_REFUSED` */
export async function planHeads(options: PlanOptions): Promise<HeadPlan> {
  const { port, bind = '127.0.0.1', heads: count = 1, redis = [] } = options;
  if (!Number.isInteger(count) || count < 1 || count > HEADS_MAX)
    throw new AnantError('E_CONFIG_INVALID', `A cluster has 1 to ${HEADS_MAX} heads, not ${count}.`);
  if (count === 1 && redis.length === 0)
    return { heads: [{ name: 'head', port, several: undefined }], shared: undefined };
  if (redis.length === 0) {
    throw new AnantError('E_CONFIG_INVALID', `${count} heads need a Redis to agree on who leads.`, {
      advice: 'Name it, for example --redis redis://127.0.0.1:6379, or start one head.',
    });
  }
  await checkRedis(redis);
  const ports = await Promise.all(
    Array.from({ length: count }, (_, index) => (port === 0 ? freePort() : port + index)),
  );
  const heads = ports.map((own, index) => ({ name: `head-${index + 1}`, address: `${bind}:${own}` }));
  const shared = { namespace: `cluster-${randomUUID()}`, redis: [...redis] };
  return {
    shared,
    heads: heads.map(({ name }, index) => ({
      name,
      port: ports[index] as number,
      several: { ...shared, name, heads },
    })),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
