/** The head of a cluster: the scheduler's steps, and the streams they are about. Decides nothing itself. */
import { randomBytes } from 'node:crypto';
import { AnantError, type Logger } from '@anant/core';
import type { SchedulerEffect } from '../../protocol/scheduler/effect.js';
import type { SchedulerEvent } from '../../protocol/scheduler/event.js';
import {
  newSchedulerState,
  type SchedulerSettings,
  type SchedulerState,
  step,
} from '../../protocol/scheduler/index.js';
import { ControlServer } from '../control/control-server.js';
import type { ClusterToken } from '../control/security.js';
import { SESSION_SERVICE } from '../control/wire/session-wire.js';
import { WORK_SERVICE } from '../control/wire/work-wire.js';
import type { Journal } from '../journal/journal.js';
import {
  ClusterServiceService,
  type ForgetHeadRequest,
  type ForgetHeadResponse,
} from '../proto/anant/v1/cluster.js';
import { Template } from '../proto/anant/v1/common.js';
import { ConfigurationServiceService } from '../proto/anant/v1/configuration.js';
import { ReplicationServiceService } from '../proto/anant/v1/replication.js';
import { HEADS_KEY, type KnownHead, type Replica } from '../replication/replica.js';
import { Replicator } from '../replication/replicator.js';
import type { NodeSecurity } from '../security/node-security.js';
import { VERSION } from '../version.js';
import { ActorDesk } from './actor-desk.js';
import { ClusterDesk } from './cluster-desk.js';
import { ConfigurationDesk } from './configuration-desk.js';
import { GossipDesk, type GossipSettings } from './gossip-desk.js';
import type { HeadContext, HeadFacts } from './head-context.js';
import { HeadJournal } from './head-journal.js';
import type { SessionLink, WorkerLink } from './head-link.js';
import { IdentityDesk } from './identity-desk.js';
import { isSessionKey } from './link-record.js';
import { PeerDesk } from './peer-desk.js';
import { SessionHub } from './session-hub.js';
import { TemplateTable } from './template-table.js';
import { WorkerHub } from './worker-hub.js';

export interface HeadOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. @default 7700 */
  readonly port?: number;
  readonly token?: ClusterToken;
  /** Certificates of this node; every other one must show its own. Needed beyond this machine. */
  readonly security?: NodeSecurity;
  /** Larger than that of every head before it. */
  readonly epoch: number;
  readonly scheduler?: SchedulerSettings;
  /** Not yet read. Without one, everything ends with this process. */
  readonly journal?: Journal;
  /** How it takes part in gossip. */
  readonly gossip?: GossipSettings;
  readonly logger?: Logger;
  /** One of several heads: its log, already read, and how standbys follow it. */
  readonly replication?: HeadReplication;
}

export interface HeadReplication {
  readonly replica: Replica;
  readonly address: string;
  readonly record: (inSync: readonly string[]) => Promise<void>;
  /** Whether this head may still decide. */
  readonly isLeading: () => 'yes' | 'no';
  /** It may not any more: closes it. */
  readonly onOver: (reason: string) => void;
  /** Another head is said to be gone for ever. */
  readonly forget: (request: ForgetHeadRequest) => Promise<ForgetHeadResponse>;
}

export const HEAD_PORT = 7700;

/** Keys of what the head attaches to its journal. */
const SECRET_KEY = 'data-secret';
const TEMPLATE_PREFIX = 'template:';
const templateKey = (number: number): string => `${TEMPLATE_PREFIX}${number}`;

export class Head implements HeadContext {
  readonly templates = new TemplateTable({
    onAdd: ({ number, wire }) =>
      this.dispatch({ type: 'attach', key: templateKey(number), bytes: Template.encode(wire).finish() }),
    onRelease: ({ number }) => this.dispatch({ type: 'detach', key: templateKey(number) }),
  });
  readonly startedMs = performance.now();
  readonly identities: IdentityDesk;
  readonly sessions = new SessionHub(this);
  readonly workers = new WorkerHub(this);
  readonly peers: PeerDesk;
  readonly gossip: GossipDesk;
  readonly state: SchedulerState;
  readonly options: HeadOptions;
  readonly replicator: Replicator | undefined;
  readonly #server: ControlServer;
  readonly #actors = new ActorDesk();
  readonly #desk = new ClusterDesk(this);
  readonly #journal: HeadJournal | undefined;
  #dataSecret: Uint8Array = randomBytes(16);
  readonly #events: SchedulerEvent[] = [];
  #isStepping = false;
  #wake: NodeJS.Timeout | undefined;
  #isClosed = false;
  port = 0;

  constructor(options: HeadOptions) {
    this.options = options;
    const { replication } = options;
    this.state = replication?.replica.state ?? newSchedulerState(options.scheduler);
    this.replicator = replication && this.#replicate(replication);
    const journal = replication?.replica.journal ?? options.journal;
    this.#journal = journal && new HeadJournal(journal, this.replicator);
    this.gossip = new GossipDesk(
      {
        context: this,
        links: this.workers.links,
        leads: () => this.state.role === 'leader',
        standbys: this.replicator,
      },
      { ...(replication && !options.security && { id: replication.replica.name }), ...options.gossip },
    );
    const { host = '127.0.0.1', port = HEAD_PORT, token, security } = options;
    this.identities = new IdentityDesk(security);
    this.peers = new PeerDesk({
      identities: this.identities,
      links: () => [...this.workers.links.values(), ...this.sessions.links.values()],
      tell: (value) => {
        const message = { $case: 'peers' as const, value };
        for (const { stream } of this.workers.links.values()) stream?.write({ message });
        this.sessions.broadcast(message);
      },
    });
    this.#server = new ControlServer({ host, port, token, security });
    this.#server.add({
      name: 'anant.v1.SchedulerService',
      definition: SESSION_SERVICE,
      handlers: { session: this.sessions.handle },
      roles: ['driver'],
    });
    this.#server.add({
      name: 'anant.v1.WorkerService',
      definition: WORK_SERVICE,
      handlers: { work: this.workers.handle },
      roles: ['worker'],
    });
    this.#server.add({
      name: 'anant.v1.ClusterService',
      definition: ClusterServiceService,
      handlers: { ...this.#desk.handlers, ...this.gossip.handlers },
      roles: ['driver', 'head'],
    });
    this.#server.add({
      name: 'anant.v1.ConfigurationService',
      definition: ConfigurationServiceService,
      handlers: new ConfigurationDesk(this).handlers,
      roles: ['driver', 'head'],
    });
    if (this.replicator === undefined) return;
    this.#server.add({
      name: 'anant.v1.ReplicationService',
      definition: ReplicationServiceService,
      handlers: this.replicator.handlers,
      roles: ['head'],
    });
  }

  #replicate({ replica, address, record, onOver }: HeadReplication): Replicator {
    return new Replicator({
      replica,
      address,
      record,
      epoch: this.options.epoch,
      invite: (name) => this.gossip.invite(name, 'observer'),
      onCommitted: (index) => this.dispatch({ type: 'journaled', index }),
      onGossipTaken: () => this.gossip.takenByStandby(),
      onHeads: (heads) => this.#tellHeads(heads),
      onOvertaken: onOver,
    });
  }

  /**
   * @returns the port it listens on.
   * @throws AnantError when it cannot listen, must not without certificates, or was closed meanwhile
   */
  async start(): Promise<number> {
    if (this.#journal === undefined) this.state.durableIndex = Number.MAX_SAFE_INTEGER;
    else await this.#recover(this.#journal);
    this.dispatch({ type: 'lead', epoch: Math.max(this.options.epoch, this.state.epoch + 1) });
    this.replicator?.takeBack();
    if (!this.state.attachments.has(SECRET_KEY))
      this.dispatch({ type: 'attach', key: SECRET_KEY, bytes: this.#dataSecret });
    this.port = await this.#server.listen();
    const { host = '127.0.0.1', port: wantedPort = HEAD_PORT, logger, security } = this.options;
    const optional = { ...(logger && { logger }), ...(security && { security }) };
    await this.gossip.start({ host, controlPort: this.port, wantedPort, ...optional });
    if (!this.#isClosed) return this.port;
    await this.gossip.close();
    throw new AnantError('E_BACKEND_UNAVAILABLE', 'The head was closed while it started.');
  }

  /** Takes up what the head before this one left: sessions and templates by the numbers that tasks name them by. */
  async #recover(journal: HeadJournal): Promise<void> {
    if (this.replicator === undefined) await journal.recover(this.state, this.nowMs());
    journal.listen((event) => this.dispatch(event));
    const { attachments } = this.state;
    this.#dataSecret = attachments.get(SECRET_KEY) ?? this.#dataSecret;
    const templates = [...attachments]
      .filter(([key]) => key.startsWith(TEMPLATE_PREFIX))
      .map(([, bytes]) => this.templates.restore(Template.decode(bytes)));
    for (const [key, bytes] of attachments) if (isSessionKey(key)) this.sessions.restore(bytes, templates);
  }

  /** Settles when what was decided is written. Calling it twice is fine. */
  async close(reason: string): Promise<void> {
    if (this.#isClosed) return;
    const farewell = this.gossip.close();
    this.sessions.close(reason);
    this.workers.close();
    this.#isClosed = true;
    clearTimeout(this.#wake);
    this.#actors.close();
    this.#desk.close();
    this.#server.close();
    await Promise.all([this.#journal?.close(), farewell]);
  }

  nowMs(): number {
    return performance.now();
  }

  facts(): HeadFacts {
    const workers = [...this.state.workers.values()].filter(({ state }) => state === 'active');
    return {
      epoch: this.state.epoch,
      slots: workers.reduce((sum, { slots }) => sum + slots, 0),
      workers: workers.length,
      dataSecret: this.#dataSecret,
      version: VERSION,
      journal: this.#journal?.level ?? 'memory',
      heads: this.replicator?.heads.map(({ address }) => address) ?? [],
    };
  }

  dispatch(event: SchedulerEvent): void {
    this.#events.push(event);
    if (this.#isStepping || this.#isClosed) return;
    const { replication } = this.options;
    if (replication?.isLeading() === 'no') {
      // A process that was paused hears of its lost lease before it decides anything more.
      replication.onOver('The lease of this head ran out.');
      return;
    }
    this.#isStepping = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#step(next);
    } finally {
      this.#isStepping = false;
    }
  }

  sessionOf(index: number): SessionLink | undefined {
    return this.sessions.byIndex(index);
  }

  sessionGone(link: SessionLink): void {
    this.#actors.sessionGone(link);
    for (const { stream, sessions } of this.workers.links.values()) {
      if (sessions.delete(link.index))
        stream?.write({ message: { $case: 'sessionGone', value: { session: link.index } } });
    }
  }

  startActor(link: SessionLink, request: Parameters<HeadContext['startActor']>[1]): void {
    const active = [...this.workers.links.values()].filter(
      ({ id, stream }) =>
        this.state.quorum === 'held' &&
        stream !== undefined &&
        this.state.workers.get(id)?.state === 'active',
    );
    this.#actors.start(link, request, active);
    const worker = this.workers.links.get(link.actors.get(request.actor) ?? '');
    worker?.sessions.add(link.index);
  }

  stopActor(link: SessionLink, request: Parameters<HeadContext['stopActor']>[1]): void {
    this.#actors.stop(link, request, this.workers.links.get(link.actors.get(request.actor) ?? ''));
  }

  actorAnswer(_worker: WorkerLink, answer: Parameters<HeadContext['actorAnswer']>[1]): void {
    this.#actors.answered(answer);
  }

  workerJoined(link: WorkerLink): void {
    this.peers.introduced(link);
    this.#tellCapacity();
  }

  workerGone(link: WorkerLink, reason: string): void {
    this.#actors.workerGone(link, reason);
    for (const session of this.sessions.links.values()) {
      for (const [actor, worker] of session.actors) if (worker === link.id) session.actors.delete(actor);
    }
    const { id: worker, dataAddress } = link;
    this.sessions.broadcast({ $case: 'workerGone', value: { worker, dataAddress, reason } });
    this.#tellCapacity();
  }

  /** Whoever is to lead after this head must know of the others, and so must those who will look for it. */
  #tellHeads(heads: readonly KnownHead[]): void {
    this.dispatch({ type: 'attach', key: HEADS_KEY, bytes: Buffer.from(JSON.stringify(heads)) });
    const value = { addresses: heads.flatMap(({ address, isForgotten }) => (isForgotten ? [] : [address])) };
    for (const { stream } of this.workers.links.values())
      stream?.write({ message: { $case: 'heads', value } });
    this.sessions.broadcast({ $case: 'heads', value });
  }

  #tellCapacity(): void {
    const { slots, workers } = this.facts();
    this.sessions.broadcast({ $case: 'capacity', value: { slots, workers } });
  }

  #step(event: SchedulerEvent): void {
    const effects = step(this.state, event, { nowMs: performance.now(), random: Math.random });
    for (const effect of effects) this.#perform(effect);
    if (event.type === 'tick') this.#journal?.tidy(this.state);
    if (event.type === 'tick' || event.type === 'worker-join') this.#forgetGone();
  }

  #perform(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'wake':
        this.#wakeAt(effect.atMs);
        break;
      case 'journal':
        this.#journal?.append(effect.entry);
        break;
      case 'start':
        // Starts go from the worker to the driver directly.
        break;
      default:
        this.sessions.perform(effect);
        this.workers.perform(effect);
    }
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#wake);
    if (this.#isClosed || !Number.isFinite(atMs)) return;
    // A timer may ring a little early; never so often that it is a loop.
    const delayMs = Math.min(Math.max(1, Math.ceil(atMs - performance.now())), 2 ** 30);
    this.#wake = setTimeout(() => {
      // Rung early, nothing would be due yet and nobody would ask for the next time.
      if (performance.now() < atMs) this.#wakeAt(atMs);
      else this.dispatch({ type: 'tick' });
    }, delayMs);
  }

  /** The scheduler forgets workers and sessions by itself when their time is over; so do the ways to them. */
  #forgetGone(): void {
    for (const link of [...this.workers.links.values()]) {
      if (!this.state.workers.has(link.id))
        this.workers.forget(link, 'Its process ended, or was not heard of in time.');
    }
    for (const link of [...this.sessions.links.values()]) {
      if (link.opening === undefined && !this.state.sessions.has(link.id)) this.sessions.forget(link);
    }
  }
}
