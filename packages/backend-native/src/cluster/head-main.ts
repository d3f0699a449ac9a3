/** The head as a program. Its argument is JSON; the token comes from the environment. */

import { reportOf, type SchedulerSettings } from '../protocol/scheduler/index.js';
import { HEAD_PORT, Head } from './head/head.js';
import { nextEpoch } from './local/epoch-file.js';
import { programLogger } from './local/program-log.js';
import { ClusterMonitor } from './monitor/cluster-monitor.js';

export interface HeadProgramOptions {
  readonly host?: string;
  readonly port?: number;
  /** Keeps the epoch; without it a restart is told apart by the clock. */
  readonly folder?: string;
  readonly scheduler?: SchedulerSettings;
  /** Serves metrics on loopback; 0 takes a free port, which the log names. @default none */
  readonly metricsPort?: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as HeadProgramOptions;
const { host = '127.0.0.1', port = HEAD_PORT, scheduler } = options;
const token = process.env.ANANT_CLUSTER_TOKEN || undefined;
// Children of this process have no business with it.
delete process.env.ANANT_CLUSTER_TOKEN;
const logger = programLogger('head');
const epoch = nextEpoch(options.folder);
const head = new Head({ host, port, token, epoch, ...(scheduler && { scheduler }) });

const end = (signal: string) => {
  logger.info(`The head ends: ${signal}.`);
  head.close('The head was told to end.');
  // What was written to streams leaves before the process does.
  setTimeout(() => process.exit(0), 100);
};
process.once('SIGTERM', end);
process.once('SIGINT', end);

try {
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
