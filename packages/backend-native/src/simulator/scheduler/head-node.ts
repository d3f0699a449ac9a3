/** A head in the simulator: the production step function and journal codec, a simulated disk and network around them. */
import {
  type JournalEntry,
  newSchedulerState,
  replay,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerSettings,
  type SchedulerState,
  type SequencedEnd,
  snapshotRecords,
  step,
} from '../../protocol/scheduler/index.js';
import { type SimDisk, SimDiskError } from '../sim-disk.js';
import type { SimHandler, SimWorld } from '../sim-world.js';
import { DiskJournal } from './disk-journal.js';
import type { Mutation } from './mutation.js';
import type { Oracle } from './oracle.js';
import { SimStream, type StreamPacket } from './stream.js';

export interface HeadOptions {
  readonly world: SimWorld;
  readonly disk: SimDisk;
  readonly oracle: Oracle;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
  /** Counts the starts of the head, from 1. */
  readonly life: number;
  /** How long the disk takes for a sync. */
  readonly syncMs: () => number;
}

/** Entries after which the journal is compacted: small, so that runs meet it. */
const COMPACT_ENTRIES = 120;
const RETRY_MS = 250;

interface Client {
  stream: SimStream;
  /** Who speaks on it, once it said so. */
  name: string;
  kind: 'worker' | 'driver' | undefined;
  bootId: string;
}

export class HeadNode implements SimHandler {
  readonly state: SchedulerState;
  readonly node: number;
  readonly #options: HeadOptions;
  readonly #journal: DiskJournal;
  readonly #clients = new Map<number, Client>();
  readonly #byName = new Map<string, Client>();
  /** Decisions about results that are not durable yet. */
  #accepts: { readonly index: number; readonly end: SequencedEnd }[] = [];
  #isSyncing = false;
  #isReadOnly = false;
  #entries = 0;
  #steps = 0;

  /** Starts or restarts the head on its disk. @throws AnantError E_JOURNAL when the disk cannot be trusted. */
  constructor(node: number, options: HeadOptions) {
    this.node = node;
    this.#options = options;
    this.state = newSchedulerState(options.settings);
    this.#journal = new DiskJournal(options.disk);
  }

  start(): void {
    const nowMs = this.#options.world.localMs(this.node);
    this.#journal.recover((entry) => {
      const kept = this.#options.mutation?.onReplay?.(entry) ?? entry;
      replay(this.state, kept, nowMs);
    });
    this.#options.oracle.recovered(this.state, nowMs);
    this.feed({ type: 'lead', epoch: this.state.epoch + 1 });
  }

  receive(packet: unknown, from: number): void {
    const { world } = this.#options;
    const incoming = packet as StreamPacket;
    const known = this.#clients.get(from);
    if (known?.stream.connection === incoming.connection && known.stream.isOpen) {
      known.stream.receive(incoming);
      return;
    }
    const isNewer = known === undefined || incoming.connection > known.stream.connection;
    const isMeant = incoming.life === 0 || incoming.life === this.#options.life;
    if (incoming.kind !== 'data' || incoming.sequence !== 0 || !isNewer || !isMeant) {
      const { connection } = incoming;
      if (incoming.kind === 'data')
        world.send(this.node, from, { kind: 'reset', connection, sequence: 0, life: 0 });
      return;
    }
    known?.stream.close();
    this.#open(from, incoming);
  }

  #open(from: number, packet: StreamPacket): void {
    const { world } = this.#options;
    const client: Client = { stream: undefined as never, name: '', kind: undefined, bootId: '' };
    const handler = {
      message: (message: unknown) => this.#heard(client, message as SchedulerEvent),
      closed: () => this.#closed(client),
    };
    const { life } = this.#options;
    client.stream = new SimStream(world, this.node, from, packet.connection, handler, life);
    this.#clients.set(from, client);
    client.stream.receive(packet);
  }

  #heard(client: Client, event: SchedulerEvent): void {
    if (event.type === 'worker-join') this.#introduce(client, 'worker', event.worker.id, event.worker.bootId);
    else if (event.type === 'session-open' || event.type === 'session-resume')
      this.#introduce(client, 'driver', event.session, '');
    this.feed(event);
  }

  #introduce(client: Client, kind: 'worker' | 'driver', name: string, bootId: string): void {
    Object.assign(client, { kind, name, bootId });
    this.#byName.set(name, client);
  }

  #closed(client: Client): void {
    if (this.#byName.get(client.name) !== client) return;
    this.#byName.delete(client.name);
    if (client.kind === 'driver') this.feed({ type: 'session-disconnect', session: client.name });
    else if (client.kind === 'worker')
      this.feed({ type: 'worker-disconnect', worker: client.name, bootId: client.bootId });
  }

  wake(payload: unknown): void {
    if (payload instanceof SimStream) payload.wake();
    else if (payload === 'tick') this.feed({ type: 'tick' });
    else if (payload === 'sync') this.#sync();
  }

  feed(event: SchedulerEvent): void {
    const { world, mutation, oracle } = this.#options;
    const meant = mutation?.onEvent ? mutation.onEvent(event, this.state) : event;
    if (meant === undefined) return;
    const context = { nowMs: world.localMs(this.node), random: world.random };
    const effects = step(this.state, meant, context);
    mutation?.onState?.(this.state);
    this.#steps += 1;
    if (this.#steps % 64 === 0) oracle.audit(this.state);
    for (const effect of mutation?.onEffects ? mutation.onEffects(effects, meant, this.state) : effects)
      this.#perform(effect);
  }

  #perform(effect: SchedulerEffect): void {
    const { world } = this.#options;
    if (effect.type === 'journal') {
      this.#journal.append(effect.entry);
      this.#noteAccepts(effect.entry);
      if (this.#options.mutation?.acknowledgesEarly === true)
        this.feed({ type: 'journaled', index: effect.entry.index });
      this.#scheduleSync(this.#options.syncMs());
    } else if (effect.type === 'wake') {
      const delayMs = effect.atMs - world.localMs(this.node);
      world.setTimer(this.node, delayMs, 'tick');
    } else if ('session' in effect) this.#byName.get(effect.session)?.stream.send(effect);
    else this.#tellWorker(effect);
  }

  #tellWorker(effect: Extract<SchedulerEffect, { worker: string }>): void {
    if (effect.type === 'commit-verdict')
      for (const verdict of effect.verdicts) {
        if (verdict.verdict === 'superseded') this.#options.oracle.counts.superseded += 1;
      }
    this.#byName.get(effect.worker)?.stream.send(effect);
  }

  #scheduleSync(delayMs: number): void {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    this.#options.world.setTimer(this.node, delayMs, 'sync');
  }

  #sync(): void {
    this.#isSyncing = false;
    if (this.#journal.pending === 0) return;
    let index: number;
    const appended = this.#journal.pending;
    try {
      index = this.#journal.sync();
    } catch (error) {
      if (!(error instanceof SimDiskError)) throw error;
      if (!this.#isReadOnly) this.feed({ type: 'journal-state', state: 'read-only', reason: error.message });
      this.#isReadOnly = true;
      this.#scheduleSync(RETRY_MS);
      return;
    }
    this.#entries += appended;
    this.#confirmAccepts(index);
    if (this.#isReadOnly) this.feed({ type: 'journal-state', state: 'writable', reason: '' });
    this.#isReadOnly = false;
    if (this.#entries >= COMPACT_ENTRIES && this.#journal.pending === 0) this.#compact();
    this.feed({ type: 'journaled', index });
  }

  #noteAccepts({ index, records }: JournalEntry): void {
    for (const record of records) {
      if (record.type !== 'end') continue;
      for (const end of record.ends) if (end.end.by === 'worker') this.#accepts.push({ index, end });
    }
  }

  #confirmAccepts(index: number): void {
    const { oracle } = this.#options;
    for (const { index: at, end } of this.#accepts)
      if (at <= index && end.end.by === 'worker')
        oracle.accepted(end, end.token!, Buffer.from(end.end.body).toString());
    this.#accepts = this.#accepts.filter((each) => each.index > index);
  }

  #compact(): void {
    const { state } = this;
    try {
      this.#journal.compact(state.epoch, state.journalIndex, snapshotRecords(state));
      this.#entries = 0;
    } catch (error) {
      if (!(error instanceof SimDiskError)) throw error;
    }
  }
}
