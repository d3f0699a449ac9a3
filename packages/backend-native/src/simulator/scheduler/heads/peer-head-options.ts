/** What one of several simulated heads is made of. */
import type { SchedulerSettings } from '../../../protocol/scheduler/index.js';
import type { SimWorld } from '../../sim-world.js';
import type { Mutation } from '../mutation.js';
import type { Oracle } from '../oracle.js';
import type { HeadMachine } from './sim-replica.js';

export interface PeerHeadOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly name: string;
  /** Counts the starts of this head. */
  readonly life: number;
  readonly machine: HeadMachine;
  readonly redis: number;
  /** Nodes and names of the other heads. */
  readonly others: readonly number[];
  readonly otherNames: readonly string[];
  readonly oracle: Oracle;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
  /** Of the leader's lease. */
  readonly ttlMs: number;
  readonly syncMs: () => number;
  /** A number for a term, given to no other one of any head. */
  readonly nextLife: () => number;
  readonly nextConnection: () => number;
  /** The process ends. */
  readonly onBroken: (error: unknown) => void;
}
