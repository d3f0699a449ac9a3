/**
 * One member on a real UDP socket: performs the effects of `Membership`, nothing more. Encryption, signatures and replay
 * protection are in the peer gate; what it sends and hears is signed statements.
 */
import { createHash, randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { AnantError, type Clock, systemClock } from '@anant/core';
import {
  DEFAULT_TUNING,
  Directory,
  type GossipTuning,
  MEMBERS_MAX,
  type MemberIndex,
} from '../../protocol/gossip/index.js';
import {
  type MemberEffect,
  type MemberEvent,
  type MemberMessage,
  Membership,
  type ViewSnapshot,
} from '../../protocol/view/index.js';
import { newKeyPair } from '../security/key-pairs.js';
import {
  EVENT_OF_STATUS,
  type GossipCounts,
  type GossipListener,
  type GossipNodeEvent,
  type MemberInfo,
} from './events.js';
import type { GossipNodeOptions } from './gossip-node-options.js';
import { GossipSocket } from './gossip-socket.js';
import type { Keyring } from './keyring.js';
import { LISTENERS_MAX } from './limits.js';
import { MessageCodec } from './message-codec.js';
import { checkMetadata, EMPTY_METADATA, type NodeMetadata } from './node-metadata.js';
import { PeerGate } from './peer-gate.js';
import { type GossipIdentity, Signatures } from './signatures.js';
import { StatementCodec } from './statement-codec.js';
import { isLoopback, openSocket, parseAddress } from './udp-socket.js';

/** Time a leaving node stays to be heard, in gossip intervals. */
const FAREWELL_INTERVALS = 3;
/** Time others have to hear of a new signing key, in protocol periods: news takes two or three. */
const RENEWAL_PERIODS = 5;

export class GossipNode {
  readonly id: string;
  /** `host:port` others reach this node at. */
  readonly address: string;
  /** UDP port it listens on. */
  readonly port: number;
  readonly keyring: Keyring;
  readonly #socket: GossipSocket;
  readonly #clock: Clock;
  readonly #tuning: GossipTuning;
  readonly #directory = new Directory();
  readonly #signatures: Signatures;
  readonly #messages: MessageCodec;
  readonly #membership: Membership;
  readonly #listeners = new Set<GossipListener>();
  /** Sender of the message being handled: its answer goes where it came from, everything else to signed addresses. */
  #answering: { readonly index: MemberIndex; readonly source: string } | undefined;
  #cancelTimer: (() => void) | undefined;
  #cancelRenewal: (() => void) | undefined;
  #endings: readonly ((() => void) | undefined)[] = [];
  /** What is to be stepped next. As many as listeners ask for while they are told something. */
  readonly #asked: MemberEvent[] = [];
  #isStepping = false;
  #isClosed = false;

  private constructor(socket: Socket, address: string, options: GossipNodeOptions) {
    this.id = options.id;
    this.address = address;
    this.port = socket.address().port;
    this.keyring = options.keyring;
    this.#clock = options.clock ?? systemClock;
    this.#tuning = { ...DEFAULT_TUNING, ...options.tuning };
    const cluster = options.cluster ?? 'anant';
    const admits = options.admission?.admits ?? (() => 'first');
    const ticket = options.admission?.ticket;
    const pair = options.identity ?? newKeyPair('Ed25519');
    const signatures = new Signatures(pair, admits, MEMBERS_MAX, ticket);
    this.#signatures = signatures;
    signatures.admit(this.id, signatures.publicKey, ticket);
    const statements = new StatementCodec({ cluster, directory: this.#directory, signatures });
    this.#messages = new MessageCodec(this.#directory, statements);
    const { id, keyring } = this;
    const introduce = (body: Uint8Array) => void this.#messages.decode(body);
    const gate = new PeerGate(
      { id, cluster, keyring, signatures, introduce },
      Math.floor(this.#clock.wallMs()),
    );
    this.#socket = new GossipSocket({
      socket,
      gate,
      clock: this.#clock,
      receive: (from, body, source) => this.#receive(from, body, source),
      introduction: () => this.#introduction(),
    });
    this.#membership = this.#newMembership(statements, options);
  }

  /**
   * Opens the socket and starts; joining goes on in the background (`joined`).
   * @throws AnantError `E_CONFIG_INVALID`, or `E_BACKEND_UNAVAILABLE` when the address cannot be bound.
   */
  static async start(options: GossipNodeOptions): Promise<GossipNode> {
    const bind = options.bind ?? { host: '127.0.0.1', port: 0 };
    checkMetadata({ ...EMPTY_METADATA, ...options.metadata });
    for (const seed of options.seeds ?? []) parseAddress(seed);
    if (!isLoopback(bind.host) && options.admission === undefined) {
      throw new AnantError(
        'E_CONFIG_INVALID',
        `Gossip on ${bind.host} would accept anyone who holds the key.`,
        {
          advice: 'Bind to 127.0.0.1, or give `admission` with certificates (anant certs).',
        },
      );
    }
    const { socket, address } = await openSocket(bind);
    const node = new GossipNode(socket, options.advertise ?? address, options);
    node.#step({ type: 'start', seeds: options.seeds ?? [] });
    const { admission, renewals } = options;
    node.#endings = [
      renewals?.((identity) => void node.renew(identity)),
      admission?.revocations?.((isRevoked) => node.#withdraw(isRevoked)),
    ];
    return node;
  }

  /** Calls `listener` for every event from now on. @returns Stops it. @throws RangeError at `LISTENERS_MAX`. */
  subscribe(listener: GossipListener): () => void {
    if (this.#listeners.size >= LISTENERS_MAX) throw new RangeError(`More than ${LISTENERS_MAX} listeners.`);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everybody this node knows of, itself included, dead and departed ones until they are forgotten. */
  members(): readonly MemberInfo[] {
    const members: MemberInfo[] = [];
    for (let index = 0; index < this.#directory.size; index++) {
      const member = this.#info(index);
      if (member !== undefined) members.push(member);
    }
    return members;
  }

  member(id: string): MemberInfo | undefined {
    const index = this.#directory.indexOf(id);
    return index === undefined ? undefined : this.#info(index);
  }

  /** The last decision this node knows; `undefined` before it was taken in. */
  get view(): ViewSnapshot | undefined {
    return this.#membership.view;
  }

  get isMember(): boolean {
    return this.#membership.isMember;
  }

  /** Whether this side may assign work: this node belongs to the view and reaches a majority of its voters. */
  get hasQuorum(): boolean {
    return this.#membership.hasQuorum;
  }

  /** Lifeguard's score of this node: 0 is healthy, 7 the worst. */
  get healthScore(): number {
    return this.#membership.gossip.healthScore;
  }

  get counts(): GossipCounts {
    return this.#socket.counts;
  }

  /** Resolves when this node is in the view. @throws AnantError `E_BACKEND_UNAVAILABLE` after `timeoutMs`. */
  joined(options: { readonly timeoutMs: number }): Promise<void> {
    return this.waitFor(() => this.isMember, options);
  }

  /** Resolves when the condition holds; looked at after every event. @throws AnantError `E_BACKEND_UNAVAILABLE`. */
  waitFor(isMet: () => boolean, options: { readonly timeoutMs: number }): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.subscribe(() => {
        if (!isMet()) return;
        stop();
        cancel();
        resolve();
      });
      const cancel = this.#clock.schedule(options.timeoutMs, () => {
        stop();
        reject(
          new AnantError(
            'E_BACKEND_UNAVAILABLE',
            `Gossip node "${this.id}" waited ${options.timeoutMs} ms in vain.`,
            {
              advice: 'Check that a seed runs, and that cluster name and gossip keys are the same.',
              retryable: true,
              details: { members: this.members().length, dropped: this.counts.dropped },
            },
          ),
        );
      });
    });
  }

  /** Tells the others what changed about this node. @throws AnantError `E_CONFIG_INVALID` when it is too large. */
  setMetadata(metadata: NodeMetadata): void {
    this.#step({ type: 'metadata', metadata: checkMetadata(metadata) });
  }

  /**
   * Speaks with another signing key from now on, while it runs: first everybody is told of it, under the old one, and after
   * `RENEWAL_PERIODS` all is signed with it. Who was away meanwhile asks who this is, and is told.
   * @returns as `Signatures.renew`
   */
  renew(identity: GossipIdentity): 'renewed' | 'refused' {
    if (this.#signatures.renew(this.id, identity) === 'refused') return 'refused';
    this.#cancelRenewal?.();
    this.#cancelRenewal = this.#clock.schedule(RENEWAL_PERIODS * this.#tuning.intervalMs, () =>
      this.#signatures.settle(),
    );
    const { metadata } = this.#membership.gossip.self.record;
    this.#step({ type: 'metadata', metadata });
    return 'renewed';
  }

  /** Something else saw the node fail (a closed stream), or heard of a dead one: look now. */
  probe(id: string): void {
    const subject = this.#directory.indexOf(id);
    if (subject !== undefined) this.#step({ type: 'probe', subject });
  }

  /** Members without another certificate than a revoked one are not heard any more: the view goes on without them. */
  #withdraw(isRevoked: (ticket: Uint8Array) => boolean): void {
    for (const id of this.#signatures.withdraw(isRevoked)) {
      const subject = this.#directory.indexOf(id);
      if (subject !== undefined) this.#step({ type: 'expel', subject });
    }
  }

  /** Says good-bye, stays a moment to be heard, and stops. */
  async leave(): Promise<void> {
    if (this.#isClosed) return;
    this.#step({ type: 'leave' });
    const waitMs = FAREWELL_INTERVALS * Math.max(this.#tuning.gossipIntervalMs, 50);
    await new Promise<void>((resolve) => this.#clock.schedule(waitMs, resolve));
    await this.stop();
  }

  /** Closes the socket at once; to the others this is a crash. */
  async stop(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelRenewal?.();
    for (const end of this.#endings) end?.();
    this.#listeners.clear();
    await this.#socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  #newMembership(statements: StatementCodec, options: GossipNodeOptions): Membership {
    const { isVoter = true, seeds = [], firstEpoch = 1 } = options;
    const metadata = { ...EMPTY_METADATA, ...options.metadata };
    const boot = randomInt(1, 2 ** 48 - 1);
    return new Membership({
      self: { id: this.id, address: this.address, boot, isVoter, metadata },
      directory: this.#directory,
      random: Math.random,
      tuning: this.#tuning,
      views: seeds.length === 0 ? 'found' : 'join',
      firstEpoch,
      seal: (statement) => statements.seal(statement),
      maker: {
        hash: (text) => createHash('sha256').update(text).digest('base64url'),
        cache: new Map(),
        checked: new WeakMap(),
        cutIds: new WeakMap(),
      },
    });
  }

  /** Listeners may ask for more, or close this node: what they ask for comes after what is being done. */
  #step(event: MemberEvent): void {
    this.#asked.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#asked.shift(); next && !this.#isClosed; next = this.#asked.shift())
        for (const effect of this.#membership.step(next, this.#clock.nowMs()))
          if (!this.#isClosed) this.#perform(effect);
    } finally {
      this.#isStepping = false;
    }
  }

  #perform(effect: MemberEffect): void {
    switch (effect.type) {
      case 'send': {
        const address = this.#addressOf(effect.to);
        if (address !== undefined) this.#send(address, this.#directory.idOf(effect.to), effect.message);
        return;
      }
      case 'send-address':
        this.#send(effect.address, '', effect.message);
        return;
      case 'wake':
        this.#cancelTimer?.();
        this.#cancelTimer = this.#clock.schedule(Math.max(0, effect.atMs - this.#clock.nowMs()), () => {
          this.#step({ type: 'tick' });
        });
        return;
      case 'status':
        this.#tellStatus(effect.subject);
        return;
      case 'metadata':
        this.#tell({ type: 'metadata', member: this.#info(effect.subject)! });
        return;
      case 'view':
        this.#tell({ ...effect, hasQuorum: this.hasQuorum });
        return;
      case 'evicted':
        this.#tell(effect);
    }
  }

  #addressOf(to: MemberIndex): string | undefined {
    if (this.#answering?.index === to) return this.#answering.source;
    return this.#membership.gossip.table.record(to)?.record.address;
  }

  #send(address: string, to: string, message: MemberMessage): void {
    this.#socket.send(address, to, this.#messages.encode(message));
  }

  #receive(from: string, body: Uint8Array, source: string): void {
    const index = this.#directory.add(from);
    if (index === undefined) throw new RangeError(`No room for "${from}" among ${MEMBERS_MAX} members.`);
    const message = this.#messages.decode(body);
    this.#answering = { index, source };
    try {
      this.#step({ type: 'message', from: index, message });
    } finally {
      this.#answering = undefined;
    }
  }

  /** Who this node is and what it knows, for a stranger to answer. */
  #introduction(): Uint8Array {
    const { table, self } = this.#membership.gossip;
    return this.#messages.encode({ type: 'offer', digest: table.digest, updates: [self] });
  }

  #tellStatus(subject: MemberIndex): void {
    const member = this.#info(subject);
    if (member === undefined) return;
    const type = EVENT_OF_STATUS[member.status];
    if (type !== undefined) this.#tell({ type, member });
  }

  #tell(event: GossipNodeEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #info(index: MemberIndex): MemberInfo | undefined {
    const { gossip } = this.#membership;
    const update = gossip.table.record(index);
    if (update === undefined) return undefined;
    const { id, address, boot, isVoter, metadata } = update.record;
    const status = gossip.table.status(index);
    const incarnation = gossip.table.incarnation(index);
    const roundTripMs = gossip.roundTripMs(index);
    const about = { id, address, boot, isVoter, status, incarnation };
    return { ...about, metadata: metadata as NodeMetadata, roundTripMs };
  }
}
