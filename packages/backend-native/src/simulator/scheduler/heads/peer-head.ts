/**
 * One of several heads: stands by until it may lead, leads as long as its lease lasts, and stands by again. The order of
 * what it asks is that of `cluster/replication/head-node.ts`; lease, replication, takeover and scheduler are the
 * production steps.
 */
import { mayLead } from '../../../protocol/replication/index.js';
import type { SchedulerEvent } from '../../../protocol/scheduler/index.js';
import type { SimHandler } from '../../sim-world.js';
import { HeadServer } from '../head-server.js';
import { SimStream, type StreamPacket, type StreamWorld } from '../stream.js';
import { StreamHub } from '../stream-hub.js';
import { Election } from './election.js';
import { FollowerSide } from './follower-side.js';
import type { HeadMessage } from './head-messages.js';
import { LeaderSide } from './leader-side.js';
import type { PeerHeadOptions } from './peer-head-options.js';
import { type PeerAnswers, PeerQuestions } from './peer-questions.js';
import { RedisClient } from './redis-client.js';
import { ask, run, type Script } from './script.js';
import { SimReplica } from './sim-replica.js';

const ASK_MS_MAX = 300;
const RECORD_MS_MAX = 1_000;
const RETRY_MS = 200;
const SETTLE_MS = 5;
const CLAIMS_MAX = 5;
/** Of one process. */
const QUESTIONS_MAX = 1_000_000;

/** What this head is at the moment. */
interface Term {
  readonly epoch: number;
  readonly server: HeadServer;
  readonly leader: LeaderSide;
}

export class PeerHead implements SimHandler {
  readonly replica: SimReplica;
  readonly #options: PeerHeadOptions;
  readonly #node: number;
  readonly #redis: RedisClient;
  readonly #peers: PeerQuestions;
  /** Workers and drivers, and standbys. */
  readonly #clients: StreamHub;
  readonly #standbys: StreamHub;
  #election: Election | undefined;
  #follower: FollowerSide | undefined;
  #term: Term | undefined;
  #elections = 0;
  #versions = 0;

  constructor(options: PeerHeadOptions) {
    const { world, node, name, machine, settings, mutation, syncMs, redis } = options;
    this.#options = options;
    this.#node = node;
    this.replica = new SimReplica({ world, node, name, machine, settings, mutation, syncMs });
    const asked = options.life * QUESTIONS_MAX;
    this.#redis = new RedisClient(world, node, redis, machine, asked);
    this.#peers = new PeerQuestions(world, node, options.others, asked);
    this.#clients = new StreamHub({ world, node, onOpen: (stream) => this.#term!.server.connected(stream) });
    const feed: StreamWorld = {
      localMs: (of) => world.localMs(of),
      setTimer: (of, delayMs, payload) => world.setTimer(of, delayMs, payload),
      send: (from, to, packet) => world.send(from, to, { channel: 'feed', packet }),
    };
    const onOpen = (stream: SimStream) => this.#term!.leader.connected(stream);
    this.#standbys = new StreamHub({ world: feed, node, onOpen });
  }

  /** While it leads. */
  get server(): HeadServer | undefined {
    return this.#term?.server;
  }

  get inSync(): readonly string[] {
    return this.#term?.leader.inSync ?? [];
  }

  /** Under which it leads; 0 while it does not. */
  get epoch(): number {
    return this.#term?.epoch ?? 0;
  }

  start(): void {
    this.#standBy();
    this.#campaign();
  }

  receive(message: unknown, from: number): void {
    const word = message as HeadMessage | StreamPacket;
    if (!('channel' in word)) this.#clients.receive(word, from);
    else if (word.channel === 'reply') this.#redis.answered(word);
    else if (word.channel === 'follow') this.#standbys.receive(word.packet, from);
    else if (word.channel === 'feed') this.#follower?.receive(word.packet);
    else if (word.channel === 'answer') this.#peers.answered(word);
    else {
      this.#promised(word.promise);
      const { position, follower, machine } = this.replica;
      const { request } = word;
      const { promised } = follower;
      const answer: HeadMessage = { channel: 'answer', request, position, promised, fenced: machine.fenced };
      this.#options.world.send(this.#node, from, answer);
    }
  }

  wake(payload: unknown): void {
    if (payload instanceof SimStream) payload.wake();
    else if (typeof payload === 'function') payload();
    else if (payload === this.#term?.server) this.#term?.server.feed({ type: 'tick' });
  }

  feed(event: SchedulerEvent): void {
    this.#term?.server.feed(event);
  }

  /** Another head is about to lead. */
  #promised(epoch: number): void {
    if (this.#options.mutation?.heads === 'no fencing') return;
    if (this.#term !== undefined && epoch > this.#term.epoch) this.#over();
    this.replica.follower.promised = Math.max(this.replica.follower.promised, epoch);
  }

  #standBy(): void {
    const { world, others, nextConnection, onBroken } = this.#options;
    const { replica } = this;
    this.#follower = new FollowerSide({ world, node: this.#node, replica, others, nextConnection, onBroken });
  }

  #campaign(): void {
    const { world, ttlMs, name } = this.#options;
    this.#elections += 1;
    const election: Election = new Election({
      world,
      node: this.#node,
      redis: this.#redis,
      holder: `${name}/${this.#options.life}/${this.#elections}`,
      ttlMs,
      check: () => this.#check(),
      highest: () => this.#highest(),
      onGained: (epoch) => {
        if (this.#election === election) run(this.#lead(epoch, election));
      },
      onLost: () => {
        if (this.#election === election && this.#options.mutation?.heads !== 'no fencing') this.#over();
      },
    });
    this.#election = election;
    election.start();
  }

  *#pause(delayMs: number): Script<void> {
    yield* ask<void>((settle) => this.#options.world.setTimer(this.#node, delayMs, () => settle()));
  }

  /** Why it may not lead. */
  *#check(): Script<string | undefined> {
    const { machine } = this.replica;
    const lowest = machine.fenced;
    const kept = yield* ask(this.#redis.ask({ op: 'read-set', lowest }, ASK_MS_MAX));
    if (kept?.type !== 'set') return 'Redis does not answer.';
    if (this.#isIn(kept.inSync)) return undefined;
    const answers = yield* ask(this.#peers.ask(0, ASK_MS_MAX));
    const reason = this.#judge(kept.inSync, answers);
    if (reason === undefined || answers.epoch <= lowest) return reason;
    machine.fenced = Math.max(machine.fenced, answers.epoch);
    const again = yield* ask(this.#redis.ask({ op: 'read-set', lowest: answers.epoch }, ASK_MS_MAX));
    return again?.type === 'set' ? this.#judge(again.inSync, answers) : 'Redis does not answer.';
  }

  /** @param promise the others follow no older epoch afterwards */
  *#mayLead(inSync: readonly string[] | undefined, promise: number): Script<string | undefined> {
    if (this.#isIn(inSync)) return undefined;
    return this.#judge(inSync, yield* ask(this.#peers.ask(promise, ASK_MS_MAX)));
  }

  #isIn(inSync: readonly string[] | undefined): boolean {
    const isAnyhow = this.#options.mutation?.heads === 'lead anyhow';
    return isAnyhow || (inSync?.includes(this.replica.position.log) ?? false);
  }

  #judge(inSync: readonly string[] | undefined, { positions }: PeerAnswers): string | undefined {
    const { replica } = this;
    const heads = [replica.name, ...this.#options.otherNames];
    const verdict = mayLead({ self: replica.position, inSync, heads, answers: positions });
    return verdict.type === 'wait' ? verdict.reason : undefined;
  }

  *#highest(): Script<number | undefined> {
    const { positions, epoch } = yield* ask(this.#peers.ask(0, ASK_MS_MAX));
    if (positions.size < this.#options.others.length) return undefined;
    return Math.max(epoch, this.replica.follower.promised);
  }

  *#lead(epoch: number, election: Election): Script<void> {
    const { replica } = this;
    replica.follower.promised = Math.max(replica.follower.promised, epoch);
    // What its journal has not written yet would be missing if it died now.
    while (replica.journal.pending > 0 && election.isLeading) yield* this.#pause(SETTLE_MS);
    const isClaimed = yield* this.#claim(epoch);
    if (this.#election !== election) return;
    if (isClaimed === 'no' || !election.isLeading) {
      this.#election = undefined;
      election.stop();
      yield* this.#pause(RETRY_MS);
      this.#campaign();
      return;
    }
    this.#begin(epoch, election);
  }

  /** Takes over the in-sync set: from now on no leader before this one can change it. */
  *#claim(epoch: number): Script<'yes' | 'no'> {
    for (let round = 0; round < CLAIMS_MAX; round += 1) {
      const kept = yield* ask(this.#redis.ask({ op: 'read-set', lowest: epoch }, ASK_MS_MAX));
      if (kept?.type !== 'set' || (yield* this.#mayLead(kept.inSync, epoch)) !== undefined) return 'no';
      const written = yield* this.#write(epoch, [this.replica.position.log], kept.version, ASK_MS_MAX);
      if (written === 'written') return 'yes';
      if (written !== 'conflict') return 'no';
    }
    return 'no';
  }

  *#write(epoch: number, inSync: readonly string[], expected: string | undefined, timeoutMs: number) {
    this.#versions += 1;
    const version = `${this.#options.name}/${this.#options.life}/${this.#versions}`;
    const question = { op: 'write-set' as const, epoch, inSync, version, expected };
    const answer = yield* ask(this.#redis.ask(question, timeoutMs));
    return answer?.type;
  }

  #begin(epoch: number, election: Election): void {
    const { world, oracle, mutation, name, nextLife } = this.#options;
    const { replica } = this;
    this.#follower?.close();
    this.#follower = undefined;
    oracle.log.leads(name, epoch, replica.machine.epochs);
    oracle.recovered(replica.state, world.localMs(this.#node));
    const leader: LeaderSide = new LeaderSide({
      world,
      node: this.#node,
      replica,
      epoch,
      mutation,
      record: (inSync, recorded) => run(this.#record(epoch, inSync, recorded)),
      onCommitted: (index) => {
        oracle.log.committed(replica.machine.epochs, index);
        server.feed({ type: 'journaled', index });
      },
    });
    const server: HeadServer = new HeadServer({
      world,
      node: this.#node,
      oracle,
      state: replica.state,
      mutation,
      append: (entry) => leader.append(entry),
      mayDecide: () => this.#mayDecide(server, election),
    });
    replica.onDurable = (index) => {
      replica.journal.tidy(replica.state);
      leader.durable(index);
    };
    replica.onState = (state, reason) => server.feed({ type: 'journal-state', state, reason });
    this.#term = { epoch, server, leader };
    this.#clients.open(nextLife());
    this.#standbys.open(nextLife());
    server.feed({ type: 'lead', epoch });
  }

  /** A process that was paused hears of its lost lease before it decides anything more. */
  #mayDecide(server: HeadServer, election: Election): 'yes' | 'no' {
    if (this.#term?.server !== server) return 'no';
    if (election.isLeading || this.#options.mutation?.heads === 'no fencing') return 'yes';
    this.#over();
    return 'no';
  }

  /** Until it is written, or this head does not lead any more. */
  *#record(epoch: number, inSync: readonly string[], recorded: () => void): Script<void> {
    while (this.#term?.epoch === epoch) {
      const written = yield* this.#write(epoch, inSync, undefined, RECORD_MS_MAX);
      const isFenced = this.#options.mutation?.heads !== 'no fencing';
      if (written === 'written' || (written === 'stale' && !isFenced)) {
        recorded();
        return;
      }
      if (written === 'stale') return;
      yield* this.#pause(RETRY_MS);
    }
  }

  /** Stops deciding at once; then stands by again, with all it has. */
  #over(): void {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.leader.close();
    this.#clients.shut();
    this.#standbys.shut();
    this.#election?.stop();
    this.#election = undefined;
    const { replica } = this;
    replica.onState = () => {};
    replica.onDurable = () => {};
    // Not before what is going on now has ended: it may be a step of the state that is put aside.
    this.#options.world.setTimer(this.#node, 0, () => {
      replica.standBy();
      this.#standBy();
      this.#campaign();
    });
  }
}
