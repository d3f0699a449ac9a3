/** Declares a head gone for ever, as the head that is asked may. */
import { type sendUnaryData, status } from '@grpc/grpc-js';
import { mayForget } from '../../protocol/replication/index.js';
import type { ForgetHeadRequest, ForgetHeadResponse } from '../proto/anant/v1/cluster.js';
import type { EpochStore } from '../redis/epoch-store.js';
import type { HeadSetStore } from '../redis/head-set.js';
import type { HeadPeers } from './head-peers.js';
import type { HeadAddress, Replica } from './replica.js';
import type { Replicator } from './replicator.js';

export interface ForgetDeskOptions {
  readonly replica: Replica;
  readonly peers: HeadPeers;
  readonly epochs: EpochStore;
  readonly sets: Pick<HeadSetStore, 'read' | 'forget'>;
  /** Every head there ever was, by every address it had. */
  readonly heads: () => readonly HeadAddress[];
  /** While this head leads. */
  readonly replicator: () => Replicator | undefined;
}

/** A head that is there answers within this time. */
const ANSWER_MS_MAX = 1_000;
const REDIS_MS_MAX = 1_000;

const ADVICE = {
  unknown: '`anant heads` names those there are.',
  alive: 'Only a head that is gone for ever may be forgotten.',
  soon: 'Ask again when it does.',
  loss: 'Bring that head back if its disk is there. If it is gone for ever, say --force: what only it had is lost then.',
} as const;

export class ForgetDesk {
  readonly #options: ForgetDeskOptions;

  constructor(options: ForgetDeskOptions) {
    this.#options = options;
  }

  async forget({ name, isLossAccepted }: ForgetHeadRequest): Promise<ForgetHeadResponse> {
    const { replica, peers, heads } = this.#options;
    const all = heads();
    const others = all.filter((head) => head.name !== replica.name);
    const { positions, leader } = await peers.ask(others, 0, ANSWER_MS_MAX);
    const replicator = this.#options.replicator();
    if (replicator === undefined && leader !== '')
      return refused('E_BACKEND_UNAVAILABLE', `The head at ${leader} leads.`, ADVICE.soon);
    const kept = replicator === undefined ? await this.#kept() : undefined;
    const verdict = mayForget({
      name,
      self: replica.position,
      role: replicator === undefined ? 'standby' : 'leader',
      heads: all.map((head) => head.name),
      inSync: kept?.inSync,
      answers: positions,
      loss: isLossAccepted ? 'accepted' : 'refused',
    });
    if (verdict.type === 'refuse') {
      const code = verdict.why === 'soon' ? 'E_BACKEND_UNAVAILABLE' : 'E_INPUT_INVALID';
      return refused(code, verdict.reason, ADVICE[verdict.why]);
    }
    if (replicator !== undefined) await replicator.forget(others.filter((head) => head.name === name));
    else {
      const answer = await this.#options.sets.forget(name, kept!, REDIS_MS_MAX);
      if (answer.type === 'leads')
        return refused(
          'E_INPUT_INVALID',
          `"${name}" does not answer here, but its lease in Redis runs for ${answer.remainingMs} ms more.`,
          'Ask again when it has run out. When it does not run out, that head is alive and cut off from this one.',
        );
      if (answer.type === 'conflict')
        return refused('E_BACKEND_UNAVAILABLE', 'Another head takes over just now.', ADVICE.soon);
    }
    return { code: '', reason: '', advice: '', mayBeLost: verdict.loss === 'possible' };
  }

  async #kept() {
    const { sets, epochs } = this.#options;
    return await sets.read(await epochs.read(), REDIS_MS_MAX);
  }
}

const refused = (code: string, reason: string, advice: string): ForgetHeadResponse => ({
  code,
  reason,
  advice,
  mayBeLost: false,
});

/** Redis may not answer, or the head may stop to lead meanwhile. */
export function answerForget(
  forgotten: Promise<ForgetHeadResponse>,
  callback: sendUnaryData<ForgetHeadResponse>,
): void {
  forgotten.then(
    (answer) => callback(null, answer),
    (error) => callback({ code: status.UNAVAILABLE, details: (error as Error).message }),
  );
}
