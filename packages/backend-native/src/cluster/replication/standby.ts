/** A head that stands by: follows the leader's log, and sends drivers and workers to the leader. */

import type { Logger } from '@anant/core';
import {
  status as code,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ControlServer } from '../control/control-server.js';
import { HeadClient } from '../control/head-client.js';
import { PersistentStream } from '../control/persistent-stream.js';
import { type ClusterToken, metadataOf } from '../control/security.js';
import { SESSION_SERVICE } from '../control/wire/session-wire.js';
import { WORK_SERVICE } from '../control/wire/work-wire.js';
import { GossipMembership } from '../gossip/gossip-membership.js';
import type { GossipGuest } from '../gossip/invitation.js';
import { HEADS_PAUSE_MS_MAX, PROTOCOL } from '../limits.js';
import {
  ClusterServiceService,
  type ForgetHeadRequest,
  type ForgetHeadResponse,
  type HeadState,
  type StatusRequest,
  type StatusResponse,
} from '../proto/anant/v1/cluster.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import {
  type FollowRefused,
  type FollowRequest,
  type FollowResponse,
  type IntroduceResponse,
  type PositionRequest,
  type PositionResponse,
  ReplicationServiceClient,
  ReplicationServiceService,
} from '../proto/anant/v1/replication.js';
import type { NodeSecurity } from '../security/node-security.js';
import { VERSION } from '../version.js';
import { answerForget } from './forget-desk.js';
import { introduction } from './introduction.js';
import type { HeadAddress, Replica } from './replica.js';

export interface StandbyOptions {
  readonly replica: Replica;
  readonly host: string;
  readonly port: number;
  readonly address: string;
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
  /** All that are known by now, this one included. */
  readonly heads: () => readonly HeadAddress[];
  /** Why it does not lead. */
  readonly reason: () => string;
  /** Another head is said to be gone for ever. */
  readonly forget: (request: ForgetHeadRequest) => Promise<ForgetHeadResponse>;
  readonly logger: Logger;
  /** The log cannot be gone on with: the process should end, and be started again. */
  readonly onBroken: (error: unknown) => void;
}

const UNAVAILABLE = 'E_BACKEND_UNAVAILABLE';

type Closing = ServerDuplexStream<unknown, unknown>;

/** A standby knows where the others are, and nothing more of them. */
const unknownState = ({ name, address }: HeadAddress): HeadState => ({
  name,
  address,
  state: 'unknown',
  index: 0,
  behind: 0,
  epoch: 0,
  reason: '',
});

export class Standby {
  readonly #options: StandbyOptions;
  readonly #server: ControlServer;
  readonly #gossip: GossipMembership;
  readonly #client: HeadClient<ReplicationServiceClient> | undefined;
  readonly #stream: PersistentStream<FollowRequest, FollowResponse> | undefined;
  /** Parts of a snapshot that is not complete. */
  #parts: Uint8Array[] = [];
  /** Snapshots that are not written yet: of one connection, and of the next that came meanwhile. */
  #replacing = 0;
  #connections = 0;
  #refusal = '';
  #isClosed = false;
  /** Address of the leader that is followed. */
  leader = '';

  constructor(options: StandbyOptions) {
    this.#options = options;
    const { host, port, token, security } = options;
    this.#server = new ControlServer({ host, port, token, security });
    this.#addServices();
    options.replica.journal.listen({
      onDurable: (index) => this.#write({ $case: 'followed', value: { index } }),
      onState: (state, reason) => options.logger.warn(`The journal is ${state}. ${reason}`),
    });
    this.#gossip = new GossipMembership({
      guest: () => this.#guest(),
      logger: options.logger,
      onTaken: () => {},
    });
    const others = this.#others();
    if (others.length === 0) return;
    this.#client = new HeadClient(ReplicationServiceClient, others.join(','), security);
    this.#stream = new PersistentStream<FollowRequest, FollowResponse>({
      purpose: 'follow the head that leads',
      waits: () => ({ pauseMsMax: HEADS_PAUSE_MS_MAX }),
      open: () => this.#client!.current.follow(metadataOf(token)),
      security,
      introduce: () => this.#introduce(),
      onMessage: (message) => this.#receive(message),
      onDown: () => {
        this.leader = '';
        this.#connections += 1;
        this.#parts = [];
        this.#client!.route.learn(this.#others());
        this.#client!.route.failed();
      },
    });
  }

  /** @returns the port it listens on. @throws AnantError */
  async start(): Promise<number> {
    const port = await this.#server.listen();
    this.#stream?.start();
    return port;
  }

  /** Follows nobody any more. */
  stopFollowing(): void {
    this.#isClosed = true;
    this.#stream?.abort();
  }

  /** Gives its ports free, so that this process can lead at them. */
  async close(): Promise<void> {
    this.stopFollowing();
    this.#client?.close();
    this.#server.close();
    await this.#gossip.stop();
  }

  /** Closes it for good, and says so. */
  async leave(): Promise<void> {
    await this.#gossip.leave();
    await this.close();
  }

  #others(): string[] {
    const { heads, replica } = this.#options;
    return heads().flatMap(({ name, address }) => (name === replica.name ? [] : [address]));
  }

  /** It has no vote: whether work is assigned does not depend on heads that only stand by. */
  #guest(): GossipGuest {
    const { replica, host, port, address, security } = this.#options;
    const metadata = { role: 'head' as const, endpoints: { control: `tcp://${address}` } };
    return { id: replica.name, host, port, metadata, ...(security && { security }) };
  }

  #introduce(): FollowRequest {
    const { replica, address } = this.#options;
    const { name, log, epoch, index } = replica.position;
    return { message: { $case: 'from', value: { protocol: PROTOCOL, name, log, address, epoch, index } } };
  }

  #write(message: NonNullable<FollowRequest['message']>): void {
    if (this.leader !== '' && this.#replacing === 0) this.#stream?.write({ message });
  }

  #receive({ message }: FollowResponse): void {
    if (this.#isClosed) return;
    try {
      switch (message?.$case) {
        case 'follow':
          this.#follows();
          break;
        case 'append':
          if (this.#options.replica.take(message.value.epoch, message.value.entries) !== 'take')
            this.#stream?.restart();
          break;
        case 'snapshot':
          this.#parts.push(...message.value.parts);
          if (message.value.isComplete) void this.#replace(message.value.epoch);
          break;
        case 'gossip':
          void this.#takeGossip(message.value);
          break;
        case 'refused':
          this.#refused(message.value);
          break;
      }
    } catch (error) {
      this.#options.onBroken(error);
    }
  }

  /** By a head that does not lead, or by one that leads and has no room. */
  #refused({ reason, leader, code }: FollowRefused): void {
    if (code !== UNAVAILABLE && reason !== this.#refusal)
      this.#options.logger.warn(`The head that leads does not let this one follow. ${reason}`);
    this.#refusal = reason;
    this.#client?.route.redirect(leader);
  }

  /** Each leader counts its invitations itself: what came on an earlier connection is not told on this one. */
  async #takeGossip(invitation: GossipInvitation): Promise<void> {
    const connection = this.#connections;
    await this.#gossip.take(invitation);
    const { generation } = invitation;
    if (connection === this.#connections)
      this.#stream?.write({ message: { $case: 'gossipTaken', value: { generation } } });
  }

  #follows(): void {
    this.leader = this.#client?.route.current ?? '';
    this.#stream?.established();
    this.#confirm();
  }

  /** What its journal has, once it has all of the last snapshot. */
  #confirm(): void {
    this.#write({ $case: 'followed', value: { index: this.#options.replica.journal.status().index } });
  }

  async #replace(epoch: number): Promise<void> {
    const parts = this.#parts;
    const connection = this.#connections;
    this.#parts = [];
    this.#replacing += 1;
    try {
      const verdict = await this.#options.replica.replaceBy(epoch, parts);
      this.#replacing -= 1;
      if (connection !== this.#connections) this.#confirm();
      else if (verdict === 'take') this.#follows();
      else this.#stream?.restart();
    } catch (error) {
      this.#options.onBroken(error);
    }
  }

  #addServices(): void {
    const why = () =>
      this.leader === ''
        ? 'No head leads now; `anant heads` says why.'
        : 'This head stands by; it does not lead.';
    const session = (call: Closing) => {
      const value = { code: UNAVAILABLE, reason: why(), leader: this.leader };
      call.write({ message: { $case: 'closed', value } });
      call.end();
    };
    const work = (call: Closing) => {
      const value = { code: UNAVAILABLE, reason: why(), isFinal: false, leader: this.leader };
      // A worker that is sent nowhere tries the next head by itself.
      if (this.leader !== '') call.write({ message: { $case: 'dismissed', value } });
      call.end();
    };
    const follow = (call: Closing) => {
      call.write({
        message: { $case: 'refused', value: { code: UNAVAILABLE, reason: why(), leader: this.leader } },
      });
      call.end();
    };
    const introduce = (_call: unknown, callback: sendUnaryData<IntroduceResponse>) =>
      callback(null, introduction(this.#options.replica, this.#options.heads()));
    const refuse = (_call: unknown, callback: sendUnaryData<unknown>) =>
      callback({ code: code.UNAVAILABLE, details: why() });
    const forgetHead = (
      { request }: ServerUnaryCall<ForgetHeadRequest, ForgetHeadResponse>,
      callback: sendUnaryData<ForgetHeadResponse>,
    ) => answerForget(this.#options.forget(request), callback);
    const watch = (call: Closing) => call.emit('error', { code: code.UNAVAILABLE, details: why() });
    this.#server.add({
      name: 'anant.v1.SchedulerService',
      definition: SESSION_SERVICE,
      handlers: { session },
      roles: ['driver'],
    });
    this.#server.add({
      name: 'anant.v1.WorkerService',
      definition: WORK_SERVICE,
      handlers: { work },
      roles: ['worker'],
    });
    this.#server.add({
      name: 'anant.v1.ClusterService',
      definition: ClusterServiceService,
      handlers: {
        status: this.#status,
        watch,
        drain: refuse,
        explain: refuse,
        forgetHead,
        rotateGossipKey: refuse,
      },
      roles: ['driver', 'head'],
    });
    this.#server.add({
      name: 'anant.v1.ReplicationService',
      definition: ReplicationServiceService,
      handlers: { follow, position: this.#position, introduce },
      roles: ['head'],
    });
  }

  readonly #position = (
    { request }: ServerUnaryCall<PositionRequest, PositionResponse>,
    callback: sendUnaryData<PositionResponse>,
  ): void => {
    const { replica } = this.#options;
    replica.follower.promised = Math.max(replica.follower.promised, request.promise);
    const { position, fenced, follower } = replica;
    const { promised } = follower;
    callback(null, { ...position, promised, fenced, role: 'standby', leader: this.leader });
  };

  readonly #status = (
    _call: ServerUnaryCall<StatusRequest, StatusResponse>,
    callback: sendUnaryData<StatusResponse>,
  ): void => {
    const { replica } = this.#options;
    const { epoch, index } = replica.position;
    callback(null, {
      epoch,
      leadership: 'standby',
      members: [],
      sessions: [],
      queued: 0,
      assigned: 0,
      submitted: 0,
      ended: 0,
      uptimeMs: 0,
      policy: '',
      journal: replica.journal.status().level,
      version: VERSION,
      view: undefined,
      leader: this.leader,
      heads: [
        {
          name: replica.name,
          address: this.#options.address,
          state: 'standby',
          index,
          behind: 0,
          epoch,
          reason: this.leader === '' ? this.#options.reason() : '',
        },
        ...this.#options.heads().flatMap((head) => (head.name === replica.name ? [] : [unknownState(head)])),
      ],
    });
  };
}
