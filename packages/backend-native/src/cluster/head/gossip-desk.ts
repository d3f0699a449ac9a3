/** Between the head's gossip and the rest of the head: invitations out, evidence in, the view for whoever asks. */

import { AnantError, type Logger } from '@anant/core';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { status as code } from '@grpc/grpc-js';
import type { GossipTuning } from '../../protocol/gossip/index.js';
import { parseDataAddress } from '../data/data-address.js';
import type { MemberInfo } from '../gossip/events.js';
import type {
  ClusterView,
  GossipHealth,
  RotateGossipKeyRequest,
  RotateGossipKeyResponse,
} from '../proto/anant/v1/cluster.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import type { NodeSecurity } from '../security/node-security.js';
import type { HeadContext } from './head-context.js';
import { type GossipPart, HeadGossip, type KeyHolders } from './head-gossip.js';
import type { WorkerLink } from './head-link.js';

/** Longest wait for the others to take new keys over, for each of three steps; who is late gets them when it joins again. */
const SPREAD_MS_MAX = 5_000;

export interface GossipSettings {
  /** Name of the head among the members. @default 'head', or the id in its certificate */
  readonly id?: string;
  /** UDP port; 0 takes a free one. @default that of the control plane */
  readonly port?: number;
  /** `host:port` others reach it at, where that is not where it listens. */
  readonly advertise?: string;
  readonly tuning?: Partial<GossipTuning>;
}

export interface GossipDeskOptions {
  readonly context: Omit<HeadContext, 'gossip'>;
  readonly links: ReadonlyMap<string, WorkerLink>;
  readonly leads: () => boolean;
  /** Heads that stand by are members, too; undefined where there is a single head. */
  readonly standbys: GossipStandbys | undefined;
}

export interface GossipStandbys {
  /** The keys of gossip, or its founding, have changed. */
  inviteAll(): void;
  /** How many that follow took the invitation of this generation over, or a later one, and how many have not. */
  gossipTaken(generation: number): { readonly has: number; readonly lacks: number };
}

export interface GossipStart {
  readonly host: string;
  /** Where the control plane listens. */
  readonly controlPort: number;
  /** What the control plane was told to listen at: 0 for any. */
  readonly wantedPort: number;
  readonly security?: NodeSecurity;
  readonly logger?: Logger;
}

export class GossipDesk {
  readonly #options: GossipDeskOptions;
  readonly #settings: GossipSettings;
  #gossip: HeadGossip | undefined;
  #onTaken: () => void = () => {};
  #rotation: Promise<unknown> | undefined;

  constructor(options: GossipDeskOptions, settings: GossipSettings) {
    this.#options = options;
    this.#settings = settings;
  }

  get handlers() {
    return { rotateGossipKey: this.#rotate };
  }

  /** @throws AnantError when its address is taken, or may not be used without certificates */
  async start(start: GossipStart): Promise<void> {
    const { host, controlPort, wantedPort, security, logger } = start;
    const { tuning, advertise, id = security?.identity.nodeId ?? 'head', port = wantedPort } = this.#settings;
    const endpoints = { control: `tcp://${host}:${controlPort}` };
    const { context, links } = this.#options;
    this.#gossip = await HeadGossip.start({
      guest: {
        id,
        host,
        port,
        metadata: { role: 'head', endpoints },
        ...(security && { security }),
        ...(advertise && { advertise }),
        ...(tuning && { tuning }),
      },
      ...(logger && { logger }),
      onEvidence: (worker, socket, evidence) => {
        const link = links.get(worker);
        if (link !== undefined && parseDataAddress(link.dataAddress).socket === socket)
          context.dispatch({ type: 'worker-evidence', worker, bootId: link.boot, evidence });
      },
      leads: this.#options.leads,
      onQuorum: ({ state, reason }) => {
        logger?.warn(state === 'lost' ? `No work is assigned: ${reason}` : 'There is a quorum again.');
        context.dispatch({ type: 'quorum', state, reason });
      },
      onInvitation: () => this.#inviteAll(),
    });
    // Workers that came before gossip ran.
    this.#inviteAll();
  }

  async close(): Promise<void> {
    await this.#gossip?.close();
  }

  /** For a worker that joins, or a head that stands by; `undefined` while this head does not gossip. */
  invite(id: string, part: GossipPart = 'voter'): GossipInvitation | undefined {
    return this.#gossip?.invite(id, part);
  }

  /** The worker's stream closed, or it came back by one. */
  look({ id }: WorkerLink): void {
    this.#gossip?.look(id);
  }

  /** Its machine says that its process has ended. */
  ended({ id, dataAddress }: WorkerLink): void {
    this.#gossip?.ended(id, parseDataAddress(dataAddress).socket);
  }

  /** @throws AnantError `E_PROTOCOL` for a worker that calls itself what this head is called */
  checkName(worker: string): void {
    if (worker === this.#gossip?.id)
      throw new AnantError('E_PROTOCOL', `"${worker}" is the name of the head.`);
  }

  taken(link: WorkerLink, generation: number): void {
    link.gossipGeneration = generation;
    this.#onTaken();
  }

  /** A head that stands by has taken an invitation over. */
  takenByStandby(): void {
    this.#onTaken();
  }

  view(): ClusterView | undefined {
    if (this.#gossip === undefined) return undefined;
    const { node, quorum } = this.#gossip;
    const { counts, view } = node;
    return {
      epoch: view?.epoch ?? 0,
      members: view?.members.map(({ id }) => id) ?? [],
      voters: quorum.voters,
      reached: quorum.reached,
      gone: quorum.gone,
      quorum: quorum.state,
      reason: quorum.reason,
      key: node.keyring.currentId,
      sentBytes: counts.bytesSent,
      receivedBytes: counts.bytesReceived,
      dropped: Object.values(counts.dropped).reduce((sum, count) => sum + count, 0),
    };
  }

  /** What gossip says of a member; the head is the one without an id. */
  health(id?: string): GossipHealth | undefined {
    const node = this.#gossip?.node;
    const member = node?.member(id ?? node.id);
    if (node === undefined || member === undefined) return undefined;
    const health = id === undefined ? node.healthScore : member.metadata.health;
    const isInView = node.view?.members.some((each) => each.id === member.id && each.boot === member.boot);
    return { ...healthOf(member), health, isInView: isInView ?? false };
  }

  #inviteAll(): void {
    for (const { id, stream } of this.#options.links.values()) {
      const value = this.#gossip?.invite(id, 'voter');
      if (value !== undefined) stream?.write({ message: { $case: 'gossip', value } });
    }
    this.#options.standbys?.inviteAll();
  }

  readonly #rotate = (
    _call: ServerUnaryCall<RotateGossipKeyRequest, RotateGossipKeyResponse>,
    callback: sendUnaryData<RotateGossipKeyResponse>,
  ): void => {
    const gossip = this.#gossip;
    if (gossip === undefined || this.#rotation !== undefined) {
      const details = gossip ? 'The key is being replaced already.' : 'This head does not gossip.';
      callback({ code: code.UNAVAILABLE, details });
      return;
    }
    this.#rotation = gossip
      .rotate((generation) => this.#spread(generation))
      .then(
        (result) => callback(null, result),
        (error) => callback({ code: code.INTERNAL, details: String(error) }),
      )
      .finally(() => {
        this.#rotation = undefined;
      });
  };

  /** Waits until everyone who is here took an invitation over. @returns how many did */
  #spread(generation: number): Promise<KeyHolders> {
    const links = [...this.#options.links.values()].filter(({ stream }) => stream !== undefined);
    const count = () => {
      const { has: heads, lacks } = this.#options.standbys?.gossipTaken(generation) ?? { has: 0, lacks: 0 };
      const late = links.filter((link) => link.gossipGeneration < generation);
      const isDone = lacks === 0 && late.every(({ stream }) => stream === undefined);
      return { workers: links.length - late.length, heads, isDone };
    };
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#onTaken = () => {};
        const { workers, heads } = count();
        resolve({ workers, heads });
      };
      const timer = setTimeout(settle, SPREAD_MS_MAX);
      this.#onTaken = () => {
        if (count().isDone) settle();
      };
      this.#onTaken();
    });
  }
}

function healthOf(member: MemberInfo): Omit<GossipHealth, 'health' | 'isInView'> {
  const { status, incarnation, roundTripMs = 0, isVoter, address, metadata } = member;
  const gpus = metadata.gpus.map(({ name }) => name);
  return { status, incarnation, roundTripMs, isVoter, address, gpus };
}
