/** Options of the embedded backend: what a user may write, and what they resolve to. */
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import type { ExecutionMode } from '@anant/core';
import { z } from 'zod';
import {
  ACTORS_MAX,
  ASYNC_CONCURRENCY_MAX,
  OBJECT_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  SPILL_BYTES_MAX,
  WINDOW_TASKS,
} from './limits.js';

const MEBIBYTE = 1024 * 1024;
const bytes = z.int().min(1);
/** A runtime needs some room for itself. */
const workerBytes = z.int().min(16 * MEBIBYTE);

export const optionsSchema = z.strictObject({
  /** Tasks that run at the same moment, in each of the modes thread, process and python. @default the cores */
  slots: z.int().min(1).max(1024).optional(),
  /** Where TypeScript tasks run that do not say. @default 'thread' */
  mode: z.enum(['async', 'thread', 'process', 'gpu']).optional(),
  /** Attempts open at once, queued and running. @default 8192 */
  windowTasks: z.int().min(1).max(1_000_000).optional(),
  /** Largest encoded input or result. @default 512 MiB */
  payloadBytesMax: bytes.optional(),
  /** All stored objects together. @default 2 GiB */
  objectBytesMax: bytes.optional(),
  /** Actors alive at once; each has a thread of its own. @default 64 */
  actorsMax: z.int().min(0).max(4096).optional(),
  async: z
    .strictObject({
      /** Async tasks that run at the same moment. @default 256 */
      concurrencyMax: z.int().min(1).optional(),
    })
    .optional(),
  thread: z
    .strictObject({
      /** Heap of each thread; a task beyond it is `lost` with E_OUT_OF_MEMORY. @default a fair share, at most 2 GiB */
      memoryBytesMax: workerBytes.optional(),
      /** How long an idle slot holds its thread, in milliseconds. @default 100 */
      idleMs: z.number().min(0).optional(),
      /** How long a thread looks for its next message before it sleeps, in microseconds; 0 is never. @default 20 */
      spinUs: z.number().min(0).max(1000).optional(),
      /** How long the event loop looks for the result of a short task, in microseconds; 0 is never. @default 150 */
      pollUs: z.number().min(0).max(10_000).optional(),
    })
    .optional(),
  process: z
    .strictObject({
      /** Heap and resident memory a task may take in a process of its own. @default as for threads */
      memoryBytesMax: workerBytes.optional(),
    })
    .optional(),
  python: z
    .strictObject({
      /** Python 3.11 to 3.13 with anant-bridge. @default ANANT_PYTHON, then the one `anant setup` made */
      executable: z.string().min(1).optional(),
      /** Folders from which Python tasks are imported. @default none */
      path: z.array(z.string()).optional(),
      /** Memory of each interpreter. @default as for threads */
      memoryBytesMax: workerBytes.optional(),
    })
    .optional(),
  /** Uses a cluster instead of this process: its workers run the tasks, with settings of their own. */
  cluster: z
    .strictObject({
      /**
       * Of the head, `host:port`; `auto` is the one that `anant up` started for this folder or one above; `none` is this
       * process, whatever runs here.
       */
      address: z.string().min(1),
      /** What `anant up` wrote to its state file. @default ANANT_CLUSTER_TOKEN, or that of the local cluster */
      token: z.string().min(1).optional(),
      /** Folder of this process's certificate (`anant certs issue NAME --role driver`). @default that of the local cluster, if any */
      certificates: z.string().min(1).optional(),
      /** Interface at which workers reach this process; beyond loopback it needs certificates. @default '127.0.0.1' */
      bind: z.string().min(1).optional(),
      /** Longest wait for the head. @default 10 000 */
      connectTimeoutMs: z.number().min(1).optional(),
      /** How workers get code: `auto` sends what they lack, checked by its digest. @default 'auto' */
      code: z.enum(['auto', 'reference', 'bundle']).optional(),
      /** Heads that `anant up` starts; more than one need `redis`. Its option goes before this. @default 1 */
      heads: z.int().min(1).max(5).optional(),
      /** By which heads agree on who leads. Used by `anant up`; drivers and workers never talk to it. */
      redis: z
        .strictObject({
          /** `redis://` or, with TLS, `rediss://`: one Redis, or several nodes of a Redis Cluster. */
          url: z.union([z.url(), z.array(z.url()).min(1)]),
          username: z.string().min(1).optional(),
          /** Keep it out of the file: `process.env.…` in `anant.config.ts`. */
          password: z.string().min(1).optional(),
        })
        .optional(),
      /** How the head that `anant up` starts schedules. Its options go before these. */
      scheduler: z
        .strictObject({
          /** Which waiting task is next. @default 'priority' */
          order: z.enum(['fifo', 'priority', 'fair-share']).optional(),
          /** Which worker takes it. @default 'least-loaded' */
          place: z.enum(['round-robin', 'least-loaded', 'resource-aware', 'locality']).optional(),
          /** Share of each tenant under `fair-share`; others have 1. */
          weights: z.record(z.string(), z.number().positive()).optional(),
        })
        .optional(),
    })
    .optional(),
  /** How a worker of a cluster gives way to pressure. */
  overload: z
    .strictObject({
      /** Resident memory the worker's own process may take. @default the machine's */
      memoryBytesMax: workerBytes.optional(),
      /** Bytes of objects it may move to disk. @default 4 GiB */
      spillBytesMax: z.int().min(0).optional(),
      /** Where. @default the system's folder for temporary files */
      spillFolder: z.string().min(1).optional(),
    })
    .optional(),
  /** What tasks may ask for in `resources`, besides one `cpu` per slot. */
  resources: z
    .strictObject({
      memoryBytes: bytes.optional(),
      gpu: z.number().min(0).optional(),
      custom: z.record(z.string(), z.number().min(0)).optional(),
    })
    .optional(),
});

export type NativeOptions = z.input<typeof optionsSchema>;

/** Whether these options name a cluster, rather than this process. */
export const isOnCluster = ({ cluster }: NativeOptions): boolean =>
  cluster !== undefined && cluster.address !== 'none';

export interface ResolvedOptions {
  readonly slots: number;
  readonly mode: ExecutionMode;
  readonly windowTasks: number;
  readonly payloadBytesMax: number;
  readonly objectBytesMax: number;
  readonly actorsMax: number;
  readonly async: { readonly concurrencyMax: number };
  readonly thread: {
    readonly memoryBytesMax: number;
    readonly idleMs: number;
    readonly spinUs: number;
    readonly pollUs: number;
  };
  readonly process: { readonly memoryBytesMax: number };
  readonly python: {
    readonly executable: string | undefined;
    readonly path: readonly string[];
    readonly memoryBytesMax: number;
  };
  readonly spill: { readonly bytesMax: number; readonly folder: string };
  readonly resources: {
    readonly cpu: number;
    readonly memoryBytes: number;
    /** `undefined`: as many as are found when the backend starts. */
    readonly gpu: number | undefined;
    readonly custom: Readonly<Record<string, number>>;
  };
}

const WORKER_BYTES_MAX = 2048 * MEBIBYTE;
const WORKER_BYTES_MIN = 256 * MEBIBYTE;

/** Fills in the defaults. @throws ZodError naming the option that is wrong. */
export function resolveOptions(options: NativeOptions = {}): ResolvedOptions {
  const given = optionsSchema.parse(options);
  const slots = given.slots ?? availableParallelism();
  const share = Math.floor(totalmem() / 2 / slots);
  const workerBytesMax = Math.min(WORKER_BYTES_MAX, Math.max(WORKER_BYTES_MIN, share));
  return {
    slots,
    mode: given.mode ?? 'thread',
    windowTasks: Math.max(slots, given.windowTasks ?? WINDOW_TASKS),
    payloadBytesMax: given.payloadBytesMax ?? PAYLOAD_BYTES_MAX,
    objectBytesMax: given.objectBytesMax ?? OBJECT_BYTES_MAX,
    actorsMax: given.actorsMax ?? ACTORS_MAX,
    async: { concurrencyMax: given.async?.concurrencyMax ?? ASYNC_CONCURRENCY_MAX },
    thread: {
      memoryBytesMax: given.thread?.memoryBytesMax ?? workerBytesMax,
      idleMs: given.thread?.idleMs ?? 100,
      spinUs: given.thread?.spinUs ?? 20,
      pollUs: given.thread?.pollUs ?? 150,
    },
    process: { memoryBytesMax: given.process?.memoryBytesMax ?? workerBytesMax },
    python: {
      executable: given.python?.executable,
      path: given.python?.path ?? [],
      memoryBytesMax: given.python?.memoryBytesMax ?? workerBytesMax,
    },
    spill: {
      bytesMax: given.overload?.spillBytesMax ?? SPILL_BYTES_MAX,
      folder: given.overload?.spillFolder ?? tmpdir(),
    },
    resources: {
      cpu: slots,
      memoryBytes: given.resources?.memoryBytes ?? totalmem(),
      gpu: given.resources?.gpu,
      custom: given.resources?.custom ?? {},
    },
  };
}
