/** From the options of the head's program to one of several heads. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@anant/core';
import type { SchedulerSettings } from '../../protocol/scheduler/index.js';
import type { ClusterToken } from '../control/security.js';
import type { JournalLevel } from '../journal/journal.js';
import { openJournal } from '../journal/open-journal.js';
import type { NodeSecurity } from '../security/node-security.js';
import { HeadNode } from './head-node.js';
import { type HeadAddress, Replica } from './replica.js';

export interface SeveralHeads {
  /** Unique among the heads of the cluster. */
  readonly name: string;
  /** Of the cluster: heads of one share it, others on the same Redis do not. */
  readonly namespace: string;
  /** One Redis, or nodes of a Redis Cluster. */
  readonly redis: readonly string[];
  /** The heads that begin the cluster, this one included; one that comes later names the others. */
  readonly heads: readonly HeadAddress[];
}

export interface OpenHeadNodeOptions extends SeveralHeads {
  readonly host: string;
  readonly port: number;
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
  readonly scheduler: SchedulerSettings | undefined;
  /** Of this head alone. */
  readonly folder: string;
  readonly journal: JournalLevel;
  readonly logger: Logger;
  readonly onBroken: (error: unknown) => void;
}

export async function openHeadNode(options: OpenHeadNodeOptions): Promise<HeadNode> {
  const { name, namespace, redis, folder, journal: level, heads, host, port } = options;
  // Only heads that share a Redis load its client.
  const { FileEpochStore, HeadSetStore, RedisLeaseStore, RedisLink } = await import('../redis/index.js');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = await openJournal({ level, path: join(folder, 'journal') });
  const kept = level === 'memory' ? {} : { log: logOf(name, join(folder, 'journal', 'log')) };
  const replica = await Replica.open({ name, namespace, ...kept, journal, scheduler: options.scheduler });
  const epochs = new FileEpochStore(join(folder, 'fenced-epoch'), (epoch) => replica.fence(epoch));
  replica.fence(await epochs.read());
  replica.follower.promised = Math.max(replica.follower.promised, replica.fenced);
  const link = await RedisLink.open({ urls: redis });
  return new HeadNode({
    ...options,
    replica,
    address: heads.find((head) => head.name === name)?.address ?? `${host}:${port}`,
    leases: new RedisLeaseStore(link, epochs, namespace),
    sets: new HeadSetStore(link, namespace),
    epochs,
    release: () => link.close(),
  });
}

/** The name of the log in a folder: it goes with the journal. */
function logOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const log = `${name}/${randomUUID()}`;
    writeFileSync(file, log, { mode: 0o600 });
    return log;
  }
}
