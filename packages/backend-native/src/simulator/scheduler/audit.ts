/** Whether the head's books agree with each other: every count with what it counts, every bound with what it bounds. */
import type { SchedulerState } from '../../protocol/scheduler/index.js';

export function audit(state: SchedulerState): string[] {
  const problems: string[] = [];
  const check = (name: string, is: number, shouldBe: number) => {
    if (Math.abs(is - shouldBe) > 1e-6) problems.push(`${name} is ${is}, not ${shouldBe}.`);
  };
  const open = [...state.tasks.open()];
  check('waiting', state.waiting, open.filter((entry) => entry.worker === undefined).length);
  check('open tasks', state.tasks.size, open.length);
  check('payload bytes', state.payloadBytes, sum(open.map(({ spec }) => spec.payload.byteLength)));
  check('lane lengths', sum([...state.lanes.values()].map(({ waiting }) => waiting)), state.waiting);
  const classes = [...state.lanes.values()].flatMap((lane) => [...lane.classes.values()]);
  check('class lengths', sum(classes.map(({ queue }) => queue.size)), state.waiting);
  check('classes', state.classes, classes.length);
  let occupants = 0;
  for (const worker of state.workers.values()) {
    occupants += worker.occupants;
    check(`occupants of ${worker.id}`, worker.occupants, worker.tasks.size + worker.ghosts.size);
    let revoked = 0;
    const free = new Map(worker.capacity);
    for (const queue of [worker.tasks, worker.ghosts])
      for (let entry = queue.first; entry !== undefined; entry = entry.queueNext) {
        if (entry.isRevoked) revoked += 1;
        for (const [name, amount] of entry.class.amounts) free.set(name, (free.get(name) ?? 0) - amount);
      }
    check(`revoked at ${worker.id}`, worker.revoked, revoked);
    for (const [name, amount] of free) {
      check(`free ${name} of ${worker.id}`, worker.free.get(name) ?? 0, amount);
      if (worker.state === 'active' && amount < 0)
        problems.push(`${worker.id} gave out more ${name} than it has.`);
    }
    if (worker.occupants > state.options.limits.workerTasksMax)
      problems.push(`${worker.id} has too many tasks.`);
  }
  check('assigned', state.assigned.size, occupants);
  for (const session of state.sessions.values())
    check(`open of ${session.id}`, session.open, open.filter((entry) => entry.session === session).length);
  const { limits } = state.options;
  if (state.tasks.endedSize > limits.dedupTasksMax) problems.push('Too many ended tasks are remembered.');
  if (state.deaths.size > limits.deathsTasksMax) problems.push('Too many deaths are remembered.');
  return problems;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
