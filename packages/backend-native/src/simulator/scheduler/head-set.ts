/** The heads of a simulated cluster, one or several, as faults and drivers see them. */
import type { SchedulerEvent, SchedulerState } from '../../protocol/scheduler/index.js';
import type { CrashTear, SimDisk } from '../sim-disk.js';

export interface HeadSet {
  readonly nodes: readonly number[];
  /** The head that decides, or the last that did. */
  readonly node: number;
  /** What it knows. */
  readonly state: SchedulerState;
  readonly disks: readonly SimDisk[];
  feed(event: SchedulerEvent): void;
  /** Ends a head's process; it starts again. What its disk had not synced survives as `tear` says. */
  kill(node: number, tear: CrashTear): void;
}
