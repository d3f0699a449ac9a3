/** A driver in the simulator: submits, tries lost attempts again, cancels, and confirms the ends it saw. */
import type { CancelStrategy } from '@anant/core';
import {
  type SchedulerEffect,
  type SchedulerEvent,
  type SequencedEnd,
  statusOf,
  type TaskSpec,
} from '../../protocol/scheduler/index.js';
import type { SimHandler, SimWorld } from '../sim-world.js';
import { keyOf, type Oracle } from './oracle.js';
import { SimStream, type StreamPacket } from './stream.js';

export interface DriverNodeOptions {
  readonly world: SimWorld;
  readonly oracle: Oracle;
  /** Tried one after the other. */
  readonly heads: readonly number[];
  readonly session: string;
}

interface Wish {
  spec: TaskSpec;
  /** Between two attempts: there is nothing to submit again. */
  isBetween: boolean;
  /** Cancel requests without an answer, by number. */
  readonly cancels: Map<number, CancelStrategy>;
}

const RECONNECT_MS = 200;
const CONFIRM_MS = 150;
const RETRY_MS = 300;
export const ATTEMPTS_MAX = 6;

export class DriverNode implements SimHandler {
  readonly #options: DriverNodeOptions;
  readonly #node: number;
  readonly #open = new Map<string, Wish>();
  /** Requests about tasks that ended meanwhile wait for their answers, too. */
  readonly #asked = new Map<number, string>();
  #stream: SimStream | undefined;
  #connections = 0;
  #isKnown = false;
  #seen = 0;
  #requests = 0;
  /** Tasks that came to an end for good. */
  finished = 0;

  constructor(node: number, options: DriverNodeOptions) {
    this.#node = node;
    this.#options = options;
  }

  get openTasks(): number {
    return this.#open.size;
  }

  /** The first few open attempts. */
  stuck(): readonly TaskSpec[] {
    return [...this.#open.values()].slice(0, 5).map(({ spec }) => spec);
  }

  get unanswered(): readonly string[] {
    return [...this.#asked.values()];
  }

  start(): void {
    this.#connect();
    this.#options.world.setTimer(this.#node, CONFIRM_MS, 'confirm');
  }

  submit(specs: readonly TaskSpec[]): void {
    for (const spec of specs) this.#open.set(spec.id, { spec, isBetween: false, cancels: new Map() });
    this.#send({ type: 'submit', session: this.#options.session, tasks: specs });
  }

  cancel(id: string, how: CancelStrategy): void {
    const wish = this.#open.get(id);
    if (wish === undefined) return;
    this.#requests += 1;
    wish.cancels.set(this.#requests, how);
    this.#asked.set(this.#requests, id);
    this.#ask(wish, this.#requests, how);
  }

  #ask({ spec }: Wish, request: number, how: CancelStrategy): void {
    const { session } = this.#options;
    const requests = [{ id: spec.id, attempt: spec.attempt, request, how }];
    this.#send({ type: 'cancel', session, requests });
  }

  receive(packet: unknown): void {
    const incoming = packet as StreamPacket;
    if (incoming.connection === this.#stream?.connection) this.#stream.receive(incoming);
  }

  wake(payload: unknown): void {
    const { world } = this.#options;
    if (payload instanceof SimStream) payload.wake();
    else if (payload === 'connect') this.#connect();
    else if (payload === 'confirm') {
      world.setTimer(this.#node, CONFIRM_MS, 'confirm');
      // Sent whether there is news or not: it is also what notices that the head is another one.
      this.#send({ type: 'ends-seen', session: this.#options.session, sequence: this.#seen });
    } else this.#retry(payload as TaskSpec);
  }

  #connect(): void {
    const { world, heads, session } = this.#options;
    const head = heads[this.#connections % heads.length]!;
    this.#connections += 1;
    this.#stream = new SimStream(world, this.#node, head, this.#connections, {
      message: (message) => this.#heard(message as SchedulerEffect),
      closed: () => world.setTimer(this.#node, RECONNECT_MS, 'connect'),
    });
    if (this.#isKnown) this.#send({ type: 'session-resume', session, endsSeen: this.#seen });
    else this.#send({ type: 'session-open', session, tenant: '' });
  }

  #send(event: SchedulerEvent): void {
    this.#stream?.send(event);
  }

  #heard(effect: SchedulerEffect): void {
    const { oracle, session } = this.#options;
    switch (effect.type) {
      case 'session-state':
        if (effect.state === 'unknown' && this.#isKnown) oracle.violate('I1', `The head forgot ${session}.`);
        if (effect.state === 'open') this.#again();
        break;
      case 'acknowledge':
        for (const { id, attempt } of effect.tasks) oracle.acknowledged({ id, attempt });
        this.#isKnown = true;
        break;
      case 'refuse':
        for (const { id, attempt, code } of effect.tasks) this.#refused(id, attempt, code);
        break;
      case 'end':
        for (const end of effect.ends) this.#ended(end);
        break;
      case 'cancel-answer':
        for (const { request } of effect.answers) this.#asked.delete(request);
        break;
      default:
        break;
    }
  }

  /** After every reconnection: what is open is submitted again, what was asked is asked again. */
  #again(): void {
    const { session } = this.#options;
    const tasks = [...this.#open.values()].flatMap(({ spec, isBetween }) => (isBetween ? [] : [spec]));
    if (tasks.length > 0) this.#send({ type: 'submit', session, tasks });
    for (const wish of this.#open.values())
      for (const [request, how] of wish.cancels) if (this.#asked.has(request)) this.#ask(wish, request, how);
    for (const [request, id] of this.#asked) if (!this.#open.has(id)) this.#asked.delete(request);
  }

  #refused(id: string, attempt: number, code: string): void {
    const wish = this.#open.get(id);
    if (wish?.spec.attempt !== attempt) return;
    if (code === 'E_TASK_POISON') this.#options.oracle.counts.quarantined += 1;
    if (code === 'E_JOURNAL' || code === 'E_QUEUE_FULL' || code === 'E_BACKEND_UNAVAILABLE')
      this.#later(wish.spec);
    else if (code === 'E_TASK_DUPLICATE')
      this.#options.oracle.violate('I1', `${keyOf({ id, attempt })} was refused as a duplicate.`);
    else this.#close(id);
  }

  #ended(end: SequencedEnd): void {
    if (end.sequence !== this.#seen + 1) return;
    const { oracle } = this.#options;
    this.#seen = end.sequence;
    oracle.ended(end);
    const wish = this.#open.get(end.id);
    if (wish?.spec.attempt !== end.attempt) return;
    const outcome = end.end.by === 'head' ? end.end.outcome : undefined;
    if (outcome?.status === 'refused' && outcome.code === 'E_TASK_POISON') oracle.counts.quarantined += 1;
    const isSafe =
      wish.spec.delivery === 'at-least-once' || (outcome?.status === 'lost' && outcome.started === 'no');
    const mayRetry = statusOf(end.end) === 'lost' && end.attempt < ATTEMPTS_MAX && isSafe;
    wish.isBetween = mayRetry;
    if (mayRetry) this.#later({ ...wish.spec, attempt: end.attempt + 1 });
    else this.#close(end.id);
  }

  #close(id: string): void {
    this.#open.delete(id);
    this.finished += 1;
  }

  #later(spec: TaskSpec): void {
    this.#options.world.setTimer(this.#node, RETRY_MS, spec);
  }

  #retry(spec: TaskSpec): void {
    const wish = this.#open.get(spec.id);
    if (wish === undefined || wish.spec.attempt > spec.attempt) return;
    wish.spec = spec;
    wish.isBetween = false;
    this.#send({ type: 'submit', session: this.#options.session, tasks: [spec] });
  }
}
