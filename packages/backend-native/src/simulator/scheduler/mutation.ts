/** Planted bugs, so that the tests can prove they would find them. Production code knows nothing of them. */
import type {
  JournalEntry,
  SchedulerEffect,
  SchedulerEvent,
  SchedulerState,
} from '../../protocol/scheduler/index.js';

export interface Mutation {
  readonly name: string;
  readonly acknowledgesEarly?: boolean;
  /** What several heads do wrong: acknowledge what no standby has, ignore that another leads, lead whatever they lack. */
  readonly heads?: 'acknowledge alone' | 'no fencing' | 'lead anyhow';
  /** Changes or swallows an event before the step sees it. */
  onEvent?(event: SchedulerEvent, state: SchedulerState): SchedulerEvent | undefined;
  onEffects?(effects: SchedulerEffect[], event: SchedulerEvent, state: SchedulerState): SchedulerEffect[];
  onState?(state: SchedulerState): void;
  onReplay?(entry: JournalEntry): JournalEntry;
}
