/** Looks at a cluster and changes who is in it: what the command line uses, and any program may. */
import { AnantError, isErrorCode } from '@anant/core';
import type { ServiceError } from '@grpc/grpc-js';
import { CALL_MS_MAX, HEADS_ANSWER_MS_MAX } from '../limits.js';
import {
  ClusterServiceClient,
  type ExplainResponse,
  type ForgetHeadResponse,
  type HeadState,
  type RotateGossipKeyResponse,
  type StatusResponse,
  type WatchResponse,
} from '../proto/anant/v1/cluster.js';
import type { NodeSecurity } from '../security/node-security.js';
import { controlError } from './control-channel.js';
import { HeadClient } from './head-client.js';
import { surveyHeads } from './head-survey.js';
import { type ClusterToken, metadataOf } from './security.js';

export interface AdminOptions {
  /** Of the head; of several, separated by commas. */
  readonly address: string;
  readonly token?: ClusterToken;
  /** Certificates of this node, where the cluster has them. */
  readonly security?: NodeSecurity;
}

/** Every member takes the new keys over in three steps; who is late is waited for. */
const ROTATE_MS_MAX = 20_000;

export class ClusterAdmin {
  readonly #options: AdminOptions;
  readonly #client: HeadClient<ClusterServiceClient>;

  /** @throws AnantError when the address is malformed */
  constructor(options: AdminOptions) {
    this.#options = options;
    this.#client = new HeadClient(ClusterServiceClient, options.address, options.security);
  }

  /** Addresses of all heads that are known by now. */
  get heads(): readonly string[] {
    return this.#client.route.addresses;
  }

  /**
   * Of the head that leads; of one that stands by while none does. The next call goes to the one that answered.
   * @throws AnantError when no head answers in time
   */
  async status(): Promise<StatusResponse> {
    const { route } = this.#client;
    let answer: StatusResponse | undefined;
    let answered = '';
    let failure: unknown;
    for (let looks = 2 * route.count; looks > 0; looks -= 1) {
      try {
        answer = await this.#call<StatusResponse>((...rest) => this.#client.current.status({}, ...rest));
        answered = route.current;
        route.learn(answer.heads.map(({ address }) => address));
        if (answer.leadership !== 'standby') return answer;
        if (answer.leader === '') route.failed();
        else route.redirect(answer.leader);
      } catch (error) {
        failure = error;
        if (route.count === 1) break;
        route.failed();
      }
    }
    if (answer === undefined) throw failure;
    route.redirect(answered);
    return answer;
  }

  /** The state now and at every interval, until the signal or the connection ends it. @throws AnantError */
  async *watch(intervalMs: number, signal: AbortSignal): AsyncGenerator<StatusResponse> {
    await this.status();
    const call = this.#client.current.watch({ intervalMs }, metadataOf(this.#options.token));
    const stop = () => call.cancel();
    signal.addEventListener('abort', stop);
    try {
      for await (const { status } of call as AsyncIterable<WatchResponse>)
        if (status !== undefined) yield status;
    } catch (error) {
      if (!signal.aborted) throw controlError(this.#purpose, error);
    } finally {
      signal.removeEventListener('abort', stop);
      call.cancel();
    }
  }

  /** Tells a worker to finish what runs and take no more. @returns tasks it still has. @throws AnantError */
  async drain(node: string): Promise<number> {
    await this.status();
    const { running } = await this.#call<{ running: number }>((...rest) =>
      this.#client.current.drain({ node, graceMs: 0 }, ...rest),
    );
    return running;
  }

  /** Every head with its role, its epoch and how far it is, as each says itself. @throws AnantError when none answers */
  async surveyHeads(): Promise<readonly HeadState[]> {
    try {
      return await surveyHeads(this.heads, this.#options);
    } catch (error) {
      throw controlError(this.#purpose, error);
    }
  }

  /**
   * Declares a head gone for ever, so that the others do not wait for it.
   * @param loss whether it is accepted that tasks are lost which only that head acknowledged
   * @returns whether such tasks may be lost now. @throws AnantError when it may not be declared gone
   */
  async forgetHead(name: string, loss: 'refused' | 'accepted' = 'refused'): Promise<'none' | 'possible'> {
    await this.status();
    const isLossAccepted = loss === 'accepted';
    const { code, reason, advice, mayBeLost } = await this.#call<ForgetHeadResponse>((...rest) =>
      this.#client.current.forgetHead({ name, isLossAccepted }, ...rest),
    );
    if (code === '') return mayBeLost ? 'possible' : 'none';
    const retryable = code === 'E_BACKEND_UNAVAILABLE';
    throw new AnantError(isErrorCode(code) ? code : 'E_PROTOCOL', reason, { advice, retryable });
  }

  /** Replaces the key that encrypts gossip. @throws AnantError */
  async rotateGossipKey(): Promise<RotateGossipKeyResponse> {
    await this.status();
    return this.#call((...rest) => this.#client.current.rotateGossipKey({}, ...rest), ROTATE_MS_MAX);
  }

  /** Where a task is, and why. @throws AnantError when the head does not know it */
  async explain(task: string): Promise<ExplainResponse> {
    await this.status();
    return this.#call((...rest) => this.#client.current.explain({ task }, ...rest));
  }

  close(): void {
    this.#client.close();
  }

  get #purpose(): string {
    return `ask the head at ${this.#options.address}`;
  }

  /** With several heads one that hangs must not keep the next from being asked. */
  get #callMsMax(): number {
    return this.#client.route.count > 1 ? HEADS_ANSWER_MS_MAX : CALL_MS_MAX;
  }

  #call<Response>(
    make: (
      metadata: ReturnType<typeof metadataOf>,
      options: { deadline: number },
      callback: (error: ServiceError | null, response: Response) => void,
    ) => unknown,
    timeoutMs = this.#callMsMax,
  ): Promise<Response> {
    return new Promise<Response>((resolve, reject) => {
      make(metadataOf(this.#options.token), { deadline: Date.now() + timeoutMs }, (error, response) => {
        if (error === null) resolve(response);
        else reject(controlError(this.#purpose, error));
      });
    });
  }
}
