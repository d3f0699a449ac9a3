/** Asks other heads where they are. */
import type { HeadPosition } from '../../protocol/replication/index.js';
import { HeadClient } from '../control/head-client.js';
import { type ClusterToken, metadataOf } from '../control/security.js';
import { type PositionResponse, ReplicationServiceClient } from '../proto/anant/v1/replication.js';
import type { NodeSecurity } from '../security/node-security.js';
import type { HeadAddress } from './replica.js';

export interface HeadPeersOptions {
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
}

export interface HeadAnswers {
  readonly positions: ReadonlyMap<string, HeadPosition>;
  /** Highest epoch that any of them knows of. */
  readonly epoch: number;
  /** Address of the one that leads; empty when none of them does. */
  readonly leader: string;
}

export class HeadPeers {
  readonly #options: HeadPeersOptions;

  constructor(options: HeadPeersOptions) {
    this.#options = options;
  }

  /** Those that answer in time. @param promise none of them follows an older epoch afterwards */
  async ask(heads: readonly HeadAddress[], promise: number, timeoutMs: number): Promise<HeadAnswers> {
    const asked = heads.map(({ address }) => this.#ask(address, promise, timeoutMs).catch(() => undefined));
    const answers = (await Promise.all(asked)).flatMap((answer) => answer ?? []);
    return {
      positions: new Map(answers.map((answer) => [answer.name, answer])),
      leader: answers.find(({ role }) => role === 'leader')?.leader ?? '',
      epoch: Math.max(0, ...answers.flatMap(({ epoch, promised, fenced }) => [epoch, promised, fenced])),
    };
  }

  #ask(address: string, promise: number, timeoutMs: number): Promise<PositionResponse> {
    const { token, security } = this.#options;
    // A new channel each time: one that saw the head restart would pause before it tries again.
    const client = new HeadClient(ReplicationServiceClient, address, security);
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      client.current.position({ promise }, metadataOf(token), { deadline }, (error, answer) => {
        client.close();
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  }
}
