/** Which workers could ever run a task, and what to say when none can. */
import type { TaskClass, WorkerEntry } from './entries.js';
import { type Amounts, amountsOf, fits, NOTHING } from './resources.js';
import type { SchedulerState } from './state.js';
import type { TaskPlacement, TaskSpec } from './task-spec.js';
import type { WorkerSpec } from './worker-spec.js';

export function isPlaceable(placement: TaskPlacement | undefined, { id, host, labels }: WorkerSpec): boolean {
  if (placement === undefined) return true;
  if (placement.node !== undefined && placement.node !== id && placement.node !== host) return false;
  for (const [name, value] of Object.entries(placement.labels ?? {}))
    if (labels[name] !== value) return false;
  return true;
}

/** Whether the worker could run tasks of the class if it had nothing else. */
export function couldRun(worker: WorkerEntry, wanted: TaskClass): boolean {
  return isPlaceable(wanted.placement, worker.spec) && fits(wanted.amounts, worker.capacity);
}

/** Why no worker, present or just gone, can ever run the task; `undefined` when one can, or when none is known yet. */
export function impossible(state: SchedulerState, spec: TaskSpec): string | undefined {
  const wanted = spec.resources === undefined ? undefined : amountsOf(spec.resources);
  const { group } = spec.placement ?? {};
  const gang = group?.tasks ?? 0;
  let room = 0;
  const largest = new Map<string, number>();
  let known = 0;
  let placeable = 0;
  for (const worker of knownWorkers(state)) {
    known += 1;
    if (!isPlaceable(spec.placement, worker)) continue;
    placeable += 1;
    if (wanted === undefined && gang === 0) return undefined;
    const capacity = amountsOf(worker.resources);
    if (wanted === undefined || fits(wanted, capacity)) {
      if (gang === 0) return undefined;
      const slots = slotsFor(worker, wanted ?? NOTHING, capacity);
      room = group!.rule === 'same-node' ? Math.max(room, slots) : room + slots;
      if (room >= gang) return undefined;
      continue;
    }
    for (const [name] of wanted) largest.set(name, Math.max(largest.get(name) ?? 0, capacity.get(name) ?? 0));
  }
  if (known === 0) return undefined;
  if (placeable === 0) return `No worker is ${describePlacement(spec.placement!)}; there are ${known}.`;
  if (room > 0) {
    const where = group!.rule === 'same-node' ? 'on one worker' : 'in all';
    return `Its group "${group!.name}" needs ${gang} slots at once ${where}; there are ${room} that could take its tasks.`;
  }
  return describeShortage(wanted!, largest);
}

/** Tasks a worker could run at the same moment if it had nothing else. */
export function slotsFor({ slots }: Pick<WorkerSpec, 'slots'>, wanted: Amounts, capacity: Amounts): number {
  let most = slots;
  for (const [name, amount] of wanted) most = Math.min(most, Math.floor((capacity.get(name) ?? 0) / amount));
  return most;
}

function* knownWorkers(state: SchedulerState): Iterable<WorkerSpec> {
  for (const worker of state.workers.values()) if (worker.state !== 'absent') yield worker.spec;
  for (const { spec } of state.departed.values()) yield spec;
}

function describePlacement({ node, labels }: TaskPlacement): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const parts = [
    ...(node === undefined ? [] : [`called "${node}"`]),
    ...(pairs.length === 0 ? [] : [`labelled ${pairs.join(', ')}`]),
  ];
  return parts.join(' and ');
}

function describeShortage(wanted: Amounts, largest: ReadonlyMap<string, number>): string {
  for (const [name, amount] of wanted) {
    const most = largest.get(name) ?? 0;
    if (amount > most) return `It asks for ${amount} of "${name}"; the most on one worker is ${most}.`;
  }
  const asked = [...wanted].map(([name, amount]) => `${amount} of "${name}"`).join(' with ');
  return `No one worker has ${asked} together.`;
}
