/**
 * A hypergraph that changes while it is read. Changes come in batches; each is one epoch, applied whole or not at all.
 * Readers take snapshots, which are consistent and never change. With a folder, batches are durable.
 */
import { join } from 'node:path';
import { AnantError, BoundedChannel } from '@anant/core';
import { Hypergraph } from '../graph.js';
import type { ExternalId } from '../ids/id-table.js';
import { withIds } from './batch-changes.js';
import type { AppliedBatch, GraphChange, GraphEvent } from './change.js';
import { ChangeLog, type Checkpoint, type Durability, encodeBatch } from './change-log.js';
import { EPOCHS_MAX } from './epoch.js';
import { Generation } from './generation.js';
import { GraphSnapshot } from './graph-snapshot.js';

export interface LiveOptions {
  /** What it starts with. Not with a folder that holds a graph already. @default nothing */
  readonly base?: Hypergraph;
  /** Where batches are kept; made when it is missing. @default nowhere: the graph lives as long as the process */
  readonly folder?: string;
  /** What a batch has survived when `apply` resolves. @default 'power' */
  readonly durability?: Durability;
  /** A merge follows when so many times the incidences of the base were added since, at least 1,048,576. @default 1 */
  readonly mergeShare?: number;
}

export interface SubscribeOptions {
  /** Batches that wait for a slow subscriber; the oldest beyond are dropped, and a `gap` tells so. @default 1024 */
  readonly batchesMax?: number;
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

/** Told in the same turn in which a batch is applied; must not throw or change the graph. */
export type BatchListener = (batch: AppliedBatch) => void;

/** Fewer added incidences are never merged by themselves. */
const MERGE_INCIDENCES_MIN = 1_048_576;
const SUBSCRIBERS_MAX = 10_000;

export class LiveHypergraph implements AsyncDisposable {
  #generation: Generation;
  #epoch: number;
  #snapshot: GraphSnapshot | undefined;
  #fault: AnantError | undefined;
  #isClosed = false;
  readonly #log: ChangeLog | undefined;
  readonly #mergeShare: number;
  readonly #pending = new Set<Promise<void>>();
  readonly #listeners = new Set<BatchListener>();
  readonly #subscribers = new Set<BoundedChannel<GraphEvent>>();

  private constructor(generation: Generation, epoch: number, log: ChangeLog | undefined, mergeShare: number) {
    this.#generation = generation;
    this.#epoch = epoch;
    this.#log = log;
    this.#mergeShare = mergeShare;
  }

  /**
   * Opens a live hypergraph; one that was kept in `folder` is as it was after its last durable batch.
   * @throws AnantError `E_FILE_FORMAT`, `E_FILE_WRITE`, `E_GRAPH_INVALID` when `base` is given for a folder that holds one
   */
  static async open(options: LiveOptions = {}): Promise<LiveHypergraph> {
    const mergeShare = checkShare(options.mergeShare ?? 1);
    const { folder } = options;
    if (folder === undefined) {
      const base = options.base ?? Hypergraph.from([]);
      return new LiveHypergraph(new Generation(base, base.hyperedgeCount), 0, undefined, mergeShare);
    }
    const log = await ChangeLog.open(folder, checkDurability(options.durability ?? 'power'));
    try {
      const { epoch, generation } = await recover(log, folder, options.base);
      return new LiveHypergraph(generation, epoch, log, mergeShare);
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Batches applied so far. */
  get epoch(): number {
    return this.#epoch;
  }

  get vertexCount(): number {
    return this.#generation.counts.vertices;
  }

  get hyperedgeCount(): number {
    return this.#generation.counts.hyperedges;
  }

  get incidenceCount(): number {
    return this.#generation.counts.incidences;
  }

  /**
   * Applies a batch: all changes or none. Snapshots taken from the moment of the call show it; the promise resolves with
   * its epoch when it is durable.
   * @throws AnantError `E_GRAPH_INVALID` naming the change; `E_FILE_WRITE` when it cannot be made durable: then this
   * object refuses further batches, and what is durable is found by opening the folder again
   */
  async apply(changes: readonly GraphChange[]): Promise<number> {
    this.#assertOpen();
    if (!Array.isArray(changes)) throw new AnantError('E_GRAPH_INVALID', 'A batch is a list of changes.');
    if (this.#epoch >= EPOCHS_MAX)
      throw new AnantError('E_GRAPH_INVALID', `All ${EPOCHS_MAX} epochs are used.`);
    const epoch = this.#epoch + 1;
    const log = this.#log;
    const { givenIds, bytes } = this.#generation.apply(changes, epoch, (given) => ({
      givenIds: given,
      bytes: log && encodeBatch(withIds(changes, given)),
    }));
    this.#epoch = epoch;
    this.#snapshot = undefined;
    const durable = bytes && log?.append(epoch, bytes);
    if (this.#listeners.size + this.#subscribers.size > 0) {
      this.#tell({ type: 'batch', epoch, changes: withIds(changes, givenIds) });
    }
    if (this.#isMergeDue()) this.#mergeNow();
    if (durable !== undefined) await this.#awaitDurable(durable);
    return epoch;
  }

  /** The graph as it is now. Costs nothing; may be kept as long as wanted. */
  snapshot(): GraphSnapshot {
    this.#snapshot ??= new GraphSnapshot(this.#generation, this.#epoch, this.#generation.counts);
    return this.#snapshot;
  }

  /** The degree of a vertex now, without counting; undefined when it does not exist. */
  degreeOf(vertex: ExternalId): number | undefined {
    const found = this.#generation.vertices.find(vertex, this.#epoch);
    return found < 0 ? undefined : this.#generation.degreeOf(found);
  }

  /**
   * Makes one flat base of everything, which frees what was removed, and saves it when there is a folder.
   * @throws AnantError `E_FILE_WRITE`, `E_OUT_OF_MEMORY`
   */
  async merge(): Promise<void> {
    this.#assertOpen();
    this.#mergeNow();
    await this.#save();
  }

  /** Calls `listener` with every batch from now on, until the returned function is called. */
  onBatch(listener: BatchListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Every batch from now on, in order.
   * @throws AnantError `E_QUEUE_FULL` with more than 10,000 subscribers
   */
  changes(options: SubscribeOptions = {}): AsyncIterable<GraphEvent> {
    this.#assertOpen();
    if (this.#subscribers.size >= SUBSCRIBERS_MAX) {
      throw new AnantError('E_QUEUE_FULL', `${SUBSCRIBERS_MAX} subscribers read this graph.`, {
        advice: 'End some: leave their loop, or abort their signal.',
      });
    }
    const { signal } = options;
    const end = () => channel.end();
    const channel = new BoundedChannel<GraphEvent>({
      bufferMax: options.batchesMax ?? 1_024,
      onDrop: (batches) => ({ type: 'gap', batches }),
      onClose: () => {
        signal?.removeEventListener('abort', end);
        this.#subscribers.delete(channel);
      },
    });
    this.#subscribers.add(channel);
    if (signal?.aborted) channel.end();
    else signal?.addEventListener('abort', end, { once: true });
    return channel;
  }

  /** Waits for open batches, ends subscriptions and closes the log. Calling it twice is fine. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#pending);
    for (const channel of [...this.#subscribers]) channel.end();
    this.#listeners.clear();
    await this.#log?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #isMergeDue(): boolean {
    const { base, deltaIncidences } = this.#generation;
    return deltaIncidences >= Math.max(MERGE_INCIDENCES_MIN, base.incidenceCount * this.#mergeShare);
  }

  #mergeNow(): void {
    const base = this.snapshot().toHypergraph();
    this.#generation = new Generation(base, this.#generation.nextId);
    this.#snapshot = undefined;
  }

  async #save(): Promise<void> {
    if (this.#log === undefined) return;
    const epoch = this.#epoch;
    const file = `base-${epoch}.anant`;
    const { base, nextId } = this.#generation;
    const saving = base
      .save(join(this.#log.folder, file))
      .then(() => this.#log?.advance({ epoch, nextId, file } satisfies Checkpoint));
    await this.#awaitDurable(saving.then(() => undefined));
  }

  async #awaitDurable(durable: Promise<void>): Promise<void> {
    this.#pending.add(durable);
    try {
      await durable;
    } catch (error) {
      if (AnantError.is(error)) this.#fault ??= error;
      throw error;
    } finally {
      this.#pending.delete(durable);
    }
  }

  #tell(batch: AppliedBatch): void {
    for (const listener of this.#listeners) listener(batch);
    for (const channel of this.#subscribers) channel.push(batch);
  }

  #assertOpen(): void {
    if (this.#fault !== undefined) {
      throw new AnantError(
        'E_FILE_WRITE',
        `An earlier batch could not be made durable: ${this.#fault.message}`,
        {
          cause: this.#fault,
          advice: 'Close it, mend the cause and open the folder again.',
        },
      );
    }
    if (!this.#isClosed) return;
    throw new AnantError('E_GRAPH_INVALID', 'The live hypergraph was closed.', { advice: 'Open it again.' });
  }
}

/** What the folder holds: the last base and every batch since. */
async function recover(
  log: ChangeLog,
  folder: string,
  given: Hypergraph | undefined,
): Promise<{ readonly epoch: number; readonly generation: Generation }> {
  const checkpoint = log.checkpoint();
  const isNew = checkpoint.epoch === 0 && checkpoint.file === undefined && log.isEmpty();
  if (!isNew && given !== undefined) {
    throw new AnantError('E_GRAPH_INVALID', `${folder} holds a live hypergraph already.`, {
      advice: 'Leave base out, or choose another folder.',
    });
  }
  let base = given ?? Hypergraph.from([]);
  let nextId = Math.max(checkpoint.nextId, base.hyperedgeCount);
  if (checkpoint.file !== undefined) base = await Hypergraph.open(join(folder, checkpoint.file));
  else if (given !== undefined) {
    await given.save(join(folder, 'base-0.anant'));
    await log.advance({ epoch: 0, nextId, file: 'base-0.anant' });
  }
  if (checkpoint.file !== undefined) nextId = checkpoint.nextId;
  const generation = new Generation(base, nextId);
  let { epoch } = checkpoint;
  for (const batch of log.batchesAfter(epoch)) {
    generation.apply(batch.changes, batch.epoch, () => undefined);
    epoch = batch.epoch;
  }
  return { epoch, generation };
}

function checkDurability(durability: Durability): Durability {
  if (durability === 'power' || durability === 'process') return durability;
  throw new AnantError(
    'E_GRAPH_INVALID',
    `durability must be power or process, not "${String(durability)}".`,
  );
}

function checkShare(share: number): number {
  if (share > 0 && share <= 100) return share;
  throw new AnantError('E_GRAPH_INVALID', `mergeShare must be above 0 and at most 100, not ${share}.`);
}
