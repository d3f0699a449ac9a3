/** A head's questions to the simulated Redis, with deadlines; and the rounds that the production store makes of them. */
import type { FencingToken } from '../../../protocol/lease/index.js';
import type { SimWorld } from '../../sim-world.js';
import type { RedisAnswer, RedisQuestion } from './redis-model.js';
import { type Ask, ask, type Script } from './script.js';
import type { HeadMachine } from './sim-replica.js';

export interface RedisReply {
  readonly channel: 'reply';
  readonly request: number;
  readonly answer: RedisAnswer;
}

/** Rounds of "the epoch is too low": each raises it above what was just said. */
const ROUNDS_MAX = 16;

export class RedisClient {
  readonly #world: SimWorld;
  readonly #node: number;
  readonly #redis: number;
  readonly #machine: HeadMachine;
  readonly #waiting = new Map<number, (answer: RedisAnswer | undefined) => void>();
  #requests: number;

  /** @param asked number that no question of this process has, as answers to one before it may still come */
  constructor(world: SimWorld, node: number, redis: number, machine: HeadMachine, asked: number) {
    this.#requests = asked;
    this.#world = world;
    this.#node = node;
    this.#redis = redis;
    this.#machine = machine;
  }

  /** The answer, or undefined when none came in time. */
  ask(question: RedisQuestion, timeoutMs: number): Ask<RedisAnswer | undefined> {
    return (settle) => {
      this.#requests += 1;
      const request = this.#requests;
      this.#waiting.set(request, settle);
      this.#world.send(this.#node, this.#redis, { channel: 'redis', request, question });
      this.#world.setTimer(this.#node, timeoutMs, () => this.#settle(request, undefined));
    };
  }

  answered({ request, answer }: RedisReply): void {
    this.#settle(request, answer);
  }

  /** A higher epoch is durable here first, then in Redis. @param lowest highest epoch that any head knows */
  *recover(lowest: number, timeoutMs: number): Script<RedisAnswer | undefined> {
    this.#fence(lowest);
    return yield* this.#raised((epoch) => ({ op: 'recover', epoch }), 0, timeoutMs);
  }

  *raise(holder: string, token: FencingToken, timeoutMs: number): Script<RedisAnswer | undefined> {
    const question = (epoch: number) => ({ op: 'raise' as const, holder, token, epoch });
    return yield* this.#raised(question, token.epoch, timeoutMs);
  }

  *acquire(
    question: Omit<Extract<RedisQuestion, { op: 'acquire' }>, 'op' | 'lowest'>,
    timeoutMs: number,
  ): Script<RedisAnswer | undefined> {
    const lowest = this.#machine.fenced;
    const answer = yield* ask(this.ask({ op: 'acquire', lowest, ...question }, timeoutMs));
    if (answer?.type === 'granted') this.#fence(answer.token.epoch);
    return answer;
  }

  *#raised(
    question: (epoch: number) => RedisQuestion,
    from: number,
    timeoutMs: number,
  ): Script<RedisAnswer | undefined> {
    let lowest = from;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const epoch = Math.max(this.#machine.fenced, lowest) + 1;
      this.#fence(epoch);
      const answer = yield* ask(this.ask(question(epoch), timeoutMs));
      if (answer?.type !== 'low') {
        if (answer?.type === 'recovered') this.#fence(answer.epoch);
        return answer;
      }
      lowest = answer.epoch;
    }
    return { type: 'refused' };
  }

  #fence(epoch: number): void {
    this.#machine.fenced = Math.max(this.#machine.fenced, epoch);
  }

  #settle(request: number, answer: RedisAnswer | undefined): void {
    const settle = this.#waiting.get(request);
    this.#waiting.delete(request);
    settle?.(answer);
  }
}
