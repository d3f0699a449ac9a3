/** Feeds a stream of changes into a live hypergraph, no faster than they become durable. */
import { AnantError } from '@anant/core';
import type { GraphChange } from './change.js';
import type { LiveHypergraph } from './live-hypergraph.js';

export interface IngestOptions {
  /** Changes applied as one batch at most; 1 to 1,000,000. @default 1024 */
  readonly batchChangesMax?: number;
  /** Batches on their way to the disk before the stream is asked for more; 1 to 1024. @default 8 */
  readonly pendingBatchesMax?: number;
  /** Called, in order, with what was read from the stream once it is durable: the place to acknowledge it. */
  readonly onDurable?: (changes: readonly GraphChange[]) => void | Promise<void>;
  /** Ends reading, also while the stream has nothing to give; what was read is still applied. */
  readonly signal?: AbortSignal;
}

export interface IngestReport {
  readonly batches: number;
  readonly changes: number;
}

/**
 * Applies everything a stream yields, changes or lists of them. Lists are kept together up to `batchChangesMax`.
 * @throws AnantError as `LiveHypergraph.apply`; what came before is applied. Errors of the stream are passed on.
 */
export async function ingest(
  graph: LiveHypergraph,
  source: AsyncIterable<GraphChange | readonly GraphChange[]>,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const batchChangesMax = within('batchChangesMax', options.batchChangesMax ?? 1_024, 1_000_000);
  const pendingBatchesMax = within('pendingBatchesMax', options.pendingBatchesMax ?? 8, 1_024);
  const pending: Promise<void>[] = [];
  let told = Promise.resolve();
  const report = { batches: 0, changes: 0 };
  const send = async (changes: readonly GraphChange[]): Promise<void> => {
    report.batches += 1;
    report.changes += changes.length;
    const durable = graph.apply(changes);
    const { onDurable } = options;
    told = Promise.all([told, durable]).then(() => onDurable?.(changes));
    // Its error is thrown below, when it is this batch's turn.
    told.catch(() => {});
    pending.push(told);
    if (pending.length >= pendingBatchesMax) await pending.shift();
  };
  const { signal } = options;
  for await (const item of signal ? itemsUntil(source, signal) : source) {
    const changes: readonly GraphChange[] = Array.isArray(item) ? item : [item as GraphChange];
    for (let from = 0; from < changes.length; from += batchChangesMax) {
      await send(changes.slice(from, from + batchChangesMax));
    }
  }
  await Promise.all(pending);
  return report;
}

/** The items of a stream until the signal; what the stream still owes then is not waited for. */
async function* itemsUntil<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    while (!signal.aborted) {
      const next = await nextUntil(iterator, signal);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a generator that waits returns only when it goes on.
    iterator.return?.().catch(() => {});
  }
}

/** Undefined when the signal comes first. */
function nextUntil<Item>(
  iterator: AsyncIterator<Item>,
  signal: AbortSignal,
): Promise<IteratorResult<Item> | undefined> {
  return new Promise((resolve, reject) => {
    const give = (): void => resolve(undefined);
    signal.addEventListener('abort', give, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', give));
  });
}

function within(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new AnantError('E_GRAPH_INVALID', `${name} must be a whole number from 1 to ${most}, not ${value}.`);
}
