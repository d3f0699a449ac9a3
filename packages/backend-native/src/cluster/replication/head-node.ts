/** One of several heads: stands by until it may lead, leads as long as its lease lasts, and stands by again. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Logger } from '@anant/core';
import { mayLead, type Takeover } from '../../protocol/replication/index.js';
import type { SchedulerSettings, SchedulerState } from '../../protocol/scheduler/index.js';
import type { ClusterToken } from '../control/security.js';
import { Head } from '../head/head.js';
import type { EpochStore } from '../redis/epoch-store.js';
import type { HeadSetStore, KeptSet } from '../redis/head-set.js';
import { LeaderElection, type Leadership } from '../redis/leader-election.js';
import type { LeaseStore } from '../redis/lease-store.js';
import type { NodeSecurity } from '../security/node-security.js';
import { ForgetDesk } from './forget-desk.js';
import { HeadLeaseStore, mayNotLead } from './head-lease-store.js';
import { type HeadAnswers, HeadPeers } from './head-peers.js';
import type { HeadAddress, Replica } from './replica.js';
import { Standby } from './standby.js';

export interface HeadNodeOptions {
  readonly replica: Replica;
  readonly host: string;
  readonly port: number;
  readonly address: string;
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
  readonly scheduler: SchedulerSettings | undefined;
  /** All heads that were named at the start, this one included. */
  readonly heads: readonly HeadAddress[];
  readonly leases: LeaseStore;
  readonly epochs: EpochStore;
  readonly sets: Pick<HeadSetStore, 'read' | 'write' | 'forget' | 'settle'>;
  readonly logger: Logger;
  /** Called when it is closed: nothing of it asks Redis any more. */
  readonly release: () => void;
  /** What cannot be mended here: the process should end, and be started again. */
  readonly onBroken: (error: unknown) => void;
}

/** Longest wait for the other heads, and for the set in Redis. */
const ASK_MS_MAX = 300;
const RECORD_MS_MAX = 1_000;
const RETRY_MS = 200;
const CLAIMS_MAX = 5;
/**
 * Redis lost every epoch, and a head that is declared gone may have led alone under some that nobody else saw: by so many
 * the next one goes further.
 */
const UNSEEN_EPOCHS_MAX = 1_000_000;
/** A port that was just given up is free within this time. */
const LISTEN_MS_MAX = 3_000;

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

export class HeadNode {
  readonly #options: HeadNodeOptions;
  readonly #peers: HeadPeers;
  readonly #farewells: ForgetDesk;
  #standby: Standby | undefined;
  #head: Head | undefined;
  #election: LeaderElection | undefined;
  /** To take over and to stand by again take time, and come one after the other: both want the port. */
  #turn: Promise<void> = Promise.resolve();
  #reason = '';
  #isClosed = false;

  constructor(options: HeadNodeOptions) {
    this.#options = options;
    this.#peers = new HeadPeers(options);
    this.#farewells = new ForgetDesk({
      ...options,
      peers: this.#peers,
      heads: () => this.#all(),
      replicator: () => this.#head?.replicator,
    });
  }

  /** What this head knows, in whatever role. */
  get state(): SchedulerState {
    return this.#head?.state ?? this.#options.replica.state;
  }

  /** @throws AnantError when it cannot listen */
  async start(): Promise<void> {
    await this.#standBy();
    this.#campaign();
  }

  async close(reason: string): Promise<void> {
    this.#isClosed = true;
    const head = this.#head;
    this.#head = undefined;
    await head?.close(reason);
    await this.#election?.stop();
    await this.#turn;
    await this.#standby?.leave();
    await this.#options.replica.journal.close();
    this.#options.release();
  }

  async #standBy(): Promise<void> {
    const { replica, onBroken, logger } = this.#options;
    const { host, port, address, token, security } = this.#options;
    const common = { replica, host, port, address, token, security, logger, onBroken };
    const standby = new Standby({
      ...common,
      heads: () => this.#known(),
      reason: () => this.#reason,
      forget: (request) => this.#farewells.forget(request),
    });
    await freed(host, port);
    await standby.start();
    this.#standby = standby;
  }

  #campaign(): void {
    const { replica, leases, epochs, logger } = this.#options;
    const store = new HeadLeaseStore({
      inner: leases,
      epochs,
      check: () => this.#check(),
      highest: () => this.#highest(),
    });
    const election = new LeaderElection(store, {
      nodeId: replica.name,
      onChange: (leadership) => {
        // One that was given up may still win while this head lets go of its last term.
        if (this.#election === election) this.#changed(leadership);
      },
      onProblem: (error) => this.#note(error),
    });
    this.#election = election;
    election.start();
    logger.info(`Stands by at ${this.#options.address}.`);
  }

  /** Says why it does not lead, once per reason. */
  #note(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== this.#reason) this.#options.logger.info(reason);
    this.#reason = reason;
  }

  #changed(leadership: Leadership): void {
    if (this.#isClosed) return;
    if (leadership.type === 'leader') {
      const { epoch } = leadership;
      this.#next(() => this.#lead(epoch).catch((error) => this.#giveUp(error)));
    } else if (this.#head !== undefined) this.#over('The lease of this head ran out, or Redis lost it.');
  }

  #next(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error) => this.#options.onBroken(error));
  }

  async #lead(epoch: number): Promise<void> {
    const { replica, logger, host, port, address, token, security, scheduler } = this.#options;
    const election = this.#election;
    const isElected = () => election?.current.type === 'leader' && election.current.epoch === epoch;
    // While it waited for its turn its lease may have run out; then it is asked for again.
    if (this.#isClosed || election === undefined || !isElected()) return;
    // From here on nothing of an older leader is taken any more.
    replica.follower.promised = Math.max(replica.follower.promised, epoch);
    await this.#settled();
    const forgotten = await this.#claim(epoch);
    if (this.#isClosed || !isElected()) throw mayNotLead('Its lease ran out while it took over.');
    await this.#standby?.close();
    this.#standby = undefined;
    const head = new Head({
      host,
      port,
      token,
      epoch,
      ...(security && { security }),
      ...(scheduler && { scheduler }),
      replication: {
        replica,
        address,
        record: (inSync) => this.#record(epoch, inSync),
        isLeading: () => (isElected() ? 'yes' : 'no'),
        onOver: (reason) => this.#over(reason),
        forget: (request) => this.#farewells.forget(request),
      },
    });
    this.#head = head;
    try {
      await freed(host, port);
      await head.start();
    } catch (error) {
      // Its lease ran out while it started, and what follows is decided already.
      if (this.#head !== head) return;
      throw error;
    }
    this.#reason = '';
    logger.info(`The head leads under epoch ${epoch} at ${address}.`);
    void this.#remember(head, epoch, forgotten).catch((error) => this.#note(error));
  }

  /** What only Redis knew of heads that are gone goes into the journal. */
  async #remember({ replicator }: Head, epoch: number, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await replicator?.forget(this.#others().filter(({ name }) => names.includes(name)));
    await this.#options.sets.settle(epoch, names, RECORD_MS_MAX);
  }

  /** What its journal has not written yet would be missing if it died now. */
  async #settled(): Promise<void> {
    const { journal } = this.#options.replica;
    while (journal.status().pending > 0 && this.#election?.current.type === 'leader') await pause(5);
  }

  /**
   * Takes over the in-sync set: from now on no leader before this one can change it.
   * @returns heads of which Redis says that they are gone for ever. @throws AnantError
   */
  async #claim(epoch: number): Promise<readonly string[]> {
    const { sets, replica } = this.#options;
    for (let round = 0; round < CLAIMS_MAX; round += 1) {
      const kept = await sets.read(epoch, ASK_MS_MAX);
      await this.#mayLead(kept, epoch);
      const inSync = [replica.log];
      const written = await sets.write({ epoch, inSync, expected: kept.version, timeoutMs: ASK_MS_MAX });
      if (written === 'written') return kept.forgotten.filter((name) => name !== replica.name);
      if (written !== 'conflict') throw mayNotLead(`Redis says that the lease is ${written}.`);
    }
    throw mayNotLead('The set of heads changed again and again.');
  }

  /** @throws AnantError when it may not lead */
  async #check(): Promise<void> {
    const { sets, epochs } = this.#options;
    const lowest = await epochs.read();
    const kept = await sets.read(lowest, ASK_MS_MAX);
    if (this.#isIn(kept)) return;
    const answers = await this.#peers.ask(this.#others(), 0, ASK_MS_MAX);
    const verdict = this.#judge(kept, answers);
    if (verdict.type === 'lead') return;
    if (answers.epoch <= lowest) throw mayNotLead(verdict.reason);
    // All must agree whether Redis went back in time, or each waits for another.
    await epochs.raise(answers.epoch);
    const again = this.#judge(await sets.read(answers.epoch, ASK_MS_MAX), answers);
    if (again.type === 'wait') throw mayNotLead(again.reason);
  }

  /** @param promise the others follow no older epoch afterwards. @throws AnantError when it may not lead */
  async #mayLead(kept: KeptSet, promise: number): Promise<void> {
    if (this.#isIn(kept)) return;
    const verdict = this.#judge(kept, await this.#peers.ask(this.#others(), promise, ASK_MS_MAX));
    if (verdict.type === 'wait') throw mayNotLead(verdict.reason);
  }

  #isIn({ inSync }: KeptSet): boolean {
    return inSync?.includes(this.#options.replica.log) ?? false;
  }

  #judge({ inSync, forgotten }: KeptSet, { positions }: HeadAnswers): Takeover {
    const { replica } = this.#options;
    const heads = this.#all().map(({ name }) => name);
    const gone = [...forgotten.filter((name) => name !== replica.name), ...this.#gone()];
    return mayLead({
      self: replica.position,
      inSync,
      heads,
      answers: positions,
      forgotten: gone,
    });
  }

  async #highest(): Promise<number> {
    const others = this.#others();
    const { positions, epoch } = await this.#peers.ask(others, 0, ASK_MS_MAX);
    const { sets, replica } = this.#options;
    const { forgotten } = await sets.read(0, ASK_MS_MAX);
    const gone = [...forgotten, ...this.#gone()];
    const silent = others.find(({ name }) => !positions.has(name) && !gone.includes(name));
    if (silent) throw mayNotLead(`Redis lost what it knew, and "${silent.name}" does not answer.`);
    const unseen = forgotten.some((name) => !positions.has(name)) ? UNSEEN_EPOCHS_MAX : 0;
    return Math.max(epoch, replica.follower.promised) + unseen;
  }

  /** Until it is written, or this head does not lead any more. */
  async #record(epoch: number, inSync: readonly string[]): Promise<void> {
    const { sets, logger } = this.#options;
    const head = this.#head;
    for (;;) {
      const written = await sets
        .write({ epoch, inSync, timeoutMs: RECORD_MS_MAX })
        .catch((error: unknown) => this.#note(error));
      if (written === 'written') break;
      if (this.#head !== head || written === 'stale') await new Promise<never>(() => {});
      await pause(RETRY_MS);
    }
    logger.info(`In sync: ${inSync.map((log) => log.slice(0, log.lastIndexOf('/'))).join(', ')}.`);
  }

  /** Stops deciding at once; then stands by again, with all it has. */
  #over(reason: string): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    this.#options.logger.warn(`This head leads no more. ${reason}`);
    const election = this.#election;
    this.#election = undefined;
    const ended = Promise.all([head.close(reason), election?.stop()]);
    ended.catch(() => {});
    this.#next(async () => {
      await ended;
      await this.#again();
    });
  }

  async #again(): Promise<void> {
    if (this.#isClosed) return;
    this.#options.replica.standBy();
    await this.#standBy();
    this.#campaign();
  }

  /** It was elected and may not lead: another one shall. */
  async #giveUp(error: unknown): Promise<void> {
    this.#note(error);
    const { election, head } = { election: this.#election, head: this.#head };
    this.#election = undefined;
    this.#head = undefined;
    await head?.close('It could not take over.');
    if (head !== undefined) this.#options.replica.standBy();
    await election?.stop();
    await pause(RETRY_MS);
    if (this.#isClosed) return;
    // Its port stays open meanwhile: two heads that wait for each other must be heard.
    if (this.#standby === undefined) await this.#standBy().catch((broken) => this.#options.onBroken(broken));
    if (this.#standby) this.#campaign();
  }

  /** One that came back at another address is listed with both: whoever answers says who it is. */
  #all(): readonly HeadAddress[] {
    const { heads, replica } = this.#options;
    const known = replica.heads.filter(({ address }) => !heads.some((head) => head.address === address));
    return [...heads, ...known];
  }

  /** Heads that the log lists as gone for ever. */
  #gone(): readonly string[] {
    const { heads } = this.#options.replica;
    return heads.filter(({ isForgotten }) => isForgotten).map(({ name }) => name);
  }

  /** Without those that are gone for ever. */
  #known(): readonly HeadAddress[] {
    const gone = this.#gone();
    return this.#all().filter(({ name }) => !gone.includes(name));
  }

  #others(): readonly HeadAddress[] {
    return this.#all().filter(({ name }) => name !== this.#options.replica.name);
  }
}

/** Waits until a port that this process just gave up can be taken again. */
async function freed(host: string, port: number): Promise<void> {
  const endMs = performance.now() + LISTEN_MS_MAX;
  while (performance.now() < endMs) {
    const server = createServer().listen(port, host);
    const isFree = await once(server, 'listening').then(
      () => 'yes',
      () => 'no',
    );
    if (isFree === 'yes') {
      server.close();
      await once(server, 'close');
      return;
    }
    await pause(20);
  }
}
