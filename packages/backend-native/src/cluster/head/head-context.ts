/** What the parts of a head need of each other. */
import type { SchedulerEvent } from '../../protocol/scheduler/event.js';
import type { StartActor, StopActor } from '../proto/anant/v1/scheduler.js';
import type { WorkActorAnswer } from '../proto/anant/v1/worker.js';
import type { GossipDesk } from './gossip-desk.js';
import type { SessionLink, WorkerLink } from './head-link.js';
import type { IdentityDesk } from './identity-desk.js';
import type { PeerDesk } from './peer-desk.js';
import type { TemplateTable } from './template-table.js';

/** What drivers and workers are told when they come. */
export interface HeadFacts {
  readonly epoch: number;
  readonly slots: number;
  readonly workers: number;
  readonly dataSecret: Uint8Array;
  readonly version: string;
  /** How durable an acknowledged task is: `memory` or `disk`. */
  readonly journal: string;
  /** Addresses of all heads, this one first. */
  readonly heads: readonly string[];
}

export interface HeadContext {
  readonly templates: TemplateTable;
  readonly identities: IdentityDesk;
  readonly gossip: GossipDesk;
  readonly peers: PeerDesk;
  facts(): HeadFacts;
  nowMs(): number;
  /** Hands an event to the scheduler and performs what it wants done; in order when called from within. */
  dispatch(event: SchedulerEvent): void;
  sessionOf(index: number): SessionLink | undefined;
  sessionGone(link: SessionLink): void;
  startActor(link: SessionLink, request: StartActor): void;
  stopActor(link: SessionLink, request: StopActor): void;
  actorAnswer(worker: WorkerLink, answer: WorkActorAnswer): void;
  workerJoined(link: WorkerLink): void;
  workerGone(link: WorkerLink, reason: string): void;
}
