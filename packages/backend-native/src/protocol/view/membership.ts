/**
 * A whole member as one step function: gossip finds out, the view decides. The driver and the simulator run exactly
 * this.
 */
import {
  Gossip,
  type GossipEffect,
  type GossipEvent,
  type GossipMessage,
  type GossipOptions,
  type MemberIndex,
} from '../gossip/index.js';
import type { ViewEffect, ViewMessage } from './types.js';
import type { View, ViewMaker } from './view.js';
import { ViewAgent } from './view-agent.js';

export type MemberMessage = GossipMessage | ViewMessage;
export type MemberEvent =
  | Exclude<GossipEvent, { readonly type: 'message' } | { readonly type: 'rejoin' }>
  | { readonly type: 'message'; readonly from: MemberIndex; readonly message: MemberMessage };
export type MemberEffect =
  | GossipEffect<MemberMessage>
  | ViewEffect
  /** Hand in a `tick` at this moment; replaces an earlier wish. */
  | { readonly type: 'wake'; readonly atMs: number };

export interface MembershipOptions extends GossipOptions {
  /** `found` starts a cluster of one, `join` waits to be taken in, `none` is gossip alone. */
  readonly views: 'found' | 'join' | 'none';
  /** Of a founder's first view: one that founds anew goes on from the epoch it knew. @default 1 */
  readonly firstEpoch?: number;
  readonly maker: Omit<ViewMaker, 'directory'>;
}

export class Membership {
  readonly gossip: Gossip;
  readonly #agent: ViewAgent;
  readonly #options: MembershipOptions;
  readonly #maker: ViewMaker;
  #effects: MemberEffect[] = [];
  #wakeMs = Number.POSITIVE_INFINITY;
  #nowMs = 0;
  #isEvicted = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.gossip = new Gossip(options);
    this.#maker = { ...options.maker, directory: options.directory };
    this.#agent = new ViewAgent({
      self: () => {
        const { subject, record } = this.gossip.self;
        return { index: subject, id: record.id, boot: record.boot, isVoter: record.isVoter };
      },
      table: this.gossip.table,
      maker: this.#maker,
      random: options.random,
      send: (to, message) => this.#effects.push({ type: 'send', to, message }),
      emit: (effect) => this.#onViewEffect(effect),
      onRemoved: ({ index }) => this.gossip.evict(index, this.#nowMs),
      onBehind: (peer) => this.#relay(this.gossip.step({ type: 'sync', peer }, this.#nowMs)),
    });
  }

  get view(): View | undefined {
    return this.#agent.view;
  }

  get isMember(): boolean {
    return this.#agent.isMember;
  }

  get hasQuorum(): boolean {
    return this.#agent.hasQuorum;
  }

  /** @returns What to do, in order. */
  step(event: MemberEvent, nowMs: number): readonly MemberEffect[] {
    this.#nowMs = nowMs;
    this.#effects = [];
    if (event.type === 'message' && isViewMessage(event.message)) {
      if (this.#options.views !== 'none') this.#agent.onMessage(event.from, event.message, nowMs);
    } else this.#relay(this.gossip.step(event as GossipEvent, nowMs));
    if (this.#options.views !== 'none') this.#stepView(event);
    this.#scheduleWake(event);
    return this.#effects;
  }

  #stepView(event: MemberEvent): void {
    if (event.type === 'start' && this.#options.views === 'found') {
      const { id, boot } = this.gossip.self.record;
      this.#agent.found(`${id} ${boot}`, this.#options.firstEpoch ?? 1, this.#nowMs);
    }
    if (event.type === 'message' && (event.message.type === 'ping' || event.message.type === 'ack'))
      this.#agent.onEpoch(event.from, event.message.epoch, this.#nowMs);
    if (this.#nowMs >= this.#agent.nextMs()) this.#agent.tick(this.#nowMs);
    if (!this.#isEvicted) return;
    this.#isEvicted = false;
    this.#relay(this.gossip.step({ type: 'rejoin' }, this.#nowMs));
  }

  #relay(effects: readonly GossipEffect[]): void {
    for (const effect of effects) {
      this.#effects.push(effect);
      if (effect.type === 'status' && this.#options.views !== 'none')
        this.#agent.onStatus(effect.subject, this.#nowMs);
    }
  }

  #onViewEffect(effect: ViewEffect): void {
    this.#effects.push(effect);
    if (effect.type === 'view') this.gossip.setEpoch(effect.view.epoch);
    else this.#isEvicted = true;
  }

  #scheduleWake(event: MemberEvent): void {
    const viewMs = this.#options.views === 'none' ? Number.POSITIVE_INFINITY : this.#agent.nextMs();
    const next = Math.max(this.#nowMs, Math.min(this.gossip.nextMs(), viewMs));
    // A timer may fire a little early; a tick therefore always asks for the next one.
    if (event.type !== 'tick' && next >= this.#wakeMs) return;
    this.#wakeMs = next;
    if (next !== Number.POSITIVE_INFINITY) this.#effects.push({ type: 'wake', atMs: next });
  }
}

function isViewMessage(message: MemberMessage): message is ViewMessage {
  return message.type.startsWith('view-');
}
