/** A worker as a program. Its argument is JSON; the token comes from the environment. */
import type { NativeOptions } from '../embedded/options.js';
import { openCertificates } from './local/open-certificates.js';
import { logCrashes } from './local/program-end.js';
import { programLogger } from './local/program-log.js';
import type { WorkerGossipSettings } from './worker/worker-gossip.js';
import { WorkerNode } from './worker/worker-node.js';

export interface WorkerProgramOptions {
  readonly head: string;
  readonly name?: string;
  /** Folder of this node's certificate, where the cluster has certificates. */
  readonly certificates?: string;
  /** Interface of the data endpoint. @default '127.0.0.1' */
  readonly dataHost?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly zone?: string;
  readonly native?: NativeOptions;
  /** Where code that came over the network is kept. @default `.anant/code` below the current folder */
  readonly codeFolder?: string;
  readonly gossip?: WorkerGossipSettings;
  /** How long tasks that run may take to end when the worker is told to. @default 5000 */
  readonly graceMs?: number;
}

const {
  graceMs = 5_000,
  certificates,
  ...options
} = JSON.parse(process.argv[2] ?? '{}') as WorkerProgramOptions;
const token = process.env.ANANT_CLUSTER_TOKEN || undefined;
// Tasks run below this process: they have no business with it.
delete process.env.ANANT_CLUSTER_TOKEN;
const logger = programLogger(options.name ?? 'worker');
logCrashes(logger);

const exit = () => process.exit(0);

try {
  const security = await openCertificates(certificates, logger);
  const node = await WorkerNode.start({
    ...options,
    ...(security && { security }),
    token,
    logger,
    onJoined: (epoch) => {
      logger.info(`Joined the head at ${options.head} under epoch ${epoch}.`);
      if (process.connected) process.send?.({ type: 'ready', address: options.head });
    },
    onOver: (reason) => {
      logger.info(`The worker ends: ${reason}`);
      void node.stop().finally(exit);
    },
  });
  const end = (signal: string) => {
    logger.info(`The worker ends: ${signal}.`);
    void node.drain(graceMs).finally(exit);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
} catch (error) {
  logger.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
