/** The head as a program. Its argument is JSON; the token comes from the environment. */

import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { reportOf, type SchedulerSettings, type SchedulerState } from '../protocol/scheduler/index.js';
import type { GossipSettings } from './head/gossip-desk.js';
import { HEAD_PORT, Head } from './head/head.js';
import type { Journal, JournalLevel } from './journal/journal.js';
import { nextEpoch } from './local/epoch-file.js';
import { openCertificates } from './local/open-certificates.js';
import { logCrashes } from './local/program-end.js';
import { programLogger } from './local/program-log.js';
import { ClusterMonitor } from './monitor/cluster-monitor.js';
import { openHeadNode, type SeveralHeads } from './replication/open-head-node.js';
import type { NodeSecurity } from './security/node-security.js';

export interface HeadProgramOptions {
  readonly host?: string;
  readonly port?: number;
  /** Folder of this node's certificate, needed beyond this machine. */
  readonly certificates?: string;
  /** Keeps the epoch; without it a restart is told apart by the clock. */
  readonly folder?: string;
  readonly scheduler?: SchedulerSettings;
  /** Serves metrics, beyond loopback only with certificates; 0 takes a free port, which the log names. @default none */
  readonly metricsPort?: number;
  /** What acknowledged tasks survive; levels other than `memory` need a folder. @default 'memory' */
  readonly journal?: JournalLevel;
  readonly gossip?: GossipSettings;
  /** One of several heads: those of one Redis, of which one leads. Needs a port and a folder. */
  readonly several?: Omit<SeveralHeads, 'redis'> & Partial<Pick<SeveralHeads, 'redis'>>;
}

const options = JSON.parse(process.argv[2] ?? '{}') as HeadProgramOptions;
const { host = '127.0.0.1', port = HEAD_PORT, scheduler } = options;
const token = process.env.ANANT_CLUSTER_TOKEN || undefined;
// Children of this process have no business with it.
delete process.env.ANANT_CLUSTER_TOKEN;
// Addresses of Redis hold its password.
const redis = process.env.ANANT_CLUSTER_REDIS || undefined;
delete process.env.ANANT_CLUSTER_REDIS;
const logger = programLogger('head');
logCrashes(logger);

try {
  if (options.several === undefined) await runAlone();
  else await runOneOfSeveral(options.several);
} catch (error) {
  logger.error(inWords(error));
  process.exit(1);
}

function inWords(error: unknown): string {
  if (!AnantError.is(error)) return error instanceof Error ? error.message : String(error);
  return error.advice === undefined ? error.message : `${error.message} ${error.advice}`;
}

async function runAlone(): Promise<void> {
  const epoch = nextEpoch(options.folder);
  const journal = await keptJournal();
  const security = await openCertificates(options.certificates, logger);
  const head = new Head({
    host,
    port,
    token,
    epoch,
    ...(security && { security }),
    logger,
    ...(options.gossip && { gossip: options.gossip }),
    ...(scheduler && { scheduler }),
    ...(journal && { journal }),
  });
  endOnSignals(() => head.close('The head was told to end.'));
  const bound = await head.start();
  await serveMetrics(() => head.state, security);
  logger.info(`The head leads under epoch ${epoch} at ${host}:${bound}.`);
  process.send?.({ type: 'ready', address: `${host}:${bound}` });
}

async function runOneOfSeveral(several: NonNullable<HeadProgramOptions['several']>): Promise<void> {
  const { folder, journal = 'memory' } = options;
  if (folder === undefined) throw new TypeError('One of several heads needs a folder.');
  const security = await openCertificates(options.certificates, logger);
  const onBroken = (error: unknown) => {
    logger.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  const common = { host, port, token, security, scheduler, folder, journal, logger, onBroken };
  const urls = several.redis ?? (JSON.parse(redis ?? '[]') as string[]);
  const node = await openHeadNode({ ...several, redis: urls, ...common });
  endOnSignals(() => node.close('The head was told to end.'));
  await node.start();
  await serveMetrics(() => node.state, security);
  process.send?.({ type: 'ready', address: `${host}:${port}` });
}

function endOnSignals(close: () => Promise<void>): void {
  const end = async (signal: string) => {
    logger.info(`The head ends: ${signal}.`);
    await close();
    // What was written to streams leaves before the process does.
    setTimeout(() => process.exit(0), 100);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

async function serveMetrics(state: () => SchedulerState, security?: NodeSecurity): Promise<void> {
  const { metricsPort } = options;
  if (metricsPort === undefined) return;
  const secured = security && { host, security };
  const monitor = await ClusterMonitor.listen({
    report: () => reportOf(state()),
    port: metricsPort,
    ...secured,
  });
  logger.info(`Metrics are at ${monitor.address}.`);
}

/** The journal in the folder; none for `memory`. @throws AnantError E_JOURNAL when it cannot be trusted */
async function keptJournal(): Promise<Journal | undefined> {
  const { journal: level = 'memory', folder } = options;
  if (level === 'memory') return undefined;
  if (folder === undefined) throw new TypeError(`A journal of level "${level}" needs a folder.`);
  const { openJournal } = await import('./journal/open-journal.js');
  return openJournal({ level, path: join(folder, 'journal') });
}
