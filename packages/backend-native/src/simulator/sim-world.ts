/**
 * A deterministic world of nodes: virtual time, seeded randomness, clocks that skew, processes that pause and crash,
 * and a network in between. It runs the production step functions; equal seeds give equal trace hashes.
 */
import type { Random } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { EventQueue } from './event-queue.js';
import { grown } from './grown.js';
import { type LinkOptions, SimNetwork } from './sim-network.js';
import { TraceHash } from './trace-hash.js';

/** What runs on a node, or on several. Both are called with the world's time standing still; `node` is whose turn it is. */
export interface SimHandler {
  receive(message: unknown, from: number, node: number): void;
  /** A timer of this node is due; `payload` is what `setTimer` was given. */
  wake(payload: unknown, node: number): void;
}

export interface SimWorldOptions {
  /** Any integer. */
  readonly seed: number;
  /** Every link, unless `network.setLink` says otherwise. */
  readonly link?: LinkOptions;
  /** Messages a paused node keeps, like a socket buffer, until it goes on or ends; more are dropped. @default 1024 */
  readonly inboxMessagesMax?: number;
}

/** A node's own clock: `local = now × (1 + driftPpm / 10^6) + skewMs`. */
export interface SimClockOptions {
  readonly skewMs?: number;
  /** Millionths by which it runs fast; negative is slow. */
  readonly driftPpm?: number;
}

/** What stands still: the whole process (a stopped process, a blocked loop), or only what it sends and receives. */
export type PauseScope = 'process' | 'messages';

export interface RunLimits {
  /** Virtual time at which to stop. */
  readonly untilMs: number;
  /** Events after which to stop. @default 10^10 */
  readonly eventsMax?: number;
  /** Asked after every event; `true` stops the run. */
  readonly isDone?: () => boolean;
}

export interface RunReport {
  readonly events: number;
  readonly endedBy: 'time' | 'events' | 'idle' | 'done';
}

interface SimNode {
  isUp: boolean;
  skewMs: number;
  rate: number;
  frozenUntilMs: number;
  messagesHeldUntilMs: number;
  stepMs: number;
  waiting: number;
}

/** In the buffers of a process that stands still. */
interface HeldMessage {
  readonly message: unknown;
  readonly bytes: number;
  readonly life: number;
}

const MESSAGE = 1;
const TIMER = 2;
const ACTION = 3;
const HELD_MESSAGE = 4;
const INBOX_MESSAGE = 5;
const EVENTS_MAX = 1e10;
/** Bits of a node's flags: what an event must look at the node's state for. Most nodes have none, most of the time. */
const IS_HINDERED = 1;
const HAS_OWN_CLOCK = 2;
const NODES_START = 64;

export class SimWorld {
  readonly random: Random;
  readonly network: SimNetwork;
  /** Messages that a paused node could not keep, and that found no running process. */
  readonly dropped = { inboxFull: 0, nodeDown: 0 };
  readonly #queue = new EventQueue();
  readonly #trace = new TraceHash();
  readonly #nodes: SimNode[] = [];
  readonly #handlers: SimHandler[] = [];
  /** Flags and lives beside the nodes: with ten thousand nodes the objects themselves are out of every cache. */
  #flags = new Uint8Array(NODES_START).fill(IS_HINDERED);
  /** Counts starts: timers of an earlier life do not fire in this one. */
  #lives = new Int32Array(NODES_START);
  readonly #inboxMessagesMax: number;
  #nowMs = 0;

  constructor(options: SimWorldOptions) {
    this.random = seededRandom(options.seed);
    // Its own sequence, so that what nodes draw does not shift what links do.
    this.network = new SimNetwork(seededRandom(options.seed ^ 0x5bd1e995), options.link);
    this.#inboxMessagesMax = options.inboxMessagesMax ?? 1024;
  }

  /** World time, in milliseconds from 0. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** Starts a node. @returns Its number, counting from 0. */
  addNode(handler: SimHandler): number {
    const state = { isUp: true, skewMs: 0, rate: 1, stepMs: 0, waiting: 0 };
    const node = this.#nodes.push({ ...state, frozenUntilMs: 0, messagesHeldUntilMs: 0 }) - 1;
    this.#handlers.push(handler);
    if (node >= this.#flags.length) {
      this.#flags = grown(this.#flags, new Uint8Array(node * 2).fill(IS_HINDERED));
      this.#lives = grown(this.#lives, new Int32Array(node * 2));
    }
    this.#flags[node] = 0;
    return node;
  }

  isUp(node: number): boolean {
    return this.#of(node).isUp;
  }

  /** What the node's own monotonic clock shows. */
  localMs(node: number): number {
    if (this.#flags[node] === 0) return this.#nowMs;
    const { rate, skewMs } = this.#of(node);
    return this.#nowMs * rate + skewMs;
  }

  setClock(node: number, clock: SimClockOptions): void {
    const state = this.#of(node);
    state.skewMs = clock.skewMs ?? state.skewMs;
    if (clock.driftPpm !== undefined) state.rate = 1 + clock.driftPpm / 1e6;
    this.#flag(node);
  }

  /** Every event a node handles keeps it busy for `stepMs` from now on; 0 ends it. */
  setStepMs(node: number, stepMs: number): void {
    this.#of(node).stepMs = stepMs;
    this.#flag(node);
  }

  /** Sends a message. @param bytes Counted, and what a slow link takes its time for. @default 0 */
  send(from: number, to: number, message: unknown, bytes = 0): void {
    const heldMs = this.#flags[from] === 0 ? 0 : this.#of(from).messagesHeldUntilMs;
    if (heldMs > this.#nowMs) {
      const held: HeldMessage = { message, bytes, life: this.#lives[from]! };
      this.#queue.push(heldMs, HELD_MESSAGE, to, from, held);
      return;
    }
    this.#route(from, to, message, bytes);
  }

  /** Wakes the node after `delayMs` of its own clock. @returns A handle for `clearTimer`. */
  setTimer(node: number, delayMs: number, payload?: unknown): number {
    const waitMs = Math.max(0, delayMs) / (this.#flags[node] === 0 ? 1 : this.#of(node).rate);
    return this.#queue.push(this.#nowMs + waitMs, TIMER, node, this.#lives[node]!, payload);
  }

  /** @returns `false` when it fired or was cleared before. */
  clearTimer(handle: number): boolean {
    return this.#queue.cancel(handle);
  }

  /** Runs `action` at a moment of world time: faults, load, checks. */
  at(atMs: number, action: () => void): void {
    this.#queue.push(Math.max(atMs, this.#nowMs), ACTION, -1, -1, action);
  }

  /** The process ends at once: its timers are gone, what arrives is dropped. */
  crash(node: number): void {
    const state = this.#of(node);
    state.isUp = false;
    this.#lives[node]! += 1;
    this.#flag(node);
  }

  /** A new process on the node, running, unpaused. */
  restart(node: number, handler: SimHandler): void {
    const state = this.#of(node);
    if (state.isUp) this.crash(node);
    Object.assign(state, { isUp: true, frozenUntilMs: 0, messagesHeldUntilMs: 0, waiting: 0 });
    this.#handlers[node] = handler;
    this.#flag(node);
  }

  /** Freezes the node; what is due for it waits, in order, up to `inboxMessagesMax` messages. */
  pause(node: number, durationMs: number, scope: PauseScope = 'process'): void {
    const state = this.#of(node);
    const untilMs = this.#nowMs + durationMs;
    if (scope === 'process') state.frozenUntilMs = Math.max(state.frozenUntilMs, untilMs);
    else state.messagesHeldUntilMs = Math.max(state.messagesHeldUntilMs, untilMs);
    this.#flag(node);
  }

  /** Mixes a fact of the run into the trace hash. */
  note(fact: number | string): void {
    if (typeof fact === 'number') this.#trace.add(fact);
    else this.#trace.addText(fact);
  }

  /** Digest of every event so far and every note. */
  traceHash(): string {
    return this.#trace.digest();
  }

  run(limits: RunLimits): RunReport {
    const eventsMax = limits.eventsMax ?? EVENTS_MAX;
    const { untilMs, isDone } = limits;
    let events = 0;
    for (; events < eventsMax; events++) {
      const nextMs = this.#queue.nextMs();
      if (nextMs > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return { events, endedBy: nextMs === Number.POSITIVE_INFINITY ? 'idle' : 'time' };
      }
      this.#queue.pop();
      this.#dispatch();
      if (isDone?.()) return { events: events + 1, endedBy: 'done' };
    }
    return { events, endedBy: 'events' };
  }

  #dispatch(): void {
    const { atMs, kind, node, peer, payload } = this.#queue;
    this.#nowMs = Math.max(this.#nowMs, atMs);
    this.#trace.addEvent(atMs, kind, node, peer);
    if (kind === ACTION) {
      (payload as () => void)();
      return;
    }
    if (kind === HELD_MESSAGE) {
      const { message, bytes, life } = payload as HeldMessage;
      if (this.#lives[peer] === life) this.#route(peer, node, message, bytes);
      return;
    }
    if (kind === INBOX_MESSAGE) {
      const { message, life } = payload as HeldMessage;
      if (this.#lives[node] === life) this.#arrive(MESSAGE, node, peer, message);
      else this.dropped.nodeDown += 1;
      return;
    }
    if (kind === TIMER && peer !== this.#lives[node]) return;
    this.#arrive(kind, node, peer, payload);
  }

  #arrive(kind: number, node: number, peer: number, payload: unknown): void {
    if ((this.#flags[node]! & IS_HINDERED) !== 0 && this.#isHindered(kind, node, peer, payload)) return;
    const handler = this.#handlers[node]!;
    if (kind === MESSAGE) handler.receive(payload, peer, node);
    else handler.wake(payload, node);
  }

  /** Whether the event finds no process, or has to wait. */
  #isHindered(kind: number, node: number, peer: number, payload: unknown): boolean {
    const state = this.#of(node);
    if (!state.isUp) {
      if (kind === MESSAGE) this.dropped.nodeDown += 1;
      return true;
    }
    if (this.#isDeferred(state, kind, node, peer, payload)) return true;
    if (state.stepMs > 0) state.frozenUntilMs = this.#nowMs + state.stepMs;
    this.#flag(node);
    return false;
  }

  #flag(node: number): void {
    const state = this.#nodes[node]!;
    const untilMs = Math.max(state.frozenUntilMs, state.messagesHeldUntilMs);
    const isHindered = !state.isUp || state.stepMs > 0 || state.waiting > 0 || untilMs > this.#nowMs;
    const hasOwnClock = state.rate !== 1 || state.skewMs !== 0;
    this.#flags[node] = (isHindered ? IS_HINDERED : 0) | (hasOwnClock ? HAS_OWN_CLOCK : 0);
  }

  #isDeferred(state: SimNode, kind: number, node: number, peer: number, payload: unknown): boolean {
    const isMessage = kind === MESSAGE;
    const untilMs = isMessage
      ? Math.max(state.frozenUntilMs, state.messagesHeldUntilMs)
      : state.frozenUntilMs;
    if (untilMs <= this.#nowMs) {
      if (isMessage) state.waiting = 0;
      return false;
    }
    if (isMessage && ++state.waiting > this.#inboxMessagesMax) {
      this.dropped.inboxFull += 1;
      return true;
    }
    // What a process has not read ends with it.
    const held: HeldMessage = { message: payload, bytes: 0, life: this.#lives[node]! };
    if (isMessage) this.#queue.push(untilMs, INBOX_MESSAGE, node, peer, held);
    else this.#queue.push(untilMs, kind, node, peer, payload);
    return true;
  }

  #route(from: number, to: number, message: unknown, bytes: number): void {
    this.network.route(from, to, bytes, this.#nowMs, (atMs) => {
      this.#queue.push(atMs, MESSAGE, to, from, message);
    });
  }

  #of(node: number): SimNode {
    const state = this.#nodes[node];
    if (state === undefined)
      throw new TypeError(`There is no node ${node}: the world has ${this.#nodes.length}.`);
    return state;
  }
}
