/** The head as a program. Its argument is JSON; the token comes from the environment. */

import { join } from 'node:path';
import { reportOf, type SchedulerSettings } from '../protocol/scheduler/index.js';
import type { GossipSettings } from './head/gossip-desk.js';
import { HEAD_PORT, Head } from './head/head.js';
import type { Journal, JournalLevel } from './journal/journal.js';
import { nextEpoch } from './local/epoch-file.js';
import { openCertificates } from './local/open-certificates.js';
import { programLogger } from './local/program-log.js';
import { ClusterMonitor } from './monitor/cluster-monitor.js';

export interface HeadProgramOptions {
  readonly host?: string;
  readonly port?: number;
  /** Folder of this node's certificate, needed beyond this machine. */
  readonly certificates?: string;
  /** Keeps the epoch; without it a restart is told apart by the clock. */
  readonly folder?: string;
  readonly scheduler?: SchedulerSettings;
  /** Serves metrics on loopback; 0 takes a free port, which the log names. @default none */
  readonly metricsPort?: number;
  /** What acknowledged tasks survive; levels other than `memory` need a folder. @default 'memory' */
  readonly journal?: JournalLevel;
  readonly gossip?: GossipSettings;
}

const options = JSON.parse(process.argv[2] ?? '{}') as HeadProgramOptions;
const { host = '127.0.0.1', port = HEAD_PORT, scheduler } = options;
const token = process.env.ANANT_CLUSTER_TOKEN || undefined;
// Children of this process have no business with it.
delete process.env.ANANT_CLUSTER_TOKEN;
const logger = programLogger('head');
const epoch = nextEpoch(options.folder);

try {
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
  const end = async (signal: string) => {
    logger.info(`The head ends: ${signal}.`);
    await head.close('The head was told to end.');
    // What was written to streams leaves before the process does.
    setTimeout(() => process.exit(0), 100);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const bound = await head.start();
  if (options.metricsPort !== undefined) {
    const report = () => reportOf(head.state);
    const monitor = await ClusterMonitor.listen({ report, port: options.metricsPort });
    logger.info(`Metrics are at ${monitor.address}.`);
  }
  logger.info(`The head leads under epoch ${epoch} at ${host}:${bound}.`);
  process.send?.({ type: 'ready', address: `${host}:${bound}` });
} catch (error) {
  logger.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

/** The journal in the folder; none for `memory`. @throws AnantError E_JOURNAL when it cannot be trusted */
async function keptJournal(): Promise<Journal | undefined> {
  const { journal: level = 'memory', folder } = options;
  if (level === 'memory') return undefined;
  if (folder === undefined) throw new TypeError(`A journal of level "${level}" needs a folder.`);
  const { openJournal } = await import('./journal/open-journal.js');
  return openJournal({ level, path: join(folder, 'journal') });
}
