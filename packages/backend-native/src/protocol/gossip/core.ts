/** What the parts of the gossip protocol share within one node: its table, its queue, the moment, and the effects of the step. */
import type { Random } from '@anant/core';
import { type Agenda, NOW, newAgenda } from './agenda.js';
import { BroadcastQueue } from './broadcast-queue.js';
import type { Directory } from './directory.js';
import { LocalHealth } from './local-health.js';
import { ALIVE, MemberTable } from './member-table.js';
import type { GossipTuning } from './tuning.js';
import type { AliveUpdate, GossipEffect, GossipMessage, MemberIndex, MemberRecord, Update } from './types.js';

export interface GossipOptions {
  readonly self: MemberRecord;
  readonly directory: Directory;
  readonly random: Random;
  readonly tuning: GossipTuning;
  /** Completes a statement of this node about itself: digest, size and, outside of simulations, a signature. */
  readonly seal: (statement: Omit<AliveUpdate, 'digest' | 'bytes'>) => AliveUpdate;
}

/** Random draws for a peer before the table is walked from a random start. */
const DRAWS_MAX = 16;

export class Core {
  readonly directory: Directory;
  readonly random: Random;
  readonly tuning: GossipTuning;
  readonly table: MemberTable;
  readonly queue: BroadcastQueue;
  readonly health: LocalHealth;
  readonly agenda: Agenda = newAgenda();
  /** How late a turn that may be late comes at most, so that it comes with another. */
  readonly leewayMs: number;
  readonly selfIndex: MemberIndex;
  readonly seal: GossipOptions['seal'];
  self: AliveUpdate;
  /** Epoch of the view this node is in, told with every probe; 0 without one. */
  epoch = 0;
  hasLeft = false;
  /** Sender of the ping or answer being handled: it says itself what it believes. */
  pingedBy: MemberIndex | undefined;
  /** Own probes that failed one after the other. */
  failedInRow = 0;
  effects: GossipEffect[] = [];

  constructor(options: GossipOptions) {
    this.directory = options.directory;
    this.random = options.random;
    this.tuning = options.tuning;
    this.leewayMs = options.tuning.leewayPart * options.tuning.intervalMs;
    this.seal = options.seal;
    this.table = new MemberTable(options.directory);
    this.queue = new BroadcastQueue(options.tuning.updatesQueuedMax);
    this.health = new LocalHealth(options.tuning);
    const index = options.directory.add(options.self.id);
    if (index === undefined) throw new TypeError('The directory has no room for this node.');
    this.selfIndex = index;
    this.self = options.seal({
      type: 'alive',
      subject: index,
      incarnation: 1,
      version: 0,
      record: options.self,
    });
  }

  get nowMs(): number {
    return this.agenda[NOW]!;
  }

  emit(effect: GossipEffect): void {
    this.effects.push(effect);
  }

  send(to: MemberIndex, message: GossipMessage): void {
    this.effects.push({ type: 'send', to, message });
  }

  /** Puts a new statement of this node about itself into the world. */
  announce(change: {
    readonly incarnation: number;
    readonly version: number;
    readonly record: MemberRecord;
  }): void {
    this.self = this.seal({ type: 'alive', subject: this.selfIndex, ...change });
    this.table.setAlive(this.self);
    this.queue.push(this.self);
  }

  status(subject: MemberIndex, by: 'self' | 'gossip'): void {
    const status = this.table.status(subject);
    this.emit({ type: 'status', subject, status, incarnation: this.table.incarnation(subject), by });
  }

  /** Updates to ride on a message, each told `retransmitFactor × ⌈log10(N + 1)⌉` times in all. */
  takeUpdates(first?: Update): readonly Update[] {
    const sendsMax = this.tuning.retransmitFactor * Math.ceil(Math.log10(this.table.reachable + 1));
    const taken = this.queue.take(this.tuning.updateBytesMax, Math.max(1, sendsMax));
    return first === undefined ? taken : [first, ...taken.filter((update) => update !== first)];
  }

  isOther(index: MemberIndex): boolean {
    return index !== this.selfIndex && this.table.isReachable(index);
  }

  isUnsuspected(index: MemberIndex): boolean {
    return index !== this.selfIndex && this.table.code(index) === ALIVE;
  }

  /** At most `count` different members for which `isWanted`, at random. */
  randomMembers(count: number, isWanted: (index: MemberIndex) => boolean): readonly MemberIndex[] {
    const chosen: MemberIndex[] = [];
    const size = this.table.size;
    for (let draw = 0; draw < DRAWS_MAX && chosen.length < count; draw++) {
      const index = Math.floor(this.random() * size);
      if (isWanted(index) && !chosen.includes(index)) chosen.push(index);
    }
    if (chosen.length === count || this.table.reachable - 1 > 4 * count) return chosen;
    const start = Math.floor(this.random() * size);
    for (let step = 0; step < size && chosen.length < count; step++) {
      const index = (start + step) % size;
      if (isWanted(index) && !chosen.includes(index)) chosen.push(index);
    }
    return chosen;
  }
}
