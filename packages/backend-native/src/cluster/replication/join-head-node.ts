/** A head that joins a running cluster: it learns from the heads there what they share, and stands by. */
import { AnantError } from '@anant/core';
import type { SchedulerSettings } from '../../protocol/scheduler/index.js';
import type { JournalLevel } from '../journal/journal.js';
import { checkRedisUrls } from '../local/check-redis.js';
import { checkSharedRedis } from './check-shared-redis.js';
import type { HeadNode } from './head-node.js';
import { HeadPeers } from './head-peers.js';
import { askIntroduction, HEADS_KNOWN_MAX } from './introduction.js';
import { type OpenHeadNodeOptions, openHeadNode } from './open-head-node.js';
import type { HeadAddress } from './replica.js';

export interface JoinHeadOptions
  extends Omit<OpenHeadNodeOptions, 'namespace' | 'heads' | 'journal' | 'scheduler'> {
  /** Of one head of the cluster or more, separated by commas. */
  readonly join: string;
  /** Where the other heads, drivers and workers reach this one. */
  readonly address: string;
  /** @default that of the head that was asked */
  readonly journal?: JournalLevel;
}

export interface JoinedHead {
  readonly node: HeadNode;
  /** All that are known, this one included. */
  readonly heads: readonly HeadAddress[];
}

const ASK_MS_MAX = 1_000;

/** Not yet started. @throws AnantError when no head answers, or another process leads this head's name */
export async function joinHeadNode(options: JoinHeadOptions): Promise<JoinedHead> {
  const { join, name, address, token, security } = options;
  checkRedisUrls(options.redis);
  const answer = await askIntroduction(join, { token, security });
  checkRoom(answer.heads, name);
  await checkName(answer.heads, options);
  // One that comes back may be the one that the others wait for after Redis lost everything.
  if (!answer.heads.some((head) => head.name === name))
    await checkSharedRedis(options.redis, answer.namespace);
  const heads = [...answer.heads.filter((head) => head.name !== name), { name, address }];
  const node = await openHeadNode({
    ...options,
    namespace: answer.namespace,
    heads,
    journal: options.journal ?? (answer.journal as JournalLevel),
    scheduler: JSON.parse(answer.scheduler) as SchedulerSettings,
  });
  return { node, heads };
}

/** @throws AnantError `E_QUEUE_FULL` when the cluster knows as many other heads as it may */
export function checkRoom(heads: readonly HeadAddress[], name: string): void {
  const others = heads.filter((head) => head.name !== name);
  if (others.length < HEADS_KNOWN_MAX) return;
  throw new AnantError(
    'E_QUEUE_FULL',
    `The cluster knows ${others.length} heads; the most is ${HEADS_KNOWN_MAX}.`,
    {
      advice:
        'More copies cost more than they save: two or three heads do. Those that are gone: `anant heads forget NAME`.',
    },
  );
}

/** Two processes of one name would take turns at one place in the cluster. */
async function checkName(heads: readonly HeadAddress[], options: JoinHeadOptions): Promise<void> {
  const same = heads.filter(({ name }) => name === options.name);
  const { positions } = await new HeadPeers(options).ask(same, 0, ASK_MS_MAX);
  if (!positions.has(options.name)) return;
  throw new AnantError(
    'E_CONFIG_INVALID',
    `A head named "${options.name}" runs already, at ${same[0]?.address}.`,
    { advice: 'Give this one another name with --name.' },
  );
}
