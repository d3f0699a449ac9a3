/** A worker: joins a head, runs what it is assigned with the executors of the embedded backend, reports how it ended. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AnantError, type Logger, systemClock } from '@anant/core';
import { decodeMessage } from '@anant/core/codec';
import { NativeBackend } from '../../embedded/native-backend.js';
import type { NativeOptions } from '../../embedded/options.js';
import { resolveOptions } from '../../embedded/options.js';
import { within } from '../../embedded/within.js';
import { BundleCache } from '../code/bundle-cache.js';
import { CodeDesk } from '../code/code-desk.js';
import { HeadClient } from '../control/head-client.js';
import { PersistentStream } from '../control/persistent-stream.js';
import { type ClusterToken, metadataOf } from '../control/security.js';
import { WorkClient } from '../control/wire/work-wire.js';
import { DATA_KIND } from '../data/data-message.js';
import { type DataMessage, DataPlane } from '../data/data-plane.js';
import { ObjectExchange } from '../data/object-exchange.js';
import { HEADLESS_MS_MAX } from '../limits.js';
import type {
  Dismissed,
  Welcome,
  WorkerServiceClient,
  WorkRequest,
  WorkResponse,
} from '../proto/anant/v1/worker.js';
import type { NodeSecurity } from '../security/node-security.js';
import { ActorHost } from './actor-host.js';
import { AssignmentRunner } from './assignment-runner.js';
import { Dismissals } from './dismissals.js';
import { InputDesk } from './input-desk.js';
import { introduceWorker, nameOfProcess } from './introduce-worker.js';
import { Lease } from './lease.js';
import { LoadMeter } from './load-meter.js';
import { machineReadings } from './machine-readings.js';
import { makeRoom } from './make-room.js';
import { Reporter } from './reporter.js';
import { SessionTable } from './session-table.js';
import { DRAINED, WorkTable } from './work.js';
import { WorkerGossip, type WorkerGossipSettings } from './worker-gossip.js';

export interface WorkerOptions {
  /** Unique in the cluster. @default the name in its certificate, or the host's name and the process id */
  readonly name?: string;
  /** Address of the head. */
  readonly head: string;
  readonly token?: ClusterToken;
  /** Certificates of this node, where the cluster has them. The caller closes it. */
  readonly security?: NodeSecurity;
  /** Interface of the data endpoint. @default '127.0.0.1' */
  readonly dataHost?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly zone?: string;
  /** How it takes part in gossip, once its head has invited it. */
  readonly gossip?: WorkerGossipSettings;
  /** The embedded backend that runs the tasks. */
  readonly native?: NativeOptions;
  /** Where code that came over the network is kept. @default `.anant/code` below the current folder */
  readonly codeFolder?: string;
  readonly logger: Logger;
  /** Joined a head, for the first time or again. */
  readonly onJoined?: (epoch: number) => void;
  /** Told to go, or of no use: the process should end. Called once. */
  readonly onOver: (reason: string) => void;
}

export class WorkerNode {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #boot = randomUUID();
  readonly #backend: NativeBackend;
  readonly #works = new WorkTable();
  readonly #sessions: SessionTable;
  readonly #plane: DataPlane;
  readonly #exchange: ObjectExchange;
  readonly #inputs: InputDesk;
  readonly #code: CodeDesk;
  readonly #reporter: Reporter;
  readonly #actors: ActorHost;
  readonly #runner: AssignmentRunner;
  readonly #lease: Lease;
  readonly #dismissals = new Dismissals();
  readonly #load: LoadMeter;
  readonly #client: HeadClient<WorkerServiceClient>;
  readonly #gossip: WorkerGossip;
  readonly #stream: PersistentStream<WorkRequest, WorkResponse>;
  #dataSecret: Uint8Array = new Uint8Array(16);
  #epoch = 0;
  #isDraining = false;
  #headLostMs: number | undefined;
  #onDrained: (() => void) | undefined;
  #isOver = false;

  private constructor(options: WorkerOptions, plane: DataPlane) {
    this.#options = options;
    this.name = options.name ?? options.security?.identity.nodeId ?? nameOfProcess();
    this.#plane = plane;
    this.#sessions = new SessionTable(this.name, plane.address);
    this.#backend = new NativeBackend(options.native, 'worker');
    this.#exchange = new ObjectExchange(
      plane,
      () => this.#dataSecret,
      (id) => this.#backend.encodedObject(id),
    );
    this.#inputs = new InputDesk(this.#backend, this.#exchange, () => this.#dataSecret);
    this.#code = new CodeDesk(new BundleCache(options.codeFolder ?? join(process.cwd(), '.anant', 'code')));
    this.#lease = new Lease(
      () => this.#write({ $case: 'renew', value: { sequence: 0 } }),
      () => this.#leaseLost('The lease of this worker is over: it could not be renewed in time.'),
    );
    const { slots } = resolveOptions(options.native);
    this.#reporter = new Reporter({
      plane,
      works: this.#works,
      sessions: () => this.#sessions.peers(),
      sendStarted: (value) => this.#write({ $case: 'started', value }),
      sendCommits: (value) => this.#write({ $case: 'commit', value }),
      isLeased: () => this.#lease.isHeld,
      onActorEnd: () => {},
    });
    this.#actors = new ActorHost({
      backend: this.#backend,
      sessions: this.#sessions,
      inputs: this.#inputs,
      code: this.#code,
      reporter: this.#reporter,
      plane,
      answer: (value) => this.#write({ $case: 'actorAnswer', value }),
    });
    this.#runner = new AssignmentRunner({
      backend: this.#backend,
      works: this.#works,
      sessions: this.#sessions,
      inputs: this.#inputs,
      code: this.#code,
      reporter: this.#reporter,
      giveBack: (value) => this.#write({ $case: 'returned', value }),
    });
    this.#gossip = new WorkerGossip({
      ...options,
      name: this.name,
      dataAddress: plane.address,
      slots,
      gpus: () => this.#backend.gpus,
      settings: options.gossip ?? {},
      onTaken: (generation) => this.#write({ $case: 'gossipTaken', value: { generation } }),
    });
    const { native: { overload } = {}, logger } = options;
    this.#load = new LoadMeter({
      slots,
      logger,
      running: () => this.#works.running,
      readings: machineReadings(overload?.memoryBytesMax),
      spilledBytes: () => this.#backend.spilledBytes,
      spill: (measured) => makeRoom(this.#backend, measured, overload?.memoryBytesMax, logger),
      tidy: () => this.#inputs.dropIdle(performance.now()),
      code: () => this.#code,
      tell: (value) => {
        this.#write({ $case: 'load', value });
        this.#gossip.tell(value, this.#works.size - value.running);
      },
    });
    this.#client = new HeadClient(WorkClient, options.head, options.security);
    this.#stream = new PersistentStream<WorkRequest, WorkResponse>({
      purpose: `join the head at ${options.head}`,
      waits: () => this.#client.route.waits,
      open: () => this.#client.current.work(metadataOf(options.token)),
      security: options.security,
      introduce: () => this.#introduce(),
      onMessage: (message) => this.#receive(message),
      onDown: (error) => this.#down(error),
    });
    this.#backend.onRun = (id, attempt, runUs) => {
      const work = this.#works.byAttempt(id, attempt);
      if (work !== undefined) work.runUs = runUs;
    };
    plane.serve({
      onMessage: (message) => this.#receiveData(message),
      onRenewed: (value) => this.#write({ $case: 'endpoint', value }),
    });
  }

  /** Starts the executors and begins to join. @throws AnantError when the options cannot work */
  static async start(options: WorkerOptions): Promise<WorkerNode> {
    const { dataHost, security, logger } = options;
    const plane = await DataPlane.open({
      host: dataHost,
      security,
      accepts: ['worker', 'driver'],
      logger,
    });
    try {
      const node = new WorkerNode(options, plane);
      await node.#backend.doStart({
        emit: node.#reporter.receive,
        clock: systemClock,
        logger: options.logger,
        startTimeoutMs: 60_000,
      });
      node.#stream.start();
      return node;
    } catch (error) {
      plane.close();
      throw error;
    }
  }

  /** Gives back what has not begun and lets the rest end, at most `graceMs`; then leaves. */
  async drain(graceMs: number): Promise<void> {
    if (this.#isOver) return;
    if (!this.#isDraining && this.#epoch > 0 && this.#hasSomethingToHandOver) {
      this.#isDraining = true;
      const drained = new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
      this.#write({ $case: 'leave', value: { reason: 'drain' } });
      await within(drained, graceMs);
    }
    await this.stop();
  }

  /** Without its head and without tasks there is nobody to tell and nothing to wait for. */
  get #hasSomethingToHandOver(): boolean {
    return this.#headLostMs === undefined || this.#works.size > 0;
  }

  /** Ends everything that runs and leaves. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reporter.flush();
    this.#load.stop();
    this.#lease.end();
    await Promise.all([this.#backend.doStop({ graceMs: 0 }), this.#gossip.leave()]);
    this.#write({ $case: 'leave', value: { reason: 'left' } });
    this.#stream.close();
    this.#exchange.close();
    // What was written leaves with the next turns of the event loop; the head does not wait for more than the end.
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#client.close();
    this.#plane.close();
  }

  #introduce(): WorkRequest {
    this.#lease.joining();
    return introduceWorker({
      name: this.name,
      boot: this.#boot,
      options: this.#options,
      backend: this.#backend,
      plane: this.#plane,
      works: this.#works,
      isDraining: this.#isDraining,
    });
  }

  #receive({ message }: WorkResponse): void {
    switch (message?.$case) {
      case 'welcome':
        this.#welcome(message.value);
        break;
      case 'peers':
        this.#plane.learn(message.value);
        break;
      case 'heads':
        this.#client.route.learn(message.value.addresses);
        break;
      case 'assign':
        this.#runner.assign(message.value);
        break;
      case 'revoke':
        this.#runner.revoke(message.value);
        break;
      case 'verdict':
        this.#runner.verdict(message.value);
        break;
      case 'renewed':
        this.#lease.granted(message.value.leaseMs);
        break;
      case 'sessionGone':
        this.#sessionGone(message.value.session);
        break;
      case 'startActor':
        void this.#actors.start(message.value);
        break;
      case 'stopActor':
        void this.#actors.stop(message.value);
        break;
      case 'gossip':
        void this.#gossip.take(message.value);
        break;
      case 'drained':
        if (this.#onDrained) this.#onDrained();
        else if (this.#works.size === 0) this.#over(DRAINED);
        break;
      case 'dismissed':
        this.#dismissed(message.value);
        break;
    }
  }

  #dismissed({ leader, code, reason, isFinal }: Dismissed): void {
    if (leader !== '') {
      // Only another way: what runs goes on.
      this.#client.route.redirect(leader);
      this.#stream.restart();
      return;
    }
    const heard = isFinal ? 'final' : this.#dismissals.hear({ code, reason }, performance.now());
    if (heard === 'new') this.#leaseLost(`The head dismissed this worker: ${reason}`);
    else if (heard === 'final') this.#over(reason);
    else this.#stream.restart();
  }

  #welcome({ epoch, leaseMs, dataSecret, gossip }: Welcome): void {
    this.#stream.established();
    this.#dismissals.reset();
    this.#headLostMs = undefined;
    this.#dataSecret = new Uint8Array(dataSecret);
    this.#plane.secret = this.#dataSecret;
    this.#plane.repeat();
    if (epoch !== this.#epoch) this.#sessions.clear();
    this.#epoch = epoch;
    this.#lease.granted(leaseMs);
    this.#load.start(leaseMs / 3);
    for (const work of this.#works.all()) this.#reporter.repeat(work);
    if (gossip !== undefined) void this.#gossip.take(gossip);
    this.#options.onJoined?.(epoch);
  }

  #sessionGone(index: number): void {
    const session = this.#sessions.delete(index);
    if (session === undefined) return;
    this.#actors.sessionGone(session);
    this.#runner.stopSession(session);
    this.#backend.doRelease([...session.objects]);
    this.#plane.forget(session.address);
    this.#exchange.lose(session.address);
  }

  /** Others may run what this worker has: it stops, and joins with nothing. */
  #leaseLost(reason: string): void {
    this.#options.logger.warn(reason);
    this.#lease.end();
    this.#runner.stopAll();
    this.#onDrained?.();
    this.#stream.restart();
  }

  #receiveData(message: DataMessage): void {
    if (this.#exchange.receive(message)) return;
    const { kind, payload, from } = message;
    if (from !== undefined && from.role !== 'driver')
      throw new TypeError(`A ${from.role} sent what only drivers may.`);
    switch (kind) {
      case DATA_KIND.credits:
        for (const [id, attempt, credits] of decodeMessage(payload) as [string, number, number][]) {
          this.#backend.doStreamCredit(id, attempt, credits);
        }
        break;
      case DATA_KIND.actorCalls:
        this.#actors.call(message);
        break;
      case DATA_KIND.actorCancel:
        this.#actors.cancel(message);
        break;
      case DATA_KIND.release: {
        const ids = decodeMessage(payload) as string[];
        this.#inputs.drop(ids);
        this.#backend.doRelease(ids);
        break;
      }
    }
  }

  #down(error: AnantError): void {
    if (this.#isOver) return;
    this.#client.route.failed();
    const nowMs = performance.now();
    if (this.#headLostMs === undefined) this.#options.logger.warn(error.message);
    this.#headLostMs ??= nowMs;
    if (error.code === 'E_IDENTITY_REFUSED') this.#over(error.message);
    else if (nowMs - this.#headLostMs > HEADLESS_MS_MAX) {
      this.#over(`The head was not reached for ${HEADLESS_MS_MAX / 1000} s. ${error.message}`);
    }
  }

  #over(reason: string): void {
    this.#options.onOver(reason);
  }

  #write(message: NonNullable<WorkRequest['message']>): void {
    this.#stream.write({ message });
  }
}
