/**
 * One node of the gossip protocol, as a step function: events in, effects out, no clock, socket or timer of its own.
 * It finds out who is there; it decides nothing (see ../view for decisions).
 */
import {
  type Agenda,
  EXPECTED,
  FORGET,
  firstMs,
  GOSSIP,
  NOW,
  PERIOD,
  PROBE,
  RELAY,
  RETRY,
} from './agenda.js';
import { Core, type GossipOptions } from './core.js';
import { ALIVE, BARRED, DEAD, LEFT, SUSPECT, UNKNOWN } from './member-table.js';
import { Prober } from './prober.js';
import { isNewer, Suspector } from './suspector.js';
import { Syncer } from './syncer.js';
import type {
  AliveUpdate,
  EquivocationUpdate,
  GossipEffect,
  GossipEvent,
  GossipMessage,
  LeftUpdate,
  MemberIndex,
  Update,
} from './types.js';

/** Part of a period by which a wake-up may be late before the process counts as having stood still. */
const STALL_PART = 0.5;
/** Peers told at once that this node leaves. */
const FAREWELL_PEERS = 9;

export class Gossip {
  readonly #core: Core;
  readonly #suspector: Suspector;
  readonly #prober: Prober;
  readonly #syncer: Syncer;
  readonly #forget = new Map<MemberIndex, number>();

  constructor(options: GossipOptions) {
    this.#core = new Core(options);
    this.#suspector = new Suspector(this.#core, (subject) => this.#prober.ask(subject));
    this.#prober = new Prober(this.#core, this.#suspector);
    this.#syncer = new Syncer(this.#core, this.#suspector);
  }

  get self(): AliveUpdate {
    return this.#core.self;
  }

  /** What this node knows; not to be changed. */
  get table(): Core['table'] {
    return this.#core.table;
  }

  get hasJoined(): boolean {
    return this.#syncer.hasJoined;
  }

  /** Lifeguard's score of this node itself: 0 is healthy, 7 the worst. */
  get healthScore(): number {
    return this.#core.health.score;
  }

  /** Smoothed round trip to a peer, in milliseconds. */
  roundTripMs(peer: MemberIndex): number | undefined {
    return this.#prober.roundTrips.smoothedMs(peer);
  }

  /** When the next `tick` is due; Infinity after leaving. */
  nextMs(): number {
    if (this.#core.hasLeft) return Number.POSITIVE_INFINITY;
    const { agenda, leewayMs } = this.#core;
    return Math.min(firstMs(agenda, GOSSIP, RELAY), firstMs(agenda, PROBE, RETRY) + leewayMs);
  }

  /** When each part of this node wants its turn; the view keeps its dates there too. */
  get agenda(): Agenda {
    return this.#core.agenda;
  }

  setEpoch(epoch: number): void {
    this.#core.epoch = epoch;
  }

  /** The view removed the member: it is dead here too, whatever this node saw. */
  evict(subject: MemberIndex, nowMs: number): void {
    const { table, queue } = this.#core;
    queue.dropAccusations(subject);
    if (!table.isReachable(subject) || subject === this.#core.selfIndex) return;
    this.#suspector.clear(subject, 'gone');
    table.setCode(subject, DEAD, table.incarnation(subject));
    this.#forgetAt(subject, nowMs + this.#core.tuning.forgetMs);
  }

  /** @param effects Where the effects of this step are put, behind what is there. @returns The same. */
  step(event: GossipEvent, nowMs: number, effects: GossipEffect[] = []): readonly GossipEffect[] {
    this.#core.agenda[NOW] = nowMs;
    this.#core.effects = effects;
    this.#noticeStall(nowMs);
    this.#handle(event);
    if (!this.#core.hasLeft) this.#tick();
    this.#core.agenda[EXPECTED] = this.nextMs();
    return effects;
  }

  #handle(event: GossipEvent): void {
    switch (event.type) {
      case 'start':
        this.#core.announce({ incarnation: 1, version: 0, record: this.#core.self.record });
        this.#prober.start();
        this.#syncer.start(event.seeds);
        return;
      case 'message':
        if (!this.#core.hasLeft) this.#receive(event.from, event.message);
        return;
      case 'probe':
        this.#prober.probe(event.subject);
        this.#syncer.knock(event.subject);
        return;
      case 'metadata':
        this.#setMetadata(event.metadata);
        return;
      case 'expel':
        this.#suspector.expel(event.subject);
        return;
      case 'leave':
        this.#leave();
        return;
      case 'sync':
        this.#syncer.offerTo(event.peer);
        return;
      case 'rejoin':
        this.#rejoin();
        return;
      case 'tick':
        return;
    }
  }

  #receive(from: MemberIndex, message: GossipMessage): void {
    if (this.#core.table.code(from) === BARRED) return;
    this.#core.pingedBy = message.type === 'ping' || message.type === 'ack' ? from : undefined;
    if (message.type !== 'nack') for (const update of message.updates) this.#apply(update);
    switch (message.type) {
      case 'ping':
        this.#prober.onPing(from, message);
        return;
      case 'ack':
        this.#prober.onAck(from, message);
        return;
      case 'ping-request':
        this.#prober.onPingRequest(from, message);
        return;
      case 'nack':
        this.#prober.onNack(message);
        return;
      case 'offer':
        this.#remind(from, message.updates);
        this.#syncer.onOffer(from, message);
        return;
      case 'entries':
        this.#syncer.onEntries(from, message);
        return;
      case 'gossip':
        return;
    }
  }

  #apply(update: Update): void {
    const { tuning, queue, table, selfIndex } = this.#core;
    const { subject } = update;
    // What this node is telling itself it has applied, unless it forgot the member since.
    if (
      tuning.feedback === 'on' &&
      queue.heard(update) &&
      subject !== selfIndex &&
      table.code(subject) !== UNKNOWN
    )
      return;
    switch (update.type) {
      case 'alive':
        this.#applyAlive(update);
        return;
      case 'left':
        this.#applyLeft(update);
        return;
      case 'equivocation':
        this.#bar(update);
        return;
      default:
        this.#suspector.onAccusation(update);
        return;
    }
  }

  #applyAlive(update: AliveUpdate): void {
    const { table, selfIndex, tuning } = this.#core;
    const { subject } = update;
    if (subject === selfIndex) {
      this.#meetFormerSelf(update);
      return;
    }
    const record = table.record(subject);
    if (record === update) return;
    const code = table.code(subject);
    const known = table.incarnation(subject);
    if (code === BARRED) return;
    if (code !== 0 && record !== undefined) {
      if (this.#isEquivocation(update, record)) {
        this.#bar({ type: 'equivocation', subject, first: record, second: update });
        return;
      }
      if (!isNewer(update, code, known, record.version)) return;
      // A jump exhausts incarnations (2^32) or hides later statements; no honest node makes one.
      if (update.incarnation > known + tuning.incarnationJumpMax) return;
    }
    const wasReachable = code === ALIVE || code === SUSPECT;
    if (update.incarnation > known || code === 0) this.#suspector.clear(subject, 'refuted');
    this.#forget.delete(subject);
    this.#syncer.dropLeft(subject);
    const isSameWord = code === SUSPECT && update.incarnation === known;
    table.setAlive(update);
    if (isSameWord) table.setCode(subject, SUSPECT, known);
    this.#core.queue.push(update);
    if (!wasReachable || code === SUSPECT || record?.record.boot !== update.record.boot)
      this.#core.status(subject, 'gossip');
    if (wasReachable && record?.version !== update.version) this.#core.emit({ type: 'metadata', subject });
  }

  /** Others remember an earlier process under this id: outbid it, or everything said now would look old. */
  #meetFormerSelf(update: AliveUpdate): void {
    const { self, hasLeft } = this.#core;
    if (hasLeft || update.record.boot === self.record.boot || update.incarnation < self.incarnation) return;
    this.#core.announce({ incarnation: update.incarnation + 1, version: self.version, record: self.record });
  }

  /** A newcomer whose words look old here (it restarted) is told what is remembered of it, so that it can outbid it. */
  #remind(from: MemberIndex, updates: readonly Update[]): void {
    const known = this.#core.table.record(from);
    const said = updates.find(
      (update): update is AliveUpdate => update.type === 'alive' && update.subject === from,
    );
    if (known === undefined || said === undefined || known.record.boot === said.record.boot) return;
    this.#core.send(from, { type: 'gossip', updates: [known] });
  }

  #applyLeft(update: LeftUpdate): void {
    const { table, selfIndex, queue } = this.#core;
    const { subject } = update;
    const isKnown = table.code(subject) !== 0 && table.record(subject)?.record.boot === update.boot;
    if (subject === selfIndex || !isKnown || update.incarnation < table.incarnation(subject)) return;
    if (table.code(subject) === LEFT || table.code(subject) === BARRED) return;
    this.#suspector.clear(subject, 'gone');
    table.setCode(subject, LEFT, update.incarnation);
    this.#syncer.keepLeft(update);
    this.#forgetLater(subject);
    queue.push(update);
    this.#core.status(subject, 'gossip');
  }

  #isEquivocation(update: AliveUpdate, known: AliveUpdate): boolean {
    const isSameMoment =
      update.incarnation === known.incarnation &&
      update.version === known.version &&
      update.record.boot === known.record.boot;
    return isSameMoment && update.digest !== known.digest;
  }

  /** Two words for one moment: the member is out for as long as this process remembers, and everyone gets the proof. */
  #bar(proof: EquivocationUpdate): void {
    const { table, queue, selfIndex } = this.#core;
    const { subject, first, second } = proof;
    const isProof =
      first.subject === subject && second.subject === subject && this.#isEquivocation(first, second);
    if (!isProof || subject === selfIndex || table.code(subject) === BARRED) return;
    this.#suspector.clear(subject, 'gone');
    table.setCode(subject, BARRED, table.incarnation(subject));
    queue.push(proof);
    this.#core.status(subject, 'gossip');
  }

  #setMetadata(metadata: unknown): void {
    const { incarnation, version, record } = this.#core.self;
    this.#core.announce({ incarnation, version: version + 1, record: { ...record, metadata } });
  }

  #leave(): void {
    const { table, selfIndex, self } = this.#core;
    if (this.#core.hasLeft) return;
    this.#core.hasLeft = true;
    const update: LeftUpdate = {
      type: 'left',
      subject: selfIndex,
      incarnation: self.incarnation,
      boot: self.record.boot,
    };
    table.setCode(selfIndex, LEFT, self.incarnation);
    for (const peer of this.#core.randomMembers(FAREWELL_PEERS, (index) => this.#core.isOther(index)))
      this.#core.send(peer, { type: 'gossip', updates: [update] });
    this.#prober.stop();
    this.#syncer.stop();
  }

  #rejoin(): void {
    const { self, random } = this.#core;
    const boot = 1 + Math.floor(random() * (2 ** 48 - 1));
    this.#core.announce({ incarnation: self.incarnation + 1, version: 0, record: { ...self.record, boot } });
  }

  #tick(): void {
    const { nowMs, agenda, queue } = this.#core;
    if (nowMs >= firstMs(agenda, PERIOD, RETRY)) this.#tickParts();
    const isTelling = agenda[GOSSIP] !== Number.POSITIVE_INFINITY;
    if (queue.size > 0 !== isTelling || nowMs >= agenda[GOSSIP]!) this.#tellSome(nowMs);
    if (nowMs >= agenda[FORGET]!) this.#forgetDue(nowMs);
  }

  #tickParts(): void {
    const deadBefore = this.#suspector.deadCount;
    this.#prober.tick();
    this.#suspector.tick();
    if (this.#suspector.deadCount > deadBefore) this.#syncer.onDead();
    this.#syncer.tick();
  }

  #forgetDue(nowMs: number): void {
    this.#core.agenda[FORGET] = Number.POSITIVE_INFINITY;
    for (const [subject, atMs] of this.#forget) {
      if (atMs > nowMs) {
        this.#core.agenda[FORGET] = atMs;
        return;
      }
      this.#forget.delete(subject);
      this.#suspector.clear(subject, 'gone');
      this.#syncer.dropLeft(subject);
      this.#core.table.forget(subject);
    }
  }

  #tellSome(nowMs: number): void {
    const { tuning, queue, agenda } = this.#core;
    if (tuning.gossipIntervalMs === 0) return;
    if (queue.size === 0) {
      agenda[GOSSIP] = Number.POSITIVE_INFINITY;
      return;
    }
    if (agenda[GOSSIP] === Number.POSITIVE_INFINITY)
      agenda[GOSSIP] = nowMs + this.#core.random() * tuning.gossipIntervalMs;
    if (nowMs < agenda[GOSSIP]!) return;
    agenda[GOSSIP] = nowMs + tuning.gossipIntervalMs;
    for (const peer of this.#core.randomMembers(tuning.gossipPeers, (index) => this.#core.isOther(index))) {
      const updates = this.#core.takeUpdates();
      if (updates.length === 0) return;
      this.#core.send(peer, { type: 'gossip', updates });
    }
  }

  #forgetLater(subject: MemberIndex): void {
    this.#forget.delete(subject);
    this.#forgetAt(subject, this.#core.nowMs + this.#core.tuning.forgetMs);
  }

  #forgetAt(subject: MemberIndex, atMs: number): void {
    this.#forget.set(subject, atMs);
    this.#core.agenda[FORGET] = Math.min(this.#core.agenda[FORGET]!, atMs);
  }

  #noticeStall(nowMs: number): void {
    const lateMs = nowMs - this.#core.agenda[EXPECTED]!;
    const { tuning } = this.#core;
    if (tuning.selfDoubt === 'off' || !(lateMs > tuning.intervalMs * STALL_PART)) return;
    this.#suspector.shift(lateMs);
    this.#prober.shift(lateMs);
  }
}
