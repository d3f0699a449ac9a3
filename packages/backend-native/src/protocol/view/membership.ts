/**
 * A whole member as one step function: gossip finds out, the view decides. The driver and the simulator run exactly
 * this.
 */
import {
  type Agenda,
  ALERT,
  firstMs,
  Gossip,
  type GossipEffect,
  type GossipEvent,
  type GossipMessage,
  type GossipOptions,
  LEAD,
  type MemberIndex,
  NOW,
  WAKE,
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
  readonly #hasViews: boolean;
  readonly #maker: ViewMaker;
  readonly #agenda: Agenda;
  #effects: MemberEffect[] = [];
  #isEvicted = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#hasViews = options.views !== 'none';
    this.gossip = new Gossip(options);
    this.#agenda = this.gossip.agenda;
    this.#maker = { ...options.maker, directory: options.directory };
    this.#agent = new ViewAgent({
      self: () => {
        const { subject, record } = this.gossip.self;
        return { index: subject, id: record.id, boot: record.boot, isVoter: record.isVoter };
      },
      selfIndex: this.gossip.self.subject,
      table: this.gossip.table,
      agenda: this.#agenda,
      maker: this.#maker,
      random: options.random,
      send: (to, message) => this.#effects.push({ type: 'send', to, message }),
      emit: (effect) => this.#onViewEffect(effect),
      onRemoved: ({ index }) => this.gossip.evict(index, this.#agenda[NOW]!),
      onBehind: (peer) => this.#stepGossip({ type: 'sync', peer }),
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

  /** @param effects Where to put them; simulated members share one array. @returns What to do, in order. */
  step(event: MemberEvent, nowMs: number, effects: MemberEffect[] = []): readonly MemberEffect[] {
    this.#agenda[NOW] = nowMs;
    this.#effects = effects;
    if (event.type === 'message' && isViewMessage(event.message)) {
      if (this.#hasViews) this.#agent.onMessage(event.from, event.message, nowMs);
    } else this.#stepGossip(event as GossipEvent);
    if (this.#hasViews) this.#stepView(event, nowMs);
    this.#scheduleWake(event, nowMs);
    return effects;
  }

  #stepView(event: MemberEvent, nowMs: number): void {
    if (event.type === 'start' && this.#options.views === 'found') {
      const { id, boot } = this.gossip.self.record;
      this.#agent.found(`${id} ${boot}`, this.#options.firstEpoch ?? 1, nowMs);
    }
    if (event.type === 'message' && (event.message.type === 'ping' || event.message.type === 'ack'))
      this.#agent.onEpoch(event.from, event.message.epoch, nowMs);
    if (nowMs >= firstMs(this.#agenda, ALERT, LEAD)) this.#agent.tick(nowMs);
    if (!this.#isEvicted) return;
    this.#isEvicted = false;
    this.#stepGossip({ type: 'rejoin' });
  }

  #stepGossip(event: GossipEvent): void {
    const nowMs = this.#agenda[NOW]!;
    const effects = this.#effects;
    const before = effects.length;
    this.gossip.step(event, nowMs, effects as GossipEffect[]);
    if (!this.#hasViews) return;
    for (let index = before; index < effects.length; index++) {
      const effect = effects[index]!;
      if (effect.type === 'status') this.#agent.onStatus(effect.subject, nowMs);
    }
  }

  #onViewEffect(effect: ViewEffect): void {
    this.#effects.push(effect);
    if (effect.type === 'view') this.gossip.setEpoch(effect.view.epoch);
    else this.#isEvicted = true;
  }

  #scheduleWake(event: MemberEvent, nowMs: number): void {
    const viewMs = firstMs(this.#agenda, ALERT, LEAD);
    const next = Math.max(nowMs, Math.min(this.gossip.nextMs(), viewMs));
    // A timer may fire a little early; a tick therefore always asks for the next one. What was dealt with needs no turn.
    if (event.type !== 'tick' && next === this.#agenda[WAKE]!) return;
    this.#agenda[WAKE] = next;
    if (next !== Number.POSITIVE_INFINITY) this.#effects.push({ type: 'wake', atMs: next });
  }
}

function isViewMessage(message: MemberMessage): message is ViewMessage {
  return message.type.startsWith('view-');
}
