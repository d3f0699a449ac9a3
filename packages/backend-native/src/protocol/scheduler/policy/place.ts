/** Which worker takes a task: among those that may and have room, the one with the lowest score. */
import { type Amounts, NOTHING } from '../resources.js';
import type { InputLocation } from '../task-spec.js';

/** What a policy sees of a worker. */
export interface Candidate {
  readonly id: string;
  readonly slots: number;
  /** Tasks it has, waiting and running. */
  readonly occupants: number;
  /** Estimated run time of what it has, in microseconds. */
  readonly backlogUs: number;
  readonly free: Amounts;
  readonly capacity: Amounts;
}

/** What a policy sees of a task. */
export interface Demand {
  readonly amounts: Amounts;
  readonly inputs: readonly InputLocation[] | undefined;
}

export type PlaceName = 'round-robin' | 'least-loaded' | 'resource-aware' | 'locality';

export interface PlacePolicy {
  readonly name: PlaceName;
  /** Lower is better; the first of equals in turn is taken. */
  score(demand: Demand, candidate: Candidate): number;
  /** One phrase for `explain`, given the score. */
  say(score: number): string;
}

/** Moving a byte costs a thousandth of a microsecond: about 1 GB/s. */
const US_PER_BYTE = 0.001;

const loadOf = ({ occupants, slots }: Candidate): number => occupants / Math.max(1, slots);

const ROUND_ROBIN: PlacePolicy = {
  name: 'round-robin',
  score: () => 0,
  say: () => 'it was its turn',
};

const LEAST_LOADED: PlacePolicy = {
  name: 'least-loaded',
  score: (_demand, candidate) => loadOf(candidate),
  say: (score) => `it had the least per slot (${round(score)} tasks)`,
};

/**
 * How well what is free there lines up with what is asked for (Grandl et al., "Multi-resource packing for cluster
 * schedulers", SIGCOMM 2014, section 3.2), each resource as a share of the worker's capacity.
 */
const RESOURCE_AWARE: PlacePolicy = {
  name: 'resource-aware',
  score(demand, candidate) {
    let alignment = 0;
    for (const [name, amount] of demand.amounts) {
      const capacity = candidate.capacity.get(name) ?? 0;
      if (capacity > 0) alignment += (amount / capacity) * ((candidate.free.get(name) ?? 0) / capacity);
    }
    // What asks for nothing goes where least waits; the load only breaks ties otherwise.
    return demand.amounts === NOTHING ? loadOf(candidate) : loadOf(candidate) * 1e-6 - alignment;
  },
  say: (score) => `what is free there fits best (score ${round(-score)})`,
};

/** The estimated wait there plus the time to bring the inputs that are not there. */
const LOCALITY: PlacePolicy = {
  name: 'locality',
  score(demand, candidate) {
    let bytes = 0;
    for (const input of demand.inputs ?? []) if (!input.workers.includes(candidate.id)) bytes += input.bytes;
    return candidate.backlogUs / Math.max(1, candidate.slots) + bytes * US_PER_BYTE;
  },
  say: (score) => `waiting and moving its inputs there takes least (${round(score)} µs)`,
};

export const PLACE_POLICIES: Readonly<Record<PlaceName, PlacePolicy>> = {
  'round-robin': ROUND_ROBIN,
  'least-loaded': LEAST_LOADED,
  'resource-aware': RESOURCE_AWARE,
  locality: LOCALITY,
};

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
