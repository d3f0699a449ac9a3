/** What a node tells about itself besides being there. */
import { AnantError } from '@anant/core';
import { encodeMessage } from '@anant/core/codec';
import { METADATA_BYTES_MAX } from './limits.js';

export interface NodeMetadata {
  /** `head`, `worker` or whatever the cluster distinguishes. */
  readonly role: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses by purpose, such as `control` and `data`. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly capacity: { readonly slots: number; readonly cpus: number; readonly memoryBytes: number };
  readonly load: {
    readonly running: number;
    readonly queued: number;
    readonly cpuPart: number;
    readonly memoryPart: number;
  };
  readonly gpus: readonly { readonly name: string; readonly memoryBytes: number }[];
  /** Lifeguard's score of the node by itself: 0 is healthy, 7 the worst. */
  readonly health: number;
}

export const EMPTY_METADATA: NodeMetadata = {
  role: 'worker',
  zone: '',
  labels: {},
  endpoints: {},
  capacity: { slots: 0, cpus: 0, memoryBytes: 0 },
  load: { running: 0, queued: 0, cpuPart: 0, memoryPart: 0 },
  gpus: [],
  health: 0,
};

/** @throws AnantError `E_CONFIG_INVALID` when it is too large to ride along. */
export function checkMetadata(metadata: NodeMetadata): NodeMetadata {
  const bytes = encodeMessage(metadata, 'metadata').length;
  if (bytes <= METADATA_BYTES_MAX) return metadata;
  throw new AnantError(
    'E_CONFIG_INVALID',
    `Node metadata has ${bytes} bytes, of at most ${METADATA_BYTES_MAX}.`,
    {
      advice: 'Keep labels and endpoints short; put large facts into shared state.',
    },
  );
}

/** What another node sent, with every field of the right kind; `undefined` when it is no metadata at all. */
export function readMetadata(value: unknown): NodeMetadata | undefined {
  if (!isRecord(value)) return undefined;
  const { capacity, load } = value;
  return {
    role: text(value.role),
    zone: text(value.zone),
    labels: texts(value.labels),
    endpoints: texts(value.endpoints),
    capacity: {
      slots: number(capacity, 'slots'),
      cpus: number(capacity, 'cpus'),
      memoryBytes: number(capacity, 'memoryBytes'),
    },
    load: {
      running: number(load, 'running'),
      queued: number(load, 'queued'),
      cpuPart: number(load, 'cpuPart'),
      memoryPart: number(load, 'memoryPart'),
    },
    gpus: Array.isArray(value.gpus)
      ? value.gpus.map((gpu) => ({
          name: isRecord(gpu) ? text(gpu.name) : '',
          memoryBytes: number(gpu, 'memoryBytes'),
        }))
      : [],
    health: number(value, 'health'),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown, key: string): number {
  const found = isRecord(value) ? value[key] : 0;
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
