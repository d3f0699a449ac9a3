/**
 * A cluster of simulated members in a `SimWorld`: the production `Membership` on every node, with addresses, timers and
 * message sizes filled in. Signatures are left out; a simulated attacker cannot speak for another all the same, because
 * the harness gives it no such words.
 */
import { seededRandom } from '@anant/core/testing';
import {
  type AliveUpdate,
  bytesOf,
  DEFAULT_TUNING,
  Directory,
  type GossipTuning,
  hashText,
  type MemberIndex,
  type MemberStatus,
  mix,
} from '../protocol/gossip/index.js';
import {
  type MemberEffect,
  type MemberEvent,
  type MemberMessage,
  Membership,
  type View,
  type ViewMaker,
} from '../protocol/view/index.js';
import type { LinkOptions } from './sim-network.js';
import { SimWorld } from './sim-world.js';

export interface GossipWorldOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly link?: LinkOptions;
  readonly tuning?: Partial<GossipTuning>;
  /**
   * `formed`: all know each other and share a first view. `none`: all know each other, no views. `joining`: node 0
   * founds, the others have `seeds` and nothing else.
   */
  readonly start: 'formed' | 'none' | 'joining';
  /** Nodes that joiners are given as seeds. @default [0] */
  readonly seeds?: readonly number[];
  /** Which nodes vote. @default all */
  readonly isVoter?: (node: number) => boolean;
  readonly inboxMessagesMax?: number;
}

/** A change one node noticed in another. */
export interface StatusChange {
  readonly atMs: number;
  readonly observer: number;
  readonly subject: number;
  readonly status: MemberStatus;
  readonly by: 'self' | 'gossip';
}

const FRAME_BYTES = 61;
const MEMBER_BYTES = 32;
const PROOF_BYTES = 112;
const RECORD_BYTES = 236;

export class GossipWorld {
  readonly world: SimWorld;
  readonly directory = new Directory();
  readonly members: Membership[] = [];
  /** Called for every change of status, and for every view a node adopts. */
  onStatus: (change: StatusChange) => void = () => {};
  onView: (node: number, view: View) => void = () => {};
  onEvicted: (node: number) => void = () => {};
  readonly #options: GossipWorldOptions;
  /** One for all: ten thousand copies would be one more thing out of every cache. */
  readonly #tuning: GossipTuning;
  readonly #handler = {
    receive: (message: unknown, from: number, node: number) =>
      this.step(node, { type: 'message', from, message: message as MemberMessage }),
    wake: (_: unknown, node: number) => this.step(node, TICK),
  };
  readonly #timers: number[] = [];
  readonly #views = new Map<string, View>();
  readonly #checked: ViewMaker['checked'] = new WeakMap();
  readonly #cutIds: ViewMaker['cutIds'] = new WeakMap();
  #records: AliveUpdate[] = [];
  #boot = 0;
  #spare: MemberEffect[] | undefined;

  constructor(options: GossipWorldOptions) {
    this.#options = options;
    this.#tuning = { ...DEFAULT_TUNING, roundTripsMax: 64, ...options.tuning };
    const { seed, link, inboxMessagesMax } = options;
    this.world = new SimWorld({ seed, ...(link && { link }), ...(inboxMessagesMax && { inboxMessagesMax }) });
    for (let node = 0; node < options.nodes; node++) this.directory.add(idOf(node));
    for (let node = 0; node < options.nodes; node++) this.#addNode(node, options.start);
    if (options.start !== 'joining') this.#introduceAll();
  }

  /** Starts every node, or those given. */
  start(nodes: Iterable<number> = this.members.keys()): void {
    const seeds = this.#options.start === 'joining' ? (this.#options.seeds ?? [0]).map(String) : [];
    for (const node of nodes) this.step(node, { type: 'start', seeds: node === 0 ? [] : seeds });
  }

  run(durationMs: number): void {
    this.world.run({ untilMs: this.world.nowMs + durationMs });
  }

  /** Hands a node an event now. */
  step(node: number, event: MemberEvent): void {
    const effects = this.#spare ?? [];
    // Whom a callback steps in the meantime gets an array of its own.
    this.#spare = undefined;
    this.#perform(node, this.members[node]!.step(event, this.world.localMs(node), effects));
    effects.length = 0;
    this.#spare = effects;
  }

  /** A new process on the node, under a new boot, that knows its seeds only. */
  restart(node: number, seeds: readonly number[] = [0]): void {
    this.members[node] = this.#member(node, 'join');
    this.world.restart(node, this.#handler);
    this.step(node, { type: 'start', seeds: seeds.map(String) });
  }

  /** A machine more. @returns Its number. */
  join(seeds: readonly number[] = [0]): number {
    const node = this.members.length;
    if (this.directory.add(idOf(node)) !== node) throw new RangeError('The directory is full.');
    this.#addNode(node, 'joining');
    this.step(node, { type: 'start', seeds: seeds.map(String) });
    return node;
  }

  /** Ids of the views that running nodes are in, with how many are in each; `''` for none. */
  views(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    this.members.forEach((member, node) => {
      if (!this.world.isUp(node)) return;
      const id = member.view?.id ?? '';
      counts.set(id, (counts.get(id) ?? 0) + 1);
    });
    return counts;
  }

  #addNode(node: number, start: GossipWorldOptions['start']): void {
    const views = start === 'none' ? 'none' : start === 'joining' && node === 0 ? 'found' : 'join';
    this.members[node] = this.#member(node, views);
    this.world.addNode(this.#handler);
  }

  #member(node: number, views: 'found' | 'join' | 'none'): Membership {
    const isVoter = this.#options.isVoter?.(node) ?? true;
    return new Membership({
      self: { id: idOf(node), address: String(node), boot: ++this.#boot, isVoter, metadata: undefined },
      directory: this.directory,
      random: seededRandom(mix(this.#options.seed, node * 7919 + this.#boot)),
      tuning: this.#tuning,
      views,
      seal: sealed,
      maker: { hash: digest, cache: this.#views, checked: this.#checked, cutIds: this.#cutIds },
    });
  }

  #introduceAll(): void {
    this.#records = this.members.map(({ gossip }) => gossip.self);
    const snapshot = {
      lineage: 'simulated',
      epoch: 1,
      id: 'first',
      members: this.#records.map(({ subject, record }) => ({
        index: subject,
        id: record.id,
        boot: record.boot,
        isVoter: record.isVoter,
      })),
    };
    const [first] = this.members;
    for (const record of this.#records) first!.gossip.table.setAlive(record);
    for (const member of this.members) {
      // The view first: whoever knows nobody yet has nobody to compare with it.
      if (this.#options.start !== 'none')
        member.step({ type: 'message', from: 0, message: { type: 'view-push', view: snapshot } }, 0);
      if (member !== first) member.gossip.table.copyFrom(first!.gossip.table);
    }
  }

  #perform(node: number, effects: readonly MemberEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.world.send(node, effect.to, effect.message, messageBytes(effect.message));
          break;
        case 'send-address':
          this.world.send(node, Number(effect.address), effect.message, messageBytes(effect.message));
          break;
        case 'wake': {
          const old = this.#timers[node];
          if (old !== undefined) this.world.clearTimer(old);
          this.#timers[node] = this.world.setTimer(node, effect.atMs - this.world.localMs(node));
          break;
        }
        case 'status':
          this.onStatus({
            atMs: this.world.nowMs,
            observer: node,
            subject: effect.subject,
            status: effect.status,
            by: effect.by,
          });
          break;
        case 'view':
          this.onView(node, this.members[node]!.view!);
          break;
        case 'evicted':
          this.onEvicted(node);
          break;
        case 'metadata':
          break;
      }
    }
  }
}

const TICK: MemberEvent = { type: 'tick' };

/** Id of a simulated node. */
export function idOf(node: MemberIndex): string {
  return `n${node}`;
}

function sealed(statement: Omit<AliveUpdate, 'digest' | 'bytes'>): AliveUpdate {
  const { subject, incarnation, version, record } = statement;
  return { ...statement, digest: `${subject}.${record.boot}.${incarnation}.${version}`, bytes: RECORD_BYTES };
}

/** Good enough among simulated nodes, none of which looks for collisions. */
function digest(text: string): string {
  return `${hashText(text).toString(16)}${mix(hashText(`${text}#`), text.length).toString(16)}`;
}

/** Estimated size on the wire, with encryption and signatures as the UDP driver adds them. */
export function messageBytes(message: MemberMessage): number {
  let updatesBytes = 0;
  if ('updates' in message) for (const update of message.updates) updatesBytes += bytesOf(update);
  switch (message.type) {
    case 'offer':
    case 'entries':
      return FRAME_BYTES + updatesBytes + (message.digest === undefined ? 0 : message.digest.byteLength);
    case 'view-alert':
      return FRAME_BYTES + message.alerts.length * PROOF_BYTES;
    case 'view-propose':
      return FRAME_BYTES + cutBytes(message.cut) + message.alerts.length * PROOF_BYTES;
    case 'view-promise':
      return FRAME_BYTES + (message.cut ? cutBytes(message.cut) : 0) + message.alerts.length * PROOF_BYTES;
    case 'view-decide':
      return FRAME_BYTES + cutBytes(message.decision.cut) + message.decision.votes.length * PROOF_BYTES;
    case 'view-push':
      return FRAME_BYTES + message.view.members.length * MEMBER_BYTES;
    default:
      return FRAME_BYTES + updatesBytes;
  }
}

function cutBytes({ add, remove }: { add: readonly unknown[]; remove: readonly unknown[] }): number {
  return (add.length + remove.length) * MEMBER_BYTES;
}
