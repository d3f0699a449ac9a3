/** `anant node --head --join`: a head in this process that stands by, and takes over when the one that leads is gone. */
import { hostname } from 'node:os';
import { join as joinPath, resolve } from 'node:path';
import {
  certificatesOf,
  clusterFolder,
  HEAD_PORT,
  type JournalLevel,
  joinHeadNode,
  openCertificates,
  rememberHeads,
} from '@anant/backend-native/cluster';
import { AnantError } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadNativeSettings } from './native-settings.js';
import { noteLogger } from './note-logger.js';
import { localClusterOf, tokenFor } from './reach.js';
import { redisUrls } from './up.js';

export interface HeadCommandOptions extends CommonOptions {
  readonly join: string;
  readonly name?: string;
  readonly port?: number;
  readonly bind?: string;
  readonly certificates?: string;
  readonly redis: readonly string[];
  readonly journal?: JournalLevel;
  /** Where its journal and its epochs are kept. */
  readonly folder?: string;
}

export async function headCommand(options: HeadCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { join, port = HEAD_PORT, bind: host = '127.0.0.1', journal, json } = options;
  const redis = options.redis.length > 0 ? options.redis : await configuredRedis();
  const say = (message: string) => context.terminal.note(message);
  const directory = process.cwd();
  const certificates = certificatesOf({
    certificates: options.certificates,
    directory,
    local: undefined,
  });
  const logger = noteLogger(say, 'all');
  const security = await openCertificates(certificates, logger);
  const name = options.name ?? security?.identity.nodeId ?? `head-${hostname()}`;
  check({ ...options, redis }, security?.identity.nodeId, name);
  const address = `${host}:${port}`;
  let onBroken: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    onBroken = reject;
  });
  broken.catch(() => {});
  const { node, heads } = await joinHeadNode({
    join,
    name,
    host,
    port,
    address,
    token: tokenFor(join),
    security,
    redis,
    folder: resolve(options.folder ?? joinPath(clusterFolder(directory), name)),
    ...(journal && { journal }),
    logger,
    onBroken,
  });
  try {
    await node.start();
    const local = localClusterOf(join);
    const addresses = heads.map((head) => head.address);
    if (local !== undefined) rememberHeads(local.directory, addresses);
    if (json) printJson(context, { head: name, address, heads });
    else say(`${name} is a head at ${address}. Ctrl-C ends it.`);
    await Promise.race([broken, interrupted(context.signal)]);
  } finally {
    await node.close('The head was told to end.');
    security?.close();
  }
  return EXIT.interrupted;
}

async function configuredRedis(): Promise<readonly string[]> {
  const { options } = await loadNativeSettings();
  return redisUrls(options.cluster?.redis);
}

function check({ redis, bind }: HeadCommandOptions, certified: string | undefined, name: string): void {
  if (redis.length === 0) {
    throw new AnantError(
      'E_INPUT_INVALID',
      'A further head needs the Redis that the heads of the cluster share.',
      {
        advice: 'Name it with --redis redis://10.0.0.5:6379, or as cluster.redis in the configuration.',
      },
    );
  }
  if (certified !== undefined && certified !== name) {
    throw new AnantError(
      'E_IDENTITY_REFUSED',
      `The certificate is that of "${certified}", not of "${name}".`,
      {
        advice: `Leave --name out, or issue one: npx anant certs issue ${name} --role head`,
      },
    );
  }
  if (bind !== undefined && /^[0:.]+$/.test(bind)) {
    throw new AnantError('E_INPUT_INVALID', `Nobody can reach a head at ${bind}.`, {
      advice:
        'Name the address of one interface with --bind: the other heads, drivers and workers are told it.',
    });
  }
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener('abort', () => settle(), { once: true });
  });
}
