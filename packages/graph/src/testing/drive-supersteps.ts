/** For tests: carries out a driver's orders in this thread, in an order and with losses that a seed decides. */
import { type Answer, type DriverOptions, type Order, SuperstepDriver } from '../supersteps/driver.js';
import type { PartitionData } from '../supersteps/partition-data.js';
import type { ProgramParameters, ProgramState } from '../supersteps/program.js';
import { type ProgramName, programs } from '../supersteps/programs/table.js';

export interface DriveOptions extends Omit<DriverOptions, 'parts'> {
  readonly data: readonly PartitionData[];
  readonly program: ProgramName;
  readonly parameters: ProgramParameters;
  readonly random: () => number;
  /** Probability that a part is lost at an order, while there were fewer than half of `lossesMax`. */
  readonly lossShare: number;
}

const copyOf = (state: ProgramState): ProgramState =>
  Object.fromEntries(Object.entries(state).map(([name, array]) => [name, array.slice()]));

export function driveSupersteps(options: DriveOptions): SuperstepDriver {
  const { data, program: name, parameters, random, lossShare, lossesMax } = options;
  const driver = new SuperstepDriver({ ...options, parts: data.length });
  const program = programs[name];
  const states: ProgramState[] = [];
  const open: Order[] = driver.begin();
  const answer = ({ part, command }: Order): Answer => {
    const mayLose = driver.progress.losses < lossesMax / 2;
    if (mayLose && random() < lossShare) return { type: 'lost', reason: 'the test said so' };
    const own = data[part]!;
    switch (command.type) {
      case 'start':
        states[part] = command.checkpoint
          ? copyOf(command.checkpoint as ProgramState)
          : program.start(own, parameters);
        return { type: 'started' };
      case 'step':
        return { type: 'stepped', output: program.step(own, states[part]!, command.input, parameters) };
      case 'save':
        return { type: 'saved', checkpoint: copyOf(states[part]!) };
      case 'collect':
        return { type: 'collected', collected: program.collect(own, states[part]!) };
    }
  };
  while (open.length > 0) {
    const [order] = open.splice(Math.floor(random() * open.length), 1);
    open.push(...driver.handle(order!.part, order!.life, answer(order!)));
  }
  return driver;
}
