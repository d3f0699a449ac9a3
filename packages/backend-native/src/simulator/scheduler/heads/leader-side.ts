/** A leading head's streams to standbys, around the production steps of replication. */
import { encodeEntry } from '../../../cluster/journal/entry-codec.js';
import {
  type LeaderEvent,
  type LeaderState,
  leaderStep,
  newLeader,
} from '../../../protocol/replication/index.js';
import { type JournalEntry, snapshotRecords } from '../../../protocol/scheduler/index.js';
import type { SimWorld } from '../../sim-world.js';
import type { Mutation } from '../mutation.js';
import type { SimStream, StreamHandler } from '../stream.js';
import type { FollowWord, LeadWord } from './head-messages.js';
import type { SimReplica } from './sim-replica.js';

export interface LeaderSideOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly replica: SimReplica;
  readonly epoch: number;
  readonly mutation: Mutation | undefined;
  /** Writes the in-sync set down; calls back when it is, or never when this head does not lead any more. */
  readonly record: (inSync: readonly string[], recorded: () => void) => void;
  readonly onCommitted: (index: number) => void;
}

interface Link {
  readonly stream: SimStream;
  readonly log: string;
  readonly epoch: number;
  /** `waiting`: it needs a snapshot, and must be out of the in-sync set before. */
  phase: 'waiting' | 'following' | 'over';
  sent: number;
  isConfirmed: boolean;
}

const TICK_MS = 50;
/** Entries of one message: few, so that runs meet standbys that are behind. */
const BATCH_ENTRIES = 16;

export class LeaderSide {
  readonly #options: LeaderSideOptions;
  readonly #state: LeaderState;
  readonly #links = new Set<Link>();
  #isClosed = false;

  constructor(options: LeaderSideOptions) {
    this.#options = options;
    const { position } = options.replica;
    this.#state = newLeader(position.log, position.index);
    this.#tick();
  }

  get inSync(): readonly string[] {
    return this.#state.inSync;
  }

  append(entry: JournalEntry): void {
    this.#options.replica.lead(entry);
    this.#step({ type: 'appended', index: entry.index });
    for (const link of this.#links) this.#pump(link);
  }

  durable(index: number): void {
    this.#step({ type: 'durable', index });
    if (this.#options.mutation?.heads === 'acknowledge alone') this.#options.onCommitted(index);
  }

  close(): void {
    this.#isClosed = true;
  }

  /** A standby has connected. */
  connected(stream: SimStream): StreamHandler {
    let link: Link | undefined;
    return {
      message: (message) => {
        const word = message as FollowWord;
        if (word.type === 'from') link = this.#take(stream, word);
        else if (link !== undefined) this.#confirmed(link, word.index);
      },
      closed: () => {
        if (link === undefined || link.phase === 'over') return;
        link.phase = 'over';
        this.#links.delete(link);
        this.#step({ type: 'gone', log: link.log });
      },
    };
  }

  #tick(): void {
    if (this.#isClosed) return;
    this.#step({ type: 'tick' });
    this.#options.world.setTimer(this.#options.node, TICK_MS, () => this.#tick());
  }

  #step(event: LeaderEvent): void {
    if (this.#isClosed) return;
    const { world, node, record, onCommitted } = this.#options;
    for (const effect of leaderStep(this.#state, event, world.localMs(node))) {
      if (effect.type === 'committed') onCommitted(effect.index);
      else
        record(effect.inSync, () => {
          this.#step({ type: 'recorded' });
          for (const link of this.#links) if (link.phase === 'waiting') this.#begin(link);
        });
    }
  }

  #take(stream: SimStream, { position }: Extract<FollowWord, { type: 'from' }>): Link {
    const { log, epoch, index } = position;
    const link: Link = { stream, log, epoch, phase: 'waiting', sent: index, isConfirmed: false };
    this.#links.add(link);
    this.#begin(link);
    return link;
  }

  #begin(link: Link): void {
    const { replica, epoch } = this.#options;
    if (replica.retained.continues(link.epoch, link.sent) === 'yes')
      this.#say(link, { type: 'follow', epoch });
    else {
      const { inSync, asked } = this.#state;
      if (inSync.includes(link.log) || asked?.includes(link.log)) return;
      this.#snapshot(link);
    }
    link.phase = 'following';
    this.#pump(link);
  }

  #snapshot(link: Link): void {
    const { replica, epoch } = this.#options;
    const { state, machine } = replica;
    const entry = { epoch: state.epoch, index: state.journalIndex, records: snapshotRecords(state) };
    this.#say(link, { type: 'snapshot', epoch, entry: encodeEntry(entry), epochs: [...machine.epochs] });
    link.sent = entry.index;
  }

  #confirmed(link: Link, index: number): void {
    if (link.phase !== 'following') return;
    this.#step({ type: link.isConfirmed ? 'confirmed' : 'follows', log: link.log, index });
    link.isConfirmed = true;
    this.#pump(link);
  }

  #pump(link: Link): void {
    if (link.phase !== 'following' || this.#isClosed) return;
    const { replica, epoch } = this.#options;
    const { index } = replica.position;
    while (link.sent < index) {
      const entries: Uint8Array[] = [];
      while (link.sent < index && entries.length < BATCH_ENTRIES) {
        const entry = replica.retained.at(link.sent + 1);
        if (entry === undefined) break;
        entries.push(entry);
        link.sent += 1;
      }
      if (entries.length === 0) {
        // Too far behind for what is kept: it comes back and gets a snapshot.
        link.stream.close();
        return;
      }
      this.#say(link, { type: 'append', epoch, entries });
    }
  }

  #say(link: Link, word: LeadWord): void {
    link.stream.send(word);
  }
}
