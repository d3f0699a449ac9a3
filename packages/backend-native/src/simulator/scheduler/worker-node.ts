/** A worker in the simulator: runs what it is given, commits until it gets a verdict, stops itself before its lease ends. */
import type {
  AssignedTask,
  CommitSpec,
  RevokeNotice,
  SchedulerEffect,
  SchedulerEvent,
  TokenedKey,
  VerdictNotice,
  WorkerSpec,
} from '../../protocol/scheduler/index.js';
import type { SimHandler, SimWorld } from '../sim-world.js';
import { decodeBehaviour } from './messages.js';
import { type Oracle, tokenText } from './oracle.js';
import { SimStream, type StreamPacket } from './stream.js';

export interface WorkerNodeOptions {
  readonly world: SimWorld;
  readonly oracle: Oracle;
  /** Tried one after the other. */
  readonly heads: readonly number[];
  readonly spec: WorkerSpec;
  /** Ends the process at once; a supervisor starts another one. */
  readonly onDeath: () => void;
}

interface Job {
  readonly task: AssignedTask;
  state: 'waiting' | 'running' | 'done';
  commit: CommitSpec | undefined;
}

const RECONNECT_MS = 200;
const COMMIT_AGAIN_MS = 400;
/** Part of the lease kept back: the worker stops that much before the head would take its tasks. */
const MARGIN = 0.25;

export class WorkerNode implements SimHandler {
  readonly #options: WorkerNodeOptions;
  readonly #node: number;
  readonly #jobs = new Map<string, Job>();
  #stream: SimStream | undefined;
  #connections: number;
  #epoch = 0;
  #isWelcome = false;
  #leaseMs = 3000;
  /** When the renewal in flight was sent, and until when the lease lasts. */
  #askedMs = 0;
  #leaseEndsMs = Number.POSITIVE_INFINITY;

  /** @param boot Counts the starts of this node: connections of a later one have higher numbers. */
  constructor(node: number, boot: number, options: WorkerNodeOptions) {
    this.#node = node;
    this.#options = options;
    this.#connections = boot * 1_000_000;
  }

  get #nowMs(): number {
    return this.#options.world.localMs(this.#node);
  }

  start(): void {
    this.#connect();
    this.#timer(this.#leaseMs / 3, 'renew');
    this.#timer(COMMIT_AGAIN_MS, 'commit');
  }

  receive(packet: unknown): void {
    const incoming = packet as StreamPacket;
    if (incoming.connection === this.#stream?.connection) this.#stream.receive(incoming);
  }

  wake(payload: unknown): void {
    if (payload instanceof SimStream) payload.wake();
    else if (payload === 'connect') this.#connect();
    else if (payload === 'renew') this.#renew();
    else if (payload === 'commit') this.#commitAgain();
    else this.#finish(payload as Job);
  }

  #timer(delayMs: number, payload: unknown): void {
    this.#options.world.setTimer(this.#node, delayMs, payload);
  }

  #connect(): void {
    const { world, heads, spec } = this.#options;
    const head = heads[this.#connections % heads.length]!;
    this.#connections += 1;
    this.#isWelcome = false;
    this.#stream = new SimStream(world, this.#node, head, this.#connections, {
      message: (message) => this.#heard(message as SchedulerEffect),
      closed: () => this.#timer(RECONNECT_MS, 'connect'),
    });
    const holds = [...this.#jobs.values()].map(({ task, state }) => ({ ...keyOf(task), state }));
    this.#askedMs = this.#nowMs;
    this.#send({ type: 'worker-join', worker: { ...spec, holds } });
  }

  #send(event: SchedulerEvent): void {
    this.#stream?.send(event);
  }

  #renew(): void {
    this.#timer(this.#leaseMs / 3, 'renew');
    this.#stopIfLate();
    if (!this.#isWelcome) return;
    const { id, bootId } = this.#options.spec;
    this.#askedMs = this.#nowMs;
    this.#send({ type: 'renew', worker: id, bootId });
  }

  get #isLate(): boolean {
    return this.#nowMs >= this.#leaseEndsMs;
  }

  /** Without a lease nothing may go on: what ran is given up before the head gives it to others. */
  #stopIfLate(): void {
    if (!this.#isLate) return;
    for (const job of this.#jobs.values()) if (job.state === 'running') this.#end(job, 'lost', 0);
  }

  #heard(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'welcome':
        if (effect.epoch < this.#epoch) return;
        this.#epoch = effect.epoch;
        this.#isWelcome = true;
        this.#extend(effect.leaseMs);
        this.#commitNow();
        break;
      case 'lease':
        if (effect.epoch === this.#epoch) this.#extend(effect.leaseMs);
        break;
      case 'rejoin':
        this.#stream?.close();
        break;
      case 'assign':
        for (const task of effect.tasks) this.#take(task);
        this.#fill();
        break;
      case 'revoke':
        for (const notice of effect.tasks) this.#revoked(notice);
        this.#fill();
        break;
      case 'commit-verdict':
        for (const notice of effect.verdicts) this.#judged(notice);
        break;
      default:
        break;
    }
  }

  #extend(leaseMs: number): void {
    this.#leaseMs = leaseMs;
    this.#leaseEndsMs = this.#askedMs + leaseMs * (1 - MARGIN);
    this.#fill();
  }

  #take(task: AssignedTask): void {
    if (task.token.epoch < this.#epoch) return;
    const key = jobKey(task);
    if (!this.#jobs.has(key)) this.#jobs.set(key, { task, state: 'waiting', commit: undefined });
  }

  /** Begins what waits, as slots are free. */
  #fill(): void {
    const { spec, oracle } = this.#options;
    if (this.#isLate) return;
    let running = 0;
    for (const { state } of this.#jobs.values()) if (state === 'running') running += 1;
    const begun: TokenedKey[] = [];
    for (const job of this.#jobs.values()) {
      if (running >= spec.slots) break;
      if (job.state !== 'waiting') continue;
      job.state = 'running';
      running += 1;
      begun.push(keyOf(job.task));
      const delivery = job.task.id.startsWith('once') ? 'at-most-once' : 'at-least-once';
      oracle.executed(job.task.id, delivery);
      this.#timer(decodeBehaviour(job.task.payload).durationMs, job);
    }
    if (begun.length === 0) return;
    this.#send({ type: 'started', worker: spec.id, bootId: spec.bootId, tasks: begun });
  }

  #finish(job: Job): void {
    if (this.#jobs.get(jobKey(job.task)) !== job || job.state !== 'running') return;
    const { durationMs, does } = decodeBehaviour(job.task.payload);
    if (does === 'kill-worker') {
      this.#options.oracle.killed(job.task.id);
      this.#options.onDeath();
      return;
    }
    this.#stopIfLate();
    if (this.#jobs.get(jobKey(job.task))?.state !== 'running') return;
    this.#end(job, does === 'throw' ? 'app-error' : 'ok', durationMs * 1000);
    this.#commitNow();
    this.#fill();
  }

  #end(job: Job, status: CommitSpec['status'], runUs: number): void {
    job.state = 'done';
    job.commit = { ...keyOf(job.task), status, body: Buffer.from(tokenText(job.task.token)), runUs };
  }

  #commitNow(): void {
    const { id, bootId } = this.#options.spec;
    const commits = [...this.#jobs.values()].flatMap(({ commit }) => (commit === undefined ? [] : [commit]));
    if (commits.length > 0 && this.#isWelcome) this.#send({ type: 'commit', worker: id, bootId, commits });
  }

  #commitAgain(): void {
    this.#timer(COMMIT_AGAIN_MS, 'commit');
    this.#commitNow();
  }

  #judged({ verdict, ...key }: VerdictNotice): void {
    if (verdict !== 'later') this.#jobs.delete(jobKey(key));
  }

  #revoked(notice: RevokeNotice): void {
    const key = jobKey(notice);
    const job = this.#jobs.get(key);
    if (job === undefined || job.state === 'done') return;
    if (notice.action === 'stop' && (job.state === 'waiting' || notice.how === 'kill')) {
      this.#end(job, 'cancelled', 0);
      this.#commitNow();
    } else if (notice.action === 'drop' || (notice.action === 'revoke' && job.state === 'waiting')) {
      this.#jobs.delete(key);
      const { id, bootId } = this.#options.spec;
      this.#send({ type: 'returned', worker: id, bootId, tasks: [keyOf(job.task)] });
    }
  }
}

const keyOf = ({ id, attempt, token }: TokenedKey): TokenedKey => ({ id, attempt, token });
const jobKey = ({ id, attempt, token }: TokenedKey): string =>
  `${id}#${attempt}@${token.epoch}.${token.counter}`;
