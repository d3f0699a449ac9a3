/** A cluster on this machine: one head and some workers, each a process of its own that outlives the command. */
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
import { wasDrained } from './head-death.js';
import { tokenOf } from './kept-token.js';
import { removeLogs, removeShared } from './leftovers.js';
import { authorityFolder, LocalCertificates } from './local-certificates.js';
import { type ProgramOptions, type StartedProgram, startProgram } from './node-program.js';
import { type HeadPlan, planHeads } from './plan-heads.js';
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
  /** Ends the start: what has begun is ended again. */
  readonly signal?: AbortSignal;
}

export interface DownResult {
  /** Processes that ended when told. */
  readonly ended: readonly LocalProcess[];
  /** Processes that had to be killed. */
  readonly killed: readonly LocalProcess[];
  /** Processes that had ended before. Then, and after a kill, the logs stay. */
  readonly missing: readonly LocalProcess[];
  /** Keys of Redis that stay, as a pattern, because it did not answer. */
  readonly keysLeft?: string;
}

export const READY_MS_MAX = 30_000;
/** Workers of one machine; each is a process of some 70 MB. */
const WORKERS_MAX = 256;
const TERM_MS_MAX = 10_000;
const KILL_MS_MAX = 5_000;
const POLL_MS = 25;

/**
 * @throws AnantError when one runs here already, a process does not become ready, or the signal was aborted; no process is
 *   left then
 */
export async function upLocalCluster(options: UpOptions): Promise<LocalCluster> {
  const { directory, bind, workers: count } = options;
  if (!Number.isInteger(count) || count < 1 || count > WORKERS_MAX)
    throw new AnantError('E_CONFIG_INVALID', `A machine runs 1 to ${WORKERS_MAX} workers, not ${count}.`);
  refuseSecond(directory);
  const authority = options.security === 'certificates' ? authorityFolder(directory) : undefined;
  if (authority === undefined && bind !== undefined) checkPlain(bind, 'listen on');
  const certificates =
    authority === undefined ? undefined : await LocalCertificates.open({ folder: authority, bind });
  mkdirSync(clusterFolder(directory), { recursive: true, mode: 0o700 });
  // Where there are certificates, they take the place of the token.
  const token = certificates ? '' : tokenOf(directory, options.journal);
  const start: Start = { options, certificates, token, started: [] };
  // A second Ctrl-C ends this process at once: nobody else knows of theirs yet.
  const endThem = () => killAll(start.started);
  process.once('exit', endThem);
  try {
    const plan = await planHeads(options);
    const headNodes = await startHeads(start, plan);
    const address = headNodes.map((node) => node.address).join(',');
    const [head, ...standbys] = headNodes.map(processOf);
    const workers = await startWorkers(start, address);
    const state: LocalCluster = {
      spec: 'local-cluster/v1',
      version: VERSION,
      address,
      token,
      head: head as LocalProcess,
      standbys,
      ...(plan.shared && { shared: plan.shared }),
      workers,
      ...(bind !== undefined && { bind }),
      ...(authority && certificates && { certificates: { authority, own: await certificates.own() } }),
    };
    writeLocalCluster(directory, state);
    return state;
  } catch (error) {
    await endAll(start.started, 'SIGKILL', KILL_MS_MAX);
    throw error;
  } finally {
    process.removeListener('exit', endThem);
  }
}

/** What the processes of one `up` have in common. */
interface Start {
  readonly options: UpOptions;
  readonly certificates: LocalCertificates | undefined;
  readonly token: string;
  /** Grows with each process that is made: what has to be ended when one does not become ready. */
  readonly started: LocalProcess[];
}

function refuseSecond(directory: string): void {
  const running = readLocalCluster(directory);
  if (running === undefined || !processesOf(running).some(isSameProcess)) return;
  const hasHead = [running.head, ...running.standbys].some(isSameProcess);
  throw new AnantError(
    'E_CONFIG_INVALID',
    hasHead
      ? `A cluster runs here already, at ${running.address}.`
      : `Workers of a cluster whose head has ended, at ${running.address}, run here still.`,
    {
      advice: hasHead
        ? '`npx anant status` shows it, `npx anant down` ends it.'
        : '`npx anant down` ends them; then `npx anant up` starts anew.',
    },
  );
}

async function startHeads(start: Start, { heads }: HeadPlan): Promise<readonly StartedProgram[]> {
  const { bind, scheduler, journal, metricsPort, directory } = start.options;
  const folders = await foldersOf(
    start,
    heads.map(({ name }) => name),
    'head',
  );
  return await allOrError(
    heads.map(({ name, port, several }, index) => {
      const { redis, ...meeting } = several ?? {};
      const folder = clusterFolder(directory);
      const options = {
        port,
        folder: several === undefined ? folder : join(folder, name),
        ...(several && { several: meeting }),
        ...(bind !== undefined && { host: bind }),
        ...(folders[index] && { certificates: folders[index] }),
        ...(scheduler && { scheduler }),
        ...(journal && { journal }),
        ...(metricsPort !== undefined && index === 0 && { metricsPort }),
      };
      const secrets = redis && { ANANT_CLUSTER_REDIS: JSON.stringify(redis) };
      return startOne(start, { program: 'head-main', name, options, ...(secrets && { secrets }) });
    }),
  );
}

async function startWorkers(start: Start, head: string): Promise<LocalProcess[]> {
  const { workers, bind, native = {} } = start.options;
  const machine = { memoryBytes: totalmem(), gpus: await findNvidiaGpus() };
  const names = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const folders = await foldersOf(start, names, 'worker');
  const nodes = await allOrError(
    names.map((name, index) => {
      const options = {
        head,
        name,
        ...(bind !== undefined && { dataHost: bind }),
        ...(folders[index] && { certificates: folders[index] }),
        native: shareOfMachine(native, machine, index, workers),
      };
      return startOne(start, { program: 'worker-main', name, options });
    }),
  );
  return nodes.map(processOf);
}

async function startOne(
  { options: { directory, signal }, token, started }: Start,
  program: Pick<ProgramOptions, 'program' | 'name' | 'options' | 'secrets'>,
): Promise<StartedProgram> {
  signal?.throwIfAborted();
  const logFile = join(clusterFolder(directory), `${program.name}.log`);
  const onMade = (made: LocalProcess) => started.push(made);
  const common = { token, directory, logFile, signal, onMade, readyMsMax: READY_MS_MAX };
  return await startProgram({ ...program, ...common });
}

/** Folders of the nodes' certificates, where there are some. One after the other: each is a file of one authority. */
async function foldersOf(
  { certificates }: Start,
  names: readonly string[],
  role: 'head' | 'worker',
): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const name of names) if (certificates) folders.push(await certificates.folderOf(name, role));
  return folders;
}

const processOf = ({ address: _address, ...process }: StartedProgram): LocalProcess => process;

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
  const missing = processesOf(state).filter((each) => !all.includes(each) && !wasDrained(each, directory));
  const headPids = [state.head, ...state.standbys].map(({ pid }) => pid);
  const workers = all.filter(({ pid }) => !headPids.includes(pid));
  const heads = all.filter(({ pid }) => headPids.includes(pid));
  const killed = [
    ...(await endAll(workers, 'SIGTERM', TERM_MS_MAX)),
    ...(await endAll(heads, 'SIGTERM', TERM_MS_MAX)),
  ];
  const left = await endAll(killed, 'SIGKILL', KILL_MS_MAX);
  if (left.length > 0) {
    throw new AnantError('E_TIMEOUT', `Processes ${left.map(({ pid }) => pid).join(', ')} did not end.`);
  }
  const keysLeft = await removeShared(directory, state);
  removeLocalCluster(directory);
  // After trouble somebody may want to read them.
  if (killed.length === 0 && missing.length === 0) removeLogs(directory);
  const ended = all.filter((each) => !killed.includes(each));
  return { ended, killed, missing, ...(keysLeft !== undefined && { keysLeft }) };
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
  killAll(processes, signal);
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const left = processes.filter(isSameProcess);
    if (left.length === 0 || performance.now() > endMs) return left;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function killAll(processes: readonly LocalProcess[], signal: NodeJS.Signals = 'SIGKILL'): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  }
}
