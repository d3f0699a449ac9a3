/** What workers say of how they fare, for the scheduler and for people. */
import { OVERLOAD_LEVELS, type OverloadLevel } from '../../protocol/overload/overload.js';
import type { WorkerLoad } from '../../protocol/scheduler/worker-spec.js';
import type { Member } from '../proto/anant/v1/cluster.js';
import { Load } from '../proto/anant/v1/worker.js';

/** Of a worker that has not said anything, and of heads. */
export const NO_LOAD: Load = Load.decode(new Uint8Array());

export function schedulerLoad({ cpu, memoryFreeBytes, slots, overload, overloadReason }: Load): WorkerLoad {
  const level = OVERLOAD_LEVELS.find((each) => each === overload) ?? 'none';
  const pressed: { level: OverloadLevel; reason: string } = { level, reason: overloadReason };
  return { cpu, memoryFreeBytes, slots, ...(level !== 'none' && { overload: pressed }) };
}

type LoadFields =
  | 'running'
  | 'cpu'
  | 'memoryBytes'
  | 'overload'
  | 'overloadReason'
  | 'gpu'
  | 'gpuMemory'
  | 'spilledBytes'
  | 'bundles'
  | 'bundlesShipped';

/** The part of a member that comes from its load. */
export function memberLoad(load: Load): Pick<Member, LoadFields> {
  const { running, cpu, memoryBytes, overload, overloadReason, gpu, gpuMemory } = load;
  const { spilledBytes, bundles, bundlesShipped } = load;
  return {
    running,
    cpu,
    memoryBytes,
    overload: overload || 'none',
    overloadReason,
    gpu,
    gpuMemory,
    spilledBytes,
    bundles,
    bundlesShipped,
  };
}
