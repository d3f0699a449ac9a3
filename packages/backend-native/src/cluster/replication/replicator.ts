/** The leader's side of replication: streams to standbys, and what may be acknowledged. Decides nothing itself. */
import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import {
  type LeaderEvent,
  type LeaderState,
  leaderStep,
  nameOfLog,
  newLeader,
} from '../../protocol/replication/index.js';
import { type JournalEntry, snapshotRecords } from '../../protocol/scheduler/index.js';
import { Flusher } from '../control/flusher.js';
import { MessageStream } from '../control/message-stream.js';
import { encodeParts } from '../journal/entry-codec.js';
import { PROTOCOL } from '../limits.js';
import type { HeadState } from '../proto/anant/v1/cluster.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import type {
  FollowFrom,
  FollowRefused,
  FollowRequest,
  FollowResponse,
  IntroduceResponse,
  PositionRequest,
  PositionResponse,
} from '../proto/anant/v1/replication.js';
import { mayNotLead } from './head-lease-store.js';
import { HEADS_KNOWN_MAX, introduction } from './introduction.js';
import { type HeadAddress, type KnownHead, placeOf, type Replica } from './replica.js';

export interface ReplicatorOptions {
  readonly replica: Replica;
  readonly epoch: number;
  readonly address: string;
  /** Writes the in-sync set down; settles when it is, or never when this head does not lead any more. */
  readonly record: (inSync: readonly string[]) => Promise<void>;
  /** To gossip, for a head of this name; undefined while this one does not gossip. */
  readonly invite: (name: string) => GossipInvitation | undefined;
  readonly onCommitted: (index: number) => void;
  /** A standby has taken an invitation over. */
  readonly onGossipTaken: () => void;
  /** All heads, whenever there is another one, or one fewer. */
  readonly onHeads: (heads: readonly KnownHead[]) => void;
  /** Another head is about to lead: this one must not any more when the call returns. */
  readonly onOvertaken: (reason: string) => void;
}

type Call = ServerDuplexStream<FollowRequest, FollowResponse>;

interface Link {
  readonly from: FollowFrom;
  readonly stream: MessageStream<FollowResponse>;
  /** `waiting`: it needs a snapshot, and must be out of the in-sync set before. */
  phase: 'waiting' | 'following' | 'over';
  sent: number;
  confirmed: number;
  /** Of the invitation to gossip that it took over last. */
  gossipGeneration: number;
}

interface Waiting {
  readonly isSo: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Entries of one message, and entries sent ahead of what a standby confirmed; then it is waited for. */
const BATCH_ENTRIES = 512;
const BATCH_BYTES = 1024 * 1024;
const AHEAD_ENTRIES_MAX = 8_192;
/** Parts of a snapshot in one message. */
const SNAPSHOT_PARTS = 8;
const TICK_MS = 50;
/** Heads declared gone that are remembered as such; of an older one it is only known where it was. */
const FORGOTTEN_MAX = HEADS_KNOWN_MAX;
/** Heads that may follow; one more is refused. */
const STANDBYS_MAX = 8;
const OVER = 'It leads no more.';

export class Replicator {
  readonly #options: ReplicatorOptions;
  readonly #state: LeaderState;
  readonly #links = new Map<string, Link>();
  readonly #flusher = new Flusher(() => this.#pumpAll());
  readonly #timer: NodeJS.Timeout;
  #heads: readonly HeadAddress[];
  /** Declared gone for ever. */
  #forgotten: readonly HeadAddress[];
  #waiting: readonly Waiting[] = [];
  #isClosed = false;

  constructor(options: ReplicatorOptions) {
    const { replica } = options;
    this.#options = options;
    this.#state = newLeader(replica.log, replica.position.index);
    const own = { name: replica.name, address: options.address };
    const others = replica.heads.filter(({ name }) => name !== replica.name);
    this.#heads = [own, ...others.filter(({ isForgotten }) => !isForgotten).map(placeOf)];
    this.#forgotten = others.filter(({ isForgotten }) => isForgotten).map(placeOf);
    this.#timer = setInterval(() => this.#step({ type: 'tick' }), TICK_MS);
  }

  get handlers() {
    return { follow: this.#follow, position: this.#position, introduce: this.#introduce };
  }

  /** All heads, this one first. */
  get heads(): readonly HeadAddress[] {
    return this.#heads;
  }

  report(): HeadState[] {
    const { replica } = this.#options;
    const { inSync, standbys } = this.#state;
    const { epoch, index } = replica.position;
    return this.#heads.map(({ name, address }) => {
      if (name === replica.name)
        return { name, address, state: 'leader', index, behind: 0, epoch, reason: '' };
      const link = this.#links.get(name);
      const standby = link && standbys.get(link.from.log);
      const at = standby?.index ?? 0;
      const isInSync = link !== undefined && inSync.includes(link.from.log);
      const state = link === undefined ? 'away' : isInSync ? 'in-sync' : 'catching-up';
      return { name, address, state, index: at, behind: Math.max(0, index - at), epoch: 0, reason: '' };
    });
  }

  /** The keys of gossip, or its founding, have changed. */
  inviteAll(): void {
    for (const link of this.#links.values()) this.#invite(link);
  }

  /** How many that follow took the invitation of this generation over, or a later one, and how many have not. */
  gossipTaken(generation: number): { readonly has: number; readonly lacks: number } {
    const following = [...this.#links.values()].filter(({ phase }) => phase === 'following');
    const has = following.filter(({ gossipGeneration }) => gossipGeneration >= generation).length;
    return { has, lacks: following.length - has };
  }

  /** It leads: what its own log may say of it is over, before anything else counts. */
  takeBack(): void {
    const { replica } = this.#options;
    if (replica.heads.some(({ name, isForgotten }) => isForgotten && name === replica.name))
      this.#tellHeads();
  }

  /** These are gone for ever. Settles when that survives what an acknowledged task does. @throws AnantError */
  async forget(gone: readonly HeadAddress[]): Promise<void> {
    const isGone = ({ name }: { readonly name: string }) => gone.some((head) => head.name === name);
    // One that is in the set might lead next, and acknowledge what nobody would wait for.
    await this.#until(() => {
      const { inSync, asked = [] } = this.#state;
      return ![...inSync, ...asked].some((log) => isGone({ name: nameOfLog(log) }));
    });
    const away = gone.filter(({ name }) => !this.#links.has(name)).map(placeOf);
    if (away.length === 0) return;
    this.#heads = this.#heads.filter((head) => !isGone(head));
    const before = this.#forgotten.filter((head) => !isGone(head));
    this.#forgotten = [...before, ...away].slice(-FORGOTTEN_MAX);
    this.#tellHeads();
    const { index } = this.#options.replica.position;
    await this.#until(() => index <= this.#state.committed);
  }

  /** Looks after every step. @throws AnantError when this head leads no more */
  async #until(isSo: () => boolean): Promise<void> {
    if (this.#isClosed) throw mayNotLead(OVER);
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting = [...this.#waiting, { isSo, resolve, reject }];
    });
  }

  append(entry: JournalEntry): void {
    this.#options.replica.lead(entry);
    this.#step({ type: 'appended', index: entry.index });
    if (this.#links.size > 0) this.#flusher.wake();
  }

  durable(index: number): void {
    this.#step({ type: 'durable', index });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const link of this.#links.values()) {
      link.phase = 'over';
      link.stream.end();
    }
    this.#links.clear();
    for (const { reject } of this.#waiting) reject(mayNotLead(OVER));
    this.#waiting = [];
  }

  #step(event: LeaderEvent): void {
    if (this.#isClosed) return;
    for (const effect of leaderStep(this.#state, event, performance.now())) {
      if (effect.type === 'committed') this.#options.onCommitted(effect.index);
      else
        void this.#options.record(effect.inSync).then(() => {
          this.#step({ type: 'recorded' });
          this.#beginAll();
        });
    }
    if (this.#waiting.length > 0) this.#settle();
  }

  #settle(): void {
    const settled = this.#waiting.filter(({ isSo }) => isSo());
    this.#waiting = this.#waiting.filter((each) => !settled.includes(each));
    for (const { resolve } of settled) resolve();
  }

  readonly #position = (
    { request }: ServerUnaryCall<PositionRequest, PositionResponse>,
    callback: sendUnaryData<PositionResponse>,
  ): void => {
    const { replica, epoch, address, onOvertaken } = this.#options;
    if (request.promise > epoch) onOvertaken(`Another head leads under epoch ${request.promise}.`);
    replica.follower.promised = Math.max(replica.follower.promised, request.promise);
    const { position, fenced, follower } = replica;
    const { promised } = follower;
    callback(null, { ...position, promised, fenced, role: 'leader', leader: address });
  };

  readonly #introduce = (_call: unknown, callback: sendUnaryData<IntroduceResponse>): void =>
    callback(null, introduction(this.#options.replica, this.#heads));

  readonly #follow = (call: Call): void => {
    let link: Link | undefined;
    const stream = new MessageStream<FollowResponse>(call, () => call.destroy());
    call.on('data', ({ message }: FollowRequest) => {
      if (stream.isOver || this.#isClosed) return;
      if (message?.$case === 'from' && link === undefined) link = this.#take(message.value, stream);
      else if (message?.$case === 'followed' && link !== undefined)
        this.#confirmed(link, message.value.index);
      else if (message?.$case === 'gossipTaken' && link !== undefined) {
        link.gossipGeneration = message.value.generation;
        this.#options.onGossipTaken();
      } else call.destroy();
    });
    const over = () => {
      stream.drop();
      if (link === undefined || link.phase === 'over') return;
      link.phase = 'over';
      if (this.#links.get(link.from.name) === link) this.#links.delete(link.from.name);
      this.#step({ type: 'gone', log: link.from.log });
    };
    call.on('end', () => {
      over();
      call.end();
    });
    call.on('error', over);
    call.on('close', over);
  };

  #take(from: FollowFrom, stream: MessageStream<FollowResponse>): Link | undefined {
    const refusal = this.#refusal(from);
    if (refusal !== undefined) {
      stream.write({ message: { $case: 'refused', value: { ...refusal, leader: '' } } });
      stream.end();
      return undefined;
    }
    const known = this.#links.get(from.name);
    if (known !== undefined) {
      known.phase = 'over';
      known.stream.end();
      this.#step({ type: 'gone', log: known.from.log });
    }
    const link: Link = {
      from,
      stream,
      phase: 'waiting',
      sent: from.index,
      confirmed: -1,
      gossipGeneration: 0,
    };
    this.#links.set(from.name, link);
    this.#meet(from);
    this.#begin(link);
    return link;
  }

  #refusal({ protocol, name }: FollowFrom): Omit<FollowRefused, 'leader'> | undefined {
    if (protocol !== PROTOCOL) return { code: 'E_VERSION_SKEW', reason: `It speaks protocol ${PROTOCOL}.` };
    const isKnown = this.#heads.some((head) => head.name === name);
    if (!isKnown && this.#heads.length >= HEADS_KNOWN_MAX)
      return { code: 'E_QUEUE_FULL', reason: `${HEADS_KNOWN_MAX} heads are known.` };
    if (this.#links.size >= STANDBYS_MAX && !this.#links.has(name))
      return { code: 'E_QUEUE_FULL', reason: `${STANDBYS_MAX} heads follow.` };
    return undefined;
  }

  #meet({ name, address }: FollowFrom): void {
    const known = this.#heads.find((head) => head.name === name);
    if (known?.address === address) return;
    this.#heads = [...this.#heads.filter((head) => head.name !== name), { name, address }];
    this.#forgotten = this.#forgotten.filter((head) => head.name !== name);
    this.#tellHeads();
  }

  #tellHeads(): void {
    const gone = this.#forgotten.map((head) => ({ ...head, isForgotten: true }));
    this.#options.onHeads([...this.#heads, ...gone]);
  }

  #beginAll(): void {
    for (const link of this.#links.values()) if (link.phase === 'waiting') this.#begin(link);
  }

  #begin(link: Link): void {
    const { replica, epoch } = this.#options;
    const { from, stream } = link;
    if (replica.retained.continues(from.epoch, from.index) === 'yes')
      stream.write({ message: { $case: 'follow', value: { epoch } } });
    else {
      const { inSync, asked } = this.#state;
      if (inSync.includes(from.log) || asked?.includes(from.log)) return;
      this.#snapshot(link);
    }
    link.phase = 'following';
    this.#invite(link);
    this.#pump(link);
  }

  #invite({ phase, stream, from }: Link): void {
    const value = phase === 'following' ? this.#options.invite(from.name) : undefined;
    if (value !== undefined) stream.write({ message: { $case: 'gossip', value } });
  }

  #snapshot(link: Link): void {
    const { replica } = this.#options;
    const { epoch, index } = replica.position;
    const parts = encodeParts(epoch, index, snapshotRecords(replica.state));
    for (let at = 0; at < parts.length; at += SNAPSHOT_PARTS) {
      const some = parts.slice(at, at + SNAPSHOT_PARTS) as Buffer[];
      const isComplete = at + SNAPSHOT_PARTS >= parts.length;
      const bytes = some.reduce((sum, part) => sum + part.byteLength, 0);
      link.stream.write(
        { message: { $case: 'snapshot', value: { epoch, index, parts: some, isComplete } } },
        bytes,
      );
    }
    link.sent = index;
  }

  #confirmed(link: Link, index: number): void {
    if (link.phase !== 'following') return;
    const isFirst = link.confirmed < 0;
    link.confirmed = index;
    this.#step({ type: isFirst ? 'follows' : 'confirmed', log: link.from.log, index });
    this.#pump(link);
  }

  #pumpAll(): number {
    let count = 0;
    for (const link of this.#links.values()) count += this.#pump(link);
    return count;
  }

  /** Sends what it lacks, as far as it may be ahead. */
  #pump(link: Link): number {
    if (link.phase !== 'following' || this.#isClosed) return 0;
    const { replica, epoch } = this.#options;
    const start = link.sent;
    const until = Math.min(replica.position.index, Math.max(0, link.confirmed) + AHEAD_ENTRIES_MAX);
    while (link.sent < until) {
      const entries: Buffer[] = [];
      let bytes = 0;
      while (link.sent < until && entries.length < BATCH_ENTRIES && bytes < BATCH_BYTES) {
        const entry = replica.retained.at(link.sent + 1);
        if (entry === undefined) {
          // Too far behind for what is kept: it comes back and gets a snapshot.
          link.stream.end();
          return link.sent - start;
        }
        entries.push(entry as Buffer);
        bytes += entry.byteLength;
        link.sent += 1;
      }
      link.stream.write({ message: { $case: 'append', value: { epoch, entries } } }, bytes);
    }
    return link.sent - start;
  }
}
