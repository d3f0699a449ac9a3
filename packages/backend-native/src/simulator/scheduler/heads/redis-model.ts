/** Redis as heads use it, on its own clock and with what can happen to it. The rules are those of the scripts in `cluster/redis`. */
import type { FencingToken } from '../../../protocol/lease/index.js';
import type { SimHandler, SimWorld } from '../../sim-world.js';

interface OfHolder {
  readonly holder: string;
  readonly token: FencingToken;
}

export type RedisQuestion =
  | {
      readonly op: 'acquire';
      readonly holder: string;
      readonly ttlMs: number;
      readonly operation: string;
      readonly lowest: number;
    }
  | { readonly op: 'recover'; readonly epoch: number }
  | ({ readonly op: 'raise'; readonly epoch: number } & OfHolder)
  | ({ readonly op: 'renew'; readonly ttlMs: number } & OfHolder)
  | ({ readonly op: 'release' } & OfHolder)
  | { readonly op: 'read-set'; readonly lowest: number }
  | {
      readonly op: 'write-set';
      readonly epoch: number;
      readonly inSync: readonly string[];
      readonly version: string;
      /** Refused unless this is the version there; undefined takes any. */
      readonly expected: string | undefined;
    };

type Verdict = 'regressed' | 'refused' | 'renewed' | 'released' | 'written' | 'stale' | 'conflict';

export type RedisAnswer =
  | { readonly type: 'granted'; readonly token: FencingToken }
  | { readonly type: 'taken'; readonly holder: string; readonly remainingMs: number }
  | { readonly type: 'low' | 'recovered' | 'raised'; readonly epoch: number }
  | { readonly type: 'set'; readonly inSync: readonly string[] | undefined; readonly version: string }
  | { readonly type: Verdict };

export interface RedisRequest {
  readonly channel: 'redis';
  readonly request: number;
  readonly question: RedisQuestion;
}

interface Lock extends OfHolder {
  readonly untilMs: number;
}

interface Data {
  readonly fence?: { readonly epoch: number; readonly run: number; readonly counter: number };
  readonly lock?: Lock | undefined;
  readonly set?: {
    readonly inSync: readonly string[];
    readonly version: string;
    readonly epoch: number;
    readonly run: number;
  };
  readonly operations: ReadonlyMap<string, RedisAnswer>;
}

const EMPTY: Data = { operations: new Map() };

export class SimRedis implements SimHandler {
  readonly #world: SimWorld;
  #node = -1;
  #data = EMPTY;
  #replica = EMPTY;
  #run = 1;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** Puts it into the world. @returns its node */
  start(): number {
    this.#node = this.#world.addNode(this);
    return this.#node;
  }

  flushAll(): void {
    this.#data = EMPTY;
  }

  restartEmpty(): void {
    this.#data = EMPTY;
    this.#run += 1;
  }

  /** Copies the data to the replica, as asynchronous replication does now and then. */
  replicate(): void {
    this.#replica = this.#data;
  }

  /** The replica takes over: what was not copied is gone. */
  failOver(): void {
    this.#data = this.#replica;
    this.#run += 1;
  }

  receive(message: unknown, from: number): void {
    const { request, question } = message as RedisRequest;
    this.#world.send(this.#node, from, { channel: 'reply', request, answer: this.#answer(question) });
  }

  wake(): void {}

  #change(data: Partial<Data>): void {
    this.#data = { ...this.#data, ...data };
  }

  get #nowMs(): number {
    return this.#world.localMs(this.#node);
  }

  get #lock(): Lock | undefined {
    const { lock } = this.#data;
    return lock !== undefined && lock.untilMs > this.#nowMs ? lock : undefined;
  }

  get #fence() {
    const { fence } = this.#data;
    return fence?.run === this.#run ? fence : undefined;
  }

  #answer(question: RedisQuestion): RedisAnswer {
    switch (question.op) {
      case 'acquire':
        return this.#acquire(question);
      case 'recover':
        return this.#recover(question.epoch);
      case 'raise':
        return this.#raise(question);
      case 'renew':
        if (this.#fence === undefined) return { type: 'regressed' };
        if (!this.#holds(question)) return { type: 'refused' };
        this.#change({ lock: { ...this.#lock!, untilMs: this.#nowMs + question.ttlMs } });
        return { type: 'renewed' };
      case 'release':
        if (this.#holds(question)) this.#change({ lock: undefined });
        return { type: 'released' };
      case 'read-set':
        return this.#readSet(question.lowest);
      case 'write-set':
        return this.#writeSet(question);
    }
  }

  #holds({ holder, token }: OfHolder): boolean {
    const lock = this.#lock;
    return (
      lock?.holder === holder && lock.token.epoch === token.epoch && lock.token.counter === token.counter
    );
  }

  #acquire(question: Extract<RedisQuestion, { op: 'acquire' }>): RedisAnswer {
    const { holder, ttlMs, operation, lowest } = question;
    const done = this.#data.operations.get(operation);
    if (done !== undefined) return done;
    const fence = this.#fence;
    if (fence === undefined || fence.epoch < lowest) return { type: 'regressed' };
    const lock = this.#lock;
    if (lock !== undefined && lock.holder !== holder)
      return { type: 'taken', holder: lock.holder, remainingMs: lock.untilMs - this.#nowMs };
    const counter = fence.counter + 1;
    const token = { epoch: fence.epoch, counter };
    const answer: RedisAnswer = { type: 'granted', token };
    this.#change({
      fence: { ...fence, counter },
      lock: { holder, token, untilMs: this.#nowMs + ttlMs },
      operations: new Map([...this.#data.operations, [operation, answer]]),
    });
    return answer;
  }

  #recover(epoch: number): RedisAnswer {
    const known = this.#data.fence?.epoch ?? 0;
    if (known >= epoch) return { type: this.#fence === undefined ? 'low' : 'recovered', epoch: known };
    this.#change({ fence: { epoch, run: this.#run, counter: 0 } });
    return { type: 'recovered', epoch };
  }

  #raise(question: Extract<RedisQuestion, { op: 'raise' }>): RedisAnswer {
    const { holder, epoch } = question;
    const fence = this.#fence;
    if (fence === undefined) return { type: 'regressed' };
    const raised = { epoch, counter: 0 };
    if (this.#holds({ holder, token: raised })) return { type: 'raised', epoch };
    if (!this.#holds(question)) return { type: 'refused' };
    if (fence.epoch >= epoch) return { type: 'low', epoch: fence.epoch };
    this.#change({ fence: { ...fence, epoch, counter: 0 }, lock: { ...this.#lock!, token: raised } });
    return { type: 'raised', epoch };
  }

  #readSet(lowest: number): RedisAnswer {
    const { set } = this.#data;
    const fence = this.#fence;
    const isKept = set?.run === this.#run && fence !== undefined && fence.epoch >= lowest;
    return { type: 'set', inSync: isKept ? set.inSync : undefined, version: set?.version ?? '' };
  }

  #writeSet(question: Extract<RedisQuestion, { op: 'write-set' }>): RedisAnswer {
    const { epoch, inSync, version, expected } = question;
    const fence = this.#fence;
    if (fence === undefined || fence.epoch < epoch) return { type: 'regressed' };
    const { set } = this.#data;
    if (set?.version === version) return { type: 'written' };
    if ((set?.epoch ?? 0) > epoch) return { type: 'stale' };
    if (expected !== undefined && (set?.version ?? '') !== expected) return { type: 'conflict' };
    this.#change({ set: { inSync, version, epoch, run: this.#run } });
    return { type: 'written' };
  }
}
