/** A worker's part in gossip: it takes invitations of its head over, and tells the others how it fares. */
import { cpus, totalmem } from 'node:os';
import type { Logger } from '@anant/core';
import type { GossipTuning } from '../../protocol/gossip/index.js';
import { parseAddress } from '../control/address.js';
import { parseDataAddress } from '../data/data-address.js';
import { GossipMembership } from '../gossip/gossip-membership.js';
import type { GossipGuest } from '../gossip/invitation.js';
import { EMPTY_METADATA, type NodeMetadata } from '../gossip/node-metadata.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import type { Load } from '../proto/anant/v1/worker.js';
import type { NodeSecurity } from '../security/node-security.js';

/** Load is told again when a part of it has changed by so much. */
const CHANGE = 0.1;

export interface WorkerGossipSettings {
  /** UDP port; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** `host:port` others reach it at, where that is not where it listens. */
  readonly advertise?: string;
  readonly tuning?: Partial<GossipTuning>;
}

export interface WorkerGossipOptions {
  readonly name: string;
  /** Of its data endpoint, whose interface gossip uses too. */
  readonly dataAddress: string;
  readonly slots: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly zone?: string;
  /** Of this machine, once they are known. */
  readonly gpus: () => NodeMetadata['gpus'];
  readonly settings: WorkerGossipSettings;
  readonly security?: NodeSecurity;
  readonly logger: Logger;
  /** An invitation was taken over, or gossip could not be started by it. */
  readonly onTaken: (generation: number) => void;
}

export class WorkerGossip {
  readonly #options: WorkerGossipOptions;
  #metadata: NodeMetadata;
  readonly #membership: GossipMembership;

  constructor(options: WorkerGossipOptions) {
    this.#options = options;
    const { labels = {}, zone = '', slots, dataAddress } = options;
    this.#metadata = {
      ...EMPTY_METADATA,
      labels,
      zone,
      endpoints: { data: parseDataAddress(dataAddress).socket },
      capacity: { slots, cpus: cpus().length, memoryBytes: totalmem() },
    };
    const { logger, onTaken } = options;
    this.#membership = new GossipMembership({ guest: () => this.#guest(), logger, onTaken });
  }

  /** Joins, changes the founding, or takes the keys over. */
  take(invitation: GossipInvitation): Promise<void> {
    return this.#membership.take(invitation);
  }

  /** How busy the worker is; told to the others when it has changed much. */
  tell({ running, cpu, memoryBytes }: Load, queued: number): void {
    const { capacity, load: known, health: knownHealth } = this.#metadata;
    const health = this.#membership.node?.healthScore ?? 0;
    const load = { running, queued, cpuPart: cpu, memoryPart: memoryBytes / capacity.memoryBytes };
    if (knownHealth === health && !hasChanged(known, load, capacity.slots)) return;
    this.#metadata = { ...this.#metadata, load, health };
    this.#membership.node?.setMetadata(this.#metadata);
  }

  leave(): Promise<void> {
    return this.#membership.leave();
  }

  #guest(): GossipGuest {
    const { name, gpus, settings, security, dataAddress } = this.#options;
    const { port = 0, advertise, tuning } = settings;
    this.#metadata = {
      ...this.#metadata,
      gpus: gpus().map(({ name: model, memoryBytes }) => ({ name: model, memoryBytes })),
    };
    const { host } = parseAddress(parseDataAddress(dataAddress).socket);
    return {
      id: name,
      host,
      port,
      metadata: this.#metadata,
      ...(security && { security }),
      ...(advertise && { advertise }),
      ...(tuning && { tuning }),
    };
  }
}

function hasChanged(known: NodeMetadata['load'], load: NodeMetadata['load'], slots: number): boolean {
  return (
    Math.abs(known.running - load.running) / slots >= CHANGE ||
    Math.abs(known.cpuPart - load.cpuPart) >= CHANGE ||
    Math.abs(known.memoryPart - load.memoryPart) >= CHANGE
  );
}
