/** The first message of a worker to its head: who it is, what it has, and what it still runs. */
import { hostname } from 'node:os';
import type { NativeBackend } from '../../embedded/native-backend.js';
import { resolveOptions } from '../../embedded/options.js';
import type { DataPlane } from '../data/data-plane.js';
import { PROTOCOL } from '../limits.js';
import type { WorkRequest } from '../proto/anant/v1/worker.js';
import { VERSION } from '../version.js';
import type { WorkTable } from './work.js';
import type { WorkerOptions } from './worker-node.js';

export interface WorkerParts {
  readonly name: string;
  /** Unique to this process. */
  readonly boot: string;
  readonly options: WorkerOptions;
  readonly backend: NativeBackend;
  readonly plane: DataPlane;
  readonly works: WorkTable;
  readonly isDraining: boolean;
}

export function introduceWorker({ options, backend, plane, works, ...parts }: WorkerParts): WorkRequest {
  const resources = backend.capacity;
  const { certificate, way: dataWay } = plane.shown;
  const value = {
    protocol: PROTOCOL,
    worker: parts.name,
    boot: parts.boot,
    slots: resolveOptions(options.native).slots,
    resources: { ...resources, custom: { ...resources.custom } },
    labels: { ...options.labels },
    zone: options.zone ?? '',
    dataAddress: plane.address,
    host: hostname(),
    pid: process.pid,
    version: VERSION,
    holds: works.held(),
    isDraining: parts.isDraining,
    certificate,
    dataWay,
  };
  return { message: { $case: 'join', value } };
}

export const nameOfProcess = (): string => `${hostname().replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${process.pid}`;
