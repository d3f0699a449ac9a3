/** Asks the other heads where they are. */
import type { HeadPosition } from '../../../protocol/replication/index.js';
import type { SimWorld } from '../../sim-world.js';
import type { HeadMessage } from './head-messages.js';
import type { Ask } from './script.js';

export interface PeerAnswers {
  readonly positions: ReadonlyMap<string, HeadPosition>;
  /** Highest epoch that any of them knows of. */
  readonly epoch: number;
}

interface Round {
  readonly positions: Map<string, HeadPosition>;
  epoch: number;
  readonly done: () => void;
}

export class PeerQuestions {
  readonly #world: SimWorld;
  readonly #node: number;
  readonly #others: readonly number[];
  readonly #rounds = new Map<number, Round>();
  #requests: number;

  /** @param asked number that no question of this process has, as answers to one before it may still come */
  constructor(world: SimWorld, node: number, others: readonly number[], asked: number) {
    this.#requests = asked;
    this.#world = world;
    this.#node = node;
    this.#others = others;
  }

  /** Those that answer in time. @param promise none of them follows an older epoch afterwards */
  ask(promise: number, timeoutMs: number): Ask<PeerAnswers> {
    return (settle) => {
      this.#requests += 1;
      const request = this.#requests;
      const done = () => {
        if (this.#rounds.delete(request)) settle(round);
      };
      const round: Round = { positions: new Map(), epoch: 0, done };
      this.#rounds.set(request, round);
      for (const other of this.#others)
        this.#world.send(this.#node, other, { channel: 'ask', request, promise });
      this.#world.setTimer(this.#node, timeoutMs, done);
    };
  }

  answered({ request, position, promised, fenced }: Extract<HeadMessage, { channel: 'answer' }>): void {
    const round = this.#rounds.get(request);
    if (round === undefined) return;
    round.positions.set(position.name, position);
    round.epoch = Math.max(round.epoch, position.epoch, promised, fenced);
    if (round.positions.size === this.#others.length) round.done();
  }
}
