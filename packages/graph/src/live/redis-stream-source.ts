/**
 * A Redis Stream as a source of changes: a consumer group reads entries, each holding one change or a list of them as
 * JSON in one field. Entries are acknowledged when their changes are durable, so a reader that dies loses nothing.
 */
import { AnantError } from '@anant/core';
import type { GraphChange } from './change.js';
import { type IngestOptions, type IngestReport, ingest } from './ingest.js';
import type { LiveHypergraph } from './live-hypergraph.js';

/** The part of an ioredis client that is used. */
export interface RedisStreamClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

export interface RedisStreamOptions extends Omit<IngestOptions, 'onDurable'> {
  readonly stream: string;
  /** Made when it is missing; it begins with the oldest entry. */
  readonly group: string;
  /** Name of this reader in the group; what it had read but not acknowledged is read again first. */
  readonly consumer: string;
  /** The field that holds the JSON. @default 'changes' */
  readonly field?: string;
  /** Entries asked for at once; 1 to 10,000. @default 256 */
  readonly entriesMax?: number;
  /** Longest wait for one answer of Redis that has nothing new, in milliseconds. @default 1000 */
  readonly blockMs?: number;
  /** Whether to go on waiting for entries, or to end when there are none. @default 'wait' */
  readonly atEnd?: 'wait' | 'stop';
}

type Entry = readonly [id: string, fields: readonly string[]];

/**
 * Applies what the stream holds and goes on with what is added, until the signal or, with `atEnd: 'stop'`, its end.
 * Delivery is at least once: changes that may come twice should carry ids.
 * @throws AnantError `E_GRAPH_INVALID` naming the entry that is no change; errors of Redis are passed on
 */
export async function ingestRedisStream(
  graph: LiveHypergraph,
  redis: RedisStreamClient,
  options: RedisStreamOptions,
): Promise<IngestReport> {
  // The signal ends the source below, between two answers: an answer on its way is still applied.
  const { signal: _, ...limits } = options;
  const { stream, group } = options;
  await redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM').catch((error: unknown) => {
    if (!String(error).includes('BUSYGROUP')) throw error;
  });
  const waiting: string[][] = [];
  const batches = entryBatches(redis, options, (ids) => waiting.push(ids));
  return await ingest(graph, batches, {
    ...limits,
    batchChangesMax: 1_000_000,
    onDurable: async () => {
      const ids = waiting.shift();
      if (ids !== undefined && ids.length > 0) await redis.call('XACK', stream, group, ...ids);
    },
  });
}

/** First what this consumer had not acknowledged, then what is new. */
async function* entryBatches(
  redis: RedisStreamClient,
  options: RedisStreamOptions,
  onRead: (ids: string[]) => void,
): AsyncGenerator<readonly GraphChange[]> {
  const { stream, group, consumer, entriesMax = 256, blockMs = 1_000, atEnd = 'wait', signal } = options;
  let from = '0';
  while (!signal?.aborted) {
    const wait = from === '>' && atEnd === 'wait' ? ['BLOCK', Math.max(1, blockMs)] : [];
    const args = ['GROUP', group, consumer, 'COUNT', entriesMax, ...wait, 'STREAMS', stream, from];
    const entries = entriesOf(await redis.call('XREADGROUP', ...args));
    if (entries.length === 0) {
      if (from === '>' && atEnd === 'stop') return;
      from = '>';
      continue;
    }
    if (from !== '>') from = entries.at(-1)![0];
    const changes = entries.flatMap((entry) => changesOf(entry, options));
    const ids = entries.map(([id]) => id);
    if (changes.length === 0) {
      // Nothing is applied, so nothing becomes durable that would acknowledge them.
      await redis.call('XACK', stream, group, ...ids);
      continue;
    }
    onRead(ids);
    yield changes;
  }
}

/** RESP2 answers with pairs of stream and entries, RESP3 with a map, which clients show flat. One stream was asked for. */
function entriesOf(reply: unknown): readonly Entry[] {
  if (!Array.isArray(reply)) return [];
  const [first, second] = reply as readonly unknown[];
  const entries = Array.isArray(first) ? first[1] : second;
  return Array.isArray(entries) ? (entries as readonly Entry[]) : [];
}

function changesOf(
  [id, fields]: Entry,
  { stream, field = 'changes' }: RedisStreamOptions,
): readonly GraphChange[] {
  const at = fields.findIndex((name, index) => index % 2 === 0 && name === field);
  try {
    const value: unknown = JSON.parse(fields[at + 1] ?? '');
    if (at >= 0 && typeof value === 'object' && value !== null) {
      return Array.isArray(value) ? value : [value as GraphChange];
    }
  } catch {
    // Said below.
  }
  throw new AnantError(
    'E_GRAPH_INVALID',
    `Entry ${id} of the stream "${stream}" holds no changes in "${field}".`,
    {
      advice: `Write each entry as XADD ${stream} * ${field} '[{"type":"hyperedge-add","members":[1,2]}]'.`,
    },
  );
}
