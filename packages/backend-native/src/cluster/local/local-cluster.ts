/** A cluster on this machine: one head and some workers, each a process of its own that outlives the command. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { findNvidiaGpus } from '../../embedded/gpu/nvidia.js';
import type { NativeOptions } from '../../embedded/options.js';
import type { SchedulerSettings } from '../../protocol/scheduler/index.js';
import { checkPlain } from '../control/security.js';
import type { JournalLevel } from '../journal/journal.js';
import { VERSION } from '../version.js';
import { authorityFolder, LocalCertificates } from './local-certificates.js';
import { startProgram } from './node-program.js';
import { planHeads } from './plan-heads.js';
import { isSameProcess } from './process-identity.js';
import { shareOfMachine } from './share-of-machine.js';
import {
  clusterFolder,
  type LocalCluster,
  type LocalProcess,
  readLocalCluster,
  removeLocalCluster,
  writeLocalCluster,
} from './state-file.js';

export interface UpOptions {
  /** The project's folder: state and logs go below its `.anant`. */
  readonly directory: string;
  readonly workers: number;
  /** 0 takes a free one. */
  readonly port: number;
  /** How the workers' executors are set up. */
  readonly native?: NativeOptions;
  readonly scheduler?: SchedulerSettings;
  /** Interface of every process; beyond loopback it needs `security`. @default '127.0.0.1' */
  readonly bind?: string;
  /** `certificates` makes them for every node, with the authority in `.anant/certs`. @default 'token' */
  readonly security?: 'token' | 'certificates';
  /** Where the head serves metrics. @default nowhere */
  readonly metricsPort?: number;
  /** What acknowledged tasks survive. @default 'memory' */
  readonly journal?: JournalLevel;
  /** Heads, of which one leads; more than one need `redis`. @default 1 */
  readonly heads?: number;
  /** One Redis, or nodes of a Redis Cluster. */
  readonly redis?: readonly string[];
}

export interface DownResult {
  /** Processes that ended when told. */
  readonly ended: readonly LocalProcess[];
  /** Processes that had to be killed. */
  readonly killed: readonly LocalProcess[];
}

export const READY_MS_MAX = 30_000;
const TERM_MS_MAX = 10_000;
const KILL_MS_MAX = 5_000;
const POLL_MS = 25;

/** @throws AnantError when one runs here already, or a process does not become ready; nothing is left then */
export async function upLocalCluster(options: UpOptions): Promise<LocalCluster> {
  const { directory, workers, bind, native, scheduler, metricsPort, journal } = options;
  const running = readLocalCluster(directory);
  if (running !== undefined && processesOf(running).some(isSameProcess)) {
    throw new AnantError('E_CONFIG_INVALID', `A cluster runs here already, at ${running.address}.`, {
      advice: '`npx anant status` shows it, `npx anant down` ends it.',
    });
  }
  const authority = options.security === 'certificates' ? authorityFolder(directory) : undefined;
  if (authority === undefined && bind !== undefined) checkPlain(bind, 'listen on');
  const certificates = authority && (await LocalCertificates.open({ folder: authority, bind }));
  const folder = clusterFolder(directory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Where there are certificates, they take the place of the token.
  const token = certificates ? '' : randomBytes(32).toString('base64url');
  const common = { token, directory, readyMsMax: READY_MS_MAX };
  const started: LocalProcess[] = [];
  try {
    const machine = { memoryBytes: totalmem(), gpus: await findNvidiaGpus() };
    const plan = await planHeads(options);
    // One after the other: each is a file of one authority.
    const headFolders: string[] = [];
    for (const { name } of plan.heads)
      if (certificates) headFolders.push(await certificates.folderOf(name, 'head'));
    const headNodes = await allOrError(
      plan.heads.map(async ({ name, port: own, several }, index) => {
        const { redis, ...meeting } = several ?? {};
        const program = await startProgram({
          ...common,
          program: 'head-main',
          ...(redis && { secrets: { ANANT_CLUSTER_REDIS: JSON.stringify(redis) } }),
          name,
          options: {
            port: own,
            folder: several === undefined ? folder : join(folder, name),
            ...(several && { several: meeting }),
            ...(bind !== undefined && { host: bind }),
            ...(headFolders[index] && { certificates: headFolders[index] }),
            ...(scheduler && { scheduler }),
            ...(journal && { journal }),
            ...(metricsPort !== undefined && name === plan.heads[0]?.name && { metricsPort }),
          },
          logFile: join(folder, `${name}.log`),
        });
        started.push(program);
        return program;
      }),
    );
    const address = headNodes.map((head) => head.address).join(',');
    const [head, ...standbys] = headNodes.map(({ address: _address, ...process }) => process);
    const folders: string[] = [];
    for (let number = 1; certificates && number <= workers; number += 1)
      folders.push(await certificates.folderOf(`worker-${number}`, 'worker'));
    const nodes = await allOrError(
      Array.from({ length: workers }, async (_, index) => {
        const name = `worker-${index + 1}`;
        const { address: _address, ...worker } = await startProgram({
          ...common,
          program: 'worker-main',
          name,
          options: {
            head: address,
            name,
            ...(bind !== undefined && { dataHost: bind }),
            ...(folders[index] && { certificates: folders[index] }),
            native: shareOfMachine(native ?? {}, machine, index, workers),
          },
          logFile: join(folder, `${name}.log`),
        });
        started.push(worker);
        return worker;
      }),
    );
    const state: LocalCluster = {
      spec: 'local-cluster/v1',
      version: VERSION,
      address,
      token,
      head: head as LocalProcess,
      standbys,
      ...(plan.shared && { shared: plan.shared }),
      workers: nodes,
      ...(bind !== undefined && { bind }),
      ...(authority && certificates && { certificates: { authority, own: await certificates.own() } }),
    };
    writeLocalCluster(directory, state);
    return state;
  } catch (error) {
    await endAll(started, 'SIGKILL', KILL_MS_MAX);
    throw error;
  }
}

/** Waits for all of them before it throws: what still starts could not be ended. */
async function allOrError<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

/** Ends the cluster of a folder: workers first, so that the head hears of it. @returns `undefined` when there is none */
export async function downLocalCluster(directory: string): Promise<DownResult | undefined> {
  const state = readLocalCluster(directory);
  if (state === undefined) return undefined;
  const all = processesOf(state).filter(isSameProcess);
  const headPids = [state.head, ...state.standbys].map(({ pid }) => pid);
  const workers = all.filter(({ pid }) => !headPids.includes(pid));
  const head = all.filter(({ pid }) => headPids.includes(pid));
  const stubborn = [
    ...(await endAll(workers, 'SIGTERM', TERM_MS_MAX)),
    ...(await endAll(head, 'SIGTERM', TERM_MS_MAX)),
  ];
  const left = await endAll(stubborn, 'SIGKILL', KILL_MS_MAX);
  if (left.length > 0) {
    throw new AnantError('E_TIMEOUT', `Processes ${left.map(({ pid }) => pid).join(', ')} did not end.`);
  }
  removeLocalCluster(directory);
  return { ended: all.filter((each) => !stubborn.includes(each)), killed: stubborn };
}

const processesOf = ({ head, standbys, workers }: LocalCluster): readonly LocalProcess[] => [
  head,
  ...standbys,
  ...workers,
];

/** @returns those that still live after `timeoutMs` */
async function endAll(
  processes: readonly LocalProcess[],
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<readonly LocalProcess[]> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  }
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const left = processes.filter(isSameProcess);
    if (left.length === 0 || performance.now() > endMs) return left;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
