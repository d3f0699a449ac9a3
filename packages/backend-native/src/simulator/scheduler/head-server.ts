/** A head that decides, in the simulator: the production step function, and the streams of workers and drivers around it. */
import {
  type JournalEntry,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerState,
  step,
} from '../../protocol/scheduler/index.js';
import type { SimWorld } from '../sim-world.js';
import type { Mutation } from './mutation.js';
import type { Oracle } from './oracle.js';
import type { SimStream, StreamHandler } from './stream.js';

export interface HeadServerOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly oracle: Oracle;
  readonly state: SchedulerState;
  readonly mutation: Mutation | undefined;
  readonly append: (entry: JournalEntry) => void;
  /** Asked before every decision. @default it may */
  readonly mayDecide?: () => 'yes' | 'no';
}

interface Client {
  readonly stream: SimStream;
  /** Who speaks on it, once it said so. */
  name: string;
  kind: 'worker' | 'driver' | undefined;
  bootId: string;
}

/** Steps between two looks at the books. */
const AUDIT_STEPS = 64;

export class HeadServer {
  readonly state: SchedulerState;
  readonly #options: HeadServerOptions;
  readonly #byName = new Map<string, Client>();
  #steps = 0;

  constructor(options: HeadServerOptions) {
    this.#options = options;
    this.state = options.state;
  }

  get node(): number {
    return this.#options.node;
  }

  /** A worker or driver has connected. */
  connected(stream: SimStream): StreamHandler {
    const client: Client = { stream, name: '', kind: undefined, bootId: '' };
    return {
      message: (message) => this.#heard(client, message as SchedulerEvent),
      closed: () => this.#closed(client),
    };
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

  feed(event: SchedulerEvent): void {
    const { world, node, mutation, oracle, mayDecide } = this.#options;
    const meant = mutation?.onEvent ? mutation.onEvent(event, this.state) : event;
    if (meant === undefined || mayDecide?.() === 'no') return;
    const context = { nowMs: world.localMs(node), random: world.random };
    const effects = step(this.state, meant, context);
    mutation?.onState?.(this.state);
    this.#steps += 1;
    if (this.#steps % AUDIT_STEPS === 0) oracle.audit(this.state);
    for (const effect of mutation?.onEffects ? mutation.onEffects(effects, meant, this.state) : effects)
      this.#perform(effect);
  }

  #perform(effect: SchedulerEffect): void {
    const { world, node, mutation, oracle, append } = this.#options;
    if (effect.type === 'journal') {
      oracle.log.decided(effect.entry);
      append(effect.entry);
      if (mutation?.acknowledgesEarly === true) this.feed({ type: 'journaled', index: effect.entry.index });
    } else if (effect.type === 'wake') {
      world.setTimer(node, effect.atMs - world.localMs(node), this);
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
}
