/** The only head of a simulated cluster: the production step function and journal codec, a simulated disk and network around them. */
import {
  newSchedulerState,
  replay,
  type SchedulerEvent,
  type SchedulerSettings,
  type SchedulerState,
} from '../../protocol/scheduler/index.js';
import type { SimDisk } from '../sim-disk.js';
import type { SimHandler, SimWorld } from '../sim-world.js';
import { HeadJournal } from './head-journal.js';
import { HeadServer } from './head-server.js';
import type { Mutation } from './mutation.js';
import type { Oracle } from './oracle.js';
import { SimStream, type StreamPacket } from './stream.js';
import { StreamHub } from './stream-hub.js';

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

export class HeadNode implements SimHandler {
  readonly state: SchedulerState;
  readonly server: HeadServer;
  readonly #options: HeadOptions;
  readonly #node: number;
  readonly #journal: HeadJournal;
  readonly #hub: StreamHub;

  /** Starts or restarts the head on its disk. */
  constructor(node: number, options: HeadOptions) {
    const { world, disk, syncMs, oracle, mutation } = options;
    this.#node = node;
    this.#options = options;
    const state = newSchedulerState(options.settings);
    this.state = state;
    this.#journal = new HeadJournal({
      world,
      node,
      disk,
      syncMs,
      onDurable: (index) => {
        oracle.log.committedUntil(index);
        this.#journal.tidy(state);
        this.feed({ type: 'journaled', index });
      },
      onState: (mode, reason) => this.feed({ type: 'journal-state', state: mode, reason }),
    });
    const append = (entry: Parameters<HeadJournal['append']>[0]) => this.#journal.append(entry);
    this.server = new HeadServer({ world, node, oracle, state, mutation, append });
    this.#hub = new StreamHub({ world, node, onOpen: (stream) => this.server.connected(stream) });
    this.#hub.open(options.life);
  }

  /** @throws AnantError E_JOURNAL when the disk cannot be trusted. */
  start(): void {
    const { world, mutation, oracle } = this.#options;
    const nowMs = world.localMs(this.#node);
    this.#journal.recover((entry) => replay(this.state, mutation?.onReplay?.(entry) ?? entry, nowMs));
    oracle.log.restarted(this.state.journalIndex);
    oracle.recovered(this.state, nowMs);
    this.feed({ type: 'lead', epoch: this.state.epoch + 1 });
  }

  feed(event: SchedulerEvent): void {
    this.server.feed(event);
  }

  receive(packet: unknown, from: number): void {
    this.#hub.receive(packet as StreamPacket, from);
  }

  wake(payload: unknown): void {
    if (payload instanceof SimStream) payload.wake();
    else if (payload === this.server) this.feed({ type: 'tick' });
    else (payload as () => void)();
  }
}
