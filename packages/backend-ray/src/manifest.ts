/** What Ray can do behind the bridge, and why not more. */
import { coreFeatures } from '@anant/bridge/adapter';
import { absent, BUILT_IN_RATINGS, defineManifest, emulated, native } from '@anant/core';

export const manifest = defineManifest({
  features: {
    ...coreFeatures('Ray'),
    'cancel.kill': emulated(
      "Ray's own forced cancel may hit the next task: the worker process that runs this one ends, and Ray replaces it.",
    ),
    priority: emulated(
      'Ray has no priorities: the client orders what it has not handed over, the bridge what waits.',
    ),
    actors: native(),
    objects: native(),
    'result-by-reference': native(),
    resources: native(),
    placement: native(),
    'placement.group': absent(
      'Ray makes placement groups for actors and leases; this adapter does not map tasks to them.',
    ),
    'memory-limit': absent(
      "Ray's memory monitor watches the machine, not one task; TypeScript tasks have the limit nodeMemoryBytesMax.",
    ),
    'recovery.worker-loss': native(),
    'recovery.control-plane-loss': emulated(
      'What a Ray session owns dies with it: open tasks end lost, and the bridge connects anew.',
    ),
  },
  ratings: BUILT_IN_RATINGS.ray,
  payloadBytesMax: 2 ** 31,
});
